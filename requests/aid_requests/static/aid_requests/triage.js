// Working through the list of requests by keyboard. Everything it does, the ticks and the menu below the list do too.
const ACTIONS = { c: "claim", v: "verify", a: "accept", f: "forward", r: "refuse" };
const keys = document.querySelector("[data-triage-keys]");
let place = -1;

if (keys) keys.hidden = false;

const rows = () => [...document.querySelectorAll("#bulk tbody tr")];

function goTo(wanted) {
  const all = rows();
  if (!all.length) return;
  all[place]?.classList.remove("is-current");
  place = Math.min(Math.max(wanted, 0), all.length - 1);
  const row = all[place];
  row.classList.add("is-current");
  row.scrollIntoView({ block: "nearest" });
  // Focus follows, so that a screen reader says the row and Space ticks it.
  (row.querySelector('input[name="pk"]') ?? row.querySelector("a"))?.focus({ preventScroll: true });
}

function act(name) {
  const form = document.getElementById("bulk");
  const menu = form?.elements.action;
  if (!menu || ![...menu.options].some((option) => option.value === name)) return;
  const boxes = [...form.querySelectorAll('input[name="pk"]')];
  if (!boxes.some((box) => box.checked)) {
    const box = rows()[place]?.querySelector('input[name="pk"]');
    if (!box) return;
    box.checked = true;
  }
  menu.value = name;
  form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  const at = event.target;
  const isTyping = at instanceof HTMLElement && (at.isContentEditable || at.matches('textarea, select, input:not([type="checkbox"])'));
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const row = rows()[place];
  if (key === "j") goTo(place + 1);
  else if (key === "k") goTo(place - 1);
  else if (key === "x" && row) row.querySelector('input[name="pk"]')?.click();
  else if (key === "o" && row) row.querySelector("a")?.click();
  else if (key === "?" && keys) keys.open = !keys.open;
  else if (ACTIONS[key]) act(ACTIONS[key]);
  else return;
  event.preventDefault();
});
document.addEventListener("htmx:afterSwap", () => { place = -1; });

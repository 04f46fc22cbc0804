// Choosing one record among thousands: suggestions as one types (WAI-ARIA combobox with a listbox popup).
let count = 0;

export function setUp(box) {
  const input = box.querySelector('input[type="text"]');
  const value = box.querySelector("[data-lookup-value]");
  const list = document.createElement("ul");
  list.id = `lookup-${++count}`;
  list.role = "listbox";
  list.hidden = true;
  box.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  let choices = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    at = place;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    const item = list.children[at];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  }

  function pick(place) {
    value.value = choices[place].value;
    input.value = choices[place].label;
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function show(found, instead = box.dataset.none) {
    choices = found;
    list.replaceChildren(...found.map((choice, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${index}`;
      item.role = "option";
      item.textContent = choice.label;
      if (choice.detail) {
        const detail = document.createElement("div");
        detail.className = "meta";
        detail.textContent = choice.detail;
        item.append(detail);
      }
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(index); });
      return item;
    }));
    if (!found.length) {
      const item = document.createElement("li");
      item.className = "muted";
      item.textContent = instead;
      list.append(item);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
  }

  async function ask() {
    const mine = ++asked;
    const query = new URLSearchParams({ q: input.value.trim() });
    if (box.dataset.operation) query.set("operation", box.dataset.operation);
    try {
      const answer = await fetch(`${box.dataset.url}?${query}`);
      if (mine === asked && answer.ok) show((await answer.json()).choices);
    } catch {
      if (mine === asked) show([], box.dataset.offline);
    }
  }

  input.addEventListener("input", () => {
    value.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) { ask(); event.preventDefault(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { mark(Math.min(at + 1, choices.length - 1)); event.preventDefault(); }
    else if (event.key === "ArrowUp") { mark(Math.max(at - 1, 0)); event.preventDefault(); }
    else if (event.key === "Enter" && at >= 0) { pick(at); event.preventDefault(); }
    else if (event.key === "Escape") { close(); event.preventDefault(); }
  });
  input.addEventListener("focus", () => input.select()); // what stands there is replaced by typing
  input.addEventListener("blur", close);
}

document.querySelectorAll("[data-lookup]").forEach(setUp);

// Beside a quantity: the packs and units of the item chosen in the same row. Typing works as well.
const kept = new Map();

async function measuresOf(item) {
  if (!kept.has(item)) {
    const answer = await fetch(document.querySelector("[data-measures]").dataset.measures.replace("/0/", `/${item}/`));
    if (!answer.ok) return null;
    kept.set(item, await answer.json());
  }
  return kept.get(item);
}

async function suggest(row) {
  const item = row.querySelector('[data-lookup-value][name$="item"]')?.value;
  const box = row.querySelector('input[name$="measure"]');
  if (!item || !box) return;
  const found = await measuresOf(item).catch(() => null);
  if (!found) return;
  const id = `measures-${item}`;
  if (!document.getElementById(id)) {
    const list = document.createElement("datalist");
    list.id = id;
    for (const name of found.measures) list.append(new Option(name));
    document.body.append(list);
  }
  box.setAttribute("list", id);
  box.placeholder = found.unit;
}

document.addEventListener("change", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) suggest(row);
});
document.querySelectorAll("[data-row]").forEach(suggest);

// Small behaviours every page shares. Pages work without any of them.

// A click elsewhere, or Escape, closes an open menu.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.popover[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.popover[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// "Select all on this page" in a list, and the count beside the bulk actions.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !box.form) return;
  const rows = [...document.querySelectorAll('input[name="pk"]')].filter((row) => row.form === box.form);
  if (box.dataset.selectAll !== undefined) rows.forEach((row) => { row.checked = box.checked; });
  const count = document.querySelector(`[data-selected-count="${box.form.id}"]`);
  if (count) count.textContent = rows.filter((row) => row.checked).length;
});

// What was left empty in a filter does not lengthen the address.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) {
    // A record that was picked needs no name beside its key.
    const isPicked = name.endsWith("_text") && event.formData.get(name.slice(0, -5));
    if (value === "" || isPicked) event.formData.delete(name);
  }
});

// A part of the page that could not be fetched says so, beside what is still shown.
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, () => { document.querySelector("[data-fetch-alert]").hidden = false; });
}
document.addEventListener("htmx:afterOnLoad", () => { document.querySelector("[data-fetch-alert]").hidden = true; });

// Modules that only some pages need are loaded when the page has something for them.
const needed = [
  ["[data-lookup]", "./combobox.js"],
  ["[data-map]", "./map.js"],
  ["form[data-draft-url]", "./drafts.js"],
  ["[data-rows]", "./rows.js"],
];
for (const [selector, module] of needed) {
  if (document.querySelector(selector)) import(module);
}
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

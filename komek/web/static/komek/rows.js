// Rows of a form: one more, one less. Without this, two spare rows stand below, and an emptied row is taken away on saving.
import { setUp } from "./combobox.js";

for (const box of document.querySelectorAll("[data-rows]")) {
  const total = box.querySelector('input[name$="-TOTAL_FORMS"]');
  const blank = box.querySelector("template");
  const add = box.querySelector("[data-add-row]");

  function wire(row) {
    const remove = row.querySelector("[data-remove-row]");
    remove.hidden = false;
    remove.addEventListener("click", () => {
      for (const input of row.querySelectorAll("input, select, textarea")) input.value = "";
      row.hidden = true;
      add.focus();
      add.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  box.querySelectorAll("[data-row]").forEach(wire);
  add.hidden = false;
  add.addEventListener("click", () => {
    const place = Number(total.value);
    const made = document.createElement("template");
    made.innerHTML = blank.innerHTML.replaceAll("__prefix__", String(place));
    const row = made.content.firstElementChild;
    blank.before(row);
    total.value = String(place + 1);
    wire(row);
    row.querySelectorAll("[data-lookup]").forEach(setUp);
    row.querySelector('input:not([type="hidden"]), select')?.focus();
  });
}

// Answers a pair by one key: 1 the same, 2 two people, 3 later. Typing in a field is left alone.
const form = document.querySelector("form[data-keys]");

if (form) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input:not([type=radio]), textarea, select")) return;
    const button = form.querySelector(`[data-key="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

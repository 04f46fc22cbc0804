// What is typed is kept on the server every few seconds, so that a lost connection or session loses nothing.
for (const form of document.querySelectorAll("form[data-draft-url]")) {
  const state = form.querySelector("[data-draft-state]");
  let timer = 0;
  let isSending = false;

  async function keep() {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    data.set("_form_key", form.dataset.formKey);
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: data });
      if (state) state.textContent = answer.ok ? form.dataset.draftSaved : "";
    } catch {
      if (state) state.textContent = "";
      timer = setTimeout(keep, 15000);
    }
  }

  form.addEventListener("input", () => {
    if (isSending) return;
    clearTimeout(timer);
    timer = setTimeout(keep, 3000);
  });
  form.addEventListener("submit", () => { isSending = true; clearTimeout(timer); });
}

// What is typed is kept on the server every few seconds, when the page is left, and once more before it is saved:
// a lost connection or session loses nothing, because the page is not left until the server has it.
const PAUSE_MS = 3000;
const RETRY_MS = 15000;
const PATIENCE_MS = 20000;

function contents(form) {
  // Signing in again in another tab makes a new token; the cookie has it.
  const token = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  if (token) form.elements.csrfmiddlewaretoken.value = token[1];
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("_form_key", form.dataset.formKey);
  return data;
}

for (const form of document.querySelectorAll("form[data-draft-url]")) {
  const state = form.querySelector("[data-draft-state]");
  let timer = 0;
  let isSending = false;
  let isUnkept = false;

  // "kept", "offline" or "signed-out"
  async function keep() {
    clearTimeout(timer);
    timer = 0;
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST", body: contents(form), signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.redirected || answer.status === 403) return "signed-out";
      return answer.status < 500 ? "kept" : "offline";
    } catch {
      return "offline";
    }
  }

  function tell(outcome) {
    isUnkept = outcome !== "kept";
    state.textContent = isUnkept ? "" : form.dataset.draftSaved;
    for (const alert of form.querySelectorAll("[data-draft-alert]")) alert.hidden = alert.dataset.draftAlert !== outcome;
  }

  async function keepQuietly() {
    const outcome = await keep();
    if (isSending) return;
    tell(outcome);
    if (isUnkept && !timer) timer = setTimeout(keepQuietly, RETRY_MS);
  }

  form.addEventListener("input", () => {
    if (isSending) return;
    clearTimeout(timer);
    timer = setTimeout(keepQuietly, PAUSE_MS);
  });

  form.addEventListener("submit", async (event) => {
    if (form.dataset.isKept) { delete form.dataset.isKept; return; }
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const outcome = await keep();
    tell(outcome);
    if (isUnkept) {
      isSending = false;
      return;
    }
    form.dataset.isKept = "yes";
    form.requestSubmit(event.submitter);
    // Whoever stops a slow answer may press again; the server knows a form it has seen.
    setTimeout(() => { isSending = false; }, PATIENCE_MS);
  });

  window.addEventListener("pageshow", () => { isSending = false; });
  window.addEventListener("pagehide", () => {
    if (timer && !isSending) navigator.sendBeacon(form.dataset.draftUrl, contents(form));
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnkept && !isSending) event.preventDefault();
  });
}

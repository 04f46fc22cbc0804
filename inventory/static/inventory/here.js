// "Here, where I am": fills the coordinates from the device, where it knows them and may tell.
for (const button of document.querySelectorAll("[data-here]")) {
  if (!navigator.geolocation || !window.isSecureContext) continue;
  button.hidden = false;
  const state = document.querySelector("[data-here-state]");
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const box = document.getElementById(button.dataset.here);
      box.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      state.textContent = `± ${Math.round(coords.accuracy)} m`;
    }, () => { state.textContent = button.dataset.failed; }, { enableHighAccuracy: true, timeout: 20000 });
  });
}

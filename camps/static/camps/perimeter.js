// Drawing a site's perimeter: each click on the map adds a corner as a line of text, so that it can also be typed and corrected.

import { createMap } from "../komek/map.js";

function corners(text) {
  return text.split("\n").map((line) => line.match(/^\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*$/))
    .filter(Boolean).map((found) => [Number(found[1]), Number(found[2])]);
}

function shapeOf(text) {
  if (text.trim().startsWith("{")) {
    try { return L.geoJSON(JSON.parse(text)); } catch { return null; }
  }
  const found = corners(text);
  if (found.length > 2) return L.polygon(found);
  return found.length ? L.featureGroup(found.map((at) => L.circleMarker(at, { radius: 5 }))) : null;
}

for (const box of document.querySelectorAll("[data-perimeter]")) {
  const element = box.querySelector("[data-perimeter-map]");
  const area = document.getElementById(element.dataset.perimeterMap);
  const location = document.querySelector('input[name="location"]');
  const map = await createMap(element);
  let shown = null;
  const tell = () => area.dispatchEvent(new Event("input", { bubbles: true }));
  const draw = (fit) => {
    if (shown) shown.remove();
    shown = shapeOf(area.value);
    if (!shown) return;
    shown.addTo(map);
    if (fit && shown.getBounds().isValid()) map.fitBounds(shown.getBounds(), { maxZoom: 16, padding: [20, 20] });
  };
  map.on("click", (event) => {
    if (area.value.trim().startsWith("{")) return;
    const at = event.latlng.wrap();
    area.value = `${area.value.trimEnd()}${area.value.trim() ? "\n" : ""}${at.lat.toFixed(6)}, ${at.lng.toFixed(6)}`;
    draw(false);
    tell();
  });
  area.addEventListener("change", () => draw(true));
  const buttons = box.querySelector("[data-perimeter-buttons]");
  buttons.hidden = false;
  buttons.querySelector("[data-undo]").addEventListener("click", () => {
    area.value = area.value.trim().startsWith("{") ? "" : area.value.trimEnd().split("\n").slice(0, -1).join("\n");
    draw(false);
    tell();
  });
  buttons.querySelector("[data-clear]").addEventListener("click", () => { area.value = ""; draw(false); tell(); });
  // A map in a closed fold has no size until the fold opens.
  box.closest("details")?.addEventListener("toggle", () => { map.invalidateSize(); draw(true); });
  const start = location && corners(location.value)[0];
  if (start) map.setView(start, 14);
  draw(true);
}

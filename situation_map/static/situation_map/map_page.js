// The situation map: layers switched on and off, fetched for what is in sight, gathered marks, an address that keeps the view.
// Uses Leaflet (global L).

import { createMap, popup } from "../komek/map.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  circle: ["circle", { cx: 8, cy: 8, r: 6 }],
  square: ["rect", { x: 2, y: 2, width: 12, height: 12 }],
  triangle: ["path", { d: "M8 1 15 14H1Z" }],
  diamond: ["path", { d: "M8 1 15 8 8 15 1 8Z" }],
};
SHAPES.area = SHAPES.circle;

const root = document.querySelector("[data-situation]");
const form = root.querySelector("[data-situation-form]");
const element = root.querySelector("[data-situation-map]");
const words = root.dataset;

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function mark(symbol, colour, text) {
  const size = text ? 30 + Math.min(14, 4 * text.length) : 18;
  const svg = drawn("svg", { viewBox: "0 0 16 16", width: size, height: size, fill: colour, stroke: "#fff", "aria-hidden": "true" });
  svg.append(drawn(...SHAPES[symbol] || SHAPES.circle));
  if (!text) return L.divIcon({ className: "situation-mark", html: svg, iconSize: [size, size] });
  const label = drawn("text", { x: 8, y: symbol === "triangle" ? 10 : 8 });
  label.style.fontSize = `${Math.min(6, 14 / Math.max(2, text.length))}px`;
  label.textContent = text;
  svg.append(label);
  return L.divIcon({ className: "situation-cell", html: svg, iconSize: [size, size] });
}

function cellPopup(layer, properties) {
  return popup({ title: `${layer.title}: ${properties.count}`, lines: [...properties.kinds, [words.saidOpen, "+"]] });
}

class Layer {
  constructor(box, map) {
    this.box = box;
    this.map = map;
    this.key = box.dataset.layer;
    this.input = box.querySelector("input");
    this.title = this.input.parentElement.textContent.trim();
    this.said = box.querySelector("[data-count]");
    this.colours = new Map([...box.querySelectorAll("[data-value]")].map((line) => [line.dataset.value, line.dataset.colour]));
    this.marks = L.layerGroup().addTo(map);
  }

  colour(properties) {
    return this.colours.get(properties.value) || this.box.dataset.default;
  }

  async refresh() {
    this.waiting?.abort();
    if (!this.input.checked) {
      this.marks.clearLayers();
      this.said.textContent = "";
      return;
    }
    this.waiting = new AbortController();
    const { signal } = this.waiting;
    try {
      const answer = await fetch(`${words.geojson.replace("LAYER", this.key)}?${query(this.map)}`, { signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
    } catch (fault) {
      if (fault.name !== "AbortError") this.said.textContent = words.saidFailed;
    }
  }

  show(found) {
    const fresh = L.geoJSON(found, {
      style: (feature) => ({ color: this.colour(feature.properties), weight: 2, fillOpacity: 0.2 }),
      pointToLayer: (feature, at) => {
        const { count, title } = feature.properties;
        const text = count > 1 ? String(count) : "";
        return L.marker(at, {
          icon: mark(this.box.dataset.symbol, this.colour(feature.properties), text),
          title: `${this.title}: ${text || title}`,
        });
      },
      onEachFeature: (feature, shape) => shape.bindPopup(() => (feature.properties.count
        ? cellPopup(this, feature.properties) : popup(feature.properties))),
    });
    // A popup that is being read stays open although its mark is drawn anew.
    this.marks.clearLayers();
    this.marks.addLayer(fresh);
    const pattern = found.total ? (found.is_gathered ? words.saidMany : words.saidFew) : words.saidNone;
    const parts = [pattern.replace("{n}", found.total.toLocaleString(document.documentElement.lang))];
    if (found.newest) parts.push(words.saidNewest.replace("{when}", found.newest));
    this.said.textContent = parts.join(" · ");
  }
}

function query(map) {
  const bounds = map.getBounds();
  const clamp = (number, most) => Math.max(-most, Math.min(most, number));
  const box = [clamp(bounds.getWest(), 180), clamp(bounds.getSouth(), 90), clamp(bounds.getEast(), 180), clamp(bounds.getNorth(), 90)];
  const asked = new URLSearchParams(words.filters);
  asked.set("bbox", box.map((number) => number.toFixed(5)).join(","));
  asked.set("zoom", String(Math.max(0, Math.floor(map.getZoom()))));
  return asked;
}

// The address keeps the view, so that it can be copied and sent.
function keepAddress(map, layers) {
  const { lat, lng } = map.getCenter().wrap();
  const at = [lat.toFixed(5), lng.toFixed(5), map.getZoom()].join(",");
  form.elements.at.value = at;
  const address = new URLSearchParams(words.filters);
  address.set("at", at);
  const on = layers.filter((layer) => layer.input.checked);
  if (on.length < layers.length) for (const key of on.length ? on.map((layer) => layer.key) : ["none"]) address.append("layers", key);
  history.replaceState(null, "", `?${address}`);
}

const map = await createMap(element);
if (element.dataset.bounds) {
  const [west, south, east, north] = element.dataset.bounds.split(",").map(Number);
  map.fitBounds([[south, west], [north, east]], { padding: [30, 30], maxZoom: 12, animate: false });
}
const layers = [...root.querySelectorAll("[data-layer]")].map((box) => new Layer(box, map));
map.on("moveend", () => {
  keepAddress(map, layers);
  // A popup that opens moves the map a little; what it belongs to must not be drawn anew under it.
  if (!map.isPopupOpen) for (const layer of layers) layer.refresh();
});
map.on("popupopen", () => { map.isPopupOpen = true; });
map.on("popupclose", () => { map.isPopupOpen = false; for (const layer of layers) layer.refresh(); });
for (const layer of layers) {
  layer.input.addEventListener("change", () => { layer.refresh(); keepAddress(map, layers); });
  layer.refresh();
}
let found = null;
function ring(at) {
  if (found) found.remove();
  found = L.circleMarker(at, { radius: 16, fill: false, color: "#a11f1f", weight: 3, interactive: false }).addTo(map);
}
if (element.dataset.found) ring(element.dataset.found.split(",").slice(0, 2).map(Number));
form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-at]");
  if (!link) return;
  event.preventDefault();
  const [lat, lon, zoom] = link.dataset.at.split(",").map(Number);
  map.flyTo([lat, lon], zoom);
  ring([lat, lon]);
});

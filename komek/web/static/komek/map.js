// Maps: a bundled basemap that needs no internet, features as GeoJSON, and a place to pick. Uses Leaflet (global L).

async function json(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // no connection
  }
}

// Names that would lie over one already written are left out until the map is closer.
function thinOut(map, labels) {
  const taken = [];
  for (const label of labels) {
    const element = label.getElement();
    if (!element) continue;
    element.hidden = false;
    // Where it will lie; while the map is still moving the page does not know.
    const at = map.latLngToLayerPoint(label.getLatLng());
    const box = L.bounds(at, at.add([element.offsetWidth + 4, element.offsetHeight]));
    const isFree = taken.every((other) => !box.intersects(other));
    if (isFree) taken.push(box);
    else element.hidden = true;
  }
}

export function popup(properties) {
  const box = document.createElement("div");
  const title = document.createElement(properties.url ? "a" : "strong");
  title.textContent = properties.title || properties.name || "";
  if (properties.url) title.href = properties.url;
  box.append(title);
  for (const [label, value] of properties.lines || []) {
    const line = document.createElement("div");
    line.textContent = `${label}: ${value}`;
    box.append(line);
  }
  return box;
}

async function basemap(map, url) {
  const outlines = await json(url);
  if (!outlines) return;
  const pane = map.createPane("basemap");
  pane.style.zIndex = 150;
  const labels = [];
  L.geoJSON(outlines, {
    pane: "basemap",
    interactive: false,
    // Colours come from the style sheet, so that they follow light and dark.
    style: (feature) => ({
      className: "map-land",
      weight: feature.properties.level === 0 ? 1.4 : 0.6,
      fillOpacity: feature.properties.level === 0 ? 1 : 0,
    }),
    pointToLayer: (feature, at) => L.marker(at, {
      pane: "basemap",
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: "map-label", html: "", iconSize: null }),
    }).on("add", (event) => {
      event.target.getElement().textContent = feature.properties.name;
      labels.push(event.target);
    }),
  }).addTo(map);
  thinOut(map, labels);
  map.on("zoomend", () => thinOut(map, labels));
  if (outlines.attribution) map.attributionControl.addAttribution(outlines.attribution);
}

export async function createMap(element) {
  // Tiles and clusters know whole zoom levels only; outlines alone fit better in between.
  const zoomSnap = element.dataset.tiles || L.markerClusterGroup ? 1 : 0.25;
  const map = L.map(element, { zoomControl: true, minZoom: 2, maxZoom: 19, attributionControl: true, zoomSnap });
  map.attributionControl.setPrefix(false);
  const [lat, lon, zoom] = (element.dataset.centre || "39.5,59.5,5").split(",").map(Number);
  map.setView([lat, lon], zoom);
  if (element.dataset.basemap) basemap(map, element.dataset.basemap);
  for (const tiles of JSON.parse(element.dataset.tiles || "[]")) {
    L.tileLayer(tiles.url, { attribution: tiles.attribution }).addTo(map);
  }
  if (element.dataset.features) {
    const features = await json(element.dataset.features);
    if (features) {
      const colours = features.style || {};
      const layer = L.geoJSON(features, {
        style: (feature) => (feature.geometry.type === "Point"
          ? {} : feature.properties.style || { color: "#0b5c8a", weight: 2, fillOpacity: 0.25 }),
        pointToLayer: (feature, at) => L.circleMarker(at, {
          radius: 7,
          weight: 2,
          color: "#ffffff",
          fillColor: (colours.colours || {})[feature.properties[colours.by]] || colours.default || "#0b5c8a",
          fillOpacity: 0.95,
        }),
        onEachFeature: (feature, mark) => mark.bindPopup(() => popup(feature.properties)),
      });
      const shown = L.markerClusterGroup && features.features.length > 60
        ? L.markerClusterGroup({ maxClusterRadius: 45 }).addLayer(layer) : layer;
      shown.addTo(map);
      const closest = Number(element.dataset.maxZoom || (element.dataset.tiles ? 13 : 8));
      if (layer.getLayers().length) map.fitBounds(layer.getBounds(), { padding: [20, 20], maxZoom: closest });
    }
  }
  if (element.dataset.pick) picker(map, document.getElementById(element.dataset.pick));
  return map;
}

function picker(map, input) {
  let mark = null;
  const place = (at, isTyped) => {
    if (mark) mark.setLatLng(at);
    else {
      mark = L.circleMarker(at, { radius: 9, color: "#ffffff", weight: 3, fillColor: "#a11f1f", fillOpacity: 1 }).addTo(map);
    }
    if (!isTyped) {
      input.value = `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const read = () => {
    const found = input.value.match(/^\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*$/);
    if (!found) return;
    const at = L.latLng(Number(found[1]), Number(found[2]));
    if (Math.abs(at.lat) <= 90) { place(at, true); map.setView(at, Math.max(map.getZoom(), 9)); }
  };
  map.on("click", (event) => place(event.latlng.wrap(), false));
  // By keyboard: arrows move the map, Enter takes its middle.
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    place(map.getCenter().wrap(), false);
  });
  input.addEventListener("change", read);
  read();
}

// A page may load this module under two addresses; each map is made once.
for (const element of document.querySelectorAll("[data-map]:not([data-made])")) {
  element.dataset.made = "";
  createMap(element);
}

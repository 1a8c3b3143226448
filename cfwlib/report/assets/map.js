/* What every map of a report does; the data arrive as GeoJSON whose tooltips are already escaped.
   map_tidy.js keeps symbols and names apart and walks places by keyboard; map_search.js finds a place by name. */
window.cfw = (() => {
  "use strict";
  const PANES = { land: 210, after: 400, before: 401, context: 420, lines: 450, labels: 610 };
  const NARROW_PX = 640; // as in map.css
  const THUMB_PX = 32; // as in map.css
  const TO = origin === "null" ? "*" : origin; // a page opened from a folder has no origin to name
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const venues = new Map(); // venue -> its markers
  let marks = new Map(); // venue -> what was decided, as the page around the map tells
  let asked = null; // the marker that led the reader to the page's panel

  // What a map holds stands in its page as data, not as script: so the page's policy need not allow it.
  function draw() {
    const { id, bounds, names, layers } = JSON.parse(document.getElementById("cfw-data").textContent);
    const map = start(id, bounds);
    cfw.labels(map, names);
    layers.forEach(([data, spec], at) => layer(map, String(at), data, spec));
  }

  function start(id, bounds) {
    const map = L.map(id, {
      zoomSnap: 0.05, attributionControl: false, scrollWheelZoom: false, inertia: !still,
      dragging: matchMedia("(any-pointer: fine)").matches, // one finger must still scroll the page
      fadeAnimation: !still, zoomAnimation: !still,
    });
    for (const [name, z] of Object.entries(PANES)) map.createPane(name).style.zIndex = z;
    map.getPane("labels").style.pointerEvents = "none";
    L.control.scale({ position: "bottomleft" }).addTo(map);

    const box = map.cfwBox = L.latLngBounds(bounds);
    map.cfwPlaces = []; // what the search may find: { name, kind, shape or at, on() }
    let moved = false, fitting = false;
    const fit = () => {
      growFrame(map);
      map.invalidateSize(false);
      if (moved) return;
      fitting = true;
      map.setMinZoom(0).fitBounds(box, { paddingTopLeft: [8, 8], paddingBottomRight: [8, 44], animate: false });
      fitting = false;
      map.setMinZoom(map.getZoom() - 1).setMaxZoom(map.getZoom() + 7).setMaxBounds(box.pad(0.4));
    };
    map.on("dragstart zoomstart", () => { moved = moved || !fitting; });
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    const sizes = new ResizeObserver(fit);
    for (const part of [map.getContainer(), document.querySelector(".cfw-panel")]) sizes.observe(part);
    matchMedia("print").addEventListener("change", fit);
    fit();
    cfw.tidy(map);
    cfw.search(map);
    swipe(map, document.querySelector(".cfw-swipe input"));
    document.addEventListener("keydown", ({ key }) => { if (key === "Escape") map.eachLayer((shown) => shown.closeTooltip?.()); });
    addEventListener("message", ({ source, data }) => {
      if (source !== parent) return;
      if (data?.cfw === "back") (asked?.getElement() ?? map.getContainer()).focus();
      if (data?.cfw !== "decisions") return;
      marks = new Map(data.marks);
      for (const [venue, shapes] of venues) shapes.forEach((shape) => mark(shape, venue));
    });
    if (parent !== window) parent.postMessage({ cfw: "map" }, TO);
    return map;
  }

  // The frame grows to hold its legend, so that neither map nor legend scrolls inside the page.
  function growFrame(map) {
    const frame = window.frameElement, panel = document.querySelector(".cfw-panel");
    if (!frame || !panel || matchMedia("print").matches) return;
    const height = Number(document.body.dataset.height), slider = document.querySelector(".cfw-swipe")?.offsetHeight ?? 0;
    const wanted = innerWidth <= NARROW_PX ? Math.min(height, innerWidth * 1.25) + slider + panel.scrollHeight
                                           : Math.max(height, panel.scrollHeight);
    const rims = frame.offsetHeight - frame.clientHeight;
    if (Math.abs(frame.clientHeight - wanted) > 1) frame.style.height = `${Math.ceil(wanted) + rims}px`;
  }

  function layer(map, id, data, spec) {
    // A white rim under lines; made first, because Leaflet draws in order of making.
    const rim = spec.rim && L.geoJSON(data, { pane: spec.pane, interactive: false, style: { color: "#fff", ...spec.rim } });
    const group = L.geoJSON(data, {
      pane: spec.pane, interactive: spec.interactive,
      style: (feature) => spec.styles[feature.properties.s],
      pointToLayer: (feature, at) => {
        const icon = L.divIcon({ className: "cfw-point", html: spec.icons[feature.properties.s], iconSize: spec.size });
        // Not Leaflet's keyboard: it would make a tab stop of every place.
        const point = L.marker(at, { keyboard: false, autoPanOnFocus: false, zIndexOffset: spec.front ? 10_000 : 0, icon });
        point.cfwSpread = Boolean(spec.spread);
        return point;
      },
      onEachFeature: ({ properties: { t, n, v } }, shape) => {
        if (t) describe(() => group, shape, t);
        if (n) map.cfwPlaces.push({ name: n, kind: spec.kind, shape, on: () => map.hasLayer(both) });
        link(shape, v);
      },
    });
    const both = rim ? L.layerGroup([rim, group]) : group;
    if (spec.show) both.addTo(map);
    const box = document.querySelector(`input[data-layer~="${id}"]`);
    if (box) box.addEventListener("change", () => (box.checked ? both.addTo(map) : both.remove()));
  }

  function describe(group, shape, tip) {
    shape.bindTooltip(tip, { sticky: !shape.getLatLng, direction: "auto", className: "cfw-tip" });
    if (shape.getLatLng) {
      shape.on("add", () => {
        const element = shape.getElement();
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", words(tip));
        element.tabIndex = -1;
      });
    } else {
      // Chromium makes a tab stop of every shape that has a tooltip: the search and the table are read instead.
      shape.on("add", () => shape.getElement()?.setAttribute("tabindex", "-1"));
      shape.on("mouseover", () => shape.setStyle({ weight: 3, color: "#111" }).bringToFront());
      shape.on("mouseout", () => group().resetStyle(shape));
    }
  }

  // A tooltip as one line of plain text.
  function words(tip) {
    const text = document.createElement("div");
    text.innerHTML = tip.replaceAll("<br>", ", ");
    return text.textContent;
  }

  // A venue leads to its row in the page's review panel, and shows what was decided there.
  function link(shape, venue) {
    if (venue === undefined) return;
    venues.set(venue, [...(venues.get(venue) ?? []), shape]);
    const ask = () => {
      asked = shape;
      parent.postMessage({ cfw: "venue", venue }, TO);
    };
    shape.on("click", ask);
    shape.on("add", () => mark(shape, venue));
  }

  function mark(shape, venue) {
    const element = shape.getElement(), decision = marks.get(venue) ?? "none";
    if (!element) return; // its layer is off
    element.dataset.name ??= element.getAttribute("aria-label") ?? "";
    element.dataset.decision = decision;
    element.setAttribute("aria-label", element.dataset.name + (decision === "none" ? "" : `, decided: ${decision}`));
  }

  // Before on the left of the slider, after on its right.
  function swipe(map, slider) {
    if (!slider) return;
    const line = L.DomUtil.create("div", "cfw-divider", map.getContainer());
    const [before, after] = document.querySelectorAll(".cfw-swipe span");
    const clip = () => {
      const { x: width, y: height } = map.getSize(), part = slider.value / 100;
      const cut = THUMB_PX / 2 + part * (width - THUMB_PX), middle = part === 0 ? 0 : part === 1 ? width : cut;
      const corner = map.containerPointToLayerPoint([0, 0]);
      const box = (left, right) => "polygon(" + [[left, 0], [right, 0], [right, height], [left, height]]
        .map(([x, y]) => `${corner.x + x}px ${corner.y + y}px`).join() + ")";
      map.getPane("before").style.clipPath = box(0, middle);
      map.getPane("after").style.clipPath = box(middle, width);
      line.style.left = `${cut}px`;
      slider.setAttribute("aria-valuetext", part === 0 ? `All: ${after.textContent}` : part === 1 ? `All: ${before.textContent}`
        : `Left ${slider.value}%: ${before.textContent}. Right: ${after.textContent}`);
    };
    slider.addEventListener("input", clip);
    map.on("move zoom resize viewreset", clip);
    clip();
  }

  return { draw, words, still };
})();

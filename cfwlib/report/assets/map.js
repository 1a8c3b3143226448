/* What every map of a report does; the data arrive as GeoJSON whose labels are already escaped. */
window.cfw = (() => {
  "use strict";
  const PANES = { land: 210, context: 420, lines: 450, labels: 590 };
  const NARROW_PX = 640; // as in map.css
  const TO = origin === "null" ? "*" : origin; // a page opened from a folder has no origin to name
  const venues = new Map(); // venue -> its markers
  let marks = new Map(); // venue -> what was decided, as the page around the map tells
  let asked = null; // the marker that led the reader to the page's panel

  function start(id, bounds) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(id, {
      zoomSnap: 0.05, attributionControl: false, scrollWheelZoom: false,
      dragging: matchMedia("(any-pointer: fine)").matches, // one finger must still scroll the page
      fadeAnimation: !still, zoomAnimation: !still,
    });
    for (const [name, z] of Object.entries(PANES)) map.createPane(name).style.zIndex = z;
    map.getPane("labels").style.pointerEvents = "none";
    L.control.scale({ position: "bottomleft" }).addTo(map);

    const box = map.cfwBox = L.latLngBounds(bounds);
    let moved = false, fitting = false;
    const fit = () => {
      growFrame(map);
      map.invalidateSize(false);
      if (moved) return;
      fitting = true;
      map.setMinZoom(0).fitBounds(box, { paddingTopLeft: [8, 8], paddingBottomRight: [8, 36], animate: false });
      fitting = false;
      map.setMinZoom(map.getZoom() - 1).setMaxZoom(map.getZoom() + 7).setMaxBounds(box.pad(0.4));
    };
    map.on("dragstart zoomstart", () => { moved = moved || !fitting; });
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    new ResizeObserver(fit).observe(map.getContainer());
    matchMedia("print").addEventListener("change", fit);
    fit();
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
    const height = Number(document.body.dataset.height);
    const wanted = innerWidth <= NARROW_PX ? Math.min(height, innerWidth * 1.25) + panel.scrollHeight
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
      pointToLayer: (feature, at) => L.marker(at, {
        interactive: spec.interactive, keyboard: spec.keyboard, zIndexOffset: spec.front ? 10_000 : 0,
        icon: L.divIcon({ className: "cfw-point", html: spec.icons[feature.properties.s], iconSize: spec.size }),
      }),
      onEachFeature: (feature, shape) => { if (feature.properties.t) describe(() => group, shape, feature.properties.t); link(shape, feature.properties.v); },
    });
    const both = rim ? L.layerGroup([rim, group]) : group;
    if (spec.show) both.addTo(map);
    const box = document.querySelector(`input[data-layer="${id}"]`);
    if (box) box.addEventListener("change", () => (box.checked ? both.addTo(map) : both.remove()));
  }

  function describe(group, shape, tip) {
    shape.bindTooltip(tip, { sticky: !shape.getLatLng, direction: "auto", className: "cfw-tip" });
    if (shape.getLatLng) {
      const text = document.createElement("div");
      text.innerHTML = tip.replaceAll("<br>", ", ");
      shape.on("add", () => shape.getElement().setAttribute("aria-label", text.textContent));
    } else {
      // Chromium makes a tab stop of every shape that has a tooltip: the table beside the map is read instead.
      shape.on("add", () => shape.getElement()?.setAttribute("tabindex", "-1"));
      shape.on("mouseover", () => shape.setStyle({ weight: 3, color: "#111" }).bringToFront());
      shape.on("mouseout", () => group().resetStyle(shape));
    }
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
    shape.on("keypress", ({ originalEvent }) => { if (originalEvent.key === "Enter") ask(); });
    shape.on("add", () => mark(shape, venue));
  }

  function mark(shape, venue) {
    const element = shape.getElement(), decision = marks.get(venue) ?? "none";
    if (!element) return; // its layer is off
    element.dataset.name ??= element.getAttribute("aria-label") ?? "";
    element.dataset.decision = decision;
    element.setAttribute("aria-label", element.dataset.name + (decision === "none" ? "" : `, decided: ${decision}`));
  }

  // Place names by importance: a name that would overlap a more important one waits for a closer zoom.
  function labels(map, places) {
    const markers = places.map(([lat, lon, name, rank]) => L.marker([lat, lon], {
      pane: "labels", interactive: false, keyboard: false,
      icon: L.divIcon({ className: `cfw-place cfw-rank${rank}`, html: `<span>${name}</span>`, iconSize: [0, 0] }),
    }).addTo(map));
    const tidy = () => {
      const kept = [], closer = map.getZoom() - map.getBoundsZoom(map.cfwBox);
      markers.forEach((marker, i) => {
        const element = marker.getElement(), box = element.firstChild.getBoundingClientRect();
        const clash = kept.some((k) => box.left < k.right + 4 && box.right > k.left - 4 && box.top < k.bottom && box.bottom > k.top);
        const shown = !clash && (places[i][3] < 2 || closer > 1.2);
        element.style.visibility = shown ? "" : "hidden";
        if (shown) kept.push(box);
      });
    };
    map.on("zoomend moveend resize", tidy);
    tidy();
  }

  return { start, layer, labels };
})();

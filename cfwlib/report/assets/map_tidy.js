/* Symbols that would cover each other stand apart, on a line to their place; names keep clear of symbols and of each
   other; and all places together are one stop of the Tab key, walked with the arrow keys. */
cfw.tidy = (map) => {
  "use strict";
  const SMALL_PX = 420, LEADER_PX = 6; // a map narrower than this has small symbols, as in map.css
  const BESIDE = [[0, -1, 0, 13], [0, 1, 0, 13], [1, 0, 13, 0], [-1, 0, 13, 0], [0, -1, 0, 27], [0, 1, 0, 27], [1, -1, 9, 9], [-1, -1, 9, 9]];
  const names = []; // [marker, rank], the more important first
  let frame = 0;

  // Push symbols apart, the same way every time, no farther than a leader line is short.
  function spread() {
    const points = [], small = map.getSize().x < SMALL_PX, gap = small ? 15 : 21, farthest = small ? 14 : 30;
    map.getContainer().classList.toggle("cfw-small", small);
    map.eachLayer((shown) => { if (shown.cfwSpread && shown.getElement()) points.push(shown); });
    const home = points.map((point) => map.latLngToLayerPoint(point.getLatLng()));
    // Places on one spot part in all directions, not along a line.
    const at = home.map((p, i) => p.add([0.3 * Math.cos(2.4 * i), 0.3 * Math.sin(2.4 * i)]));
    for (let round = 0, busy = true; busy && round < 40; round++) {
      busy = false;
      for (let i = 0; i < at.length; i++) for (let j = 0; j < i; j++) {
        const apart = at[i].distanceTo(at[j]);
        if (apart >= gap) continue;
        const push = at[i].subtract(at[j]).multiplyBy(((gap - apart) / 2 + 0.1) / Math.max(apart, 1e-9));
        at[i] = at[i].add(push);
        at[j] = at[j].subtract(push);
        busy = true;
      }
      at.forEach((p, i) => {
        const far = p.distanceTo(home[i]);
        if (far > farthest) at[i] = home[i].add(p.subtract(home[i]).multiplyBy(farthest / far));
      });
    }
    points.forEach((point, i) => {
      const { style, dataset } = point.getElement(), [width, height] = point.options.icon.options.iconSize;
      const by = at[i].subtract(home[i]), far = Math.hypot(by.x, by.y);
      style.marginLeft = `${by.x - width / 2}px`;
      style.marginTop = `${by.y - height / 2}px`;
      dataset.moved = far > LEADER_PX;
      style.setProperty("--far", `${far}px`);
      style.setProperty("--way", `${Math.atan2(-by.y, -by.x)}rad`);
    });
  }

  // A name stands beside its place where it is free, else it waits for a closer zoom; a city is always named.
  function label() {
    const closer = map.getZoom() - map.getBoundsZoom(map.cfwBox), edge = map.getContainer().getBoundingClientRect();
    const kept = [...document.querySelectorAll(".cfw-point[data-moved] svg")].map((point) => point.getBoundingClientRect());
    const clear = (box) => box.left >= edge.left && box.right <= edge.right && !kept.some((k) =>
      box.left < k.right + 2 && box.right > k.left - 2 && box.top < k.bottom && box.bottom > k.top);
    for (const [marker, rank] of names) {
      const element = marker.getElement(), span = element.firstChild;
      const put = ([x, y, right, down]) => {
        span.style.transform = `translate(calc(${50 * (x - 1)}% + ${x * right}px), calc(${50 * (y - 1)}% + ${y * down}px))`;
        return clear(span.getBoundingClientRect());
      };
      const shown = (rank < 2 || closer > 1.2) && (BESIDE.some(put) || rank === 0);
      element.style.visibility = shown ? "" : "hidden";
      if (shown) kept.push(span.getBoundingClientRect());
    }
  }

  const places = () => [...map.getPane("markerPane").querySelectorAll(".cfw-point")];
  const stopAt = (chosen) => places().forEach((place) => { place.tabIndex = place === chosen ? 0 : -1; });

  function tidy() {
    spread();
    label();
    const all = places();
    if (!all.some((place) => place.tabIndex === 0)) stopAt(all[0]);
  }
  // Leaflet tells of every single shape: tidy once for all of them.
  map.on("zoomend moveend resize layeradd layerremove", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tidy);
  });

  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  map.getPane("markerPane").addEventListener("keydown", (event) => {
    const all = places(), at = all.indexOf(event.target.closest(".cfw-point"));
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") all[at].click();
    else if (event.key === "Escape") map.getContainer().focus({ preventScroll: true });
    else if (event.key in STEPS) {
      const step = STEPS[event.key];
      const next = Number.isFinite(step) ? (at + step + all.length) % all.length : step < 0 ? 0 : all.length - 1;
      all[next].focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  });
  map.getPane("markerPane").addEventListener("focusin", ({ target }) => {
    map.eachLayer((place) => {
      if (place.cfwSpread === undefined || place.getElement() !== target) return;
      stopAt(target);
      map.panInside(place.getLatLng(), { padding: [40, 40], animate: !cfw.still });
    });
  });
  map.cfwNames = names;
};

// Place names, plain text: [latitude, longitude, name, rank, kind], the more important first.
cfw.labels = (map, towns) => {
  "use strict";
  for (const [lat, lon, name, rank, kind] of towns) {
    const span = document.createElement("span");
    span.textContent = name;
    const icon = L.divIcon({ className: `cfw-place cfw-rank${rank}`, html: span, iconSize: [0, 0] });
    map.cfwNames.push([L.marker([lat, lon], { pane: "labels", interactive: false, keyboard: false, icon }).addTo(map), rank]);
    map.cfwPlaces.push({ name, kind, at: L.latLng(lat, lon), on: () => true });
  }
};

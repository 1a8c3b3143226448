/* Find a place by name: a combobox with a list, for mouse, finger, keyboard and screen reader. */
cfw.search = (map) => {
  "use strict";
  const MOST = 8;
  const box = document.querySelector(".cfw-search"), input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]"), status = box.querySelector("[role=status]");
  const found = L.layerGroup().addTo(map); // the mark on the place last chosen
  const LETTERS = { æ: "ae", œ: "oe", ø: "o", ð: "d", đ: "d", ł: "l", þ: "th", ß: "ss" };
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\p{M}'’]/gu, "")
    .replace(/[æœøðđłþß]/g, (letter) => LETTERS[letter]).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  let options = [], active = -1;

  // Places of the layers that are on, each once, those that begin with the words first.
  function matches() {
    const wanted = plain(input.value), words = wanted.split(" "), seen = new Set();
    if (!wanted) return [];
    const rank = ({ text }) => (text.startsWith(wanted) ? 0 : ` ${text}`.includes(` ${wanted}`) ? 1 : 2);
    return map.cfwPlaces.filter((place) => {
      place.text ??= plain(place.name);
      const key = `${place.kind}|${place.name}`;
      if (!place.on() || seen.has(key) || !words.every((word) => place.text.includes(word))) return false;
      return seen.add(key);
    }).sort((a, b) => rank(a) - rank(b));
  }

  function show() {
    const all = matches();
    options = all.slice(0, MOST);
    list.replaceChildren(...options.map((place, i) => {
      const option = document.createElement("li"), kind = document.createElement("small");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      kind.textContent = place.kind;
      option.append(place.name, " ", kind);
      option.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
      option.addEventListener("click", () => choose(place));
      return option;
    }));
    open(options.length > 0);
    if (!plain(input.value)) status.textContent = "";
    else status.textContent = all.length === 0 ? "No place of that name on this map."
      : `${all.length} found${all.length > MOST ? `, the first ${MOST} listed` : ""}.`;
  }

  function open(yes) {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", yes);
    list.style.maxHeight = `${Math.max(innerHeight - box.getBoundingClientRect().bottom - 8, 120)}px`;
    light(-1);
  }

  function light(at) {
    active = at;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", i === at));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function choose({ name, kind, shape, at }) {
    input.value = name;
    open(false);
    const ring = { color: "#111", weight: 4, fill: false, interactive: false, pane: "lines" };
    const rim = { ...ring, color: "#fff", weight: 8 };
    const spot = at ?? shape.getLatLng?.();
    found.clearLayers();
    map.eachLayer((shown) => shown.closeTooltip?.());
    if (spot) {
      const closest = map.getBoundsZoom(map.cfwBox) + 3;
      map.setView(spot, Math.max(map.getZoom(), closest), { animate: !cfw.still });
      for (const look of [rim, ring]) found.addLayer(L.circleMarker(spot, { ...look, radius: 19 }));
    } else {
      map.fitBounds(shape.getBounds().pad(0.6), { maxZoom: map.getBoundsZoom(map.cfwBox) + 5, animate: !cfw.still });
      for (const look of [rim, ring]) found.addLayer(L.geoJSON(shape.toGeoJSON(), { ...look, style: look }));
    }
    const tip = shape?.getTooltip()?.getContent();
    if (tip) shape.openTooltip(spot ?? shape.getCenter());
    status.textContent = `${tip ? cfw.words(tip) : `${name}, ${kind}`}. Marked on the map.`;
  }

  input.addEventListener("input", () => {
    found.clearLayers();
    show();
  });
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    const { key } = event, last = options.length - 1;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (list.hidden) show();
      if (options.length) light(key === "ArrowDown" ? (active < last ? active + 1 : 0) : active > 0 ? active - 1 : last);
    } else if (key === "Enter") {
      if (list.hidden) show();
      if (options.length) choose(options[Math.max(active, 0)]);
    } else if (key === "Escape" && !list.hidden) open(false);
    else if (key === "Escape") {
      input.value = "";
      found.clearLayers();
      show();
    } else return;
    event.preventDefault();
  });
};

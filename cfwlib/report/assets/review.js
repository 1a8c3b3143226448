/* The panel in which planners decide on venues: marks, comments, a running list, a file to download and to load.
   Everything a person typed or a data set holds is set as text, never as markup. */
(() => {
  "use strict";
  const FORMAT = "cfwlib hub decisions 1";
  const WORDS = { none: "No decision", keep: "Keep", must: "Must", ban: "Ban" };
  const LONGEST = 500; // characters of a comment
  const TO = origin === "null" ? "*" : origin; // a page opened from a folder has no origin to name

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function start(panel, number) {
    panel.dataset.ready = "";
    const about = JSON.parse(panel.dataset.review);
    const part = (name) => panel.querySelector(`[data-part="${name}"]`);
    const table = panel.querySelector("table"), key = `cfw-decisions:${about.code}:${about.run}`;
    const rows = new Map([...table.tBodies[0].rows].map((row, at) => [row.dataset.venue, controls(row, `${number}-${at}`)]));
    let mapAsked = null; // the map that sent the reader to the table
    keepTableRoles(table);

    function controls(row, id) {
      const name = row.cells[0].textContent, frequency = row.dataset.frequency ?? "";
      const choices = Object.keys(WORDS).filter((word) => word !== "keep" || frequency).map((word) => {
        const input = make("input", { type: "radio", name: `cfw-review-${id}`, value: word, checked: word === "none" });
        input.addEventListener("change", () => changed(`${name}: ${WORDS[word]}.`));
        return input;
      });
      const labels = choices.map((input) => make("label", {}, input, WORDS[input.value]));
      row.cells[5].append(make("fieldset", {}, make("legend", { textContent: `Decision on ${name}` }), ...labels));
      const comment = make("input", { type: "text", maxLength: LONGEST, autocomplete: "off" });
      comment.setAttribute("aria-label", `Comment on ${name}`);
      comment.addEventListener("input", () => changed());
      row.cells[6].append(comment);
      return {
        row, name, frequency, choices, comment,
        get decision() { return choices.find((input) => input.checked).value; },
        set decision(word) { choices.find((input) => input.value === word).checked = true; },
      };
    }

    // What was decided or said, in the order of the table: the content of the file.
    function decisions() {
      return [...rows].map(([venue, { name, decision, comment, frequency }]) =>
        ({ venue, name, decision, comment: comment.value.trim(), frequency }))
        .filter(({ decision, comment }) => decision !== "none" || comment);
    }

    // Replaces everything; returns the names of those that this page cannot hold.
    function replace(list) {
      const plain = (name) => String(name).toLowerCase().split(/\s+/).join(" ").trim();
      const lost = [];
      for (const { choices, comment } of rows.values()) { choices[0].checked = true; comment.value = ""; }
      for (const { venue, name, decision, comment } of list) {
        const named = [...rows.values()].filter((one) => plain(one.name) === plain(name));
        const one = named.includes(rows.get(venue)) ? rows.get(venue) : named.length === 1 ? named[0] : null;
        if (!one || !one.choices.some((input) => input.value === decision)) { lost.push(String(name)); continue; }
        one.decision = decision;
        one.comment.value = String(comment ?? "").slice(0, LONGEST);
      }
      return lost;
    }

    function changed(said) {
      const list = decisions(), marked = list.filter(({ decision }) => decision !== "none");
      const count = `${marked.length} decision${marked.length === 1 ? "" : "s"}`;
      const only = list.length - marked.length;
      part("count").textContent = only ? `${count}, ${only} comment${only === 1 ? "" : "s"} only` : count;
      part("list").replaceChildren(...list.map(({ venue, name, decision, comment }) => {
        const link = make("a", { href: `#${rows.get(venue).row.id}`, textContent: name });
        link.addEventListener("click", (event) => { event.preventDefault(); go(venue); });
        return make("li", {}, link, ": ", make("strong", { textContent: WORDS[decision] }), comment ? `. ${comment}` : "");
      }));
      for (const { row, decision } of rows.values()) row.dataset.decision = decision;
      if (said !== undefined) {
        say(`${said} ${count}.`);
        part("undo").hidden = true;
      }
      tellMaps(list);
      try {
        localStorage.setItem(key, JSON.stringify(list));
      } catch {
        part("unsaved").hidden = false; // some browsers keep nothing for a page opened from a folder
      }
    }

    function say(text) { part("status").textContent = text; }

    function filter() {
      const words = part("filter").value.toLowerCase().split(/\s+/), shown = part("shown").value;
      let count = 0;
      for (const { row, decision, comment } of rows.values()) {
        const group = row.dataset.group, text = row.textContent.toLowerCase();
        const wanted = { all: true, plan: group === "plan", candidates: group !== "out",
                         decided: decision !== "none" || comment.value.trim() !== "" }[shown];
        row.hidden = !(wanted && words.every((word) => text.includes(word)));
        count += row.hidden ? 0 : 1;
      }
      part("found").textContent = `${count} of ${rows.size} places shown`;
    }

    function go(venue) {
      const { row, choices } = rows.get(venue);
      if (row.hidden) {
        part("filter").value = "";
        part("shown").value = "all";
        filter();
      }
      table.querySelector("[data-current]")?.removeAttribute("data-current");
      row.dataset.current = "";
      choices.find((input) => input.checked).focus({ preventScroll: true });
      row.scrollIntoView({ block: "center" });
    }

    function download() {
      const now = new Date(), two = (n) => String(n).padStart(2, "0");
      const made = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
      const { area, code, run } = about;
      const text = JSON.stringify({ format: FORMAT, area, code, run, made, decisions: decisions() }, null, 1) + "\n";
      const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      const place = area.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9]+/g, "-").toLowerCase();
      make("a", { href: url, download: `decisions-${place}-${made}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      say(`Saved: decisions-${place}-${made}.json, in your downloads.`);
    }

    async function load() {
      const [file] = part("file").files, before = decisions();
      if (!file) return;
      let content = null;
      try { content = JSON.parse(await file.text()); } catch { /* told below */ }
      part("file").value = "";
      if (content?.format !== FORMAT || !Array.isArray(content.decisions)) {
        return say(`${file.name} is not a decisions file of this page. Nothing was changed.`);
      }
      if (content.code !== about.code) {
        return say(`${file.name} is for ${content.area}, this page is for ${about.area}. Nothing was changed.`);
      }
      const lost = replace(content.decisions.filter((one) => one && typeof one === "object"));
      changed(`Loaded ${file.name}.${lost.length ? ` Not possible on this page, so not taken: ${lost.join(", ")}.` : ""}`);
      offerUndo(before);
    }

    function clear() {
      const before = decisions();
      replace([]);
      changed("Cleared.");
      offerUndo(before);
    }

    function offerUndo(before) {
      filter();
      part("undo").hidden = before.length === 0;
      part("undo").onclick = () => {
        replace(before);
        changed("As it was.");
        filter();
        part("clear").focus(); // the button that was pressed is gone
      };
    }

    const maps = () => [...document.querySelectorAll("iframe.cfw-map")].map((frame) => frame.contentWindow);
    function tellMaps(list = decisions()) {
      const marks = list.map(({ venue, decision }) => [venue, decision]);
      for (const map of maps()) map?.postMessage({ cfw: "decisions", marks }, TO);
    }
    addEventListener("message", ({ source, data }) => {
      if (!source || !maps().includes(source)) return; // only the maps of this page are listened to
      if (data?.cfw === "map") tellMaps();
      if (data?.cfw === "venue" && rows.has(data.venue)) {
        mapAsked = source;
        go(data.venue);
        say("Press Escape to go back to the map.");
      }
    });
    table.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !mapAsked) return;
      mapAsked.focus();
      mapAsked.postMessage({ cfw: "back" }, TO);
      mapAsked = null;
    });

    part("filter").addEventListener("input", filter);
    part("shown").addEventListener("change", filter);
    part("download").addEventListener("click", download);
    part("file").addEventListener("change", load);
    part("clear").addEventListener("click", clear);
    panel.addEventListener("submit", (event) => event.preventDefault());
    let stored = null;
    try { stored = JSON.parse(localStorage.getItem(key)); } catch { /* nothing kept */ }
    replace(Array.isArray(stored) ? stored : about.decisions);
    changed();
    filter();
    part("controls").hidden = false;
  }

  // A narrow page shows each row as a block; some browsers then forget that it is a table.
  function keepTableRoles(table) {
    const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell" };
    for (const element of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
      const header = element.scope === "row" ? "rowheader" : "columnheader";
      element.setAttribute("role", roles[element.localName] ?? header); // th is neither
    }
  }

  document.querySelectorAll(".cfw-review:not([data-ready])").forEach(start);
})();

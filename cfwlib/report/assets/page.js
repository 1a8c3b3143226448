/* Wide tables: mark those with more to the side, stop the Tab key only there, and keep rows that narrow pages stack. */
(() => {
  "use strict";
  function look(box) {
    const over = box.scrollWidth > box.clientWidth + 1;
    box.toggleAttribute("data-over", over);
    box.toggleAttribute("data-more", over && Math.abs(box.scrollLeft) + box.clientWidth < box.scrollWidth - 2);
    if (over) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
  const watch = new ResizeObserver((seen) => seen.forEach(({ target }) => look(target.closest(".cfw-scroll"))));
  for (const box of document.querySelectorAll(".cfw-scroll")) {
    for (const part of [box, ...box.children]) watch.observe(part);
    box.addEventListener("scroll", () => look(box), { passive: true });
  }

  // A narrow page shows each row as a block; some browsers then forget that it is a table.
  const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell" };
  for (const part of document.querySelectorAll(".cfw-stack :is(table, thead, tbody, tr, th, td)")) {
    const header = part.scope === "row" ? "rowheader" : "columnheader";
    part.setAttribute("role", ROLES[part.localName] ?? header);
  }
})();

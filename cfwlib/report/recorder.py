"""What a notebook says: shown as it runs, and kept as figures, tables and layers for those who come after."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, display

from cfwlib.disclosure import Protected, Public
from cfwlib.disclosure.gate import drawn, words
from cfwlib.report.files import safe_name, sound
from cfwlib.report.ledger import Ledger
from cfwlib.report.offline import ASSETS, map_html
from cfwlib.report.parts import about, card
from cfwlib.report.tables import spread, table_html

SHOWN = '<div class="mathjax_ignore tex2jax_ignore">'  # around whatever a report shows
IS_PRIVATE = "data-private"  # marks the report of single children
NOT_CLAIMED = "data-private-not-claimed"  # and one that keeps no run folder


class Report(Ledger):
    """Show and record one notebook's results.

    Parameters
    ----------
    notebook
        Name of the notebook without its ending, such as `02_reach`.
    out
        Folder of the run; None or empty when exploring: everything is shown, nothing is written.
    title
        The question the notebook answers.
    area_name
        Area in words, such as Cumberland.
    modelled
        Whether the data are modelled and not official.
    sources
        One mapping per data set used: title, publisher, vintage, licence, attribution.
    parameters
        The run's settings, by name.
    origins
        Where those of them come from that are not the defaults, by name.
    run_id
        Identifier of the run; empty when exploring.
    private
        Whether it is about single children: then only what has gone through disclosure is shown or written.
    """

    def __init__(
        self,
        notebook: str,
        out: str | Path | None,
        *,
        title: str,
        area_name: str,
        modelled: bool,
        sources: Sequence[Mapping[str, Any]],
        parameters: Mapping[str, Any],
        origins: Mapping[str, str] | None = None,
        run_id: str = "",
        private: bool = False,
    ) -> None:
        super().__init__(notebook, out, modelled=modelled, private=private)
        title = self._words(title, "title")
        self.title, self.area_name, self.run_id = title, area_name, run_id
        self.sources, self.parameters, self.origins = list(sources), dict(parameters), dict(origins or {})
        style = (ASSETS / "parts.css").read_text(encoding="utf-8")
        # one level down, and so above JupyterLab's own rules for tables, which would win over a single class
        mark = f" {IS_PRIVATE if self.out else NOT_CLAIMED}" * private
        _show(f'<style data-cfw="style"{mark}>:is(body, .mathjax_ignore.tex2jax_ignore) {{ {style} }}</style>')

    def banner(self) -> None:
        """Say that the data are modelled, if they are."""
        if any(str(source.get("licence", "")).startswith("not confirmed") for source in self.sources):
            _show(
                '<div class="cfw-banner" data-cfw="banner"><strong>Not for publication.</strong> The licence of a data '
                "set used here is not confirmed (see About this run): do not pass this page on.</div>"
            )
        if self.modelled:
            _show(
                '<div class="cfw-banner" data-cfw="banner"><strong>Modelled data – not official.</strong> '
                f"The places and numbers on this page imitate {html.escape(self.area_name)}, to show how the analysis "
                "works. Do not base a decision on them.</div>"
            )

    def caution(self, sentences: Sequence[str]) -> None:
        """Warn of what makes the page's numbers unfit or coarse, in sentences of plain text; show nothing for none."""
        for text in [self._words(sentence, "caution") for sentence in sentences]:
            _show(f'<div class="cfw-banner"><strong>Caution.</strong> {html.escape(text)}</div>')

    def answer(self, text: str) -> None:
        """Show the answer in one sentence of plain text, with its number and range."""
        _show(f'<p class="cfw-answer">{html.escape(self._words(text, "answer"))}</p>')

    def bullets(self, *sentences: str) -> None:
        """Show sentences of plain text as a list; nothing where there is none."""
        if not sentences:
            return
        items = "".join(f"<li>{html.escape(self._words(sentence, 'bullets'))}</li>" for sentence in sentences)
        _show(f'<ul class="cfw-bullets">{items}</ul>')

    def headlines(self) -> None:
        """Show the headline figures recorded so far as cards."""
        _show(f'<div class="cfw-cards">{"".join(card(self.figures[name]) for name in self._headlines)}</div>')

    def table(
        self,
        table: pd.DataFrame | Protected | Public,
        name: str,
        caption: str,
        *,
        hidden: Sequence[str] = (),
        across: str = "",
        value: str = "",
        **look: Any,
    ) -> None:
        """Show a table and export it whole.

        Parameters
        ----------
        table
            Columns as they shall appear; the first names the row. Of a protected one, symbols stand for hidden numbers.
        name
            Name of the exported table.
        caption
            What it shows.
        hidden
            Columns that are exported but not shown, such as codes.
        across, value
            Column whose groups become the columns shown, and the column of numbers under them; empty = as it is.
        look
            Options of [table_html][cfwlib.report.tables.table_html]: labels, units, decimals, max_rows, note.
        """
        look = look | {"note": self._words(look.get("note", ""), "note")}
        caption = self._words(caption, "caption")
        self.tables[name] = shown = self._take(table, f"Table '{name}'", name)
        status: dict[str, list[str]] = {}
        if isinstance(table, Protected):
            shown, status = table.numbers, table.status
            look |= {"note": " ".join(filter(None, [look["note"], table.key()]))}
        shown = shown.drop(columns=list(hidden))
        if across:
            shown, status = spread(shown, status, across=across, value=value)
        _show(table_html(shown, caption=caption, status=status, **look))

    def map(self, offline_map: Any, name: str, *, caption: str = "", drawn_from: Protected | None = None) -> None:
        """Show a map under its title; follow it with the table that holds the same facts.

        Parameters
        ----------
        offline_map
            From `area_map`; in a private report `Public`, or a function that draws it from a table.
        name
            Identifier of the map on the page.
        caption
            A sentence that says how to read it.
        drawn_from
            The protected table such a function is given, without its status columns.
        """
        caption = self._words(caption, "caption")
        offline_map = self._drawn(offline_map, f"Map '{name}'", drawn_from)
        note = f'<figcaption class="cfw-note">{html.escape(caption)}</figcaption>' if caption else ""
        _show(
            f'<figure class="cfw-mapfigure" id="map-{html.escape(safe_name(name))}">'
            f'<h3 class="cfw-maptitle">{html.escape(offline_map.title)}</h3>{map_html(offline_map)}{note}</figure>'
        )

    def chart(self, chart: Any, name: str, *, drawn_from: Protected | None = None) -> None:
        """Show a chart and keep its drawing.

        Parameters
        ----------
        chart
            From `figures`; in a private report `Public`, or a function that draws it from a table.
        name
            Name of the exported SVG file.
        drawn_from
            The protected table such a function is given, without its status columns.
        """
        chart = self._drawn(chart, f"Chart '{name}'", drawn_from)
        self.files[f"exports/{self.notebook}/{safe_name(name)}.svg"] = chart.svg
        _show(chart._repr_html_())

    def panel(self, markup: str | Public) -> None:
        """Show a part of a page that its reader works with, such as the review of venues; HTML made by this project."""
        _show(self._take(markup, "Panel"))

    def about(self) -> None:
        """Show sources with vintage and licence, settings, versions and the run's identifier."""
        run = f"Run {self.run_id}, notebook {self.notebook}." * bool(self.run_id)
        _show(about(self.sources, self.parameters, origins=self.origins, run=run))

    def _words(self, text: Any, what: str) -> str:
        return words(text, what, private=self.private)

    def _drawn(self, drawing: Any, what: str, drawn_from: Protected | None) -> Any:
        if drawn_from is not None:
            self._take(drawn_from, what)
        return drawn(drawing, what, private=self.private, drawn_from=drawn_from)


def _show(markup: str) -> None:
    """Show HTML; in JupyterLab its dollar signs are dollars, not formulas."""
    display(HTML(f"{SHOWN}{sound(markup)}</div>"))

"""What a notebook says: shown as it runs, and kept as figures, tables and layers for those who come after."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, display

from cfwlib.errors import InputError
from cfwlib.hub.decisions import Decisions
from cfwlib.report.figures import Chart
from cfwlib.report.files import safe_name
from cfwlib.report.keeper import Keeper
from cfwlib.report.offline import ASSETS, OfflineMap, map_html
from cfwlib.report.parts import about, card
from cfwlib.report.review import review_panel
from cfwlib.report.tables import table_html

COMPUTED = "computed from the data sets of this run, as docs/methods.md describes"


class Report(Keeper):
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
    run_id
        Identifier of the run; empty when exploring.
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
        run_id: str = "",
    ) -> None:
        super().__init__(notebook, out, modelled=modelled)
        self.title, self.area_name, self.run_id = title, area_name, run_id
        self.sources, self.parameters = list(sources), dict(parameters)
        self._headlines: list[str] = []
        _show(f'<style data-cfw="style">{(ASSETS / "parts.css").read_text(encoding="utf-8")}</style>')

    def banner(self) -> None:
        """Say that the data are modelled, if they are."""
        if any(str(source.get("licence", "")).startswith("not confirmed") for source in self.sources):
            _show(
                '<div class="cfw-banner"><strong>Not for publication.</strong> The licence of a data set used here is '
                "not confirmed (see About this run): do not pass this page on.</div>"
            )
        if self.modelled:
            _show(
                '<div class="cfw-banner" data-cfw="banner"><strong>Modelled data – not official.</strong> '
                f"The places and numbers on this page imitate {html.escape(self.area_name)}, to show how the analysis "
                "works. Do not base a decision on them.</div>"
            )

    def caution(self, sentences: Sequence[str]) -> None:
        """Warn of what makes the page's numbers unfit or coarse, in sentences of plain text; show nothing for none."""
        for sentence in sentences:
            _show(f'<div class="cfw-banner"><strong>Caution.</strong> {html.escape(sentence)}</div>')

    def answer(self, text: str) -> None:
        """Show the answer in one sentence of plain text, with its number and range."""
        _show(f'<p class="cfw-answer">{html.escape(text)}</p>')

    def bullets(self, *sentences: str) -> None:
        """Show sentences of plain text as a list."""
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
        _show(f'<ul class="cfw-bullets">{items}</ul>')

    def figure(
        self,
        name: str,
        value: Any,
        *,
        unit: str,
        label: str,
        n: int | None = None,
        source: str = "",
        disclosure: str = "none",
        headline: bool = True,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        """Record one number for `figures.json`, and perhaps for the headline cards.

        Parameters
        ----------
        name
            Its name in every run, such as `children_0_17`; recording it again replaces it.
        value
            A finite number, text, or None where it may not or cannot be given: then say why in `disclosure`.
        unit
            Unit of `value`, such as children, min, share (0 to 1), gbp.
        label
            What it is, in a planner's words.
        n
            Number of people or places it rests on.
        source
            Where it comes from.
        disclosure
            What was done to protect people, or why there is no value; `none` if nothing.
        headline
            Whether `headlines` shows it.
        low, high
            Ends of its interval, in `unit`.

        Raises
        ------
        InputError
            If the number is not finite, or missing without a reason.
        """
        numbers = {k: _plain(v) for k, v in {"value": value, "n": n, "low": low, "high": high}.items()}
        problems = [
            f"Figure '{name}': {key} is not a finite number. Give None, and the reason as disclosure."
            for key, number in numbers.items()
            if isinstance(number, float) and not math.isfinite(number)
        ]
        if numbers["value"] is None and disclosure in {"", "none"}:
            problems.append(f"Figure '{name}' has no value: say why as disclosure.")
        if problems:
            raise InputError(problems)
        self.figures[name] = {
            "name": name,
            "label": label,
            "unit": unit,
            **numbers,
            "source": source or COMPUTED,
            "disclosure": disclosure,
            "notebook": self.notebook,
            "modelled": self.modelled,
        }
        self._headlines = [h for h in self._headlines if h != name] + [name] * headline

    def record(
        self,
        values: Mapping[str, Any],
        described: Mapping[str, tuple[str, ...]],
        *,
        headline: Sequence[str] = (),
        ranges: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """Record several figures at once.

        Parameters
        ----------
        values
            Name to number, or None where it was not computed.
        described
            Name to (label, unit), or (label, unit, beginning of the id of the data set it comes from).
        headline
            Names shown by `headlines`, in this order.
        ranges
            Name to the ends of its interval, where it has one.
        """
        for name in [*headline, *(name for name in values if name not in headline)]:
            label, unit, *dataset = described[name]
            why = "not computed: what it needs is not there" if values[name] is None else "none"
            source = self._source(dataset[0]) if dataset else ""
            low, high = (ranges or {}).get(name, (None, None))
            self.figure(
                name, values[name], unit=unit, label=label, disclosure=why, headline=name in headline, source=source,
                low=low, high=high,
            )  # fmt: skip

    def _source(self, dataset: str) -> str:
        wanted = [s for s in self.sources if str(s.get("id", "")).startswith(dataset)]
        return "; ".join(f"{s['title']} ({s['vintage']})" for s in wanted)

    def headlines(self) -> None:
        """Show the headline figures recorded so far as cards."""
        _show(f'<div class="cfw-cards">{"".join(card(self.figures[name]) for name in self._headlines)}</div>')

    def table(self, table: pd.DataFrame, name: str, caption: str, *, hidden: Sequence[str] = (), **look: Any) -> None:
        """Show a table and export it whole.

        Parameters
        ----------
        table
            Columns as they shall appear; the first names the row.
        name
            Name of the exported table.
        caption
            What it shows.
        hidden
            Columns that are exported but not shown, such as codes.
        look
            Options of [table_html][cfwlib.report.tables.table_html]: labels, units, decimals, max_rows, note.
        """
        self.tables[name] = table
        _show(table_html(table.drop(columns=list(hidden)), caption=caption, **look))

    def map(self, offline_map: OfflineMap, name: str, *, caption: str = "") -> None:
        """Show a map under its title; follow it with the table that holds the same facts.

        Parameters
        ----------
        offline_map
            From `area_map`.
        name
            Identifier of the map on the page.
        caption
            A sentence that says how to read it.
        """
        note = f'<figcaption class="cfw-note">{html.escape(caption)}</figcaption>' if caption else ""
        _show(
            f'<figure class="cfw-mapfigure" id="map-{html.escape(safe_name(name))}">'
            f'<h3 class="cfw-maptitle">{html.escape(offline_map.title)}</h3>{map_html(offline_map)}{note}</figure>'
        )

    def chart(self, chart: Chart, name: str) -> None:
        """Show a chart and keep its drawing.

        Parameters
        ----------
        chart
            From `figures`.
        name
            Name of the exported SVG file.
        """
        self.files[f"exports/{self.notebook}/{safe_name(name)}.svg"] = chart.svg
        _show(chart._repr_html_())

    def review(self, venues: pd.DataFrame, *, code: str, decisions: Decisions | None = None) -> None:
        """Show the panel in which planners decide on venues and download their decisions.

        Parameters
        ----------
        venues
            From [review_venues][cfwlib.report.review.review_venues].
        code
            Code of the authority.
        decisions
            Those this run has honoured: the panel starts from them.
        """
        _show(review_panel(venues, area=self.area_name, code=code, run=self.run_id, decisions=decisions))

    def about(self) -> None:
        """Show sources with vintage and licence, settings, versions and the run's identifier."""
        _show(
            about(
                self.sources, self.parameters, run=f"Run {self.run_id}, notebook {self.notebook}." * bool(self.run_id)
            )
        )


def _show(markup: str) -> None:
    display(HTML(markup))


def _plain(value: Any) -> Any:
    """Return a NumPy or pandas scalar as the Python value that JSON can hold; missing becomes NaN."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if value is pd.NA or value is pd.NaT:
        return math.nan
    if isinstance(value, Integral):
        return int(value)
    return float(value)

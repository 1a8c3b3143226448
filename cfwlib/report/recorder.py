"""What a notebook says: shown as it runs, and kept as figures, tables and layers for those who come after."""

import html
import json
import math
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from IPython.display import HTML, display

import cfwlib
from cfwlib.disclosure import Protected, Public
from cfwlib.disclosure.difference import LAYOUTS
from cfwlib.disclosure.gate import check_together, drawn, figure, passed, words
from cfwlib.errors import refuse
from cfwlib.reading import read_text
from cfwlib.report.exports import export_layers, export_tables
from cfwlib.report.numbers import MISSING, plain_number, unit_words, with_unit
from cfwlib.report.offline import ASSETS, map_html
from cfwlib.report.tables import spread, table_html
from cfwlib.report.write import safe_name, sound, write_bytes, write_text

MODELLED = "modelled, not official"
COMPUTED = "computed from the data sets of this run, as docs/methods.md describes"

SHOWN = '<div class="mathjax_ignore tex2jax_ignore">'  # around whatever a report shows
IS_PRIVATE = "data-private"  # marks the report of single children
NOT_CLAIMED = "data-private-not-claimed"  # and one that keeps no run folder
PACKAGES = ("pandas", "geopandas", "numpy", "scipy", "highspy", "folium", "matplotlib", "nbconvert")
FACTS = {"title": "Title", "publisher": "Publisher", "vintage": "Vintage", "licence": "Licence"}


class Report:
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
        Where those of them come from that somebody has given, by name.
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
        self.notebook, self.modelled, self.private = notebook, modelled, private
        self.out = Path(out) if out else None
        self.figures: dict[str, dict[str, Any]] = {}
        self.tables: dict[str, pd.DataFrame] = {}
        self.layers: dict[str, gpd.GeoDataFrame] = {}
        self.files: dict[str, str | bytes] = {}
        self.protected: dict[str, Protected] = {}
        self._headlines: list[str] = []
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
            A finite number, text, or None where it may not or cannot be given: then say why in `disclosure`. In a
            private report a `Number` or `Public`; a `Number` brings its own n, low and high.
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
        given = figure(value, f"Figure '{name}'", private=self.private, n=n, low=low, high=high)
        disclosure = given.pop("disclosure", disclosure)
        numbers = {k: _plain(v) for k, v in given.items()}
        problems = [
            f"Figure '{name}': {key} is not a finite number. Give None, and the reason as disclosure."
            for key, number in numbers.items()
            if isinstance(number, float) and not math.isfinite(number)
        ]
        if numbers["value"] is None and disclosure in {"", "none"}:
            problems.append(f"Figure '{name}' has no value: say why as disclosure.")
        refuse(problems)
        self.figures[name] = {
            "name": name,
            "label": label,
            "unit": unit,
            **numbers,
            "source": source or COMPUTED,
            "disclosure": disclosure,
            "headline": headline,
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

    def export(self, table: pd.DataFrame | Protected | Public, name: str) -> None:
        """Export a table without showing it."""
        self.tables[name] = self._take(table, f"Table '{name}'", name)

    def layer(self, layer: gpd.GeoDataFrame | Protected | Public, name: str) -> None:
        """Keep a layer for the GeoPackage.

        Parameters
        ----------
        layer
            In any known coordinate system; written in EPSG:27700.
        name
            Layer name.
        """
        self.layers[name] = self._take(layer, f"Layer '{name}'")

    def file(self, name: str, text: str | Public) -> None:
        """Keep a text file for the run's folder, such as plan.json.

        Parameters
        ----------
        name
            File name without folders.
        text
            Its content.
        """
        self.files[safe_name(name)] = self._take(text, f"File '{name}'")

    def keep(self, files: Mapping[str, str | bytes | Public]) -> None:
        """Keep files for the notebook's exports, such as calendars.

        Parameters
        ----------
        files
            Path below the exports, its parts safe names, to content.
        """
        taken = {path: self._take(content, f"File '{path}'") for path, content in files.items()}
        self.files |= {f"exports/{self.notebook}/{path}": content for path, content in taken.items()}

    def earlier(self, name: str) -> str | None:
        """Return a text file that an earlier notebook of this run left, or None when there is none.

        Parameters
        ----------
        name
            File name without folders.
        """
        path = self.out / safe_name(name) if self.out else None
        return read_text(path) if path and path.is_file() else None

    def close(self) -> None:
        """Write figures, tables, layers and files under the run's folder; each file whole or not at all."""
        if self.out is None:
            return
        exports = self.out / "exports" / self.notebook
        if self.modelled:  # a table that has left the page must still say what it is
            self.tables = {name: table.assign(data=MODELLED) for name, table in self.tables.items()}
            self.layers = {name: layer.assign(data=MODELLED) for name, layer in self.layers.items()}
        export_tables(self.tables, exports, workbook=self.notebook)
        self._write_layouts(exports)
        export_layers(self.layers, exports / f"{self.notebook}.gpkg")
        for name, content in self.files.items():
            if isinstance(content, bytes):
                write_bytes(self.out / name, content)
            else:
                write_text(self.out / name, content)
        rows = json.dumps(list(self.figures.values()), indent=1, ensure_ascii=False, allow_nan=False)
        write_text(self.out / "figures" / f"{self.notebook}.json", rows + "\n")

    def _take(self, thing: Any, what: str, table: str = "") -> Any:
        """Return what may be shown of a thing; refuse a table that, beside those taken so far, gives children away."""
        shown = passed(thing, what, private=self.private)
        if isinstance(thing, Protected):
            check_together([*self.protected.values(), thing])
            self.protected[table or what] = thing
        return shown

    def _write_layouts(self, exports: Path) -> None:
        """Say beside the exported tables what their cells are, so that two runs can be laid side by side."""
        tables = {name: table.layout for name, table in self.protected.items() if name in self.tables}
        layouts = {safe_name(name): layout.to_json() for name, layout in tables.items() if layout.counts}
        if layouts:
            write_text(exports / LAYOUTS, json.dumps(layouts, indent=1, ensure_ascii=False) + "\n")

    def _source(self, dataset: str) -> str:
        wanted = [s for s in self.sources if str(s.get("id", "")).startswith(dataset)]
        return "; ".join(f"{s['title']} ({s['vintage']})" for s in wanted)

    def _words(self, text: Any, what: str) -> str:
        return words(text, what, private=self.private)

    def _drawn(self, drawing: Any, what: str, drawn_from: Protected | None) -> Any:
        if drawn_from is not None:
            self._take(drawn_from, what)
        return drawn(drawing, what, private=self.private, drawn_from=drawn_from)


def _show(markup: str) -> None:
    """Show HTML; in JupyterLab its dollar signs are dollars, not formulas."""
    display(HTML(f"{SHOWN}{sound(markup)}</div>"))


def _plain(value: Any) -> Any:
    """Return a NumPy or pandas scalar as the Python value that JSON can hold; missing becomes NaN."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if value is pd.NA or value is pd.NaT:
        return math.nan
    if isinstance(value, Integral):
        return int(value)
    return float(value)


def card(figure: Mapping[str, Any]) -> str:
    """Return a headline card as HTML: the number large, then its unit, label, interval and reason.

    Parameters
    ----------
    figure
        A recorded figure: `value`, `unit`, `label`, `low`, `high`, `disclosure`.
    """
    value, unit = figure["value"], figure["unit"]
    numeric = isinstance(value, Real)
    large = with_unit(value, unit) if unit in {"share", "gbp"} else plain_number(value, unit=unit)
    small = unit_words(unit) if numeric and unit not in {"share", "gbp"} else ""
    notes = []
    if figure["low"] is not None and figure["high"] is not None:
        notes.append(f"{with_unit(figure['low'], unit)} to {with_unit(figure['high'], unit)}")
    if figure["disclosure"] not in {"", "none"}:
        notes.append(figure["disclosure"])
    tail = "".join(f'<span class="cfw-card-note">{html.escape(note)}</span>' for note in notes)
    return (
        f'<div class="cfw-card"><span class="cfw-card-value">{html.escape(large)}'
        f"{f' <small>{html.escape(small)}</small>' if small else ''}</span>"
        f'<span class="cfw-card-label">{html.escape(figure["label"])}</span>{tail}</div>'
    )


def about(
    sources: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    *,
    origins: Mapping[str, str] | None = None,
    run: str = "",
) -> str:
    """Return what a run rests on as HTML: data with attribution, settings, software.

    Parameters
    ----------
    sources
        Per data set: title, publisher, vintage, licence, attribution; each may be missing.
    parameters
        Settings by name.
    origins
        Where those come from that somebody has given, by name; they stand first.
    run
        A sentence that names the run, if there is one.
    """
    data = pd.DataFrame([{head: _text(source.get(key)) for key, head in FACTS.items()} for source in sources])
    origins = origins or {}
    names = sorted(parameters, key=lambda name: name not in origins)
    rows = [(name, _text(parameters[name]), origins.get(name, "default")) for name in names]
    settings = pd.DataFrame(rows, columns=["Setting", "Value", "Where from"])
    software = pd.DataFrame(_versions(), columns=["Software", "Version"])
    credits = dict.fromkeys(str(source["attribution"]) for source in sources if source.get("attribution"))
    notes = [f'<p class="cfw-note">{html.escape(text)}</p>' for text in [*credits, run] if text]
    tables = [table_html(data, caption="Data used")] if len(data) else []
    tables += [table_html(settings, caption="Settings of this run"), table_html(software, caption="Software versions")]
    return f'<div class="cfw-about">{"".join(tables)}{"".join(notes)}</div>'


def _text(value: Any) -> str:
    return MISSING if value in ("", None, []) else str(value)


def _versions() -> list[tuple[str, str]]:
    found = [("cfwlib", cfwlib.__version__), ("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found

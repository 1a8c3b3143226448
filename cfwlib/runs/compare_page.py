"""A comparison of two runs as a page, and as a table for those who go on with it."""

import html
from numbers import Real
from pathlib import Path
from typing import Any

import pandas as pd

from cfwlib.report.exports import export_tables
from cfwlib.report.numbers import plain_number, with_unit
from cfwlib.report.tables import table_html
from cfwlib.report.write import safe_name
from cfwlib.runs.compare import CHANGED, GONE, HIDDEN, NEW, NOISE, NOT_RUN, SAME, Comparison, compare_runs
from cfwlib.runs.history import Run
from cfwlib.runs.page import area_words, when_words, write_page

_MOVED = (CHANGED, NEW, GONE)
_WENT_IN = {"data set": "Data sets", "parameter": "Settings", "version": "Versions"}
_TOLD = 0.0005  # a smaller change is not told in per cent of before
_HOW = (
    "Within noise: the number moved, but its range in one run and its range or value in the other overlap. Numbers "
    "without a range are computed without chance: any difference counts as a change. Hidden numbers are not compared."
)


def write_comparison(before: Run, after: Run, folder: Path) -> Path:
    """Write what changed between two runs as `changes-from-<run>.html`, CSV and XLSX, and return the page.

    Parameters
    ----------
    before, after
        The runs.
    folder
        Where the files go; it is made.
    """
    comparison, stem = compare_runs(before, after), f"changes-from-{safe_name(before.run_id)}"
    export_tables({stem: comparison.rows}, folder, workbook=stem)
    title = f"What changed in {area_words(after.area)} from run {before.run_id} to {after.run_id}?"
    return write_page(folder / f"{stem}.html", title=title, body=_body(comparison))


def answer(comparison: Comparison) -> str:
    """Return the answer in one or two sentences of plain text."""
    figures = int(comparison.rows["kind"].eq("figure").sum())
    counts = {
        verdict: comparison.count("figure", verdict) for verdict in (CHANGED, NOISE, NEW, GONE, HIDDEN, NOT_RUN, SAME)
    }
    words = {SAME: "are the same"}
    moved = [f"{count} {words.get(verdict, verdict)}" for verdict, count in counts.items() if count]
    went_in = [
        f"{n} of the {name.lower()}" for kind, name in _WENT_IN.items() if (n := comparison.count(kind, *_MOVED))
    ]
    first = f"Of {figures} figures, {', '.join(moved)}." if figures else "Neither run has figures."
    if went_in:
        return f"{first} What went in differs in {' and '.join(went_in)}."
    unexplained = " Yet figures changed: find out why before using them." if counts[CHANGED] else ""
    return f"{first} The same data, settings and versions went in.{unexplained}"


def _body(comparison: Comparison) -> str:
    rows, parts = comparison.rows, []
    before, after = comparison.before, comparison.after
    if before.record.get("modelled") or after.record.get("modelled"):
        parts.append(_banner("Modelled data – not official.", "At least one of the two runs used invented numbers."))
    if before.series != after.series:
        what = "The two runs differ in area, kind of data or neighbourhood codes"
        parts.append(_banner("Caution.", f"{what}: their figures may not measure the same thing."))
    parts += [_banner("Small numbers.", text) for text in (*comparison.warnings, *comparison.clashes)]
    parts.append(f'<p class="cfw-answer">{html.escape(answer(comparison))}</p>')
    figures = rows[rows["kind"].eq("figure")]
    parts.append("<h2>Figures that changed</h2>")
    parts.append(_figures(figures, _MOVED, "Figures that changed, came or went") or "<p>None.</p>")
    if noise := _figures(figures, (NOISE,), "Figures that moved within noise"):
        parts.append(f'<h2>Within noise</h2>{noise}<p class="note">{html.escape(_HOW)}</p>')
    if rest := _figures(figures, (HIDDEN, NOT_RUN), "Figures that cannot be compared"):
        parts.append(f"<h2>Not compared</h2>{rest}")
    parts.append("<h2>What went in</h2>")
    for kind, name in _WENT_IN.items():
        shown = rows[rows["kind"].eq(kind) & rows["verdict"].isin(_MOVED)]
        same = f"<p>{name}: no difference.</p>"
        parts.append(same if shown.empty else table_html(
            shown[["label", "before", "after", "verdict", "notebook"]].fillna("").rename(columns={"label": name}),
            caption=f"{name} that differ", labels={"notebook": "In"}, stack=True))  # fmt: skip
    if same := _figures(figures, (SAME,), "Figures that are the same"):
        parts.append(
            f"<h2>Unchanged</h2><details><summary>{comparison.count('figure', SAME)} figures</summary>{same}</details>"
        )
    parts.append(f"<h2>About this comparison</h2>{_runs(before, after)}")
    return "\n".join(parts)


def _banner(what: str, text: str) -> str:
    return f'<div class="cfw-banner"><strong>{what}</strong> {html.escape(text)}</div>'


def _figures(figures: pd.DataFrame, verdicts: tuple[str, ...], caption: str) -> str:
    chosen = figures[figures["verdict"].isin(verdicts)]
    if chosen.empty:
        return ""
    told = pd.DataFrame([
        {"Figure": row["label"], "Before": _value(row, "before"), "After": _value(row, "after"), "Change": _change(row),
         "Verdict": row["verdict"], "From": row["notebook"]} for _, row in chosen.iterrows()
    ])  # fmt: skip
    return table_html(told, caption=caption, stack=True)  # no script here says that there is more to the side


def _value(row: pd.Series, side: str) -> str:
    ends = (row[f"{side}_low"], row[f"{side}_high"])
    return value_words(row[side], row["unit"], *(None if pd.isna(end) else end for end in ends))


def _change(row: pd.Series) -> str:
    if pd.isna(row["change"]) or row["verdict"] == SAME:
        return ""
    told, part = change_words(row["change"], row["unit"]), row["change_of_before"]
    if pd.isna(part) or abs(part) < _TOLD or row["unit"] == "share":
        return told
    return f"{told} ({change_words(part, '%')})"


def value_words(value: Any, unit: str, low: float | None = None, high: float | None = None) -> str:
    """Return a figure as a reader expects it: 12.5 minutes (11.0 minutes to 14.0 minutes).

    Parameters
    ----------
    value
        A number, text, or None.
    unit
        Unit of all three.
    low, high
        Ends of its range; None = it has none.
    """
    text = with_unit(None if value is None or value != value else value, unit)
    ranged = low is not None and high is not None and isinstance(value, Real)
    return f"{text} ({plain_number(_whole(low), unit=unit)} to {with_unit(_whole(high), unit)})" if ranged else text


def change_words(change: float, unit: str) -> str:
    """Return a change with its sign: +12 children, −1.5 points (of per cent, for a share), +3.2%.

    Parameters
    ----------
    change
        After less before; for the unit `%` a share of before.
    unit
        Unit of the figure, or `%`.
    """
    kind = "share" if unit == "%" else unit
    if not plain_number(_whole(change), unit=kind).strip("−0."):
        return "slightly up" if change > 0 else "slightly down"
    told = f"{plain_number(change, unit=kind)} points" if unit == "share" else with_unit(_whole(change), kind)
    return f"+{told}" if change > 0 else told


def _whole(number: float | None) -> float | None:
    """A whole number without its decimals: 6.0 stops are 6 stops."""
    return int(number) if number is not None and float(number).is_integer() else number


def _runs(before: Run, after: Run) -> str:
    facts = {"Run": "run_id", "Area": "area", "Data": "data", "Status": "status"}
    table = pd.DataFrame([
        {"Fact": name, "Before": str(before.record.get(key, "")), "After": str(after.record.get(key, ""))}
        for name, key in facts.items()
    ])  # fmt: skip
    table.loc[len(table)] = ["Started", *(when_words(str(run.record.get("started", ""))) for run in (before, after))]
    return table_html(table, caption="The two runs", stack=True)

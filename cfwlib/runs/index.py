"""The index of all runs: the newest of each area with its figures and their course, the older ones folded."""

import html
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from cfwlib.runs.compare import HIDDEN, NOISE, SAME, compare_figures, is_hidden, is_number
from cfwlib.runs.compare_page import change_words, value_words
from cfwlib.runs.history import Run, read_runs, recordless
from cfwlib.runs.lock import going_on
from cfwlib.runs.page import area_words, link, when_words, write_page
from cfwlib.runs.same_day import is_private, same_day, tells_of_few
from cfwlib.runs.sparkline import Point, sparkline

FIRST = (  # shown first where a run has them; what else a notebook calls a headline comes after
    "residents",
    "hard_to_reach_neighbourhoods",
    "children_0_17_within_limit_before",
    "children_0_17_within_limit_after",
    "plan_stops",
    "plan_gap",
)
_OPEN_ROWS, _FOLDED, _LONGEST_HISTORY, _MOST_OPEN = 8, 4, 24, 3
_HEADS = ("Figure", "Value (range)", "Since the run before", "History")
_INTRO = "<p>Every area, newest run first. Open a report to read it; <code>exports</code> holds its tables.</p>"
_DRAWINGS = (
    '<p class="note">The small drawings show a figure over the runs of the same area, kind of data and neighbourhood '
    "codes, up to 24 of them; an upright line is its range, a ring on a dashed line marks other data or settings than "
    "in the run before. A change within noise is one whose ranges overlap.</p>"
)


def write_index(outputs: Path) -> Path:
    """Write `<outputs>/index.html`: every run with its status, reports and headline figures; return its path.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    """
    series: dict[object, list[Run]] = {}
    for run in read_runs(outputs):
        series.setdefault(run.series, []).append(run)
    body = "\n".join(_series(runs, outputs) for runs in series.values()) or "<p>No run yet.</p>"
    if lost := [folder for folder in recordless(outputs) if going_on(outputs, folder.parent.name) != folder.name]:
        told = ", ".join(html.escape(f"{folder.parent.name} {folder.name}") for folder in lost)
        body += f'<p class="note">Cut off at once, or with a damaged record: {told}.</p>'
    return write_page(outputs / "index.html", title="Reports", body=_INTRO + _DRAWINGS * ("<svg" in body) + body)


def headline_names(figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of a run's headline figures: the usual first ones, then those its notebooks call so.

    Parameters
    ----------
    figures
        Name to figure as in figures.json; `headline` may be missing.
    """
    called = [name for name, figure in figures.items() if figure.get("headline")]
    return [name for name in dict.fromkeys([*FIRST, *called]) if name in figures]


def _series(runs: Sequence[Run], outputs: Path) -> str:
    """One area with one kind of data: the newest run, those with reports it lacks, and the rest folded."""
    opened: list[Run] = []
    seen: set[str] = set()
    for run in runs:
        names = {entry["name"] for entry in run.notebooks if entry["status"] == "ok"}
        if not opened or (names - seen and len(opened) < _MOST_OPEN):
            opened.append(run)
        seen |= names
    first = runs[0]
    tag = ' <span class="tag">modelled data, not official</span>' if first.record.get("modelled") else ""
    of = f", {' and '.join(first.vintages)} neighbourhoods" if first.vintages else ""
    parts = [f"<h2>{html.escape(area_words(first.area) + of)}{tag}</h2>"]
    parts += [_run(run, outputs, list(runs), runs) for run in opened]
    if rest := [run for run in runs if run not in opened]:
        folded = "".join(_run(run, outputs, [], runs) for run in rest)
        parts.append(f"<details><summary>{len(rest)} earlier run{'s' * (len(rest) > 1)}</summary>{folded}</details>")
    return "\n".join(parts)


def _run(run: Run, outputs: Path, runs: Sequence[Run], series: Sequence[Run]) -> str:
    """One run of a series, newest first; with all figures and their course where `runs` are given."""
    base = run.folder.relative_to(outputs).as_posix()
    reports = "".join(f"<li>{_report(entry, base)}</li>" for entry in run.notebooks)
    problems = "".join(f'<p class="bad">{html.escape(str(text))}</p>' for text in run.record.get("problems", []))
    files = [
        link(f"{base}/{name}", name) for name in ("run.json", "figures.json", "exports") if (run.folder / name).exists()
    ]
    files += [
        link(f"{base}/{path.name}", f"what changed from {path.stem.removeprefix('changes-from-')}")
        for path in sorted(run.folder.glob("changes-from-*.html"))
    ]
    cut_off = run.status == "running" and going_on(outputs, run.area) != run.run_id
    state, started = "cut off" if cut_off else run.status, str(run.record["started"])
    bad = ' class="bad"' * (run.status != "ok")
    return (
        f'<section class="run"><h3><time datetime="{html.escape(started, quote=True)}">'
        f"{html.escape(when_words(started))}</time> <small>run {html.escape(run.run_id)}</small></h3>"
        f"<p>Status: <strong{bad}>{html.escape(state)}</strong>, {_duration(run)}. {' · '.join(files)}</p>"
        f"{problems}<ol>{reports}</ol>{_figures(run, runs, series)}</section>"
    )


def _duration(run: Run) -> str:
    seconds = float(run.record.get("seconds", 0))
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def _report(entry: Mapping[str, Any], base: str) -> str:
    text = link(f"{base}/{entry['html']}", entry["title"]) if entry["html"] else html.escape(entry["title"])
    if entry["pdf"]:
        text += f" ({link(f'{base}/' + entry['pdf'], 'PDF')})"
    if entry["reused_from"]:
        text += f" (unchanged since run {html.escape(entry['reused_from'])})"
    if entry["error"]:
        text += f' <span class="bad">failed: {html.escape(entry["error"])}</span>'
    return text + " (not run)" * (entry["status"] == "not run")


def _figures(run: Run, runs: Sequence[Run], series: Sequence[Run]) -> str:
    names = headline_names(run.figures)
    if not names:
        return ""
    if not runs:
        lines = [f"{run.figures[name].get('label', name)}: {told(name, run, series)}" for name in names[:_FOLDED]]
        return f'<p class="note">{html.escape("; ".join(lines))}</p>'
    rows = [_figure(run.figures[name], run, runs) for name in names]
    shown = _table(rows[:_OPEN_ROWS], f"Headline figures of run {run.run_id}")
    if more := rows[_OPEN_ROWS:]:
        shown += (
            f"<details><summary>{len(more)} more figures</summary>{_table(more, 'More headline figures')}</details>"
        )
    return shown


def _table(figures: Sequence[Sequence[str]], caption: str) -> str:
    """A table of figures without the columns that say nothing, as in a first run; where narrow, a list of each."""
    title = html.escape(caption, quote=True)
    names = [(place, name) for place, name in enumerate(_HEADS) if any(cells[place] for cells in figures)]
    heads = "".join(f'<th scope="col">{name}</th>' for _, name in names)
    rows = [
        f'<tr><th scope="row">{cells[0]}</th>'
        + "".join(f'<td data-label="{name}">{cells[place]}</td>' for place, name in names[1:])
        + "</tr>"
        for cells in figures
    ]
    return (
        f'<div class="cfw-table cfw-stack"><div class="cfw-scroll" role="region" aria-label="Table: {title}" '
        'tabindex="0">'
        f"<table><caption><span>{title}</span></caption><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></div>"
    )


def _figure(figure: Mapping[str, Any], run: Run, runs: Sequence[Run]) -> tuple[str, ...]:
    """What a figure is, its value, its change and its course, as HTML; empty = nothing to say."""
    name, unit, label = str(figure["name"]), str(figure.get("unit", "")), str(figure.get("label", figure["name"]))
    course = list(_course(name, run, runs))
    since = ""
    if len(course) > 1 and course[-1][0] is run:
        verdict, change = compare_figures(course[-2][1], figure)
        noise = f" ({NOISE})" * (verdict == NOISE)
        since = change_words(change, unit) + noise if change and verdict != SAME else verdict
    drawing = sparkline([point for _, _, point in course], unit=unit, label=label)
    return html.escape(label), html.escape(told(name, run, runs)), html.escape(since), drawing


def told(name: str, run: Run, series: Sequence[Run]) -> str:
    """A figure's value in words; hidden where its difference from that of a newer run may tell of 1 to 5 children."""
    newer = series[: series.index(run)] if run in series else series
    later = [one for one in newer if name in one.figures and not is_hidden(one.figures[name])]
    figure = run.figures[name]
    if is_hidden(figure) or any(tells_of_few(one, run, one.figures[name], figure) for one in later):
        return HIDDEN
    return value_words(figure["value"], str(figure.get("unit", "")), figure.get("low"), figure.get("high"))


def _course(name: str, run: Run, runs: Sequence[Run]) -> Iterator[tuple[Run, Mapping[str, Any], Point]]:
    """The runs up to this one in which a figure is a number, oldest first, with the points to draw."""
    until = runs[runs.index(run) :][:_LONGEST_HISTORY] if run in runs else []
    known = [(one, one.figures[name]) for one in reversed(until) if name in one.figures]
    found = _days_apart(
        [(one, figure) for one, figure in known if not is_hidden(figure) and is_number(figure["value"])]
    )
    bases = [one.basis(str(figure.get("notebook", ""))) for one, figure in found]
    moved = [False, *(first != second for first, second in pairwise(bases))]
    for (one, figure), other in zip(found, moved, strict=False):
        yield one, figure, Point(float(figure["value"]), figure.get("low"), figure.get("high"), other)


def _days_apart(found: Sequence[tuple[Run, Mapping[str, Any]]]) -> list[tuple[Run, Mapping[str, Any]]]:
    """The newest run about each day, where a figure is of single children: within a day nothing is set side by side."""
    kept: list[tuple[Run, Mapping[str, Any]]] = []
    for one, figure in reversed(found):
        notebook = str(figure.get("notebook", ""))
        if not is_private(one, notebook) or not any(same_day(one, other, notebook) for other, _ in kept):
            kept.append((one, figure))
    return kept[::-1]

"""What changed between two runs: in what went in, and in the figures that came out."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import pandas as pd

from cfwlib import disclosure
from cfwlib.errors import InputError
from cfwlib.runs.history import Run
from cfwlib.runs.same_day import is_private, same_day, tells_of_few

SAME, NOISE, CHANGED, NEW, GONE, HIDDEN = "same", "within noise", "changed", "new", "gone", "hidden"
NOT_RUN = "not run in one of them"
COLUMNS = (
    "kind", "notebook", "name", "label", "unit", "before", "before_low", "before_high", "after", "after_low",
    "after_high", "change", "change_of_before", "verdict",
)  # fmt: skip
_ENDS = [f"{side}_{end}" for side in ("before", "after") for end in ("low", "high")]
_OTHERWISE = (
    "The two runs count children in care about the same day otherwise, so that both together may tell single children: "
    "give out only one of them. Which counts differ is not told."
)
_EXACT = 1e-9  # relative; a number without a range that differs by more has changed


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    `rows` has one row per data set, parameter, version and figure, with the columns of `COLUMNS`; `change` is after
    less before, in `unit`, and `change_of_before` a share. `warnings` are sentences on what must not be published
    together; `clashes` say why nothing can be said of that.
    """

    before: Run
    after: Run
    rows: pd.DataFrame
    warnings: list[str]
    clashes: tuple[str, ...] = ()

    def count(self, kind: str, *verdicts: str) -> int:
        """Return how many rows of a kind have one of the verdicts."""
        return int((self.rows["kind"].eq(kind) & self.rows["verdict"].isin(verdicts)).sum())


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two runs.

    A figure that has a range in either run is within noise when the ranges overlap, a figure without one counting as
    its value. A figure without a range in both is the same up to one part in a billion, else changed. A hidden figure
    is told as hidden, and never subtracted; so is one whose difference may tell of 1 to 5 children.

    Parameters
    ----------
    before, after
        The runs.
    """
    rows = [*_inputs(before, after), *_parameters(before, after), *_versions(before, after), *_figures(before, after)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    try:
        return Comparison(before, after, table, disclosure_warnings(before, after))
    except InputError as error:
        return Comparison(before, after, table, [], tuple(error.problems))


def disclosure_warnings(before: Run, after: Run) -> list[str]:
    """Return what two runs' protected tables, laid side by side, would tell of few people, in sentences.

    Which counts differ between runs about the same day would tell who the few are: that they do is all that is said.

    Raises
    ------
    InputError
        If the tables contradict each other, each or together.
    """
    found = disclosure.compare_runs(before.folder, after.folder)
    near = any(same_day(before, after, entry["name"]) for entry in after.notebooks if is_private(after, entry["name"]))
    apart = found["finding"].eq(disclosure.UNLIKE) | (found["finding"].eq(disclosure.CHANGED) & near)
    told = found[~apart]
    sentences = [f"{cell}: {finding}." for cell, finding in zip(told["cell"], told["finding"], strict=True)]
    return ([_OTHERWISE] if apart.any() else []) + sentences


def compare_figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, float | None]:
    """Return the verdict on one figure recorded twice, and its change where it may be told.

    Parameters
    ----------
    before, after
        The figure as in figures.json: `value`, and perhaps `low`, `high`, `unit`, `disclosure`.
    """
    if is_hidden(before) or is_hidden(after):
        return HIDDEN, None
    first, second = before["value"], after["value"]
    if before.get("unit") != after.get("unit") or not (is_number(first) and is_number(second)):
        return (SAME if (first, before.get("unit")) == (second, after.get("unit")) else CHANGED), None
    change = float(second) - float(first)
    if math.isclose(first, second, rel_tol=_EXACT, abs_tol=_EXACT):
        return SAME, 0.0
    (low, high), (other_low, other_high) = _range(before), _range(after)
    ranged = low < high or other_low < other_high
    return (NOISE if ranged and low <= other_high and other_low <= high else CHANGED), change


def is_hidden(figure: Mapping[str, Any]) -> bool:
    """Return whether a figure is withheld: it has no value, or is marked `c`, confidential."""
    return figure.get("value") is None or str(figure.get("disclosure", "")).strip("[] ").casefold() == "c"


def is_number(value: Any) -> bool:
    """Return whether a figure's value is a number."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _range(figure: Mapping[str, Any]) -> tuple[float, float]:
    low, high, value = figure.get("low"), figure.get("high"), float(figure["value"])
    return (value if low is None else float(low)), (value if high is None else float(high))


def _figures(before: Run, after: Run) -> Iterator[dict[str, Any]]:
    ran = [{e["name"] for e in run.notebooks if e["status"] == "ok"} for run in (before, after)]
    for name in {**after.figures, **before.figures}:
        old, new = before.figures.get(name), after.figures.get(name)
        shown = new or old or {}
        row: dict[str, Any] = {"kind": "figure", "notebook": shown.get("notebook", ""), "name": name}
        row |= {"label": shown.get("label", name), "unit": shown.get("unit", "")}
        for side, figure in (("before", old), ("after", new)):
            seen = {} if figure is None or is_hidden(figure) else figure
            row |= {side: "hidden" if figure and not seen else seen.get("value")}
            row |= {f"{side}_{end}": seen.get(end) for end in ("low", "high")}
        if old and new:
            row["verdict"], row["change"] = compare_figures(old, new)
            if not (is_hidden(old) or is_hidden(new)) and tells_of_few(before, after, old, new):
                row |= dict.fromkeys(("verdict", "before", "after"), HIDDEN) | dict.fromkeys(("change", *_ENDS))
            if row["change"] is not None and old["value"]:
                row["change_of_before"] = row["change"] / abs(float(old["value"]))
        else:
            lacking = ran[0] if new else ran[1]
            row["verdict"] = NOT_RUN if row["notebook"] not in lacking else NEW if new else GONE
        yield row


def _inputs(before: Run, after: Run) -> Iterator[dict[str, Any]]:
    def told(run: Run) -> dict[str, str]:
        entries = run.record.get("inputs", [])
        return {str(e["id"]): f"{e.get('vintage', '')}, checksum {str(e.get('sha256', ''))[:12]}" for e in entries}

    titles = {str(e["id"]): e.get("title", "") for run in (before, after) for e in run.record.get("inputs", [])}
    for row in _told("data set", told(before), told(after)):
        yield {**row, "label": titles[row["name"]]}


def _parameters(before: Run, after: Run) -> Iterator[dict[str, Any]]:
    """Parameters of the notebooks both runs had; one row for all notebooks in which it changed in the same way."""
    old, new = before.record.get("parameters", {}), after.record.get("parameters", {})
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for notebook in [name for name in new if name in old]:
        sides = [{name: str(value) for name, value in one[notebook].items()} for one in (old, new)]
        for row in _told("parameter", *sides):
            rows.setdefault((row["name"], str(row["before"]), str(row["after"]), row["verdict"]), []).append(notebook)
    for (name, first, second, verdict), notebooks in rows.items():
        yield {"kind": "parameter", "notebook": ", ".join(notebooks), "name": name, "label": name.replace("_", " "),
               "before": first, "after": second, "verdict": verdict}  # fmt: skip


def _versions(before: Run, after: Run) -> Iterator[dict[str, Any]]:
    sides = [{**run.record.get("versions", {}), "commit": run.record.get("commit", "")} for run in (before, after)]
    yield from _told("version", *sides)


def _told(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in {**before, **after}:
        verdict = NEW if name not in before else GONE if name not in after else SAME
        verdict = CHANGED if verdict == SAME and before[name] != after[name] else verdict
        yield {"kind": kind, "name": name, "label": name, "before": before.get(name, ""), "after": after.get(name, ""),
               "verdict": verdict}  # fmt: skip

"""Figures of single children in two runs: where their difference would itself be a small number."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import pandas as pd

from cfwlib.disclosure.between_runs import CLAIM, near
from cfwlib.disclosure.cells import SMALL
from cfwlib.disclosure.difference import LAYOUTS
from cfwlib.errors import InputError
from cfwlib.reading import read_json
from cfwlib.runs.history import Run


def is_private(run: Run, notebook: str) -> bool:
    """Return whether a notebook of a run is about single children: it takes their returns, or protected tables."""
    exports = run.folder / "exports" / notebook
    took = "returns" in (run.record.get("parameters", {}).get(notebook) or {})
    return bool(notebook) and (took or any((exports / name).exists() for name in (CLAIM, LAYOUTS)))


def same_day(one: Run, other: Run, notebook: str) -> bool:
    """Return whether two runs of a notebook count children on about the same day; where a day is not told, they may."""
    days = [str(_claim(run, notebook).get("day", "")) for run in (one, other)]
    return "" in days or near(*days)


def tells_of_few(one: Run, other: Run, first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Return whether the difference between a figure in two runs may tell of 1 to 5 children.

    So it is for every figure that differs where the runs are not known to count the same children in the same way
    (costs and shares are made of counts); else for children, who may have been rounded in one of them.

    Parameters
    ----------
    one, other
        The runs.
    first, second
        The figure in each.
    """
    notebook = str(first.get("notebook", ""))
    if first["value"] == second["value"] and _ends(first) == _ends(second):
        return False
    if not (is_private(one, notebook) and is_private(other, notebook) and same_day(one, other, notebook)):
        return False
    claims = [{key: _claim(run, notebook).get(key) for key in ("children", "hidden")} for run in (one, other)]
    if claims[0] != claims[1] or None in claims[0].values():
        return True
    before, after = first["value"], second["value"]
    numbers = isinstance(before, Real) and isinstance(after, Real)
    return numbers and first.get("unit") == "children" and abs(float(after) - float(before)) <= SMALL


def _ends(figure: Mapping[str, Any]) -> tuple[Any, Any]:
    return figure.get("low"), figure.get("high")


def _claim(run: Run, notebook: str) -> dict[str, Any]:
    try:
        claim: dict[str, Any] = read_json(run.folder / "exports" / notebook / CLAIM)
        pd.Timestamp(claim["day"])
        return claim
    except (InputError, ValueError, TypeError, KeyError):
        return {}

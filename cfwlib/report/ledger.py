"""The figures of a notebook: each a number with its unit, base, range, source and what was done to protect people."""

import math
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd

from cfwlib.disclosure.gate import figure
from cfwlib.errors import InputError
from cfwlib.report.keeper import Keeper

COMPUTED = "computed from the data sets of this run, as docs/methods.md describes"


class Ledger(Keeper):
    """Record one notebook's figures.

    Parameters
    ----------
    notebook, out, modelled, private
        As [Keeper][cfwlib.report.keeper.Keeper].
    """

    sources: list[Mapping[str, Any]]

    def __init__(self, notebook: str, out: str | Path | None, *, modelled: bool, private: bool = False) -> None:
        super().__init__(notebook, out, modelled=modelled, private=private)
        self._headlines: list[str] = []

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
        if problems:
            raise InputError(problems)
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

    def _source(self, dataset: str) -> str:
        wanted = [s for s in self.sources if str(s.get("id", "")).startswith(dataset)]
        return "; ".join(f"{s['title']} ({s['vintage']})" for s in wanted)


def _plain(value: Any) -> Any:
    """Return a NumPy or pandas scalar as the Python value that JSON can hold; missing becomes NaN."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if value is pd.NA or value is pd.NaT:
        return math.nan
    if isinstance(value, Integral):
        return int(value)
    return float(value)

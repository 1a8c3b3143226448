"""Five rounded classes for a quantity, shared by the map, the table and the chart of a report."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.report.numbers import plain_number

YLGNBU = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
NO_DATA = "#d9d9d9"


@dataclass(frozen=True)
class Classes:
    """Rounded classes, open at both ends, so that no value can fall outside.

    Attributes
    ----------
    breaks
        Inner limits, rising, in `unit`; a value equal to a limit belongs to the class above it.
    colours
        One more than `breaks`, light to dark.
    labels
        One per colour, without the unit.
    unit
        Unit of the values.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...]
    unit: str = ""

    def index(self, values: pd.Series) -> pd.Series:
        """Return the class of each value.

        Parameters
        ----------
        values
            Numbers in `unit`; NaN allowed.

        Returns
        -------
        index
            0 to the number of breaks; -1 where the value is missing. Same index as `values`.
        """
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        found = np.searchsorted(np.asarray(self.breaks), numbers, side="right")
        return pd.Series(np.where(np.isnan(numbers), -1, found), index=values.index)

    def colour(self, values: pd.Series) -> pd.Series:
        """Return the fill colour of each value; grey where it is missing.

        Parameters
        ----------
        values
            Numbers in `unit`; NaN allowed.
        """
        return self.index(values).map(lambda i: NO_DATA if i < 0 else self.colours[i])


def rounded_classes(values: pd.Series, n: int = 5, *, unit: str = "", breaks: list[float] | None = None) -> Classes:
    """Cut a quantity into classes of about equal numbers of places, at limits a person would choose.

    Parameters
    ----------
    values
        Numbers in `unit`; NaN ignored.
    n
        Number of classes, 2 to 5. Fewer come out when the values do not differ enough.
    unit
        Unit, for the labels; a `share` is labelled in per cent.
    breaks
        Inner limits to use instead, rising, `n - 1` of them or fewer.

    Returns
    -------
    classes
        The same for the same values in any order.

    Raises
    ------
    InputError
        If `n` is not 2 to 5, or the limits given are not rising numbers, at most four.
    """
    if not 2 <= n <= len(YLGNBU):
        raise InputError(f"A map of {n} classes was asked for: choose 2 to {len(YLGNBU)}.")
    known = values.dropna().to_numpy(dtype=float)
    known = np.sort(known[np.isfinite(known)])
    whole = bool(known.size) and unit != "share" and bool(np.all(known == np.round(known)))
    if breaks is None:
        breaks = _rounded_breaks(known, n, whole)
    elif len(breaks) >= len(YLGNBU) or any(not b > a for a, b in zip([-math.inf, *breaks], breaks, strict=False)):
        raise InputError(f"Class limits {breaks} must be rising numbers, at most {len(YLGNBU) - 1}.")
    colours = _spread(len(breaks) + 1)
    return Classes(tuple(breaks), colours, _labels(breaks, unit, whole), unit)


def _rounded_breaks(known: np.ndarray, n: int, whole: bool) -> list[float]:
    """Round the quantiles to the coarsest step of 1, 2 or 5 that still keeps them apart."""
    if not known.size or known[0] == known[-1]:
        return []
    quantiles = np.quantile(known, np.arange(1, n) / n)
    top = math.ceil(math.log10(known[-1] - known[0]))
    best: list[float] = []
    for power in range(top, top - 6, -1):
        for factor in (5, 2, 1):
            step = factor * 10.0**power
            if whole and step != round(step):
                continue
            cut = sorted({round(float(round(q / step) * step), 10) for q in quantiles})
            cut = [c for c in cut if known[0] < c <= known[-1]]  # every class holds at least one value's range
            if len(cut) > len(best):
                best = cut
            # A limit moves by half a step at most: a step of a class's mean width keeps the classes about equal.
            if len(cut) == n - 1 and step <= (quantiles[-1] - quantiles[0]) / (n - 2 or 1):
                return cut
    return best


def _spread(n: int) -> tuple[str, ...]:
    """Return `n` colours from light to dark."""
    if n == 1:
        return (YLGNBU[1],)
    return tuple(YLGNBU[round(i * (len(YLGNBU) - 1) / (n - 1))] for i in range(n))


def _labels(breaks: list[float], unit: str, whole: bool) -> tuple[str, ...]:
    if not breaks:
        return ("all values",)
    scale = 100 if unit == "share" else 1
    decimals = max(_decimals(b * scale) for b in breaks)
    text = [plain_number(b, unit=unit, decimals=decimals) for b in breaks]
    if whole and all(b == round(b) for b in breaks):
        below = [plain_number(int(b) - 1) for b in breaks[1:]]
        middle = [a if a == b else f"{a} to {b}" for a, b in zip(text, below, strict=False)]
    else:
        middle = [f"{a} to under {b}" for a, b in pairwise(text)]
    return (f"under {text[0]}", *middle, f"{text[-1]} or more")


def _decimals(number: float) -> int:
    """Return the fewest decimals, up to 4, that write a number exactly."""
    return next((d for d in range(4) if math.isclose(number, round(number, d), abs_tol=1e-9)), 4)

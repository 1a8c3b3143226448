"""How good forecasts made in the past would have been, and whether their bands may be shown.

Forecasts from quarterly origins overlap: two made three months apart, a year ahead, share nine months of the same
future. So ten of them are worth fewer than ten, and a coverage of, say, 0.9 over them is a rough figure. The rule is
therefore plain, and errs towards telling: below eight origins nothing is decided ("not tested", bands are shown and
said to be untested); from eight on the share of truths inside the 95% band, all horizons together, must be 0.85 to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.showing import Shown
from cfwlib.stockflow.ages import Ages, date_of, day_of
from cfwlib.stockflow.evidence import observe
from cfwlib.stockflow.forecast import LEVELS, Floats, Forecast, forecast, quantiles, stock_on
from cfwlib.stockflow.stays import Stays, read_stays

FEWEST_ORIGINS = 8
LOWEST_COVERAGE = 0.85
Group = tuple[Sequence[str] | None, Sequence[str] | None]  # bands, kinds; None = all


@dataclass(frozen=True, eq=False, repr=False)
class BackTest(Shown):
    """Forecasts from dates in the past against what happened.

    Attributes
    ----------
    table
        One row per origin, horizon and group: origin, horizon_days, what, actual, median, low, high (95%), crps,
        inside_50, inside_80, inside (95%).
    summary
        One row per horizon and group, and per group over all horizons (horizon_days 0): horizon_days, what, n, mape
        (mean absolute error of the median as a share of the truth; truths of 0 left out), crps, coverage_50,
        coverage_80, coverage_95.
    """

    table: pd.DataFrame
    summary: pd.DataFrame

    def _says(self) -> tuple[str, ...]:
        return (
            f"{self.table['origin'].nunique()} past dates, {self.table['what'].nunique()} groups",
            "summary, why(what)",
        )

    def failed(self, what: str) -> bool:
        """Whether enough origins were tested and the 95% band covered too few truths, so that bands are withheld."""
        return self._origins(what) >= FEWEST_ORIGINS and self._coverage(what) < LOWEST_COVERAGE

    def calibrated(self, what: str) -> bool:
        """Whether enough origins were tested and the 95% band covered 0.85 to 1 of the truths."""
        return self._origins(what) >= FEWEST_ORIGINS and self._coverage(what) >= LOWEST_COVERAGE

    def why(self, what: str) -> str:
        """What the test says about the bands, in a sentence."""
        origins = self._origins(what)
        if origins == 0:
            return "Not tested on the past."
        seen = f"95% bands held {self._coverage(what):.0%} of what happened from {origins} past dates"
        if origins < FEWEST_ORIGINS:
            return f"Not tested: {seen}, and fewer than {FEWEST_ORIGINS} dates cannot tell."
        if self.failed(what):
            return f"Bands are not shown: {seen}, under the {LOWEST_COVERAGE:.0%} they must."
        return f"Tested: {seen}."

    def _rows(self, what: str) -> pd.DataFrame:
        return self.table.loc[self.table["what"] == what]

    def _origins(self, what: str) -> int:
        return int(self._rows(what)["origin"].nunique())

    def _coverage(self, what: str) -> float:
        return float(self._rows(what)["inside"].mean())


def backtest(
    stays: pd.DataFrame,
    ages: Ages,
    *,
    start: object,
    end: object,
    history_days: int = 1096,
    least_days: int = 182,
    horizons: Sequence[int] = (91, 182, 365),
    every_days: int = 91,
    most_origins: int = 12,
    groups: Mapping[str, Group] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> BackTest:
    """Forecast from past dates with only what was known then, and compare with what happened.

    Parameters
    ----------
    stays
        Columns person, kind, start, end (missing = still there), born.
    ages
        Age bands.
    start, end
        First and last night that the data cover.
    history_days
        Longest evidence before each origin.
    least_days
        Shortest evidence before an origin.
    horizons
        Days ahead.
    every_days
        Days between origins, counted back from the last that has a truth to compare with.
    most_origins
        Most origins, the latest.
    groups
        Name -> (bands, kinds) to sum over; None = "total", every kind and every band by its name.
    draws, seed
        As for `forecast`.

    Returns
    -------
    test
        Empty, so "not tested", where the data are too short for a single origin.

    Raises
    ------
    InputError
        If stays do not hold together, or a group names what is not there.
    """
    known = read_stays(stays, ages)
    first, last, ahead = day_of(start), day_of(end), sorted({int(days) for days in horizons})
    if not ahead or ahead[0] < 1 or every_days < 1 or draws < 2:
        raise InputError("backtest: horizons and the days between origins must be 1 or more, draws 2 or more.")
    origins = range(last - ahead[0], first + least_days - 1, -every_days)[:most_origins]
    groups = _groups(ages, known) if groups is None else groups
    rows = []
    for origin in reversed(origins):  # evidence and forecast look at nothing later than their own dates
        since = max(first, origin - history_days)
        if not ((known.start < origin) & (known.end > since)).any():
            continue
        evidence = observe(known, ages, start=date_of(since), end=date_of(origin))
        nights = [date_of(origin + days) for days in ahead if origin + days <= last]
        made = forecast(known, evidence, ages, at=date_of(origin), dates=nights, draws=draws, seed=seed + origin)
        rows += _compared(made, known, groups)
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return BackTest(table, _summary(table))


_COLUMNS = [
    "origin", "horizon_days", "what", "actual", "median", "low", "high", "crps", "inside_50", "inside_80", "inside",
]  # fmt: skip


def _groups(ages: Ages, stays: Stays) -> dict[str, Group]:
    kinds = {kind: (None, [kind]) for kind in stays.kinds}
    return {"total": (None, None), **kinds, **{band: ([band], None) for band in ages.names}}


def _compared(made: Forecast, stays: Stays, groups: Mapping[str, Group]) -> list[tuple[object, ...]]:
    shape = len(made.bands), len(made.kinds)
    truth = np.zeros((1, len(made.dates), *shape), dtype=np.int32)
    for place, night in enumerate(made.dates):
        there = stock_on(stays, day_of(night))
        truth[0, place] = np.bincount(there.band * shape[1] + there.kind, minlength=shape[0] * shape[1]).reshape(shape)
    happened = Forecast(made.at, made.dates, made.bands, made.kinds, truth, truth, truth, truth)
    rows: list[tuple[object, ...]] = []
    for what, (bands, kinds) in groups.items():
        drawn = made.select(bands=bands, kinds=kinds)
        actual = happened.select(bands=bands, kinds=kinds)[0]
        tails = [tail for level in LEVELS for tail in ((1 - level) / 2, (1 + level) / 2)]
        median, *ends = quantiles(drawn, [0.5, *tails])
        inside = [(low <= actual) & (actual <= high) for low, high in zip(ends[::2], ends[1::2], strict=True)]
        ahead = (made.dates - made.at).days
        columns = ahead, [what] * len(ahead), actual, median, *ends[-2:], crps(drawn, actual), *inside
        rows += [(made.at, *row) for row in zip(*columns, strict=True)]
    return rows


def _summary(table: pd.DataFrame) -> pd.DataFrame:
    scored = table.assign(
        mape=(table["median"] - table["actual"]).abs() / table["actual"].where(table["actual"] > 0), n=1
    )
    names = {"inside_50": "coverage_50", "inside_80": "coverage_80", "inside": "coverage_95"}
    both = pd.concat([scored, scored.assign(horizon_days=0)], ignore_index=True).rename(columns=names)
    how = {"n": "sum", "mape": "mean", "crps": "mean", **dict.fromkeys(names.values(), "mean")}
    return both.groupby(["horizon_days", "what"], sort=False).agg(how).reset_index()


def crps(values: npt.NDArray[Any], actual: npt.ArrayLike) -> Floats:
    """Return the continuous ranked probability score of draws: mean |x - actual| - mean |x - x'| / 2.

    Parameters
    ----------
    values
        Draws first, (draws, ...).
    actual
        What happened, (...).

    Returns
    -------
    score
        In the unit of the values; 0 is perfect, and a single draw scores its error.
    """
    drawn = np.sort(np.asarray(values, dtype=float), axis=0)
    count = len(drawn)
    weight = (2 * np.arange(1, count + 1) - count - 1).reshape(-1, *[1] * (drawn.ndim - 1))
    return np.abs(drawn - np.asarray(actual)).mean(axis=0) - (weight * drawn).sum(axis=0) / count**2

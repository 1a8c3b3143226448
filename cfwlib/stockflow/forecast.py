"""How many people there will be on dates ahead, by age band and kind, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError, refuse
from cfwlib.showing import Shown
from cfwlib.stockflow.ages import Ages, day_of
from cfwlib.stockflow.draws import Stock, simulate
from cfwlib.stockflow.effects import Base, explain_held, schedule_of
from cfwlib.stockflow.evidence import Evidence
from cfwlib.stockflow.rates import draw_rates, mean_rates, posterior
from cfwlib.stockflow.scenario import Scenario
from cfwlib.stockflow.stays import Stays, read_stays
from cfwlib.stockflow.trend import BIN_DAYS, Trend

LEVELS = (0.5, 0.8, 0.95)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
_DAMPING_DAYS = 365.25  # a trend that is followed loses 63% of its pace in this time


def quantiles(values: npt.NDArray[Any], at: Sequence[float]) -> Floats:
    """Return quantiles over draws, (quantiles, ...): whole numbers stay whole (the least with enough draws up to it).

    Parameters
    ----------
    values
        Draws first, (draws, ...).
    at
        Probabilities.
    """
    whole = np.issubdtype(values.dtype, np.integer)
    return np.quantile(values, np.asarray(at), axis=0, method="inverted_cdf" if whole else "linear").astype(float)


def summarise(values: npt.NDArray[Any], levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Return median, mean and equal-tailed bands of each column of draws.

    Parameters
    ----------
    values
        Draws, (draws, dates).
    levels
        Probabilities of the bands.

    Returns
    -------
    table
        One row per date; columns median, mean, low_50, high_50, and so on for each level.
    """
    tails = [tail for level in levels for tail in ((1 - level) / 2, (1 + level) / 2)]
    names = [f"{end}_{100 * level:g}" for level in levels for end in ("low", "high")]
    median, *rest = quantiles(values, [0.5, *tails])
    return pd.DataFrame({"median": median, "mean": values.mean(axis=0), **dict(zip(names, rest, strict=True))})


class Tested(Protocol):
    """What a back-test says of the bands of a number that it followed; see `BackTest`."""

    def failed(self, what: str) -> bool:
        """Return whether bands are to be withheld."""

    def why(self, what: str) -> str:
        """Return what the test says, in a sentence."""


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Shown):
    """Possible futures: whole numbers of people in each draw.

    Attributes
    ----------
    at
        The night from which the forecast starts.
    dates
        Nights forecast.
    bands, kinds
        Names.
    counts
        People, (draws, dates, bands, kinds).
    entered, left, aged_out
        People who entered, left, or passed the last edge since the date before (the first: since `at`), same shape.
    notes
        What a reader has to know, in sentences: what was held back or could not be done.
    """

    at: pd.Timestamp
    dates: pd.DatetimeIndex
    bands: tuple[str, ...]
    kinds: tuple[str, ...]
    counts: Ints
    entered: Ints
    left: Ints
    aged_out: Ints
    notes: tuple[str, ...] = ()

    def _says(self) -> tuple[str, ...]:
        about = (
            f"from {self.at:%Y-%m-%d} to {self.dates[-1]:%Y-%m-%d}, {len(self.dates)} nights, {len(self.counts)} draws"
        )
        return about, "people, unprotected: select(bands=..., kinds=...), band(...)"

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """Mean number of people, (dates, bands, kinds)."""
        return self.counts.mean(axis=0)

    def select(
        self,
        *,
        bands: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        of: str = "counts",
    ) -> npt.NDArray[np.int64]:
        """Return numbers of people, summed inside each draw, (draws, dates).

        Parameters
        ----------
        bands, kinds
            Names to sum over; None = all.
        of
            "counts", "entered", "left" or "aged_out".

        Raises
        ------
        InputError
            If a name is not there.
        """
        which = [_places("band", bands, self.bands), _places("kind", kinds, self.kinds)]
        return getattr(self, of)[:, :, which[0]][:, :, :, which[1]].sum(axis=(2, 3), dtype=np.int64)

    def band(
        self,
        values: npt.ArrayLike,
        levels: Sequence[float] = LEVELS,
        *,
        backtest: Tested | None = None,
        what: str = "total",
    ) -> pd.DataFrame:
        """Return the median, mean and bands of drawn values by date, bands only if the back-test does not forbid them.

        Parameters
        ----------
        values
            Drawn values, (draws, dates), such as `select` gives; any unit.
        levels
            Probabilities of the bands.
        backtest
            From `backtest`; None = not tested.
        what
            The name under which the back-test followed these numbers.

        Returns
        -------
        table
            Columns date, median, mean, low_50, high_50, ..., shown (False where bands are withheld: they are NaN then)
            and why (a sentence).
        """
        table = summarise(np.asarray(values), levels)
        table.insert(0, "date", self.dates)
        table["shown"] = backtest is None or not backtest.failed(what)
        table["why"] = "Not tested on the past." if backtest is None else backtest.why(what)
        table.loc[~table["shown"], [name for name in table if str(name).startswith(("low_", "high_"))]] = np.nan
        return table


def _places(what: str, names: Sequence[str] | None, known: tuple[str, ...]) -> list[int]:
    wanted = known if names is None else [names] if isinstance(names, str) else list(names)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputError(f"forecast: no {what} {', '.join(map(repr, unknown))}; there are {', '.join(known)}.")
    return [known.index(name) for name in dict.fromkeys(wanted)]


def forecast(
    stays: pd.DataFrame | Stays,
    evidence: Evidence,
    ages: Ages,
    *,
    at: object,
    dates: Sequence[object] | pd.DatetimeIndex,
    draws: int = 500,
    seed: int = 0,
    scenario: Scenario | None = None,
    follow: Trend | None = None,
) -> Forecast:
    """Draw possible futures of the people there on a night and of those who will come.

    Each draw takes its own rates from their posterior and then lets chance run, person by person, to the day. Two
    forecasts with the same seed use the same chances, so that the difference a scenario makes is not noise.

    Parameters
    ----------
    stays
        Columns person, kind, start, end (missing = still there), born, or what `read_stays` made of them; what happened
        after `at` is not looked at.
    evidence
        From `observe`.
    ages
        Age bands; birthdays are known, and who reaches the last edge leaves on that day.
    at
        The night from which to forecast, not after the end of the evidence.
    dates
        Nights to forecast, rising, none before `at`.
    draws
        Number of draws.
    seed
        Seed.
    scenario
        Dated changes to rates; None = none.
    follow
        A trend of entries to follow from the middle of the evidence on, damped ahead, its slope drawn within its
        error; None = entries hold the level of the evidence.

    Raises
    ------
    InputError
        If stays do not hold together, dates do not rise or lie before `at`, `at` lies after the evidence, ages differ
        from the evidence's, or the scenario names what is not there.
    """
    stays = read_stays(stays, ages, kinds=evidence.kinds)
    nights, days = days_ahead(evidence, ages, at, dates)
    now, horizon = day_of(at), max(int(days[-1]), 1)
    stock = stock_on(stays, now)
    there = np.bincount(stock.band * len(stays.kinds) + stock.kind, minlength=evidence.exposure.size)
    entries = mean_rates(posterior(evidence)).entries[0]
    base = Base(ages.names, stays.kinds, there.reshape(evidence.exposure.shape), entries)
    schedule = schedule_of(scenario, base, at=now, horizon=horizon)
    rng = np.random.default_rng([seed, 3])
    rates = draw_rates(posterior(evidence), draws=draws, rng=rng)
    growth = None if follow is None else _growth(follow, evidence, horizon, draws, rng)
    futures = simulate(
        stock, rates, entry_ages=evidence.entry_ages, days=days, phi=evidence.phi, schedule=schedule, seed=seed,
        growth=growth,
    )  # fmt: skip
    notes = schedule.notes + explain_held(rates, schedule, base, at=now)
    return Forecast(pd.Timestamp(nights[0]), nights[1:], ages.names, stays.kinds, *futures, notes)


def days_ahead(
    evidence: Evidence, ages: Ages, at: object, dates: Sequence[object] | pd.DatetimeIndex
) -> tuple[pd.DatetimeIndex, npt.NDArray[np.int64]]:
    """Return `at` and the dates as nights, and the days from `at` to each date, checked against the evidence."""
    nights = pd.DatetimeIndex([pd.Timestamp(date).normalize() for date in (at, *dates)])
    days = np.array([day_of(night) for night in nights]) - day_of(at)
    problems = []
    if len(days) < 2:
        problems.append("forecast: no dates to forecast.")
    elif days[1] < 0 or np.any(np.diff(days[1:]) <= 0):
        problems.append(f"forecast: dates must rise, none before {nights[0]:%Y-%m-%d}.")
    if nights[0] > evidence.end:
        problems.append(f"forecast: the evidence ends on {evidence.end:%Y-%m-%d}; who is there later is not known.")
    if evidence.ages != ages:
        problems.append("forecast: the evidence was counted with other age bands.")
    refuse(problems)
    return nights, days[1:]


def stock_on(stays: Stays, night: int) -> Stock:
    """Return the people there on a night."""
    there = (stays.start <= night) & (stays.end > night)
    band = stays.band_at(night)[there]
    return Stock(stays.kind[there], band, stays.edges[there] - night)


def _growth(
    trend: Trend, evidence: Evidence, horizon: int, draws: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return the factor on entries in each 28 days ahead, (draws, stretches), from the middle of the evidence on."""
    if np.isnan(trend.slope):
        raise InputError("forecast: this trend could not be told from the past, so it cannot be followed.")
    slope = trend.slope + trend.slope_se * rng.standard_normal((draws, 1))
    ahead = np.arange(0, horizon, BIN_DAYS) + BIN_DAYS / 2
    damped = _DAMPING_DAYS * -np.expm1(-ahead / _DAMPING_DAYS)
    return np.exp(np.clip(slope * (evidence.entry_days / 2 + damped), -5, 5))

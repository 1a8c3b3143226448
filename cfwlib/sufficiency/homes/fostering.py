"""Foster places against the children who need one: who would foster them, and how many households to recruit.

Recruitment and leaving are assumptions of a scenario, not estimates; how far chance alone moves them is drawn.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from cfwlib.data.carers import Carers
from cfwlib.errors import InputError, refuse
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.beds import band
from cfwlib.sufficiency.homes.study import HomesStudy, draws_of
from cfwlib.words import count_words, draws_words

_YEAR = 365.25
RELATIVES = ("U1", "U2", "U3")  # placement codes of carers approved for a child they know
RELATED, OWN, OTHERS = "with relatives or friends", "with the service's own carers", "with others' carers"
_WITHHELD = "How many new households would be enough is not shown: past forecasts of foster care were wrong too often."


@dataclass(frozen=True)
class CarerScenario:
    """A fostering service and what is expected of it. Every figure is the caller's; say where each comes from.

    Attributes
    ----------
    households
        Approved fostering households now.
    leave_per_year
        Share of them that leaves in a year, 0 to below 1.
    recruits_per_year
        Households newly approved in a year.
    places_per_household
        Approved places per household.
    usable_share
        Share of approved places that can be filled: the rest is on hold, unsuited to the child, or kept for siblings
        (160 filled of 275 approved is 0.58).
    evidence_years
        Years of records the leave rate rests on; the fewer, the less sure it is. None = taken as known. The
        recruitment is a plan, and always taken as given.
    """

    households: int
    leave_per_year: float
    recruits_per_year: float
    places_per_household: float = 1.8
    usable_share: float = 0.8
    evidence_years: float | None = None

    def __post_init__(self) -> None:
        rules = {
            f"households = {self.households}: must be 0 or more.": self.households >= 0,
            f"leave_per_year = {self.leave_per_year}: must be from 0 to below 1.": 0 <= self.leave_per_year < 1,
            f"recruits_per_year = {self.recruits_per_year}: must be 0 or more.": self.recruits_per_year >= 0,
            f"places_per_household = {self.places_per_household}: must be above 0.": self.places_per_household > 0,
            f"usable_share = {self.usable_share}: must be above 0 and at most 1.": 0 < self.usable_share <= 1,
            f"evidence_years = {self.evidence_years}: must be above 0.": self.evidence_years is None
            or self.evidence_years > 0,
        }
        refuse([problem for problem, kept in rules.items() if not kept])

    @property
    def places_per_home(self) -> float:
        """Return the children a household can be expected to take: its places times the share that is usable."""
        return self.places_per_household * self.usable_share


@dataclass(frozen=True)
class RecruitsNeeded:
    """How much recruitment is enough.

    Attributes
    ----------
    recruits_per_year
        Fewest households a year, a whole number; None where no number up to the most looked at is enough.
    chance
        Share of draws in which there is a place for every child, with that number (or with the most looked at); NaN
        where it is not shown.
    why
        One sentence.
    """

    recruits_per_year: int | None
    chance: float
    why: str


def households(
    scenario: CarerScenario, dates: pd.DatetimeIndex, *, at: pd.Timestamp, draws: int, seed: int
) -> np.ndarray:
    """Return draws of the fostering households there are on each date.

    Each household leaves by chance and independently (binomial), new ones arrive by chance (Poisson) and may leave in
    their turn, so that the numbers do not depend on how close together the dates are. One seed gives the same luck to
    every scenario: more recruits or fewer leavers never give fewer households in any draw.

    Parameters
    ----------
    scenario
        The service.
    dates
        Ascending, none before `at`.
    at
        The day the scenario's households are counted.
    draws
        How many.
    seed
        Of the chance.

    Returns
    -------
    households
        (draws, dates) whole numbers.

    Raises
    ------
    InputError
        A date is before `at`, or the dates do not ascend.
    """
    if len(dates) and (dates[0] < at or not dates.is_monotonic_increasing):
        raise InputError(f"dates must ascend from {at:%Y-%m-%d} on, the day the households are counted.")
    luck = np.random.default_rng(seed).random((2 * len(dates) + 1, draws))
    rate = _leave_rates(scenario, luck[0])
    now, out = np.full(draws, scenario.households), np.empty((draws, len(dates)), int)
    steps = np.diff(np.concatenate([[0.0], (dates - at) / pd.Timedelta(days=_YEAR)]))
    for column, years in enumerate(steps):
        stay = np.exp(-rate * years)
        # who is recruited within the step and still there at its end: the mean of exp(-rate * time since)
        present = np.where(rate > 0, -np.expm1(-rate * years) / np.where(rate > 0, rate, 1), years)
        kept = stats.binom.ppf(luck[1 + 2 * column], now, stay)
        now = (kept + stats.poisson.ppf(luck[2 + 2 * column], scenario.recruits_per_year * present)).astype(int)
        out[:, column] = now
    return out


def foster_places(
    scenario: CarerScenario, dates: pd.DatetimeIndex, *, at: pd.Timestamp, draws: int, seed: int
) -> np.ndarray:
    """Return draws of the children the service's households can take on each date, (draws, dates) whole numbers.

    Parameters
    ----------
    scenario, dates, at, draws, seed
        As `households`.
    """
    homes = households(scenario, dates, at=at, draws=draws, seed=seed)
    return np.floor(homes * scenario.places_per_home + 1e-9).astype(int)


def foster_balance(
    places: np.ndarray, demand: np.ndarray, dates: pd.DatetimeIndex, *, agency_places: int = 0, shown: bool
) -> pd.DataFrame:
    """Return who would foster the children by date: own carers first, then agencies, then nobody.

    Parameters
    ----------
    places
        Children that own carers can take, (draws, dates), from `foster_places`.
    demand
        Children who need such a place, (draws, dates). Leave out those who live with relatives or friends unless the
        scenario's households hold those carers too: they are approved for one child.
    dates
        The dates.
    agency_places
        Children that agencies' carers can take; held level.
    shown
        Whether the back-test lets the demand's spread be shown, `not test.failed(what)`; if not, what states a chance
        is NaN.

    Returns
    -------
    table
        `date`; `demand`, `own_places`, `with_own`, `with_agency`, `without_place` (children, on average);
        `own_low_80`, `own_high_80` (own places); `chance_short` (more children than own and agency places).

    Raises
    ------
    InputError
        Places and demand differ in shape, or do not fit the dates.
    """
    if np.shape(places) != np.shape(demand) or np.shape(places)[1:] != (len(dates),):
        raise InputError(
            f"places {np.shape(places)} and demand {np.shape(demand)} must both be (draws, {len(dates)} dates)."
        )
    own = np.minimum(demand, places)
    agency = np.minimum(demand - own, agency_places)
    short, spread = demand > places + agency_places, band(np.asarray(places), shown=shown, levels=(0.8,))
    return pd.DataFrame(
        {
            "date": dates,
            "demand": demand.mean(axis=0),
            "own_places": spread["mean"],
            "own_low_80": spread["low_80"],
            "own_high_80": spread["high_80"],
            "with_own": own.mean(axis=0),
            "with_agency": agency.mean(axis=0),
            "without_place": (demand - own - agency).mean(axis=0),
            "chance_short": short.mean(axis=0) if shown else np.nan,
        }
    )


def recruits_needed(
    scenario: CarerScenario, demand: np.ndarray, *, by: pd.Timestamp, at: pd.Timestamp, probability: float,
    agency_places: int = 0, most: int = 500, seed: int,
) -> RecruitsNeeded:  # fmt: skip
    """Return the fewest households to recruit a year so that there is a place for every child on a day.

    Parameters
    ----------
    scenario
        The service; its own recruitment is replaced.
    demand
        Children who need a foster place on that day, (draws,).
    by
        The day.
    at
        The day the scenario's households are counted.
    probability
        Chance wanted, 0 to 1.
    agency_places
        Children that agencies' carers can take.
    most
        Most households a year looked at.
    seed
        Of the chance; the same luck for every number, so that more recruits never lower the chance.
    """

    def chance(recruits: int) -> float:
        plan = replace(scenario, recruits_per_year=recruits)
        places = foster_places(plan, pd.DatetimeIndex([by]), at=at, draws=len(demand), seed=seed)[:, 0]
        return float((np.asarray(demand) <= places + agency_places).mean())

    best = chance(most)
    if best < probability:
        told = f"Even {most} new households a year would be enough on {by:%d %B %Y} only {draws_words(best)}."
        return RecruitsNeeded(None, best, told)
    low, high = -1, most  # low is not enough (or not a number of recruits), high is
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= probability else (middle, high)
    reached = chance(high)
    if high == 0:
        why = f"Without any new household every child has a place on {by:%d %B %Y} {draws_words(reached)}."
    else:
        many = count_words(high, "new household")
        why = f"With {many} a year every child has a place on {by:%d %B %Y} {draws_words(reached)}."
    return RecruitsNeeded(high, reached, why)


def _leave_rates(scenario: CarerScenario, luck: np.ndarray) -> np.ndarray:
    """Return each draw's leave rate a year: the stated one, or a gamma posterior of the leavers it stands for."""
    rate = -np.log1p(-scenario.leave_per_year)
    if scenario.evidence_years is None or not scenario.households:
        return np.full(luck.shape, rate)
    exposure = scenario.households * scenario.evidence_years  # household-years
    return np.asarray(stats.gamma.ppf(luck, rate * exposure + 0.5, scale=1 / exposure))


@dataclass(frozen=True)
class Fostering:
    """What recruiting and keeping carers does to foster places.

    Attributes
    ----------
    scenario
        The service as its list of households and the settings describe it.
    balance
        Children by date with own carers, with others' (agencies and other authorities), without a place, from
        `foster_balance`. Unprotected.
    needed
        Households to recruit a year for a place for every child on the last date, others' places as they are; withheld
        where past forecasts of foster care were wrong too often.
    """

    scenario: CarerScenario
    balance: pd.DataFrame
    needed: RecruitsNeeded


def fostered_by(now: pd.DataFrame) -> pd.Series:
    """Return who fosters each of the children in foster care: `RELATED`, `OWN` or `OTHERS`, the provider not known too.

    Parameters
    ----------
    now
        Spells of children in care on a night, from `stock`.
    """
    fostered = now[now["placement"] == "fostering"]
    own = fostered["provider"].map({"own": OWN}).fillna(OTHERS)
    return own.mask(fostered["place"].isin(RELATIVES), RELATED)


def study_fostering(study: HomesStudy, carers: Carers, settings: Settings) -> Fostering:
    """Hold the carers' places against the children who need one, by quarter.

    Children with relatives or friends need no place of the service: of the children forecast in foster care the share
    who lives with others today is taken. Places of agencies and of other authorities are held at the children who live
    in them today; the service's own households are taken to have the share of their approved places in use that they
    have today.

    Parameters
    ----------
    study
        From `study_homes`.
    carers
        The households; those of agencies are left out.
    settings
        Share that leaves, households recruited, probability wanted, seed.
    """
    by = fostered_by(study.now)
    related, others, with_own = (int((by == who).sum()) for who in (RELATED, OTHERS, OWN))
    share = 1 - related / len(by) if len(by) else 1.0
    own = carers.frame[carers.frame["provider"] != "agency"]
    approved = own["approved_places"].sum()
    usable = with_own / approved if approved else CarerScenario.usable_share
    scenario = CarerScenario(
        households=len(own),
        leave_per_year=settings.carers_leave_per_year,
        recruits_per_year=settings.carers_recruits_per_year,
        places_per_household=float(own["approved_places"].mean()) if len(own) else CarerScenario.places_per_household,
        usable_share=float(np.clip(usable, 0.01, 1)),
    )
    demand = np.rint(draws_of(study.made, "fostering") * share).astype(int)
    dates, at, seed = study.made.dates, study.at, settings.seed
    shown = not study.test.failed("fostering")
    places = foster_places(scenario, dates, at=at, draws=len(demand), seed=seed)
    needed = RecruitsNeeded(None, np.nan, _WITHHELD)
    if shown:
        needed = recruits_needed(
            scenario, demand[:, -1], by=dates[-1], at=at, probability=settings.bed_probability, agency_places=others,
            seed=seed,
        )  # fmt: skip
    balance = foster_balance(places, demand, dates, agency_places=others, shown=shown)
    return Fostering(scenario, balance, needed)

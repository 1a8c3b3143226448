"""All that the page of homes asks of the returns: who is in care now, how many there will be, and what that takes.

Its numbers are unprotected: the report protects each before it is shown.
"""

import importlib.resources
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from cfwlib.data.load import AreaData
from cfwlib.data.named_files import named_text
from cfwlib.data.returns import Returns
from cfwlib.data.returns.guard import private
from cfwlib.settings import Settings
from cfwlib.showing import Shown
from cfwlib.stockflow import (
    BackTest,
    Change,
    Evidence,
    Forecast,
    Scenario,
    backtest,
    forecast,
    observe,
    read_scenarios,
)
from cfwlib.stockflow.backtest import Group
from cfwlib.sufficiency.homes.beds import beds_by_date, homes_by_size
from cfwlib.sufficiency.homes.cost import NewHome, Payback, cost_by_year, payback, prices_from
from cfwlib.sufficiency.homes.groups import AGES, PLACEMENTS
from cfwlib.sufficiency.homes.nearer import could_live_nearer, reasons
from cfwlib.sufficiency.homes.spells import ALONE, Spells, clean, stays, stock
from cfwlib.sufficiency.homes.target import (
    IN_AREA,
    OUTSIDE,
    SUPPLY,
    WORDS,
    changes_by_start,
    kinds_where,
    path_to_target,
    share_function,
)

TOTAL, INSIDE, RESIDENTIAL, UNACCOMPANIED = "total", "in area", "residential", "unaccompanied"
KINDS = [f"{alone}{name}{where}" for alone in ("", ALONE) for name in PLACEMENTS for where in (IN_AREA, OUTSIDE)]
_STARTS_MONTHS = (0, 12, 24)  # when a change towards the target might begin
_TARGET_DRAWS = 200


@dataclass(frozen=True, repr=False)
class HomesStudy(Shown):
    """What the returns of one area say of homes for its children in care; numbers are unprotected.

    Attributes
    ----------
    at
        The last night the returns cover, from which the forecast starts.
    spells, now
        Cleaned spells; those open on that night, one row per child.
    evidence
        Entries, moves and leavers counted over `history_years`.
    made
        Forecast by quarter from that night on, as things go.
    scenarios
        Name to scenario and its forecast, by the same chances.
    test
        The same forecast made from past dates, against what happened.
    beds, homes
        Children's homes: beds needed by date, those there are being as many as children live in homes that night,
        wherever; and homes of each size to add if all were to live in the area, where today's children keep theirs.
    home, cost
        Payback of one new home, filled by children who would else live in one outside; cost by financial year and
        placement, the first of them the one night of `at`.
    target_by
        The day by which the target is wanted: that of the settings, or the last night where it is not in the forecast.
    path, changes
        Share in the area against the target, and what has to change for it, by when the change begins.
    nearer, rules
        Children placed outside who could live in the area, and whom the rules leave out.
    """

    at: pd.Timestamp
    spells: Spells
    now: pd.DataFrame
    evidence: Evidence
    made: Forecast
    scenarios: dict[str, tuple[Scenario, Forecast]]
    test: BackTest
    beds: pd.DataFrame
    homes: pd.DataFrame
    home: Payback
    cost: pd.DataFrame
    target_by: pd.Timestamp
    path: pd.DataFrame
    changes: pd.DataFrame
    nearer: pd.DataFrame
    rules: pd.DataFrame

    def _says(self) -> tuple[str, ...]:
        about = f"unprotected, children in care on {self.at:%Y-%m-%d}; show others the page of 06_homes"
        return about, "parts: now, made, scenarios, test, beds, homes, home, cost, path, changes, nearer, rules"


@private("the study of the returns failed")
def study_homes(
    region: AreaData, returns: Returns, settings: Settings, *, authorities: Collection[str] = ()
) -> HomesStudy:
    """Study the homes of an area's children in care.

    Parameters
    ----------
    region
        The area, for its code and the scenarios that the settings name; loaded with the same settings.
    returns
        Child-level returns.
    settings
        History, horizon, draws, scenarios, beds, prices and target.
    authorities
        Codes that count as in the area beside its own, such as those of its former districts.

    Raises
    ------
    InputError
        When the returns leave nobody in care, or too little to forecast from.
    SettingsError
        When a scenario does not fit.

    Examples
    --------
    >>> returns = find_returns(settings)
    >>> study_homes(region, returns, Settings(forecast_years=1, forecast_draws=200))  # it shows no number
    HomesStudy: unprotected, children in care on 2025-03-31; show others the page of 06_homes
    parts: now, made, scenarios, test, beds, homes, home, cost, path, changes, nearer, rules
    """
    own = named_text(region.named, settings, "scenarios")
    spells = clean(returns, settings, authorities={region.code, *authorities})
    at, people = spells.end, stays(spells)
    started = history_start(spells, settings)
    evidence = observe(people, AGES, start=started, end=at)
    quarters = max(4, round(4 * settings.forecast_years))
    dates = pd.DatetimeIndex([at + pd.DateOffset(months=3 * quarter) for quarter in range(quarters + 1)])
    ahead = partial(
        forecast, people, evidence, AGES, at=at, dates=dates, draws=settings.forecast_draws, seed=settings.seed
    )
    made = ahead()
    by = pd.Timestamp(settings.target_date)
    if not at < by <= dates[-1]:
        note = (
            f"The target date, {settings.target_date}, is not within the forecast ({at:%Y-%m-%d} to "
            f"{dates[-1]:%Y-%m-%d}): the path to the target is drawn to its end. Settings: target_date, forecast_years."
        )
        made, by = replace(made, notes=(*made.notes, note)), dates[-1]
    scenarios = {one.name: (one, ahead(scenario=one)) for one in _scenarios(own, made.kinds)}
    groups: dict[str, Group] = {name: (None, kinds) for name, kinds in _groups(made.kinds).items()}
    groups |= {name: ([name], None) for name in AGES.names}
    test = backtest(
        people, AGES, start=spells.start, end=at, history_days=(at - started).days, groups=groups, seed=settings.seed
    )
    now = stock(spells, at)
    path, changes = _towards_target(people, evidence, made, settings, test, by)
    beds, homes, home, cost = _means(now, made, settings, test)
    return HomesStudy(
        at, spells, now, evidence, made, scenarios, test, beds, homes, home, cost, by, path, changes,
        nearer=could_live_nearer(spells, at), rules=reasons(spells, at),
    )  # fmt: skip


def history_start(spells: Spells, settings: Settings) -> pd.Timestamp:
    """Return the first night of the history that the forecast's rates rest on."""
    return max(spells.start, spells.end - pd.Timedelta(days=round(365.25 * settings.history_years)))


def draws_of(made: Forecast, what: str) -> np.ndarray:
    """Return draws of the children of a group (`TOTAL`, `INSIDE`, `UNACCOMPANIED`, a placement, or a placement and
    place such as "fostering, in area"), (draws, dates); zeros where nobody is in it.
    """
    return made.select(kinds=_groups(made.kinds).get(what, []))


def _groups(kinds: Sequence[str]) -> dict[str, list[str]]:
    """Return the kinds of each group that is followed, unaccompanied children with the others and on their own."""
    groups = {TOTAL: list(kinds), INSIDE: kinds_where(kinds, IN_AREA)}
    usual = dict.fromkeys(kind.removeprefix(ALONE) for kind in kinds)
    groups |= {
        name: [kind for kind in kinds if kind.removeprefix(ALONE).startswith(f"{name}, ")] for name in PLACEMENTS
    }
    groups |= {name: [kind for kind in kinds if kind.removeprefix(ALONE) == name] for name in usual}
    groups |= {UNACCOMPANIED: [kind for kind in kinds if kind.startswith(ALONE)]}
    return {name: found for name, found in groups.items() if found}


def _scenarios(own: str, kinds: Sequence[str]) -> list[Scenario]:
    """Return the user's scenarios; or ours, without the changes to kinds that nobody here lives in."""
    if own:
        return read_scenarios(own, bands=AGES.names, kinds=kinds)
    text = (importlib.resources.files("cfwlib.sufficiency.homes") / "scenarios.toml").read_text(encoding="utf-8")
    listed = [replace(one, changes=_fitting(one.changes, kinds)) for one in read_scenarios(text)]
    return [one for one in listed if one.changes]


def _fitting(changes: Sequence[Change], kinds: Sequence[str]) -> tuple[Change, ...]:
    """Return changes of the kinds there are; one that is left without what it changes is left out."""
    out = []
    for one in changes:
        origin, to = (tuple(kind for kind in names if kind in kinds) for names in (one.origin, one.to))
        if bool(origin) == bool(one.origin) and bool(to) == bool(one.to):
            out.append(replace(one, origin=origin, to=to))
    return tuple(out)


def _means(
    now: pd.DataFrame, made: Forecast, settings: Settings, test: BackTest
) -> tuple[pd.DataFrame, pd.DataFrame, Payback, pd.DataFrame]:
    """Return beds by date, homes to add, the payback of one of them, and costs."""
    shown, demand, chance = not test.failed(RESIDENTIAL), draws_of(made, RESIDENTIAL), settings.bed_probability
    lives_in_home = now["placement"] == RESIDENTIAL
    here = int((lives_in_home & (now["where"] == INSIDE)).sum())
    beds = beds_by_date(
        demand, made.dates, probability=chance, occupancy=settings.bed_occupancy, beds=int(lives_in_home.sum()),
        shown=shown,
    )  # fmt: skip
    year_ends = slice(4, None, 4)
    homes = homes_by_size(demand[:, year_ends], made.dates[year_ends], probability=chance, beds=here, shown=shown)
    new = NewHome(
        beds=settings.beds_per_home, capital_gbp=settings.new_home_capital_gbp,
        running_gbp_per_week=settings.new_home_running_gbp_per_week,
        replaces_gbp_per_week=settings.cost_residential_gbp_per_week, opens=made.dates[4], priced_on=made.at,
        usable_share=settings.bed_occupancy, inflation_per_year=settings.inflation_per_year,
    )  # fmt: skip
    home = payback(new, demand, made.dates, beds=here, shown=shown)
    children = {name: draws_of(made, name) for name in PLACEMENTS if name in _groups(made.kinds)}
    cost = cost_by_year(
        children, made.dates, prices_from(settings), priced_on=made.at,
        inflation_per_year=settings.inflation_per_year, shown=not test.failed(TOTAL),
        withheld=[name for name in children if test.failed(name)],
    )  # fmt: skip
    return beds, homes, home, cost


def _towards_target(
    people: pd.DataFrame, evidence: Evidence, made: Forecast, settings: Settings, test: BackTest, by: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the path of the share in the area, and the change that reaches the target by when it begins."""
    target = settings.target_in_area_share
    shown = not test.failed(INSIDE) and not test.failed(TOTAL)
    path = path_to_target(
        draws_of(made, INSIDE), draws_of(made, TOTAL), made.dates, target=target, target_date=by, shown=shown
    )
    kinds = {*made.kinds, *(name + IN_AREA for name in SUPPLY if name + OUTSIDE in made.kinds)}  # might be offered here
    if kinds > {*made.kinds}:
        evidence = observe(people, AGES, start=evidence.start, end=evidence.end, kinds=sorted(kinds))
    share_at = share_function(
        people, evidence, AGES, at=made.at, target_date=by, draws=_TARGET_DRAWS, seed=settings.seed
    )
    starts = [made.at + pd.DateOffset(months=months) for months in _STARTS_MONTHS]
    starts = [day for day in starts if day < by]
    changes = changes_by_start(share_at, starts, target=target, most=1.0, words=WORDS["share"])
    return path, changes.assign(chance=changes["chance"] if shown else np.nan)

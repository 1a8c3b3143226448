"""The frontier: the need that can be reached with each number of vehicle-days, and what one more of them buys."""

from collections.abc import Iterable
from concurrent.futures import Executor

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.instance import Floats, HubMinutes, unreached
from cfwlib.hub.plan import PROVEN_GAP
from cfwlib.hub.value import Solved, answers_frame, solve_under
from cfwlib.settings import HubSettings, Vehicle

MOST_VEHICLES = 10


def frontier(
    points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings, *,
    days: Iterable[int] = range(1, 11), executor: Executor | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return the most need that can be reached with each number of vehicle-days a fortnight, each to proof.

    All rules and decisions count, except that stability does not (`change_penalty` is taken as 0). More days than the
    vehicles have take more vehicles from the hub's depot. Every number of days may also leave days unused, so each
    row's plan is open to the next and each bound holds for the row before: value and bound never fall.

    Parameters
    ----------
    points, venues, minutes, settings
        As in `plan_hub`; `max_vehicle_days` is replaced.
    days
        Vehicle-days a fortnight, whole numbers from 1.
    executor
        Where to solve, such as a process pool; None = here. The result is the same.

    Returns
    -------
    frontier
        One row per number of days, rising: `days_per_fortnight`, `vehicles` (needed), `value`, `bound` (children likely
        to need help, weighted by frequency), `gap`, `proven`, `reached_share` (value over the unmet need, 0 to 1),
        `stops`, `gain` (value beyond the row before), `envelope` (the least concave curve over the values and 0 at 0
        days) and `on_envelope` (False: averaging between fewer and more days would do better, the day count is an
        awkward one), `problem` (why there is no plan; its numbers are NaN).

    Raises
    ------
    PlanError
        If days are no whole numbers from 1, need more than ten vehicles, or no number of them allows a plan.
    """
    wanted = sorted(set(days))
    rules = [with_days(settings, n) for n in wanted]
    table = _table(solve_under(points, venues, minutes, rules, executor=executor))
    table["value"], table["bound"] = table["value"].cummax(), table["bound"][::-1].cummin()[::-1]
    table["gap"] = (table["bound"] - table["value"]) / table["value"].clip(lower=1e-9)
    table["proven"] = table["gap"] <= PROVEN_GAP
    table.insert(0, "days_per_fortnight", wanted)
    table.insert(1, "vehicles", [rule.vehicles for rule in rules])
    unmet = sum(part.sum() for part in unreached(points))
    table["reached_share"] = table["value"] / unmet if unmet else np.nan
    table["gain"] = table["value"] - table["value"].ffill().shift().fillna(0.0)  # a row without a plan is no 0
    table["envelope"] = concave_envelope(table["days_per_fortnight"].to_numpy(float), table["value"].to_numpy(float))
    table["on_envelope"] = table["value"] >= table["envelope"] * (1 - PROVEN_GAP)
    return table


def one_more(
    points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings, *,
    executor: Executor | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return what one more vehicle-day a fortnight, and one more vehicle, would add.

    Parameters
    ----------
    points, venues, minutes, settings, executor
        As in `frontier`; `max_vehicle_days` counts.

    Returns
    -------
    table
        Three rows, `means` = 'as planned', 'one more day a fortnight', 'one more vehicle': `vehicle_days` a cycle,
        `value`, `bound`, `gap`, `proven`, `stops`, `gain` (over as planned) and `problem`.
    """
    now, cycle = settings.vehicle_days, -(-settings.cycle_weeks // 2)
    fleet = settings.cycle_weeks * len(settings.working_weekdays)
    rules = {
        "as planned": _with_vehicles(settings, 0),
        "one more day a fortnight": _with_cap(settings, now + cycle),
        "one more vehicle": _with_cap(_with_vehicles(settings, 1), now + fleet),
    }
    table = _table(solve_under(points, venues, minutes, list(rules.values()), executor=executor))
    table.insert(0, "means", list(rules))
    table.insert(1, "vehicle_days", [rule.vehicle_days for rule in rules.values()])
    table["gain"] = (table["value"] - table["value"][0]).clip(lower=0)
    return table


def concave_envelope(x: Floats, y: Floats) -> Floats:
    """Return the least concave curve that runs through 0 at 0 and nowhere below the values; NaN where a value is.

    Parameters
    ----------
    x
        Rising, above 0.
    y
        One value per x.
    """
    corners = [(0.0, 0.0)]
    known = ~np.isnan(y)
    for at, height in zip(x[known].tolist(), y[known].tolist(), strict=True):
        while len(corners) > 1:
            (x0, y0), (x1, y1) = corners[-2:]
            if (y1 - y0) * (at - x0) > (height - y0) * (x1 - x0):
                break
            corners.pop()
        corners.append((at, height))
    corner_x, corner_y = zip(*corners, strict=True)
    curve: Floats = np.where(known, np.interp(x, corner_x, corner_y), np.nan)
    return curve


def with_days(settings: HubSettings, days: int) -> HubSettings:
    """Return the settings for so many vehicle-days a fortnight, with more vehicles where those there are have fewer.

    Parameters
    ----------
    settings
        The rules to start from.
    days
        Vehicle-days a fortnight.

    Raises
    ------
    PlanError
        If days are no whole number from 1, or need more than ten vehicles.
    """
    if days != int(days) or days < 1:
        raise PlanError(f"{days} days a fortnight: give whole numbers from 1.")
    return _with_cap(settings, -(-int(days) * settings.cycle_weeks // 2))


def _with_cap(settings: HubSettings, vehicle_days: int) -> HubSettings:
    missing = vehicle_days - settings.model_copy(update={"max_vehicle_days": None}).vehicle_days
    more = max(0, -(-missing // (settings.cycle_weeks * len(settings.working_weekdays))))
    return _with_vehicles(settings, more).model_copy(update={"max_vehicle_days": vehicle_days})


def _with_vehicles(settings: HubSettings, more: int) -> HubSettings:
    """Add vehicles that start at the hub's depot and work on all its weekdays."""
    vehicles = more + (len(settings.fleet) or settings.vehicles)
    if more and vehicles > MOST_VEHICLES:
        raise PlanError(f"So many vehicle-days need {vehicles} vehicles; {MOST_VEHICLES} is the most.")
    fleet = (*settings.fleet, *[Vehicle.model_validate({})] * more) if settings.fleet else ()
    return settings.model_copy(update={"vehicles": vehicles, "fleet": fleet, "change_penalty": 0.0})


def _table(found: list[Solved]) -> pd.DataFrame:
    if all(answer.problem for answer in found):
        raise PlanError([answer.problem for answer in found[-1:]] or ["Give at least one number of days."])
    return answers_frame(found)

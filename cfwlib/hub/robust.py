"""How robust a plan is: plan again under redrawn travel minutes and need, and see which stops stay."""

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.day import day_of, trip
from cfwlib.hub.instance import Floats, HubMinutes, Instance, read_instance, within
from cfwlib.hub.offers import offers_of
from cfwlib.hub.plan import HubPlan
from cfwlib.hub.value import Solved, answers_frame, need_met, solve_again, worth_of_stops

CORE_SHARE = 0.8  # a core stop is in at least this share of the redrawn plans
NEVER_SHARE = 0.05  # a venue in fewer is as good as never chosen
ROLES = {
    "core": f"in at least {CORE_SHARE:.0%} of the redrawn plans",
    "swing": f"in {NEVER_SHARE:.0%} to {CORE_SHARE:.0%} of them",
    "never": f"in under {NEVER_SHARE:.0%} of them",
}
TRAVEL_SPREAD = 0.15  # most that minutes may be off either way, unless told
BATCH = 10  # draws sent to a worker at a time, so that the matrices travel seldom


@dataclass(frozen=True, eq=False)
class Robustness:
    """How a plan fares when minutes and need are redrawn.

    Attributes
    ----------
    venues
        One row per venue, most often chosen first: `venue`, `name`, `times` (redrawn plans that visit it), `share` (of
        all redrawn plans, 0 to 1), `role` (see `ROLES`) and `in_plan` (visited by the plan itself).
    draws
        One row per draw: `draw`, `value`, `bound`, `gap`, `proven`, `stops` of the plan made for it; `fits` (today's
        rounds, in their order, still fit the duty day, opening hours and range), `kept_share` (need that today's visits
        reach, over `value`, 1 at most, as they need not reach as many of the most remote; NaN where they do not fit)
        and `problem` (why there is no plan).
    notes
        What the reader should know.
    travel_spread
        Most that minutes were off either way, as a share.
    """

    venues: pd.DataFrame
    draws: pd.DataFrame
    notes: tuple[str, ...] = ()
    travel_spread: float = TRAVEL_SPREAD


def robustness(
    plan: HubPlan,
    *,
    draws: int = 200,
    seed: int | None = None,
    travel_spread: float = TRAVEL_SPREAD,
    need_spread: float = 1.0,
    executor: Executor | None = None,
) -> Robustness:
    """Plan again under redrawn minutes and need, and count how often each venue is visited.

    Which families a fixed service reaches is not redrawn, nor is km.

    Parameters
    ----------
    plan
        A planned hub.
    draws
        Number of redraws. With 200, a share is known to about 7 percentage points either way (95%).
    seed
        Of the redraws; by default the settings'. A draw depends on the seed and its number alone, so more draws keep
        the first ones, and the number of workers does not matter.
    travel_spread
        Most that minutes may be off either way, as a share (0.15: by 15%); see `redraw`.
    need_spread
        0 keeps the need; 1 makes each LSOA's as uncertain as a count of that many children; see `redraw`.
    executor
        Where to plan, such as a process pool; None = here.

    Raises
    ------
    PlanError
        If a number is out of range, or no draw allows a plan.
    """
    _check(draws, travel_spread, need_spread)
    first = plan.instance.settings.seed if seed is None else seed
    drawn = partial(_draw, plan, seed=first, travel_spread=travel_spread, need_spread=need_spread)
    numbers = range(draws)
    answers = list(map(drawn, numbers) if executor is None else executor.map(drawn, numbers, chunksize=BATCH))
    found = [solved for solved, *_ in answers if not solved.problem]
    if not found:
        raise PlanError(["No redraw allows a plan.", answers[0][0].problem])
    table = answers_frame([solved for solved, *_ in answers])
    table.insert(0, "draw", numbers)
    table["fits"] = [fits for _, _, fits in answers]
    table["kept_share"] = [
        min(1.0, kept / best.value) if fits and best.value else np.nan for best, kept, fits in answers
    ]
    return Robustness(_venues(plan, found), table, _notes(plan, len(found), draws, travel_spread), travel_spread)


def redraw(
    instance: Instance, random: np.random.Generator, *, travel_spread: float, need_spread: float
) -> tuple[pd.DataFrame, HubMinutes]:
    """Return the points and minutes of one draw.

    Minutes by road are multiplied by 1 + spread × (a + b) / 2: `a`, uniform from -1 to 1, is common to all roads of
    the draw (a season, a calibration that is off), `b` likewise is each journey's own, the same both ways. Minutes on
    foot likewise, with a common part of their own. So no journey is off by more than the spread, though the vehicle
    may gain a little by a faster way through another place (about 1% at 15%).

    The need of each LSOA's points is multiplied by a Gamma factor of mean 1 and variance need_spread² / n, n being
    their children likely to need help: that of a Poisson count of n.

    Parameters
    ----------
    instance
        The problem as planned.
    random
        Source of the draw.
    travel_spread, need_spread
        As in `robustness`.
    """
    m, pairs = instance.minutes, len(instance.minutes.vehicle_min)
    road, foot = random.uniform(-1, 1, 2)
    both_ways = np.triu(random.uniform(-1, 1, (pairs, pairs)))
    both_ways += np.triu(both_ways, 1).T

    def shaken(minutes: Floats, common: float, own: Floats) -> Floats:
        return minutes * (1 + travel_spread * (common + own) / 2)

    minutes = HubMinutes(
        shaken(m.vehicle_min, road, both_ways),
        m.vehicle_km,
        shaken(m.drive_min, road, random.uniform(-1, 1, m.drive_min.shape)),
        shaken(m.walk_min, foot, random.uniform(-1, 1, m.walk_min.shape)),
    )
    points = instance.points
    need = points.groupby("lsoa")["need_count"].sum()
    variance = need_spread**2 / need.where(need > 0, np.inf).to_numpy(float)
    certain = variance == 0
    shape = 1 / np.where(certain, 1.0, variance)
    factor = pd.Series(np.where(certain, 1.0, random.gamma(shape) / shape), index=need.index)
    return points.assign(need_count=points["need_count"] * points["lsoa"].map(factor)), minutes


def _draw(
    plan: HubPlan, number: int, *, seed: int, travel_spread: float, need_spread: float
) -> tuple[Solved, float, bool]:
    """Return the plan of one draw, the need today's visits reach in it, and whether today's rounds fit."""
    random = np.random.default_rng([seed, number])
    points, minutes = redraw(plan.instance, random, travel_spread=travel_spread, need_spread=need_spread)
    world = read_instance(points, plan.instance.venues, minutes, plan.instance.settings)
    solved = solve_again(points, world.venues, minutes, world.settings, every=False)
    spent = replace(world, settings=world.settings.model_copy(update={"reserve_share": 0.0}))  # what is in hand is used
    return solved, need_met(world, worth_of_stops(plan)), _fits(plan, spent)


def _fits(plan: HubPlan, world: Instance) -> bool:
    """Return whether every round of a plan, its stops and sessions in order, is a feasible day in another world."""
    offers, kinds = offers_of(world), world.settings.vehicle_kinds
    days = {number: day_of(world, kind, offers) for kind, numbers in kinds for number in numbers}
    at = {venue: number for number, venue in enumerate(world.venues["venue"])}
    once = plan.visits.drop_duplicates(["round", "sequence"]).sort_values(["round", "sequence"])

    def stop(venue: str, length: float) -> int:
        own = np.flatnonzero(offers.venue == at[venue])
        return int(own[np.abs(offers.dwell[own] - length).argmin()]) + 1

    for _, visits in once.groupby("round"):
        lengths = visits["session_end_min"] - visits["session_start_min"]
        order = [stop(venue, length) for venue, length in zip(visits["venue"], lengths, strict=True)]
        if trip(days[visits["vehicle"].iloc[0]], order) is None:
            return False
    return True


def _venues(plan: HubPlan, found: list[Solved]) -> pd.DataFrame:
    times = pd.Series([venue for solved in found for venue in solved.venues], dtype=object).value_counts()
    table = plan.venues[["venue", "name"]].copy()
    table["times"] = times.reindex(table["venue"], fill_value=0).to_numpy(np.int64)
    table["share"] = table["times"] / len(found)
    table["role"] = np.select([table["share"] >= CORE_SHARE, table["share"] >= NEVER_SHARE], ["core", "swing"], "never")
    table["in_plan"] = (plan.venues["frequency"] != "").to_numpy()
    return table.sort_values(["times", "in_plan"], ascending=False, kind="stable", ignore_index=True)


def _notes(plan: HubPlan, found: int, draws: int, travel_spread: float) -> tuple[str, ...]:
    m, s = plan.instance.minutes, plan.instance.settings
    lost = draws - found
    told = f"{lost} of {draws} draws {'allows' if lost == 1 else 'allow'} no plan and {'is' if lost == 1 else 'are'}"
    notes = [f"{told} left out."] * bool(lost)
    for name, minutes, limit in (("drive", m.drive_min, s.limit_drive_min), ("walk", m.walk_min, s.limit_walk_min)):
        if travel_spread and np.isnan(minutes).any() and within(minutes, limit).sum() == (~np.isnan(minutes)).sum():
            notes.append(
                f"No {name} beyond the limit is known, so quicker draws reach nobody new: shares are on the low side."
            )
    return tuple(notes)


def _check(draws: int, travel_spread: float, need_spread: float) -> None:
    problems = []
    if draws < 1:
        problems.append(f"draws = {draws}: give at least 1.")
    if not 0 <= travel_spread < 1:
        problems.append(f"travel_spread = {travel_spread}: give a share from 0 to under 1.")
    if not 0 <= need_spread <= 10:
        problems.append(f"need_spread = {need_spread}: give a number from 0 to 10.")
    if problems:
        raise PlanError(problems)

"""The simple rule that a plan is held against: highest need first, then on to the nearest."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.check import check_plan
from cfwlib.hub.day import Day, Trip, day_of, trip
from cfwlib.hub.demands import Demands, demands_of
from cfwlib.hub.frontier import with_days
from cfwlib.hub.instance import Flags, Floats, unreached, within
from cfwlib.hub.plan import PROVEN_GAP, HubPlan
from cfwlib.hub.rounds import Round
from cfwlib.hub.tables import clients_frame, remote_reached, rounds_frame, venues_frame, visits_frame
from cfwlib.settings import Frequency, HubSettings


def greedy_plan(plan: HubPlan) -> HubPlan:
    """Return the plan that a simple rule makes of the same problem, kept to every rule of it.

    Each free day starts at the place with the most need not yet reached and goes on to the nearest place that still
    reaches somebody new and fits the day, until none fits; places that a decision or a floor asks for come first. A
    session has its standard length. Days are filled with weekly rounds first, then with rarer ones what is left; or
    with fortnightly ones from the start, and so on: of these plans the one that reaches the most is taken.

    Parameters
    ----------
    plan
        The proven plan: its problem is solved by the rule, its bound is kept.

    Returns
    -------
    drawn
        A plan like any other, which `check_plan` accepts; `status` is 'optimal' only where its value meets the bound.

    Raises
    ------
    PlanError
        If rounds made this way cannot keep all rules and decisions.
    """
    started = time.perf_counter()
    frequencies = plan.instance.settings.frequencies
    drawn = [_assemble(plan, _draw(plan, frequencies[at:]), started) for at in range(len(frequencies))]
    faults = [check_plan(candidate.to_dict()) for candidate in drawn]
    kept = [candidate for candidate, refused in zip(drawn, faults, strict=True) if not refused]
    if not kept:
        raise PlanError(["Rounds made by a simple rule cannot keep all rules and decisions:", *min(faults, key=len)])
    return max(kept, key=lambda candidate: candidate.value)


def greedy_frontier(plan: HubPlan, *, days: Iterable[int] = range(1, 11)) -> pd.DataFrame:
    """Return what rounds made by a simple rule reach with each number of vehicle-days a fortnight.

    Parameters
    ----------
    plan
        A plan of the problem.
    days
        Vehicle-days a fortnight, as in `frontier`.

    Returns
    -------
    table
        `days_per_fortnight`, and `value` (children, weighted by frequency) where such rounds can keep the rules.
    """
    rows = []
    for number in sorted(set(days)):
        instance = replace(plan.instance, settings=with_days(plan.instance.settings, number))
        with suppress(PlanError):
            rows.append((number, greedy_plan(replace(plan, instance=instance, bound=plan.residual_need)).value))
    return pd.DataFrame(rows, columns=["days_per_fortnight", "value"])


def _draw(plan: HubPlan, frequencies: Sequence[Frequency]) -> list[Round]:
    """Fill the days of the cycle, the most frequent rounds first."""
    instance, s = plan.instance, plan.instance.settings
    limits = (instance.minutes.drive_min, s.limit_drive_min), (instance.minutes.walk_min, s.limit_walk_min)
    reach = np.vstack([within(minutes, limit) for minutes, limit in limits])
    left = np.concatenate(unreached(instance.points))
    can = ~plan.venues["status"].isin(["banned", "unreachable in a duty day"]).to_numpy()
    demands, days = demands_of(instance, set(np.flatnonzero(can))), [day_of(instance, k) for k, _ in s.vehicle_kinds]
    visited, taken, spent, rounds = np.zeros(len(can), dtype=bool), set[tuple[int, int, int]](), 0.0, list[Round]()
    for frequency, kind, vehicle, weekday, weeks in _slots(s, frequencies):
        cells, day = {(vehicle, weekday, week) for week in weeks}, days[kind]
        if cells & taken or len(taken | cells) > s.vehicle_days:
            continue
        is_open = can & (day.weekdays[1 : len(can) + 1] >> (weekday - 1) & 1).astype(bool)
        found = _round(day, is_open & (demands.least <= frequency.visits), demands, visited, reach, left)
        if found is None:
            continue
        stops = np.array([visit.stop for visit in found.visits]) - 1
        cost = frequency.visits * (demands.day_gbp + float(demands.visit_gbp[stops].sum()))
        if spent + cost > demands.budget_gbp:
            continue
        rounds.append(Round(found, frequency, (weekday,), vehicle, weeks, kind))
        visited[stops], taken, spent = True, taken | cells, spent + cost
        left = np.where(reach[:, stops].any(axis=1), 0.0, left)
    return sorted(rounds, key=lambda r: (r.weekdays, r.vehicle, r.weeks))


def _slots(
    s: HubSettings, frequencies: Sequence[Frequency]
) -> Iterator[tuple[Frequency, int, int, int, tuple[int, ...]]]:
    """Yield the frequency, vehicle kind, vehicle, weekday and weeks that a round can take."""
    for frequency in frequencies:
        every = s.cycle_weeks // frequency.visits
        for weekday in sorted(s.working_weekdays):
            for kind, (vehicle, numbers) in enumerate(s.vehicle_kinds):
                for number in numbers if weekday in vehicle.weekdays else ():
                    for first in range(1, every + 1):
                        yield frequency, kind, number, int(weekday), tuple(range(first, s.cycle_weeks + 1, every))


def _round(day: Day, is_open: Flags, demands: Demands, visited: Flags, reach: Flags, left: Floats) -> Trip | None:
    """Return a day that starts where most need is left and goes on to the nearest, or None if nothing fits."""
    visited, order, found = visited.copy(), list[int](), None
    while True:
        need, urgent = left @ reach, _urgent(demands, visited)
        wanted = is_open & ~visited & ((need > 0) | urgent)
        rank = -need if found is None else day.minutes[order[-1], 1 : len(need) + 1]
        queue = (int(v) + 1 for v in np.lexsort((rank, ~urgent)) if wanted[v])
        longer = next((made for stop in queue if (made := trip(day, [*order, stop]))), None)
        if longer is None:
            return found
        found, order = longer, [visit.stop for visit in longer.visits]
        visited[order[-1] - 1] = True
        left = np.where(reach[:, order[-1] - 1], 0.0, left)


def _urgent(demands: Demands, visited: Flags) -> Flags:
    """Return the venues (V,) that a decision, or a floor not yet met, asks for."""
    unmet = [floor.venues for floor in demands.floors if (visited & floor.venues).sum() < floor.least]
    return np.logical_or.reduce([demands.least > 0, *unmet]) & ~visited


def _assemble(plan: HubPlan, rounds: list[Round], started: float) -> HubPlan:
    instance, s = plan.instance, plan.instance.settings
    visits = visits_frame(instance, rounds)
    clients = clients_frame(instance, visits)
    venues = venues_frame(instance, [day_of(instance, kind) for kind, _ in s.vehicle_kinds], visits, clients)
    drawn = replace(
        plan,
        visits=visits,
        rounds=rounds_frame(instance, rounds),
        venues=venues,
        clients=clients,
        value=float(venues["need_reached"].sum()),
        solve_s=time.perf_counter() - started,
        minutes_driven=sum(r.trip.drive * len(r.weeks) for r in rounds),
        km_driven=sum(r.trip.km * len(r.weeks) for r in rounds),
        visits_per_cycle=len(visits),
        stops=visits["venue"].nunique(),
        remote_reached=remote_reached(instance, visits),
    )
    net = drawn.value - s.change_penalty * drawn.changes
    drawn = replace(drawn, bound=max(drawn.bound, net))  # it does not keep to the aim, and may reach more need so
    gap = (drawn.bound - net) / max(drawn.value, abs(net), 1e-9)
    return replace(drawn, gap=gap, status="optimal" if gap <= PROVEN_GAP else "time limit")

"""What a plan is worth: solved again under other rules, what each stop adds, and whom it newly reaches."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cfwlib.data import AGE_BANDS
from cfwlib.errors import PlanError
from cfwlib.hub.instance import HubMinutes, Instance, unreached, within
from cfwlib.hub.plan import HubPlan, plan_hub
from cfwlib.hub.tables import visit_values
from cfwlib.settings import HubSettings

FEW_PAIRS = 3_000  # solving again and again has to be quick


@dataclass(frozen=True)
class Solved:
    """One problem solved again.

    Attributes
    ----------
    value, bound, gap
        As in `HubPlan`; NaN where there is no plan.
    proven
        Whether the gap is small enough to call the plan optimal.
    venues
        Ids of the venues visited.
    vehicle_days
        Vehicle-days used in a cycle.
    problem
        Why there is no plan; '' where there is one.
    """

    value: float = np.nan
    bound: float = np.nan
    gap: float = np.nan
    proven: bool = False
    venues: tuple[str, ...] = ()
    vehicle_days: int = 0
    problem: str = ""


def solve_again(
    points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings, *, every: bool = True
) -> Solved:
    """Plan a hub as `plan_hub` does and keep what comparisons need; where no plan exists, say why instead of raising.

    Parameters
    ----------
    points, venues, minutes, settings, every
        As in `plan_hub`.
    """
    try:
        plan = plan_hub(points, venues, minutes, settings, every=every, pairs=FEW_PAIRS)
    except PlanError as error:
        return Solved(problem=" ".join(error.problems))
    days = plan.visits[["vehicle", "week", "weekday"]].drop_duplicates()
    visited = tuple(sorted(plan.visits["venue"].unique()))
    return Solved(plan.value, plan.bound, plan.gap, plan.status == "optimal", visited, len(days))


def solve_under(
    points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, rules: Sequence[HubSettings], *,
    executor: Executor | None = None,
) -> list[Solved]:  # fmt: skip
    """Solve one problem under several sets of rules, in order; the answers do not depend on the executor.

    Parameters
    ----------
    points, venues, minutes
        As in `plan_hub`.
    rules
        The settings of each plan.
    executor
        Where to solve them, such as a process pool; None = one after the other, here.
    """
    solve = partial(solve_again, points, venues, minutes)
    return list(map(solve, rules) if executor is None else executor.map(solve, rules))


def answers_frame(found: Sequence[Solved]) -> pd.DataFrame:
    """Return answers as a frame, one row each: `value`, `bound`, `gap`, `proven`, `stops`, `problem`.

    Parameters
    ----------
    found
        From `solve_under`.
    """
    rows = [(a.value, a.bound, a.gap, a.proven, len(a.venues), a.problem) for a in found]
    return pd.DataFrame(rows, columns=["value", "bound", "gap", "proven", "stops", "problem"])


def worth_of_stops(plan: HubPlan) -> pd.Series:
    """Return the share of a need that each visited venue meets (0 to 1), by its frequency and session; index: ids."""
    worth = pd.Series(visit_values(plan.instance, plan.visits), index=plan.instance.venues["venue"])
    return worth[worth.index.isin(plan.visits["venue"])]


def need_met(instance: Instance, worth: pd.Series) -> float:
    """Return the need that stops reach, whether or not a timetable could hold them.

    Parameters
    ----------
    instance
        The problem.
    worth
        Share of a need (0 to 1) that a stop at a venue meets, by venue id; venues left out have no stop.
    """
    s, m = instance.settings, instance.minutes
    reach = np.vstack([within(m.drive_min, s.limit_drive_min), within(m.walk_min, s.limit_walk_min)])
    per_venue = worth.reindex(instance.venues["venue"], fill_value=0.0).to_numpy(float)
    return float(np.concatenate(unreached(instance.points)) @ (reach * per_venue).max(axis=1))


def marginal_stops(plan: HubPlan, *, executor: Executor | None = None) -> pd.DataFrame:
    """Return what is lost if each stop is dropped: as the timetable stands, and once the hub is planned anew.

    Parameters
    ----------
    plan
        A planned hub. A must-serve stop is dropped like any other.
    executor
        Where to plan anew, such as a process pool; None = here.

    Returns
    -------
    stops
        One row per visited venue, the costliest to lose first: `venue`, `name`, `frequency`; `lost_as_it_stands`
        (children likely to need help, weighted by frequency, with all other visits unchanged), `lost` (with the best
        plan without it), `most_lost` (no more than this is lost: by the bound), `proven`, `instead` (names newly
        visited) and `problem` (why there is no plan without it; then nothing is known of `lost`).
    """
    instance, s = plan.instance, plan.instance.settings
    rows = plan.venues[plan.venues["frequency"] != ""]
    worth = worth_of_stops(plan)
    rules = [
        s.model_copy(update={"ban": (*s.ban, venue)} | {k: _but(getattr(s, k), venue) for k in ("must", "keep")})
        for venue in rows["venue"]
    ]
    found = [
        Solved(0.0, 0.0, 0.0, True) if answer.problem and _nothing_left(plan, rule) else answer
        for rule, answer in zip(
            rules,
            solve_under(instance.points, instance.venues, instance.minutes, rules, executor=executor),
            strict=True,
        )
    ]
    names = instance.venues.set_index("venue")["name"]
    table = pd.DataFrame(
        {
            "venue": rows["venue"],
            "name": rows["name"],
            "frequency": rows["frequency"],
            "lost_as_it_stands": [plan.value - need_met(instance, worth.drop(v)) for v in rows["venue"]],
            "lost": [max(0.0, plan.value - answer.value) for answer in found],
            "most_lost": [max(0.0, plan.value - answer.value, plan.bound - answer.value) for answer in found],
            "proven": [answer.proven for answer in found],
            "instead": [", ".join(names[[v for v in a.venues if v not in worth]]) for a in found],
            "problem": [answer.problem for answer in found],
        }
    )
    return table.sort_values("lost", ascending=False, kind="stable", na_position="first", ignore_index=True)


def _but(venues: tuple[str, ...], dropped: str) -> tuple[str, ...]:
    return tuple(venue for venue in venues if venue != dropped)


def _nothing_left(plan: HubPlan, rules: HubSettings) -> bool:
    """Return whether no venue is left that can be visited and has unmet need in reach."""
    can = plan.venues[~plan.venues["status"].str.startswith("unreachable") & ~plan.venues["venue"].isin(rules.ban)]
    return not rules.must and need_met(plan.instance, pd.Series(1.0, index=can["venue"])) == 0


def need_by(plan: HubPlan, groups: pd.Series) -> pd.DataFrame:
    """Return the unmet need and how much of it the hub reaches, by group and in all.

    Parameters
    ----------
    plan
        A planned hub.
    groups
        The group of each point, such as its deprivation fifth, rural class or district; index: point ids.

    Returns
    -------
    table
        The group under its own name, as text; `need` (children likely to need help whom no fixed service reaches and
        for whom the hub is meant), `reached_by_car`, `reached_on_foot` (of these, with a stop in reach) and
        `reached_share` (0 to 1; NaN where there is no need). The last row is 'All'.

    Examples
    --------
    >>> fifths = reach.points.set_index("point")["deprivation_fifth"]
    >>> need_by(plan, fifths)[["deprivation_fifth", "need", "reached_share"]].round(2).tail(2)
      deprivation_fifth    need  reached_share
    4                 5   51.88           0.42
    5               All  502.15           0.65
    """
    clients = plan.clients
    counts = pd.DataFrame(
        {
            "need": clients["need_car"] + clients["need_foot"],
            "reached_by_car": clients["need_car"].where(clients["car_visits"] > 0, 0.0),
            "reached_on_foot": clients["need_foot"].where(clients["foot_visits"] > 0, 0.0),
        }
    )
    by = counts.groupby(groups.reindex(clients["point"]).to_numpy(), dropna=False).sum()
    by.index = by.index.astype(str)
    table = pd.concat([by, counts.sum().to_frame("All").T])
    reached = table["reached_by_car"] + table["reached_on_foot"]
    table["reached_share"] = reached / table["need"].where(table["need"] > 0)
    return table.rename_axis(str(groups.name or "group")).reset_index()


def reached_by_age(points: pd.DataFrame) -> pd.DataFrame:
    """Return people within the drive limit of help before and after the mobile hub, by age band.

    Parameters
    ----------
    points
        A study's points: residents by age band, `served_drive` and `reached_drive`.

    Returns
    -------
    bands
        `age_band`, `people`, `within_before`, `within_after`, `gained` (people), `before_share`, `after_share` (0 to
        1; NaN where there is nobody).
    """
    rows = []
    for column, (low, high) in AGE_BANDS.items():
        people = points[column]
        before, after = (float(people[points[flag]].sum()) for flag in ("served_drive", "reached_drive"))
        total = float(people.sum())
        shares = [part / total if total else np.nan for part in (before, after)]
        rows.append((f"{low} to {high}", total, before, after, after - before, *shares))
    names = ["people", "within_before", "within_after", "gained", "before_share", "after_share"]
    return pd.DataFrame(rows, columns=["age_band", *names])

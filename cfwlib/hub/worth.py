"""All that says what a plan is worth and how sure it is, in one call, with its headline numbers."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.baseline import greedy_frontier, greedy_plan
from cfwlib.hub.frontier import frontier, one_more
from cfwlib.hub.plan import HubPlan
from cfwlib.hub.robust import CORE_SHARE, Robustness, robustness
from cfwlib.hub.value import marginal_stops

WORTH_FIGURES = {  # name in figures.json -> what it is, and its unit
    "plan_by_hand_value": ("reached, so weighted, by a simple rule: highest need first, then on", "children"),
    "plan_gain_on_by_hand": ("reached, so weighted, beyond those of a simple rule", "children"),
    "plan_gain_on_by_hand_share": ("more reached, so weighted, than by a simple rule", "share"),
    "plan_one_more_day_gain": ("more reached, so weighted, with one more vehicle-day a fortnight", "children"),
    "plan_one_more_vehicle_gain": ("more reached, so weighted, with one more vehicle", "children"),
    "plan_core_stops": (f"of this plan that at least {CORE_SHARE:.0%} of the redrawn plans keep", "stops"),
    "plan_redraws_fit_share": ("of the redraws of minutes in which every round still fits its day", "share"),
    "plan_redraws_kept_share": ("of the best need reached, kept by this plan in those redraws, on average", "share"),
}


@dataclass(frozen=True, eq=False)
class HubWorth:
    """What a plan is worth.

    Attributes
    ----------
    frontier, more, stops
        From `frontier`, `one_more` and `marginal_stops`.
    robust
        From `robustness`.
    simple, simple_frontier
        From `greedy_plan` (None where rounds made by a simple rule cannot keep the rules) and `greedy_frontier`.
    """

    frontier: pd.DataFrame
    more: pd.DataFrame
    stops: pd.DataFrame
    robust: Robustness
    simple: HubPlan | None
    simple_frontier: pd.DataFrame


def study_worth(
    plan: HubPlan, *, days: Iterable[int] = range(1, 11), draws: int = 200, executor: Executor | None = None
) -> HubWorth:
    """Return what a plan is worth: frontier, one more day or vehicle, each stop, redraws, and a simple rule.

    Parameters
    ----------
    plan
        A planned hub.
    days
        Vehicle-days a fortnight of the frontier.
    draws
        Redraws of minutes and need.
    executor
        Where to solve, such as a process pool; None = here. The result is the same.

    Raises
    ------
    PlanError
        As `frontier` and `robustness`.
    """
    numbers = sorted(set(days))
    problem = plan.instance.points, plan.instance.venues, plan.instance.minutes, plan.instance.settings
    return HubWorth(
        frontier=frontier(*problem, days=numbers, executor=executor),
        more=one_more(*problem, executor=executor),
        stops=marginal_stops(plan, executor=executor),
        robust=robustness(plan, draws=draws, executor=executor),
        simple=_simple(plan),
        simple_frontier=greedy_frontier(plan, days=numbers),
    )


def worth_figures(plan: HubPlan, worth: HubWorth) -> dict[str, float | None]:
    """Return the numbers that say what a plan is worth, named as in `figures.json` and described in `WORTH_FIGURES`.

    None where there is no such number: a simple rule cannot keep what is asked, or in no redraw the rounds still fit.
    """
    gain, venues, draws = worth.more.set_index("means")["gain"], worth.robust.venues, worth.robust.draws
    simple = worth.simple.value if worth.simple else np.nan
    found = {
        "plan_by_hand_value": simple,
        "plan_gain_on_by_hand": plan.value - simple,
        "plan_gain_on_by_hand_share": plan.value / simple - 1 if simple else np.nan,
        "plan_one_more_day_gain": float(gain["one more day a fortnight"]),
        "plan_one_more_vehicle_gain": float(gain["one more vehicle"]),
        "plan_core_stops": int((venues["in_plan"] & (venues["role"] == "core")).sum()),
        "plan_redraws_fit_share": float(draws["fits"].mean()),
        "plan_redraws_kept_share": float(draws["kept_share"].mean()),
    }
    return {name: number if np.isfinite(number) else None for name, number in found.items()}


def _simple(plan: HubPlan) -> HubPlan | None:
    try:
        return greedy_plan(plan)
    except PlanError:
        return None

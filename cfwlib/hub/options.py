"""Plans to choose from: the most children, the farthest first, a balance of both; and what lies between them."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.instance import Instance
from cfwlib.hub.plan import HubPlan, plan_hub
from cfwlib.hub.tables import visit_values
from cfwlib.settings import HubSettings

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the most remote children that can be reached, that plans are asked for
CYCLES = (2, 4)
BANDS_MIN = (0, 5, 10, 15, 20, 25)  # minutes by car to help today
WEEKS_A_YEAR = 52


@dataclass(frozen=True, eq=False)
class HubOptions:
    """Plans of one problem that reach more and more of the most remote children.

    Attributes
    ----------
    plans
        By the share of those that can be reached (0 to 1) that was asked for, and weeks of the cycle.
    named
        Name (`most_children`, `balanced`, `farthest_first`) and weeks of the cycle to plan, where there is one.
    """

    plans: dict[tuple[float, int], HubPlan]
    named: dict[tuple[str, int], HubPlan]


def hub_options(plan: HubPlan, *, cycles: Sequence[int] = CYCLES, executor: Executor | None = None) -> HubOptions:
    """Plan a hub anew for each share of the most remote children, in cycles of some weeks and of the plan's own.

    Parameters
    ----------
    plan
        A planned hub; its problem and all its rules but aim and cycle count. It is among the options itself.
    cycles
        Weeks of the cycles besides its own.
    executor
        Where to plan, such as a process pool; None = here. The result is the same.
    """
    instance, rules = plan.instance, plan.instance.settings
    names = {"most_children": 0.0, "balanced": rules.remote_share, "farthest_first": 1.0}
    own, weeks_of = names.get(rules.aim, 0.0), sorted({*cycles, int(rules.cycle_weeks)})
    plans: dict[tuple[float, int], HubPlan] = {(own, int(rules.cycle_weeks)): plan}
    asked = [one for one in product(sorted({*SHARES, *names.values()}), weeks_of) if one not in plans]
    changed = [
        rules.model_copy(update={"aim": "balanced", "remote_share": share, "cycle_weeks": weeks})
        for share, weeks in asked
    ]
    work = partial(_plan, instance)
    found = map(work, changed) if executor is None else executor.map(work, changed)
    plans |= {one: made for one, made in zip(asked, found, strict=True) if made is not None}
    both = product(weeks_of, names.items())
    named = {(name, weeks): plans[share, weeks] for weeks, (name, share) in both if (share, weeks) in plans}
    return HubOptions(dict(sorted(plans.items(), key=lambda item: (item[0][1], item[0][0]))), named)


def _plan(instance: Instance, rules: HubSettings) -> HubPlan | None:
    try:
        return plan_hub(instance.points, instance.venues, instance.minutes, rules)
    except PlanError:  # what the last plan's stops ask for, say, cannot be had in a cycle of other weeks
        return None


def need_reached_at(plan: HubPlan) -> pd.Series:
    """Return the need reached at each point, counted by frequency, in children (`value` in all); index: point ids."""
    worth = pd.Series(visit_values(plan.instance, plan.visits), index=plan.instance.venues["venue"])
    at = [plan.clients[f"need_{who}"] * plan.clients[f"{who}_venue"].map(worth).fillna(0.0) for who in ("car", "foot")]
    return pd.Series((at[0] + at[1]).to_numpy(float), index=plan.clients["point"])


def band_of(minutes: pd.Series) -> pd.Series:
    """Return the band of `BANDS_MIN` that minutes lie in, as "0_5" to "25_plus"; without any way the last."""
    lower, upper = np.array(BANDS_MIN), np.array([*BANDS_MIN[1:], np.inf])
    at = np.searchsorted(upper, minutes.fillna(np.inf).to_numpy(float) - 1e-9).clip(max=len(lower) - 1)
    names = [f"{low}_{high:g}" if np.isfinite(high) else f"{low}_plus" for low, high in zip(lower, upper, strict=True)]
    return pd.Series(np.array(names, dtype=object)[at], index=minutes.index)


def option_figures(plan: HubPlan, options: HubOptions, minutes: pd.Series) -> dict[str, float | str]:
    """Return the two yardsticks of a plan with their bounds, need reached by minutes today, and those of each option.

    Parameters
    ----------
    plan
        The plan of the page.
    options
        From `hub_options`; those of the plan's own cycle are told.
    minutes
        Minutes by car to help today; index: point ids.

    Returns
    -------
    figures
        Named as in `figures.json`.
    """
    bands = need_reached_at(plan).groupby(band_of(minutes.reindex(plan.clients["point"]))).sum()
    found: dict[str, float | str] = {
        "remote_children": plan.remote_children,
        "remote_children_reached": plan.remote_reached,
        "remote_children_bound": plan.remote_bound,
        "need_reached": plan.value,
        "need_bound": plan.bound,
    }
    for name in dict.fromkeys(band_of(pd.Series([*BANDS_MIN[1:], np.inf]))):
        found[f"need_reached_by_{name}"] = float(bands.get(name, 0.0))
    for (name, weeks), option in options.named.items():
        if weeks == plan.instance.settings.cycle_weeks:
            found |= {
                f"plan_{name}_need_reached": option.value,
                f"plan_{name}_remote_reached": option.remote_reached,
                f"plan_{name}_stops": option.stops,
                f"plan_{name}_status": option.status,
            }
    return found


def options_frame(options: HubOptions) -> pd.DataFrame:
    """Return one row per plan, by cycle and then by the share of the most remote children asked for.

    Returns
    -------
    frame
        `name` ('' where it has none), `cycle_weeks`, `share`, `value`, `bound`, `proven`, `remote_reached`,
        `remote_bound`, `without_car` (children likely to need help, newly reached on foot), `stops`, `visits_per_week`,
        `km_per_week`, `hours_driven_per_week`, `hours_on_duty_per_week`, `gbp_per_year`.
    """
    names = {id(plan): name for (name, _), plan in options.named.items()}
    rows = []
    for (share, weeks), plan in options.plans.items():
        times = plan.rounds["weeks"].str.count(",") + 1
        duty = float(((plan.rounds["return_min"] - plan.rounds["leave_min"]) * times).sum()) / 60
        clients = plan.clients
        rows.append(
            {
                "name": names.get(id(plan), ""),
                "cycle_weeks": weeks,
                "share": share,
                "value": plan.value,
                "bound": plan.bound,
                "proven": plan.status == "optimal",
                "remote_reached": plan.remote_reached,
                "remote_bound": plan.remote_bound,
                "without_car": float(clients.loc[clients["foot_visits"] > 0, "need_foot"].sum()),
                "stops": plan.stops,
                "visits_per_week": plan.visits_per_cycle / weeks,
                "km_per_week": plan.km_driven / weeks,
                "hours_driven_per_week": plan.minutes_driven / 60 / weeks,
                "hours_on_duty_per_week": duty / weeks,
                "gbp_per_year": plan.cost_gbp * WEEKS_A_YEAR / weeks,
            }
        )
    return pd.DataFrame(rows)

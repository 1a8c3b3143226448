"""The price of planners' decisions in need reached: each withdrawn alone, planned again and proven."""

from typing import Any

import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.instance import HubMinutes
from cfwlib.hub.plan import PROVEN_GAP, HubPlan, plan_hub
from cfwlib.settings import HubSettings
from cfwlib.words import count_words

KINDS = ("must", "keep", "ban")  # settings that hold decisions
SEARCH_S = 10.0  # seconds allowed for each look for a way out
MOST_TRIED = 12  # decisions that are withdrawn one by one when there is no plan


def decision_costs(
    points: pd.DataFrame,
    venues: pd.DataFrame,
    minutes: HubMinutes,
    settings: HubSettings,
    *,
    plan: HubPlan | None = None,
) -> pd.DataFrame:
    """Return what each decision costs in need reached.

    Every row is a plan of its own, solved anew with the rest as it is. A decision that costs nothing alone may still
    cost something together with others: the prices need not add up to the total.

    Parameters
    ----------
    points, venues, minutes, settings
        As for `plan_hub`; the decisions are `settings.must`, `settings.keep` and `settings.ban`.
    plan
        The plan with all decisions, if it is already made.

    Returns
    -------
    costs
        One row with `nothing` withdrawn, one per decision, one with `everything` withdrawn: `withdrawn` (must, keep,
        ban, nothing, everything), `venue`, `name`; `value` and `bound` of the need then reached (children); `gained`,
        the value gained back by withdrawing it, and `gained_at_most`, which no plan can exceed; `proven`.

    Raises
    ------
    PlanError
        When the decisions cannot be met together; with the ways out.
    """
    case, decisions = (points, venues, minutes), _decisions(settings)
    base = plan or plan_decided(*case, settings)
    free = plan_hub(*case, _without(settings, *(venue for _, venue in decisions))) if decisions else base
    names = dict(zip(venues["venue"], venues["name"], strict=True))
    rows = [_row(base, "nothing", "", "", base.value, base.bound)]
    floors = bool(base.instance.points["floor"].any())  # a ban may make a floor impossible: withdrawn, it holds again
    settled = not floors and free.bound <= base.value * (1 + PROVEN_GAP)  # then no withdrawal can gain anything
    for kind, venue in decisions:
        value, bound = base.value, free.bound
        if not settled:
            alone = plan_hub(*case, _without(settings, venue))
            value, bound = alone.value, alone.bound
        rows.append(_row(base, kind, venue, str(names[venue]), value, bound))
    return pd.DataFrame([*rows, _row(base, "everything", "", "", free.value, free.bound)])


def plan_decided(points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings) -> HubPlan:
    """Plan the hub as `plan_hub` does; where the decisions cannot be met, say which withdrawals would help.

    Raises
    ------
    PlanError
        As `plan_hub`, with the decisions whose withdrawal alone makes a plan possible.
    """
    try:
        return plan_hub(points, venues, minutes, settings)
    except PlanError as error:
        if set(settings.must) & set(settings.ban):  # said already, and what one withdrawal brings would mislead
            raise
        raise PlanError([*error.problems, *_ways_out((points, venues, minutes), settings)]) from None


def _ways_out(case: tuple[pd.DataFrame, pd.DataFrame, HubMinutes], settings: HubSettings) -> list[str]:
    decisions = _decisions(settings)
    free = _value(case, _without(settings, *(venue for _, venue in decisions))) if decisions else None
    if free is None:  # it is not the decisions that stand in the way
        return []
    told = f"Without any decision a plan reaches {count_words(free, 'child', 'children')}, weighted by frequency."
    if len(decisions) > MOST_TRIED:
        return [f"{told} Begin with fewer than the {len(decisions)} decisions there are."]
    names = dict(zip(case[1]["venue"], case[1]["name"], strict=True))
    enough = {
        (kind, venue): value
        for kind, venue in decisions
        if (value := _value(case, _without(settings, venue))) is not None
    }
    if not enough:
        return [f"{told} No single decision was found whose withdrawal is enough: withdraw two or more."]
    ways = [
        f"{names[venue]} ({kind}; {count_words(value, 'child', 'children')} reached)"
        for (kind, venue), value in enough.items()
    ]
    return [f"{told} It is enough to withdraw {' or '.join(ways)}."]


def _value(case: tuple[pd.DataFrame, pd.DataFrame, HubMinutes], settings: HubSettings) -> float | None:
    """Return the need that a plan reaches, at the least; None where there is none."""
    limit = min(settings.time_limit_s, SEARCH_S)
    try:
        return plan_hub(*case, settings.model_copy(update={"time_limit_s": limit})).value
    except PlanError:
        return None


def _decisions(settings: HubSettings) -> list[tuple[str, str]]:
    """Return kind and venue of each decision; a venue that is named twice comes once."""
    kinds: dict[str, str] = {}
    for kind in KINDS:
        for venue in getattr(settings, kind):
            kinds.setdefault(venue, kind)
    return [(kind, venue) for venue, kind in kinds.items()]


def _without(settings: HubSettings, *venues: str) -> HubSettings:
    rest = {kind: tuple(v for v in getattr(settings, kind) if v not in venues) for kind in KINDS}
    return settings.model_copy(update=rest)


def _row(base: HubPlan, withdrawn: str, venue: str, name: str, value: float, bound: float) -> dict[str, Any]:
    """Describe what is reached then; less than before, where a withdrawal brings a floor back."""
    return {
        "withdrawn": withdrawn,
        "venue": venue,
        "name": name,
        "value": value,
        "bound": bound,
        "gained": value - base.value,
        "gained_at_most": bound - base.value,
        "proven": bound <= value * (1 + PROVEN_GAP),
    }

"""What the mobile hub's plan is worth, as chart, tables and a map: frontier, baseline, stops, robustness."""

import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub import HubPlan, HubStudy, HubWorth, reached_by_age, worth_figures
from cfwlib.hub.driven import Compared
from cfwlib.hub.plan import PROVEN_GAP
from cfwlib.hub.robust import CORE_SHARE, ROLES, Robustness
from cfwlib.pages.maps import region_map
from cfwlib.report.curves import curves
from cfwlib.report.figures import Chart
from cfwlib.report.maps import add_points
from cfwlib.report.offline import OfflineMap
from cfwlib.report.symbols import CATEGORIES
from cfwlib.words import count_words, known, number_words, part_words, share_words, shown_difference

_VERDICT = {True: "proven best", False: "not proven best"}
_LOOKS = {  # colour, shape and letter of a role, so that colour never stands alone
    "core": (CATEGORIES[2], "square", "C"),
    "swing": (CATEGORIES[4], "diamond", "S"),
    "never": ("#868e96", "circle", ""),
}


def frontier_chart(frontier: pd.DataFrame, simple: pd.DataFrame | None = None) -> Chart:
    """Return the need reached against vehicle-days a fortnight, with what a simple rule would reach.

    Parameters
    ----------
    frontier
        From `frontier`.
    simple
        From `greedy_frontier`, if it is to be shown.
    """
    known = frontier[frontier["problem"] == ""]
    top, proven = known.iloc[-1], bool(known["proven"].all())
    reach = "reaches" if top["days_per_fortnight"] == 1 else "reach"
    title = (
        f"{_days(top['days_per_fortnight'])} a fortnight {reach} {top['value']:,.0f} children, weighted by frequency"
    )
    lines = {"best plan": known}
    if not proven:
        lines["no plan reaches more"] = known.assign(value=known["bound"])
    if simple is not None and len(simple):
        lines["a simple rule"] = simple
        last = simple.iloc[-1]
        title += f"; by a simple rule, {_days(last['days_per_fortnight'])} reach {last['value']:,.0f}"
    return curves(
        lines,
        x="days_per_fortnight",
        y="value",
        x_unit="",
        y_unit="children",
        x_label="Vehicle-days a fortnight",
        y_label="Reached, weighted by frequency",
        title=title,
        source="best plans found, " + ("each proven" if proven else "with what no plan can exceed"),
    )


def frontier_table(frontier: pd.DataFrame) -> pd.DataFrame:
    """Return the frontier as it is read: days, children reached and at most reachable, gain, gap and verdict.

    A bound is rounded up, but where it is proven to be the value; a gain is the difference of the values shown.
    """
    shown = frontier[["days_per_fortnight", "stops", "value", "bound", "gain", "reached_share"]].round({"value": 0})
    shown["bound"] = np.ceil(frontier["bound"] - 1e-6).mask(frontier["proven"], shown["value"])
    shown["gain"] = shown["value"] - shown["value"].ffill().shift().fillna(0.0)
    names = {
        "days_per_fortnight": "vehicle-days a fortnight",
        "value": "children reached, weighted",
        "bound": "no plan reaches more than",
        "gain": "more than the row above",
    }
    gap = frontier["gap"].map(lambda gap: share_words(gap, 2)).where(frontier["problem"] == "", "")
    return shown.assign(gap=gap, verdict=_verdict(frontier)).rename(columns=names)


def frontier_words(frontier: pd.DataFrame) -> str:
    """Return the frontier in a sentence or two: what its ends bring, and whether each step brings less."""
    known = frontier[frontier["problem"] == ""]
    first, last = known.iloc[0], known.iloc[-1]
    awkward = known.loc[~known["on_envelope"], "days_per_fortnight"].astype(str).tolist()
    told = (
        f"{_days(first['days_per_fortnight'])} a fortnight can reach {first['value']:,.0f} children, weighted by "
        "frequency"
    )
    if len(known) == 1:
        return f"{told}."
    before = known.iloc[-2]
    gain = shown_difference(float(last["value"]), float(before["value"]))
    told += (
        f"; the step from {before['days_per_fortnight']} to {last['days_per_fortnight']} brings the last {gain:,.0f}."
    )
    if not known["proven"].all():
        return f"{told} Not every number of days is proven best: what a further day brings may be more or less."
    if awkward:
        return f"{told} Awkward numbers of days: {', '.join(awkward)}."
    return f"{told} Each further day brings less than the one before, or as much."


def ages_table(study: HubStudy) -> pd.DataFrame:
    """Return residents within the drive limit before and after, by age, in whole numbers."""
    people = ["people", "within_before", "within_after", "gained"]
    table = reached_by_age(study.points).round(dict.fromkeys(people, 0)).astype(dict.fromkeys(people, int))
    return table.assign(gained=table["within_after"] - table["within_before"])  # as a reader takes one from the other


def more_table(more: pd.DataFrame) -> pd.DataFrame:
    """Return what one more day and one more vehicle would add."""
    names = {"vehicle_days": "vehicle-days a cycle", "value": "children reached, weighted", "gain": "more than planned"}
    shown = more[["means", "vehicle_days", "stops", "value", "gain"]].round({"value": 0})
    shown["gain"] = _more(more)
    return shown.assign(verdict=_verdict(more)).rename(columns=names)


def simple_rule_table(plan: HubPlan, simple: HubPlan | None) -> pd.DataFrame:
    """Return the plan beside that of a simple rule, in whole numbers; blank where none keeps the rules."""
    rows = {
        "Children reached, weighted by frequency": "value",
        "Places visited": "stops",
        "Visits in a cycle": "visits_per_cycle",
        "Minutes driven in a cycle": "minutes_driven",
        "Kilometres driven in a cycle": "km_driven",
    }
    numbers = [(what, float(getattr(plan, name)), float(getattr(simple, name, np.nan))) for what, name in rows.items()]
    table = pd.DataFrame(numbers, columns=["what", "this plan", "a simple rule"]).round()
    return table.assign(difference=table["this plan"] - table["a simple rule"])


def by_hand_words(compared: Compared) -> str:
    """Return what the timetable drawn by hand reaches beside the plan, and how many of its visits break a rule."""
    theirs, ours = compared.value_driven, compared.value_plan
    more = f", {share_words(abs(ours / theirs - 1))} {'more' if ours > theirs else 'less'}" if theirs > 0 else ""
    more = more if abs(ours - theirs) >= 1 else ""
    visits = len(compared.broken[["week", "day", "vehicle", "stop"]].drop_duplicates())
    broken = f"{count_words(visits, 'visit')} of it" if visits else "No visit of it"
    return (
        f"The timetable drawn by hand reaches {number_words(theirs)} children, weighted by frequency and length of a "
        f"session; this plan reaches {number_words(ours)}{more}. "
        f"{broken[0].upper()}{broken[1:]} break{'s' * (visits < 2)} a rule of this plan."
    )


def worth_words(plan: HubPlan, worth: HubWorth) -> list[str]:
    """Return what the plan is worth in sentences: against a simple rule, how sure it is, and what more would do."""
    found = worth_figures(plan, worth)
    told_simple = "A simple rule could not keep all that is asked of this plan."
    if worth.simple and worth.simple.value > 0:
        told_simple = (
            f"A simple rule (highest need first, then the nearest next stop) would reach "
            f"{worth.simple.value:,.0f} children, weighted by frequency; this plan reaches {plan.value:,.0f}, "
            f"{_compared(plan.value / worth.simple.value - 1)}."
        )
    more = [
        f"{means[0].upper()}{means[1:]} would reach {'at least ' * (not proven)}"
        f"{count_words(gain, 'more child', 'more children')}, weighted."
        for means, gain, proven in zip(worth.more["means"], _more(worth.more), worth.more["proven"], strict=True)
        if gain == gain and means != "as planned"
    ]
    core = part_words(found["plan_core_stops"], plan.stops, "stop")
    be = "is" if found["plan_core_stops"] == 1 else "are"
    told = f"{core[0].upper()}{core[1:]} {be} core: each in {CORE_SHARE:.0%} or more of the redrawn plans."
    return [told_simple, told, *more]


def _more(more: pd.DataFrame) -> pd.Series:
    """Return what is reached beyond as planned, as a reader takes one number shown from the other; never below 0."""
    return shown_difference(more["value"], more["value"].iloc[0]).clip(lower=0)


def _compared(more: float) -> str:
    """Return how much more or less than by the simple rule, in words."""
    if abs(more) < PROVEN_GAP:
        return "as many"
    return f"{share_words(abs(more))} {'more' if more > 0 else 'less'}"


def stops_table(stops: pd.DataFrame) -> pd.DataFrame:
    """Return what each stop is worth: children lost as the timetable stands, and after planning anew without it."""
    names = {"lost_as_it_stands": "lost as the timetable stands", "lost": "lost if planned anew"}
    shown = stops[["name", "frequency", "lost_as_it_stands", "lost", "instead"]]
    return shown.round(0).assign(verdict=_verdict(stops)).rename(columns=names)


def robustness_table(robust: Robustness) -> pd.DataFrame:
    """Return the venues that any redrawn plan visits, the surest first."""
    venues = robust.venues[robust.venues["in_plan"] | (robust.venues["times"] > 0)]
    in_plan = venues["in_plan"].map({True: "yes", False: "no"})
    shown = pd.DataFrame({"name": venues["name"], "in this plan": in_plan, "redrawn_plans_share": venues["share"]})
    return shown.assign(role=venues["role"]).reset_index(drop=True)


def robustness_words(robust: Robustness) -> str:
    """Return what the roles mean, in how many redraws today's rounds still fit, and the notes."""
    roles = "; ".join(f"{role}: {words}" for role, words in ROLES.items())
    fits, kept = robust.draws["fits"], robust.draws["kept_share"].mean()
    told = f"Minutes were off by up to {robust.travel_spread:.0%}, need as by chance. "
    told += f"In {part_words(fits.sum(), len(fits), 'redraw')} today's rounds still fit their days"
    keep = f", and there keep {share_words(kept, 1)} of the need that its own plan reaches, on average"
    told += keep if known(kept) else ""
    return " ".join([f"{roles[0].upper()}{roles[1:]}.", f"{told}.", *robust.notes])


def robustness_map(region: AreaData, study: HubStudy, robust: Robustness) -> OfflineMap:
    """Return the map of candidate venues by role: core, swing, never; colour, shape and letter together."""
    drawn = region_map(region, "How sure each stop is when travel minutes and need are redrawn")
    places = study.candidates[["venue", "geometry"]].merge(robust.venues, on="venue")
    places["told"] = [f"in {share_words(share)} of the redrawn plans" for share in places["share"]]
    places["now"] = places["in_plan"].map({True: "yes", False: "no"})
    tooltip = {"name": "Place", "role": "Role", "told": "Chosen", "now": "In this plan"}
    for role, (colour, shape, letter) in _LOOKS.items():
        name = f"{role.capitalize()}: {ROLES[role]}"
        layer = places[places["role"] == role]
        add_points(drawn, layer, layer_name=name, tooltip=tooltip, colour=colour, shape=shape, letter=letter)
    return drawn


def _verdict(table: pd.DataFrame) -> pd.Series:
    return table["proven"].map(_VERDICT).where(table["problem"] == "", table["problem"])


def _days(number: float) -> str:
    return f"{number:.0f} vehicle-day{'' if number == 1 else 's'}"

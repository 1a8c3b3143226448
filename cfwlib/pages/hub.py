"""What the pages of the mobile hub and of access to it say in words: what is proven, of which number, from what."""

from collections.abc import Mapping

import pandas as pd

from cfwlib.hub import HubPlan, HubStudy, check_plan, clock
from cfwlib.hub.decisions import Decisions
from cfwlib.hub.plan import BEST_ROUNDS
from cfwlib.settings import Settings
from cfwlib.words import at_most, count_words, number_words, part_words, share_words

_CHILD = ("child", "children")


def hub_answer(plan: HubPlan, planners: Decisions, settings: Settings) -> str:
    """Return where the hub stops and whom it reaches, and what is proven of that.

    Parameters
    ----------
    plan
        The plan.
    planners
        Decisions that it has honoured.
    settings
        Whom the hub is for, weeks of the cycle.
    """
    reached = sum(reached_by(plan))
    child = ("rural child", "rural children") if settings.hub_serves == "rural" else _CHILD
    whom = part_words(reached, plan.residual_need, *child)
    rounds = count_words(len(plan.rounds), "round")
    decided = len(planners.table)
    honoured = f" Decisions of planners honoured: {decided}." if decided else ""
    return (
        f"Stops: {plan.stops}, on {rounds} in {count_words(settings.cycle_weeks, 'week')}. They bring help to {whom} "
        f"likely to need it whom no fixed service reaches. {_remote_words(plan)}{proof_words(plan)}{honoured}"
    )


def _remote_words(plan: HubPlan) -> str:
    """Return how many of the most remote children have a stop within reach; nothing where there are none."""
    if not plan.remote_children:
        return ""
    reached = part_words(plan.remote_reached, plan.remote_children, "child", "children")
    rules = plan.instance.settings
    return (
        f"Of those who live more than {rules.remote_min:g} minutes from help, {reached} can drive to a stop in "
        f"{rules.limit_drive_min:g} minutes. "
    )


def reached_by(plan: HubPlan) -> tuple[int, int]:
    """Return the children newly reached by car, and on foot, in whole numbers: those that are shown."""
    clients = plan.clients
    by_car, on_foot = (float(clients.loc[clients[f"{who}_visits"] > 0, f"need_{who}"].sum()) for who in ("car", "foot"))
    return round(by_car), round(on_foot)


def proof_words(plan: HubPlan) -> str:
    """Return what is proven: the number counted by frequency, the candidates it rests on, and a gap that is left."""
    rules = plan.instance.settings
    rare = [f for f in rules.frequencies if f.visits < max(g.visits for g in rules.frequencies)]
    worth = " and ".join(f"a {f.name} visit {f.value:g}" for f in rare)
    weighed = f" (counted by frequency: {worth} of a weekly one)" if worth else ""
    less = f", less {rules.change_penalty:g} for each stop of the last plan dropped or made rarer" * bool(
        rules.change_penalty
    )
    none = "no plan"
    if plan.remote_children and rules.aim != "most_need":
        share = f"at least {rules.remote_share:.0%} of " * (rules.aim == "balanced")
        none = f"of the plans that reach {share}the most remote children that can be reached, none"
    among = f"{none} from {count_words(len(plan.venues), 'candidate place')}, under the rules set,"
    this = f"this one {number_words(plan.value)}"
    if plan.status == "optimal" and plan.bound - plan.value < 1 and not rules.change_penalty:
        return f"Proven: {among} reaches one child more than this one, {number_words(plan.value)}{weighed}."
    lead = "Proven" if plan.status == "optimal" else f"Not proven best (gap {share_words(plan.gap, 1)})"
    return f"{lead}: {among} reaches more than {at_most(plan.bound)}{weighed}{less}; {this}."


def hub_points(study: HubStudy, unmet: float, settings: Settings) -> list[str]:
    """Return what follows from a plan besides its worth: driving, its weakest stop, who is left.

    Parameters
    ----------
    study
        From `study_hub`.
    unmet
        Children likely to need help whom no fixed service reaches, whether or not the hub is for them.
    settings
        Whom the hub is for, and how candidates are chosen.
    """
    plan, left_out = study.plan, int((~study.candidates["kept"]).sum())
    chosen = pd.concat([plan.venues[["name", "status"]], best_for(plan)], axis=1).query("status == 'chosen'")
    child = ("rural child", "rural children") if settings.hub_serves == "rural" else _CHILD
    out_of_reach = max(0.0, round(plan.residual_need) - sum(reached_by(plan)))
    stay = "stays" if out_of_reach == 1 else "stay"
    visits, weeks = count_words(plan.visits_per_cycle, "visit"), count_words(settings.cycle_weeks, "week")
    told = [
        f"In {weeks} {visits} take{'s' * (plan.visits_per_cycle == 1)} {plan.minutes_driven / 60:,.1f} hours and "
        f"{plan.km_driven:,.0f} km of driving; {count_words(out_of_reach, *child)} likely to need help {stay} out of "
        "reach."
    ]
    if len(chosen):
        least = chosen.iloc[int((chosen["by_car"] + chosen["on_foot"]).to_numpy().argmin())]
        told.append(
            f"{least['name']} is the best stop for fewest ({count_words(least['by_car'], *_CHILD)} by car, "
            f"{number_words(least['on_foot'])} on foot): the first to look at, if planners know a better place."
        )
        told.append(_on_foot_only(chosen))
    elsewhere = max(0.0, unmet - plan.residual_need)
    if settings.hub_serves == "rural":
        told.append(
            f"Likely to need help and out of reach where the hub is not meant to go (hub_serves): "
            f"{count_words(elsewhere, *_CHILD)}."
        )
    lead = count_words(left_out, "place")
    be = "was no candidate" if left_out == 1 else "were no candidates"
    told.append(
        f"{lead[0].upper()}{lead[1:]} {be}, for the reasons listed; how near two may be "
        f"({settings.venue_spacing_m:,.0f} m) and how many are considered at most ({settings.max_venues}) are settings."
    )
    return told


def _on_foot_only(chosen: pd.DataFrame) -> str:
    """Say how many stops are the best one for no child by car, and what they are there for."""
    foot = int(((chosen["by_car"] == 0) & (chosen["on_foot"] > 0)).sum())
    nobody = int(((chosen["by_car"] == 0) & (chosen["on_foot"] == 0)).sum())
    told = f"Best stop for nobody by car, but for families without one: {part_words(foot, len(chosen), 'stop')}."
    more = f" Best stop for nobody at all, asked for by a rule or a decision or on the way: {nobody}." if nobody else ""
    return told + more


def access_answer(before: int, after: int, total: float, visits: Mapping[int, int], settings: Settings) -> str:
    """Return how many more children have help within the limit once the hub runs, and how seldom it comes to them.

    Parameters
    ----------
    before, after
        Children within the drive limit of help, in whole numbers.
    total
        Children of the area.
    visits
        From `newly_by_visits`.
    settings
        The limit, and the weeks of the cycle.
    """
    within = f"within {settings.limit_drive_min:g} minutes' drive"
    if not total > 0:
        return "No child lives in the area, by these data: nothing can be said of who is in reach."
    gained = after - before
    if not gained:
        return (
            f"With the mobile hub no more children have help {within}: {share_words(after / total, 1)}, as without it."
        )
    has = "has" if gained == 1 else "have"
    more = f"1 more child {has}" if gained == 1 else f"{gained:,} more children {has}"
    return (
        f"With the mobile hub, {more} help {within}: {share_words(after / total, 1)} instead of "
        f"{share_words(before / total, 1)}.{_how_seldom(visits, gained, settings.cycle_weeks)}"
    )


def _how_seldom(visits: Mapping[int, int], gained: int, cycle_weeks: int) -> str:
    """Say how many of those newly reached have a visit now and then, which is no centre that is open every day."""
    rare = {number: children for number, children in visits.items() if number < cycle_weeks and children > 0}
    if not rare:
        return " It comes to them once a week, which is no centre that is open every day." if visits else ""
    told = []
    for number, children in rare.items():
        every = f"every {cycle_weeks // number} weeks"
        often = every if cycle_weeks % number == 0 else f"in {number} of {cycle_weeks} weeks"
        told.append(f"{'all' if children == gained else f'{children:,}'} of them by a visit {often} only")
    weekly = sum(children for number, children in visits.items() if number >= cycle_weeks)
    listed = ", ".join(told + [f"{weekly:,} by a weekly one"] * (weekly > 0))
    return f" That is no centre that is open every day: {listed}."


def access_points(
    before: int, after: int, total: float, household: tuple[float, float], wards: pd.DataFrame, settings: Settings
) -> list[str]:
    """Return what the hub changes for families with and without a car, and for the hours each ward has.

    Parameters
    ----------
    before, after, total, settings
        As `access_answer`; its floor of hours and the hours assumed too.
    household
        Share in reach before and after, by car or, without one, on foot or by bus.
    wards
        From `shortfall_by`.
    """
    short = [float(wards[f"shortfall_{when}"].sum()) for when in ("before", "after")]
    floor = f"{settings.floor_hours_per_1000:g} session hours a week per 1,000 children"
    left = max(0, round(total) - after)
    still = "nobody is beyond" if not left else f"{left:,} still {'is' if left == 1 else 'are'} not"
    way = "by their walk or bus" if settings.bus_timetable else "by their walk"
    gained = after - before
    lead = f"{gained:,} more {'child is' if gained == 1 else 'children are'}" if gained else "No more children are"
    if number_words(short[0], 1) == "0.0":
        hours = f"Every ward has {floor} today."
    else:
        hours = (
            f"To bring every ward to {floor} takes {number_words(short[0], 1)} more hours a week today, and "
            f"{number_words(short[1], 1)} with the mobile hub."
        )
    return [
        f"{lead} within {settings.limit_drive_min:g} minutes' drive of help; {still}. Counting families without a car "
        f"{way}, {share_words(household[0], 1)} of children are within reach today and {share_words(household[1], 1)} "
        "with the mobile hub.",
        hours,
        f"The hours assume {settings.hub_hours_per_week:g} a week at a hub and {settings.centre_hours_per_week:g} at a "
        "centre: put in your own before quoting them.",
    ]


def bands_title(bands: pd.DataFrame) -> str:
    """Return the title of the chart of hours in reach: how many have none, before and after.

    Parameters
    ----------
    bands
        From `hours_bands`.
    """
    none = bands.iloc[0]
    has = "has" if none["before"] == 1 else "have"
    today = count_words(none["before"], *_CHILD)
    return f"{today[0].upper()}{today[1:]} {has} no hour of help in reach today, {none['after']:,} with the mobile hub"


def hours_title(wards: pd.DataFrame, shown: int) -> str:
    """Return the title of the chart of hours: all wards, or those with fewest."""
    which = f"the {shown} wards with fewest today" if len(wards) > shown else count_words(len(wards), "ward")
    return f"Session hours in reach, in {which}"


def visits_table(plan: HubPlan) -> pd.DataFrame:
    """Return one row per visit of the cycle, with the venue's name, place (m) and times of day: for calendars,
    spreadsheets, and as the `baseline` of a later run.
    """
    visits = plan.visits.join(plan.instance.venues.set_index("venue")[["name", "easting", "northing"]], on="venue")
    for column in ("arrive_min", "session_start_min", "session_end_min", "depart_min"):
        visits[column.removesuffix("_min")] = visits[column].map(clock)
    columns = [
        "week",
        "weekday",
        "vehicle",
        "sequence",
        "name",
        "easting",
        "northing",
        "arrive",
        "session_start",
        "session_end",
        "depart",
        "venue",
    ]
    return visits[columns]


def proof_table(plan: HubPlan) -> pd.DataFrame:
    """Return what was proven, by how much, and from how many choices."""
    verdicts = {"optimal": "proven best", BEST_ROUNDS: "best of those that repeat whole days; others may reach more"}
    verdict = verdicts.get(plan.status, "not proven in the time allowed")
    refused = check_plan(plan.to_dict())
    points = plan.instance.points
    has_stop = (plan.clients["car_visits"] > 0).groupby(points["lsoa"].where(points["floor"])).any()
    less = " (less change_penalty for each stop dropped or made rarer)" * bool(plan.instance.settings.change_penalty)
    rows = [
        ("Children reached, weighted by frequency", f"{plan.value:,.1f}"),
        (
            "No plan of the same aim from these candidates reaches more than" + less,
            f"{plan.bound:,.1f}" if plan.status == "optimal" else at_most(plan.bound, 1),
        ),
        ("Gap", share_words(plan.gap, 2)),
        ("Verdict", verdict),
        ("Independent check of every minute, rule and the value", "refused: " + refused[0] if refused else "passed"),
        (
            "Of those that should have a stop within the drive limit (deprived and hard to reach)",
            part_words(has_stop.sum(), len(has_stop), "neighbourhood") + " have one" * bool(len(has_stop)),
        ),
        (
            "Cost of a cycle, as far as prices are given",
            f"£{plan.cost_gbp:,.0f}" if plan.cost_gbp else "no price is given",
        ),
        ("Day tours to choose from", f"{plan.tours:,}"),
        ("Candidate venues", f"{len(plan.venues):,}"),
    ]
    return pd.DataFrame(rows, columns=["what", "value"])


def venues_table(study: HubStudy) -> pd.DataFrame:
    """Return the candidate venues and what became of each: the chosen first, then by need in reach."""
    venues = study.plan.venues
    out = pd.concat([venues[["name", "kind", "status", "frequency"]], best_for(study.plan)], axis=1).assign(
        need_in_reach=venues["venue"].map(study.candidates.set_index("venue")["need_in_reach"]),
        reason=venues["reason"],
        need_reached=venues["need_reached"],
    )
    order = ["need_reached", "need_in_reach", "name"]
    out = out.sort_values(order, ascending=[False, False, True], ignore_index=True).drop(columns="need_reached")
    return out.round({"by_car": 0, "on_foot": 0, "need_in_reach": 0})


def best_for(plan: HubPlan) -> pd.DataFrame:
    """Return, for each venue of a plan, the children whose best stop it is, `by_car` and `on_foot`; not rounded."""
    clients, ids = plan.clients, plan.venues["venue"]
    by = {
        name: clients.groupby(f"{who}_venue")[f"need_{who}"].sum()
        for name, who in (("by_car", "car"), ("on_foot", "foot"))
    }
    return pd.DataFrame({name: ids.map(need).fillna(0.0) for name, need in by.items()}, index=plan.venues.index)


def left_out_table(study: HubStudy) -> pd.DataFrame:
    """Return the places that did not become candidates, with the need in their reach and the reason."""
    left_out = study.candidates.loc[~study.candidates["kept"], ["name", "kind", "need_in_reach", "reason"]]
    ordered = left_out.sort_values(["need_in_reach", "name"], ascending=[False, True], ignore_index=True)
    return ordered.round({"need_in_reach": 0})

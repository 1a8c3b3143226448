"""What it would take, in words: a new home and when it has paid for itself, costs, foster households, hub homes.

Every sentence says what is a setting and what the forecast found; prices, staffing and who suits whom are settings or
unknown, so that a share of the futures drawn is never told as the chance that something comes true.
"""

from collections.abc import Mapping
from functools import reduce

import pandas as pd

from cfwlib.disclosure import Number, Protected, Public, Said, say
from cfwlib.pages.homes.now import places_known
from cfwlib.pages.homes.say import draws, setting, share_set, span
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.fostering import Fostering
from cfwlib.sufficiency.homes.mockingbird import Mockingbird
from cfwlib.sufficiency.homes.payback import YEARS
from cfwlib.sufficiency.homes.study import INSIDE, RESIDENTIAL, HomesStudy
from cfwlib.words import count_words, known, number_words, share_words

_NO_PAYBACK = "When a new home would have paid for itself is not shown: too few children, or too little is known."
_SAME = 1e-6


def payback_words(study: HomesStudy, now: Mapping[str, Protected], settings: Settings) -> Said:
    """Return when a new home in the area would have saved what it cost, and what of that is set and what is found.

    It starts from the children who live in homes in the area: nothing is told where their number is hidden.
    """
    row = study.home.table.iloc[0]
    both = [now["placement"].number("children", placement=RESIDENTIAL, **at) for at in ({}, {"location": INSIDE})]
    if any(n.value is None for n in both) or pd.isna(row["months_median"]) or not places_known(study):
        return say(_NO_PAYBACK)
    lead = say(
        "A new home with a capacity of {beds} for {capital}, with {running} a week to run it, each child in it saving "
        "{price} a week (all settings), ",
        beds=setting(settings.beds_per_home), capital=setting(settings.new_home_capital_gbp, "£{:,.0f}"),
        running=setting(settings.new_home_running_gbp_per_week, "£{:,.0f}"),
        price=setting(settings.cost_residential_gbp_per_week, "£{:,.0f}"),
    )  # fmt: skip
    month, even, never = (Number(float(row[name])) for name in ("months_median", "break_even_in_use", "chance_never"))
    years = setting(YEARS)
    when = (
        say("would not have paid for itself within {years} years in most of the futures drawn", years=years)
        if month.value == float("inf")
        else say("would have paid for itself about {months:.0f} months after opening", months=month)
    )
    unpaid = say("not shown: past forecasts were wrong too often")
    if known(row["chance_never"]):
        unpaid = say("{share}; prices, staffing and who suits whom are no part of that", share=draws(never))
    return say(
        "{lead}{when}. It covers its running costs with {even:.0%} of its beds in use{out}; {used}. Not paid back "
        "within {years} years: {unpaid}.",
        lead=lead, when=when, even=even, used=_in_use(float(row["in_use"]), settings), years=years, unpaid=unpaid,
        out=say(", more than it has" if row["break_even_in_use"] > 1 else ""),
    )  # fmt: skip


def _in_use(share: float, settings: Settings) -> Said:
    """Return how full the home is taken to be: as full as the setting allows, or emptier for want of children."""
    most = share_set(settings.bed_occupancy)
    if share >= settings.bed_occupancy - _SAME:
        return say(
            "that {most} are in use is a setting (bed_occupancy), no finding: the futures drawn hold enough children",
            most=most,
        )
    words = "the children of the futures drawn would use {used:.0%} on average, and {most} at most is a setting"
    return say(f"{words} (bed_occupancy)", used=Number(share), most=most)


def cost_words(cost: Protected) -> Said:
    """Return what all of it costs in each whole year, with its range; nothing that is withheld."""
    told = []
    for year in dict.fromkeys(cost.frame["year"]):
        mean = cost.number("mean", low="low_80", high="high_80", year=year)
        if mean.value is not None:
            about = Public(number_words(mean.value, 1), "released")
            when, between = Public(year, "a year"), span(mean, "80%", 1)
            told.append(say("in {when} about £{mean} million{span}", when=when, mean=about, span=between))
    if not told:
        return say("What all of it costs is not shown.")
    years = reduce(lambda one, other: say("{a}; {b}", a=one, b=other), told)
    return say("All of it, at the weekly prices of the settings: {years}.", years=years)


def fostering_words(found: Fostering, *, shown: bool) -> Public | Said:
    """Return what recruitment would be enough; it rests on who fosters today, so only where that is shown."""
    if not shown:
        return say("Too few children live with relatives, own carers or others' to show who would foster whom.")
    plan = found.scenario
    lead = (
        f"{count_words(plan.households, 'household')} of the service, {share_words(plan.leave_per_year)} of them "
        f"leaving and {plan.recruits_per_year:g} recruited a year (settings). "
    )
    text = lead[0].upper() + lead[1:] + found.needed.why
    return Public(text, "a forecast of children whose present number is shown, and settings")


def mockingbird_words(found: Mockingbird, settings: Settings) -> Public:
    """Return how many families the largest choice of constellations supports, and what is proven of that."""
    last = found.frontier.iloc[-1]
    families, bound = int(last["families"]), int(last["bound"] + _SAME)
    limits = (
        f"of {settings.mockingbird_min_families} to {settings.mockingbird_max_families} families each, within "
        f"{settings.mockingbird_limit_min:g} minutes' drive"
    )
    if not families:
        none = f"No constellation {limits} was found"
        return Public(f"{none}{', and there is none.' if not bound else '.'}", "adults' households")
    most = count_words(last["at_most"], "constellation")
    proof = f"no choice of {most} supports more"
    if families < bound:
        proof = f"not proven the most: no choice of {most} supports more than {bound}"
    ceiling = int(found.ceiling + _SAME)
    more = f" Nor does any number of them support more than {ceiling}." if ceiling > families else ""
    if ceiling <= families:
        proof = "no number of constellations supports more"
    text = (
        f"{count_words(last['constellations'], 'constellation')} {limits}, would support "
        f"{count_words(families, 'foster family', 'foster families')} ({proof}).{more}"
    )
    return Public(text, "adults' households")

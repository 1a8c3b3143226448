"""What the page of homes says in words, every number of a child released first.

Every sentence says what is a setting and what the forecast found; prices, staffing and who suits whom are settings or
unknown, so that a share of the futures drawn is never told as the chance that something comes true.
"""

from collections.abc import Mapping
from functools import reduce

import pandas as pd

from cfwlib.disclosure import Number, Protected, Public, Said, say
from cfwlib.pages.homes.now import ALONE, OUTSIDE, places_known
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.cost import YEARS
from cfwlib.sufficiency.homes.fostering import Fostering
from cfwlib.sufficiency.homes.groups import NOT_KNOWN
from cfwlib.sufficiency.homes.mockingbird import Mockingbird
from cfwlib.sufficiency.homes.nearer import COULD
from cfwlib.sufficiency.homes.published import INDICATORS, PublishedHomes
from cfwlib.sufficiency.homes.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy
from cfwlib.words import count_words, draws_words, known, number_words, share_words

NEEDS_RETURNS = (
    "Only published figures are used here. The rest of this page needs the council's child-level returns: put the "
    "header, episodes and UASC files into a folder of data/returns and run again with its name, as docs/homes.md "
    "tells. No child will be shown."
)
NO_PLACES = (
    "Of too many of the children it is not known whether they live in the area, so that no share, path or target is "
    "given: put postcodes beside the returns, as docs/homes.md tells."
)
NOT_HERE = "Not answered by this run: see the caution at the top of the page."
NEEDS_CARERS = (
    "The service's own list of foster households was not given: put it into data/returns and name it as carers, as "
    "docs/homes.md tells. No household will be shown."
)
_FAR = 10  # percentage points from England that are worth a planner's notice
HEADLINES = {
    "homes_children_in_care": ("children in care", "children"),
    "homes_in_area_share": ("live in the area", "share"),
    "homes_children_ahead": ("in care at the end of the forecast", "children"),
    "homes_beds_needed": ("beds in children's homes that would be enough then", "beds"),
    "homes_target_chance": ("of the futures drawn reach the target share in the area, as things go", "share"),
}
_NO_PAYBACK = "When a new home would have paid for itself is not shown: too few children, or too little is known."
_SAME = 1e-6


def day(date: pd.Timestamp) -> Public:
    """Return a date in words."""
    return Public(f"{date.day} {date:%B %Y}", "a date")


def setting(value: float, form: str = "{:g}") -> Public:
    """Return a setting in words."""
    return Public(form.format(value), "a setting")


def share_set(value: float) -> Public:
    """Return a setting that is a share, in words."""
    return Public(share_words(value), "a setting")


def draws(number: Number) -> Said:
    """Return in how many of the futures drawn something happens: a share of draws, and not the chance of the world."""
    return say("{told}", told=Public(draws_words(number.value), "a share of draws of a forecast"))


def span(number: Number, level: str = "95%", decimals: int = 0) -> Said:
    """Return the interval of a released number in brackets; nothing where it has none."""
    if number.low is None or number.high is None:
        return say("")
    ends = {"low": number.low, "high": number.high}
    shown = {name: Public(number_words(end, decimals), "released with its number") for name, end in ends.items()}
    return say(" ({level} range {low} to {high})", level=Public(level, "a level"), **shown)


def children(number: Number) -> Said:
    """Return how many children, at the beginning of a sentence: No child, One child, 12 children."""
    if number.value == 0:
        return say("No child")
    return say("One child") if number.value == 1 else say("{n} children", n=number)


def published_answer(homes: PublishedHomes) -> Public:
    """Return what the published figures alone answer, in a sentence."""
    table, total = homes.comparison("in_area"), homes.trend.dropna(subset=["cared_for"])
    own, england = table[table["is_area"]], table.loc[table["is_england"], "value"].dropna()
    more = " Forecasts, and who could live nearer, need the council's returns."
    if total.empty:
        found = "hold no number of children in care" if len(homes.trend) else "were not imported, or have no row"
        return Public(f"The published tables {found} of {homes.name}: there is no answer yet.", "no figure")
    in_care = count_words(total["cared_for"].iloc[-1], "child", "children")
    lead = f"In March {total['year'].iloc[-1]}, {homes.name} cared for {in_care}"
    if own.empty or own["value"].isna().all():
        return Public(f"{lead}; how many of them lived in the area is not published.{more}", "published figures")
    year = own["year"].iloc[0]
    of_them = "of them" if year == total["year"].iloc[-1] else f"of those of March {year}"
    among = int(table["rank"].notna().sum())
    rank = f"; of it and its statistical neighbours rank {own['rank'].iloc[0]:.0f} of {among}" if among > 1 else ""
    elsewhere = f" (England {england.iloc[0]:.1f}%{rank})" if len(england) else ""
    share = f"{own['value'].iloc[0]:.1f}% {of_them} lived in the area{elsewhere}"
    return Public(f"{lead}, and {share}.{more}", "published figures")


def published_points(homes: PublishedHomes) -> list[Public]:
    """Return what the published figures alone say to those who plan: where the area is far from England, and places."""
    points = [published_answer(homes).value]
    for name, one in INDICATORS.items():
        table = homes.comparison(name)
        own, england = (table.loc[table[flag], "value"].dropna() for flag in ("is_area", "is_england"))
        if one.unit == "%" and len(own) and len(england) and abs(own.item() - england.item()) >= _FAR:
            points.append(f"{one.label}: {own.item():.1f}% (England {england.item():.1f}%).")
    return [Public(point, "published figures") for point in points]


def homes_answer(
    study: HomesStudy, now: Mapping[str, Protected], ahead: Protected, beds: Protected, settings: Settings
) -> Said:
    """Return the answer in a few sentences: children now and ahead, where they live, beds needed."""
    end, placement = study.made.dates[-1], now["placement"]
    then = {"date": f"{end:%Y-%m-%d}"}
    share, total = _inside(study, now), ahead.number("median", low="low_95", high="high_95", **then)
    lives, needed = placement.number("children", placement=RESIDENTIAL), _needed(study, beds)
    living = say(" and {share:.1%} of them lived in the area", share=share) if share.value is not None else say("")
    unsure = say("" if total.low is not None else " (no range: past forecasts were wrong too often)")
    first = say(
        "On {at}, {n} children were in care{living}.", at=day(study.at), n=placement.number("children"), living=living
    )
    ahead_of = say(
        " If things go on as in the last years, there will be about {total:.0f} on {end}{span}{unsure}.",
        total=total, end=day(end), span=span(total), unsure=unsure,
    )  # fmt: skip
    if needed.value is None or lives.value is None:
        homes = say(" How many beds in children's homes that takes is not shown.")
    else:
        many = say("{needed:.0f} beds", needed=needed) if needed.value != 1 else say("one bed")
        homes = say(
            " {lives} lived in a children's home; {many} would then be enough for every child who needs one in "
            "{chance} of the futures drawn, if any bed suited any child.",
            lives=children(lives), many=many, chance=share_set(settings.bed_probability),
        )  # fmt: skip
    return say("{first}{ahead_of}{homes}", first=first, ahead_of=ahead_of, homes=homes)


def headline_values(
    study: HomesStudy,
    now: Mapping[str, Protected],
    ahead: Protected,
    beds: Protected,
    path: Protected,
) -> dict[str, Number]:
    """Return the headline figures, by the names of `HEADLINES`."""
    then = {"date": f"{study.made.dates[-1]:%Y-%m-%d}"}
    return {
        "homes_children_in_care": now["placement"].number("children"),
        "homes_in_area_share": _inside(study, now),
        "homes_children_ahead": ahead.number("median", low="low_95", high="high_95", **then),
        "homes_beds_needed": _needed(study, beds),
        "homes_target_chance": path.number("chance", location=INSIDE, date=f"{_by(study):%Y-%m-%d}")
        if places_known(study)
        else Number(None, "z"),
    }


def target_words(study: HomesStudy, path: Protected, changes: Protected, settings: Settings) -> Said:
    """Return whether the target will be reached as things go, and what would reach it."""
    near = _by(study)
    row = {"location": INSIDE, "date": f"{near:%Y-%m-%d}"}
    mean, chance = path.number("mean", **row), path.number("chance", **row)
    if not places_known(study):
        return say(NO_PLACES)
    if mean.value is None:
        return say("How many of the children live in the area is not shown, nor what would reach the target.")
    target, start = share_set(settings.target_in_area_share), study.changes["starts"].iloc[0]
    lead = say(
        "As things go, {mean:.0%} of the children will live in the area on {near}, on average; {target} of them or "
        "more do so {chance}. ",
        mean=mean, near=day(near), target=target, chance=draws(chance),
    )  # fmt: skip
    strength = changes.number("strength_share", location=INSIDE, starts=f"{start:%Y-%m-%d}")
    if strength.value == 0:
        return say("{lead}Nothing has to change for it, on average.", lead=lead)
    if strength.value is None:
        words = (
            "{lead}Even if from {start} on all new foster, residential and supported placements were made in the area, "
            "{target} would not be reached on average."
        )
        return say(words, lead=lead, target=target, start=day(start))
    return say(
        "{lead}To reach it on average, {strength:.0%} of the new foster, residential and supported placements that "
        "would be outside must be made in the area instead, from {start} on.",
        lead=lead, strength=strength, start=day(start),
    )  # fmt: skip


def counted_words(study: HomesStudy, now: Mapping[str, Protected], homes: PublishedHomes) -> list[Said]:
    """Return how the returns compare with the published total of the day, and how many came alone."""
    total, alone = now["placement"].number("children"), now["alone"].number("children", rule=ALONE)
    told = say("None of the children") if alone.value == 0 else say("{alone} of the children", alone=alone)
    out = [say("{told} came alone to seek asylum.", told=told)] if alone.value is not None else []
    published = homes.trend[(homes.trend["year"] == f"{study.at.year}") & homes.trend["cared_for"].notna()]
    if len(published) and (study.at.month, study.at.day) == (3, 31):
        official = Public(f"{published['cared_for'].iloc[0]:,.0f}", "a published figure")
        words = "The published figure for {at} is {official} children in care; these returns have {total}."
        out.insert(0, say(words, at=day(study.at), official=official, total=total))
    return out


def scenario_notes(study: HomesStudy) -> list[Public]:
    """Return what each scenario assumes, and what was held back of it."""
    notes = [f"{name}: {one.note}." for name, (one, _) in study.scenarios.items() if one.note]
    notes += [f"{name}: {note}" for name, (_, made) in study.scenarios.items() for note in made.notes]
    return [Public(note, "a scenario's text") for note in [*notes, *study.made.notes]]


def trend_words(study: HomesStudy) -> Public:
    """Return what the test of the trend of starts found, and how it scatters."""
    phi = f"{study.evidence.phi:.1f}"
    scatter = "They scatter no more than by chance alone."
    if phi != "1.0":
        scatter = f"Their variance is {phi} times that of chance alone."
    return Public(f"{study.evidence.trend.sentence} {scatter}", "a rate")


def bands_words(study: HomesStudy) -> Public:
    """Return what past forecasts say of the ranges."""
    return Public(study.test.why(TOTAL), "how often forecasts were right")


def nearer_words(study: HomesStudy, now: Mapping[str, Protected]) -> Said:
    """Return how many children placed outside could live in the area, and whether all are known of."""
    rules = now["rules"]
    could = rules.number("children", location=OUTSIDE, rule=COULD)
    outside = rules.number("children", location=OUTSIDE)
    unknown = int((study.now["where"] == NOT_KNOWN).sum())
    if unknown == len(study.now):
        return say("It is not known of any child whether it is placed outside the area, nor who could live nearer.")
    if could.value is None or outside.value is None:
        return say("How many of the children placed outside could live in the area is not shown.")
    rest = say(" Of some children it is not known where they live: they are not among these.") if unknown else say("")
    if outside.value == 0:
        return say("No child is known to be placed outside the area.{rest}", rest=rest)
    lead = say("Of {outside} children placed outside", outside=outside)
    if could.value == 0:
        return say("{lead}, the rules leave none who could live in the area.{rest}", lead=lead, rest=rest)
    who = say("all") if could.value == outside.value else say("{n}", n=could)
    words = "{lead}, {who} could live in the area by the rules listed, if there were a place to suit them.{rest}"
    return say(words, lead=lead, who=who, rest=rest)


def _by(study: HomesStudy) -> pd.Timestamp:
    """Return the date of the forecast that is nearest to the target's."""
    dates = study.path["date"]
    return pd.Timestamp(dates.iloc[(dates - study.target_by).abs().argmin()])


def _inside(study: HomesStudy, now: Mapping[str, Protected]) -> Number:
    """Return the share of children who live in the area; none where that is not known of enough of them."""
    return now["placement"].number("share", location=INSIDE) if places_known(study) else Number(None, "z")


def _needed(study: HomesStudy, beds: Protected) -> Number:
    """Return the beds that are enough on the last night."""
    return beds.number("beds_for_chance", placement=RESIDENTIAL, date=f"{study.made.dates[-1]:%Y-%m-%d}")


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

"""What the page of homes says in words, every number of a child released first."""

from collections.abc import Mapping
from functools import reduce

import pandas as pd

from cfwlib.disclosure import Number, Protected, Public, Said, say
from cfwlib.report.homes_now import ALONE, OUTSIDE, places_known
from cfwlib.settings import Settings
from cfwlib.sufficiency.fostering import Fostering
from cfwlib.sufficiency.mockingbird import Mockingbird
from cfwlib.sufficiency.nearer import COULD
from cfwlib.sufficiency.published import INDICATORS, PublishedHomes
from cfwlib.sufficiency.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy

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
    "homes_target_chance": ("chance of the target share in the area, as things go", "share"),
}


def day(date: pd.Timestamp) -> Public:
    """Return a date in words."""
    return Public(f"{date.day} {date:%B %Y}", "a date")


def setting(value: float, form: str = "{:g}") -> Public:
    """Return a setting in words."""
    return Public(form.format(value), "a setting")


def published_answer(homes: PublishedHomes) -> Public:
    """Return what the published figures alone answer, in a sentence."""
    table = homes.comparison("in_area")
    own, england = table[table["is_area"]], table.loc[table["is_england"], "value"]
    total = homes.trend["cared_for"].dropna()
    if own.empty or own["value"].isna().all() or total.empty:
        return Public(
            "The published tables of children in care were not imported: there is no answer yet.", "no figure"
        )
    rank = f"; of it and its statistical neighbours rank {own['rank'].item():.0f} of {table['rank'].notna().sum()}"
    elsewhere = f" (England {england.item():.1f}%{rank})" if len(england) else ""
    text = (
        f"In March {homes.year}, {homes.name} cared for {total.iloc[-1]:,.0f} children, and {own['value'].item():.1f}% "
        f"of them lived in the area{elsewhere}. Forecasts, and who could live nearer, need the council's returns."
    )
    return Public(text, "published figures")


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
        total=total, end=day(end), span=_span(total), unsure=unsure,
    )  # fmt: skip
    if needed.value is None or lives.value is None:
        homes = say(" How many beds in children's homes that takes is not shown.")
    else:
        homes = say(
            " {lives} live in a children's home now; {needed:.0f} beds would then be enough for every child who needs "
            "one, with a chance of {chance}.", lives=lives, needed=needed,
            chance=setting(settings.bed_probability, "{:.0%}"),
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
    target = setting(settings.target_in_area_share, "{:.0%}")
    lead = say(
        "As things go, {mean:.0%} of the children will live in the area on {near}. "
        "The chance of reaching {target}: {chance}. ",
        mean=mean, near=day(near), target=target, chance=_chance(chance),
    )  # fmt: skip
    start = f"{study.changes['starts'].iloc[0]:%Y-%m-%d}"
    strength = changes.number("strength_share", location=INSIDE, starts=start)
    if strength.value == 0:
        return say("{lead}Nothing has to change for it, on average.", lead=lead)
    if strength.value is None:
        words = "{lead}Even if every new placement were made in the area, {target} would not be reached on average."
        return say(words, lead=lead, target=target)
    return say(
        "{lead}To reach it on average, {strength:.0%} of the new placements that would be outside must be made in the "
        "area instead, from now on; the later it begins, the more.", lead=lead, strength=strength,
    )  # fmt: skip


def payback_words(study: HomesStudy, now: Mapping[str, Protected], settings: Settings) -> Said:
    """Return when a new home in the area has saved what it cost, and from what use on.

    It starts from the children who live in homes in the area: nothing is told where their number is hidden.
    """
    row = study.home.table.iloc[0]
    both = [now["placement"].number("children", placement=RESIDENTIAL, **at) for at in ({}, {"location": INSIDE})]
    if any(n.value is None for n in both) or pd.isna(row["months_median"]) or not places_known(study):
        return say("When a new home would have paid for itself is not shown: too few children, or too little is known.")
    month, even, used, never = (
        Number(float(row[name])) for name in ("months_median", "break_even_in_use", "in_use", "chance_never")
    )
    when = (
        say("would not pay for itself in the years looked at")
        if month.value == float("inf")
        else say("pays for itself in about {months:.0f} months", months=month)
    )
    return say(
        "A new home of {beds} beds for {capital} {when}: it breaks even with {even:.0%} of its beds in use, and the "
        "forecast fills {used:.0%}. The chance that it never does: {never}.",
        beds=setting(settings.beds_per_home), capital=setting(settings.new_home_capital_gbp, "£{:,.0f}"), when=when,
        even=even, used=used, never=_chance(never),
    )  # fmt: skip


def counted_words(study: HomesStudy, now: Mapping[str, Protected], homes: PublishedHomes) -> list[Said]:
    """Return how the returns compare with the published total of the day, and how many came alone."""
    total, alone = now["placement"].number("children"), now["alone"].number("children", rule=ALONE)
    out = [say("{alone} of the children came alone to seek asylum.", alone=alone)] if alone.value is not None else []
    told = homes.trend[(homes.trend["year"] == f"{study.at.year}") & homes.trend["cared_for"].notna()]
    if len(told) and (study.at.month, study.at.day) == (3, 31):
        official = Public(f"{told['cared_for'].iloc[0]:,.0f}", "a published figure")
        words = "The published figure for {at} is {official} children in care; these returns have {total}."
        out.insert(0, say(words, at=day(study.at), official=official, total=total))
    return out


def fostering_words(found: Fostering, *, shown: bool) -> Public | Said:
    """Return what recruitment would be enough; it rests on who fosters today, so only where that is shown."""
    if not shown:
        return say("Too few children live with relatives, own carers or others' to show who would foster whom.")
    plan = found.scenario
    lead = (
        f"{plan.households} households of the service, {plan.leave_per_year:.0%} of them leaving and "
        f"{plan.recruits_per_year:g} recruited a year (settings). "
    )
    return Public(lead + found.needed.why, "a forecast of children whose present number is shown, and settings")


def scenario_notes(study: HomesStudy) -> list[Public]:
    """Return what each scenario assumes, and what was held back of it."""
    notes = [f"{name}: {one.note}." for name, (one, _) in study.scenarios.items() if one.note]
    notes += [f"{name}: {note}" for name, (_, made) in study.scenarios.items() for note in made.notes]
    return [Public(note, "a scenario's text") for note in [*notes, *study.made.notes]]


def mockingbird_words(found: Mockingbird, settings: Settings) -> Public:
    """Return how many families the largest choice of constellations supports, and whether it is proven."""
    last = found.frontier.iloc[-1]
    proof = "no choice supports more" if last["proven"] else f"no choice supports more than {last['bound']:.0f}"
    limits = f"{settings.mockingbird_min_families} to {settings.mockingbird_max_families} families each, within "
    text = (
        f"{last['constellations']:.0f} constellations of {limits}{settings.mockingbird_limit_min:g} minutes' drive "
        f"would support {last['families']:.0f} foster families ({proof}); as many as there can be, "
        f"{found.ceiling:.0f}."
    )
    return Public(text, "adults' households")


def cost_words(cost: Protected) -> Said:
    """Return what all of it costs in each whole year, with its range; nothing that is withheld."""
    told = []
    for year in dict.fromkeys(cost.frame["year"]):
        mean = cost.number("mean", low="low_80", high="high_80", year=year)
        if mean.value is not None:
            span, when = _span(mean, "80%", "{:.1f}"), Public(year, "a year")
            told.append(say("in {when} about £{mean:.1f} million{span}", when=when, mean=mean, span=span))
    if not told:
        return say("What all of it costs is not shown.")
    return say("All of it: {years}.", years=reduce(lambda one, other: say("{a}; {b}", a=one, b=other), told))


def trend_words(study: HomesStudy) -> Public:
    """Return what the test of the trend of starts found, and how it scatters."""
    phi = study.evidence.phi
    return Public(f"{study.evidence.trend.sentence} They scatter {phi:.1f} times as widely as chance alone.", "a rate")


def bands_words(study: HomesStudy) -> Public:
    """Return what past forecasts say of the ranges."""
    return Public(study.test.why(TOTAL), "how often forecasts were right")


def nearer_words(rules: Protected) -> Said:
    """Return how many children placed outside could live in the area."""
    could = rules.number("children", location=OUTSIDE, rule=COULD)
    outside = rules.number("children", location=OUTSIDE)
    if could.value is None or outside.value is None:
        return say("How many of the children placed outside could live in the area is not shown.")
    words = "Of {outside} children placed outside, {could} could live in the area if there were a place to suit them."
    return say(words, outside=outside, could=could)


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


def _chance(number: Number) -> Said:
    """Return a chance in words; a forecast of a few hundred draws knows neither never nor always."""
    if number.value is None:
        return say("not shown")
    few, many = Public("under 1%", "a bound"), Public("over 99%", "a bound")
    return (
        say("{p}", p=few)
        if number.value < 0.01
        else say("{p}", p=many)
        if number.value > 0.99
        else say("{p:.0%}", p=number)
    )


def _span(number: Number, level: str = "95%", form: str = "{:,.0f}") -> Said:
    """Return the interval of a released number in brackets; nothing where it has none."""
    if number.low is None or number.high is None:
        return say("")
    ends = {"low": form.format(number.low), "high": form.format(number.high)}
    shown = {name: Public(text, "released with its number") for name, text in ends.items()}
    return say(" ({level} range {low} to {high})", level=Public(level, "a level"), **shown)

"""What the page of homes says in words, every number of a child released first."""

from collections.abc import Mapping

import pandas as pd

from cfwlib.disclosure import Number, Protected, Public, Said, say
from cfwlib.settings import Settings
from cfwlib.sufficiency.fostering import Fostering
from cfwlib.sufficiency.mockingbird import Mockingbird
from cfwlib.sufficiency.published import PublishedHomes
from cfwlib.sufficiency.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy

NEEDS_RETURNS = (
    "This part needs the council's child-level returns: put the header, episodes and UASC files into a folder of "
    "data/returns and run again with its name, as docs/homes.md tells. No child will be shown."
)
NEEDS_CARERS = (
    "The service's own list of foster households was not given: put it into data/returns and name it as carers, as "
    "docs/homes.md tells. No household will be shown."
)
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
    rank = f", rank {own['rank'].item():.0f} of {table['rank'].notna().sum()} among its statistical neighbours"
    elsewhere = f" (England {england.item():.1f}%{rank})" if len(england) else ""
    text = (
        f"In March {homes.year}, {homes.name} cared for {total.iloc[-1]:,.0f} children, and {own['value'].item():.1f}% "
        f"of them lived in the area{elsewhere}. What will be needed, and who could live nearer, takes the returns."
    )
    return Public(text, "published figures")


def homes_answer(
    study: HomesStudy, now: Mapping[str, Protected], ahead: Protected, beds: Protected, settings: Settings
) -> Said:
    """Return the answer in one sentence: children now and ahead, where they live, beds needed."""
    end = study.made.dates[-1]
    then = {"date": f"{end:%Y-%m-%d}"}
    total = ahead.number("median", low="low_95", high="high_95", **then)
    needed = beds.number("beds_for_chance", placement=RESIDENTIAL, **then)
    return say(
        "On {at}, {children} children were in care and {share:.1%} of them lived in the area. By {end} there will be "
        "about {total:.0f}{span}; {needed:.0f} beds in children's homes would then be enough for every child who needs "
        "one, with a chance of {chance}, where {lives} children live in one now.",
        at=day(study.at), children=now["placement"].number("children"),
        share=now["placement"].number("share", location="in area"), end=day(end), total=total, span=_span(total),
        needed=needed, chance=setting(settings.bed_probability, "{:.0%}"),
        lives=now["placement"].number("children", placement=RESIDENTIAL),
    )  # fmt: skip


def headline_values(
    study: HomesStudy, now: Mapping[str, Protected], ahead: Protected, beds: Protected, path: Protected
) -> dict[str, Number]:
    """Return the headline figures, by the names of `HEADLINES`."""
    then = {"date": f"{study.made.dates[-1]:%Y-%m-%d}"}
    return {
        "homes_children_in_care": now["placement"].number("children"),
        "homes_in_area_share": now["placement"].number("share", location=INSIDE),
        "homes_children_ahead": ahead.number("median", low="low_95", high="high_95", **then),
        "homes_beds_needed": beds.number("beds_for_chance", placement=RESIDENTIAL, **then),
        "homes_target_chance": path.number("chance", location=INSIDE, **then),
    }


def target_words(study: HomesStudy, path: Protected, changes: Protected, settings: Settings) -> Said:
    """Return whether the target will be reached as things go, and what would reach it."""
    by = pd.Timestamp(settings.target_date)
    near = study.path.iloc[(study.path["date"] - by).abs().argmin()]["date"]
    row = {"location": INSIDE, "date": f"{near:%Y-%m-%d}"}
    common: dict[str, Number | Public | str] = {
        "target": setting(settings.target_in_area_share, "{:.0%}"), "by": day(by), "mean": path.number("mean", **row),
        "chance": path.number("chance", **row),
    }  # fmt: skip
    start = f"{study.changes['starts'].iloc[0]:%Y-%m-%d}"
    strength = changes.number("strength_share", location=INSIDE, starts=start)
    lead = "As things go, {mean:.0%} of the children will live in the area on {by} (chance of {target}: {chance:.0%}). "
    if strength.value is None:
        return say(lead + "Even if every new placement were made in the area, {target} would not be reached.", **common)
    return say(
        lead + "It would take {strength:.0%} of the new placements outside made in the area instead, from now on; "
        "the later it begins, the more.", **common, strength=strength,
    )  # fmt: skip


def payback_words(study: HomesStudy, beds: Protected, settings: Settings) -> Said:
    """Return when a new home has saved what it cost, and from what use on."""
    row = study.home.table.iloc[0]
    hidden = beds.number("median", placement=RESIDENTIAL, date=f"{study.made.dates[-1]:%Y-%m-%d}").value is None

    def told(value: float) -> Number:
        return Number(None, "c") if hidden else Number(float(value)) if pd.notna(value) else Number(None, "z")

    month = told(row["months_median"])
    when = (
        "would not pay back in the years looked at"
        if month.value == float("inf")
        else "pays back in {months:.0f} months"
    )
    return say(
        "A new home of {beds} beds for {capital} " + when + "; it breaks even at {even:.0%} of its beds in use, and "
        "the forecast fills {used:.0%}. Chance that it never pays back: {never:.0%}.",
        beds=setting(settings.beds_per_home), capital=setting(settings.new_home_capital_gbp, "£{:,.0f}"), months=month,
        even=told(row["break_even_in_use"]), used=told(row["in_use"]), never=told(row["chance_never"]),
    )  # fmt: skip


def fostering_words(found: Fostering) -> Public:
    """Return what recruitment would be enough; a model's answer about adults' households."""
    plan = found.scenario
    lead = (
        f"{plan.households} households of the service, {plan.leave_per_year:.0%} of them leaving and "
        f"{plan.recruits_per_year:g} recruited a year (settings). "
    )
    return Public(lead + found.needed.why, "adults' households and settings")


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
        f"would support {last['families']:.0f} foster families ({proof}); any number of them, {found.ceiling:.0f}."
    )
    return Public(text, "adults' households")


def cost_words(study: HomesStudy, cost: Protected) -> list[Said]:
    """Return what all of it costs in each whole year, with its range."""
    years = dict.fromkeys(cost.frame["year"])
    found = {year: cost.number("mean", low="low_80", high="high_80", year=year) for year in years}
    return [
        say(
            "In {year} about £{mean:.1f} million{span}.",
            year=Public(year, "a year"),
            mean=number,
            span=_span(number, "80%", "{:.1f}"),
        )
        for year, number in found.items()
    ]


def trend_words(study: HomesStudy) -> Public:
    """Return what the test of the trend of starts found, and how it scatters."""
    phi = study.evidence.phi
    return Public(f"{study.evidence.trend.sentence} They scatter {phi:.1f} times as widely as chance alone.", "a rate")


def bands_words(study: HomesStudy) -> Public:
    """Return what past forecasts say of the ranges."""
    return Public(study.test.why(TOTAL), "how often forecasts were right")


def nearer_words(rules: Protected, rule: str) -> Said:
    """Return how many children placed outside could live in the area."""
    could = rules.number("children", location="outside", rule=rule)
    outside = rules.number("children", location="outside")
    words = "Of {outside} children placed outside, {could} could live in the area if there were a place to suit them."
    return say(words, outside=outside, could=could)


def _span(number: Number, level: str = "95%", form: str = "{:,.0f}") -> Said:
    """Return the interval of a released number in brackets; nothing where it has none."""
    if number.low is None or number.high is None:
        return say("")
    ends = {"low": form.format(number.low), "high": form.format(number.high)}
    shown = {name: Public(text, "released with its number") for name, text in ends.items()}
    return say(" ({level} range {low} to {high})", level=Public(level, "a level"), **shown)

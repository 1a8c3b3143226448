"""What the page of homes says in words, every number of a child released first."""

from collections.abc import Mapping

import pandas as pd

from cfwlib.disclosure import Number, Protected, Public, Said, say
from cfwlib.pages.homes.now import ALONE, OUTSIDE, places_known
from cfwlib.pages.homes.say import children, day, draws, setting, share_set, span
from cfwlib.pages.homes.what_it_takes import cost_words, fostering_words, mockingbird_words, payback_words
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.groups import NOT_KNOWN
from cfwlib.sufficiency.homes.nearer import COULD
from cfwlib.sufficiency.homes.published import INDICATORS, PublishedHomes
from cfwlib.sufficiency.homes.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy
from cfwlib.words import count_words

__all__ = [
    "HEADLINES", "NEEDS_CARERS", "NEEDS_RETURNS", "NOT_HERE", "NO_PLACES", "bands_words", "cost_words",
    "counted_words", "fostering_words", "headline_values", "homes_answer", "mockingbird_words", "nearer_words",
    "payback_words", "published_answer", "published_points", "scenario_notes", "setting", "target_words", "trend_words",
]  # fmt: skip

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

"""Homes for children in care from published tables alone: trend, mix, neighbours, places against children, costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cfwlib.data.social_care import CHILDREN, NET_GAIN, RATE, SocialCare
from cfwlib.errors import InputError
from cfwlib.sufficiency.homes.published_places import HOMES, against_children, costs_of
from cfwlib.words import count_words

LOCALITY, DISTANCE, BOTH = (
    "Locality of placement",
    "Distance between home and placement",
    "Distance between home and placement and locality of placement",
)
NEW, THREE_MOVES = "Location of new placements during the year", "With 3 or more placements during the year"
LONG_IN_CARE = "Children looked after continuously for at least 2.5 years on 31 March aged under 16 years"
_ACROSS = (
    "1. Children who are the responsibility of other LAs placed within this LA boundary",
    "2. Children who are the responsibility of this LA placed outside the LA boundary",
)
_POINTS = {
    "cared_for": "Children looked after on 31 March each year",
    "started": "Children starting to be looked after each year",
    "ceased": "Children ceasing to be looked after each year",
}
_FEW_YEARS = 5  # are no trend
_PLACE = ["year", "level", "la", "name", "topic"]


@dataclass(frozen=True)
class Indicator:
    """A figure by which authorities are compared; `column` is `share` (per cent of its total) or `number`."""

    label: str
    unit: str
    topic: str
    item: str
    column: str = "share"


INDICATORS = {
    "rate": Indicator("Children in care", "per 10,000 aged 0 to 17", RATE, _POINTS["cared_for"], "number"),
    "started_rate": Indicator("Started in the year", "per 10,000 aged 0 to 17", RATE, _POINTS["started"], "number"),
    "ceased_rate": Indicator("Ceased in the year", "per 10,000 aged 0 to 17", RATE, _POINTS["ceased"], "number"),
    "in_area": Indicator("Placed in the area", "%", LOCALITY, "Placed inside the local authority boundary"),
    "over_20_miles": Indicator("Placed over 20 miles from home", "%", DISTANCE, "Placed more than 20 miles from home"),
    "outside_over_20_miles": Indicator(
        "Outside the area and over 20 miles from home", "%", BOTH,
        "4. Placed outside the LA boundary, more than 20 miles from home",
    ),
    "private": Indicator("With private providers", "%", "Place providers", "Private provision"),
    "own": Indicator("With the council's own provision", "%", "Place providers", "Own provision (by the LA)"),
    "fostering": Indicator("In foster care", "%", "Placement", "Foster placements"),
    "homes": Indicator("In children's homes", "%", "Placement", HOMES),
    "three_moves": Indicator("Three or more placements in the year", "%", "CLA on 31 March", THREE_MOVES),
    "same_carer": Indicator(
        "With the same carer for two years (of those long in care)", "%", LONG_IN_CARE,
        "Living with the same carer for at least 2 years",
    ),
    "new_outside_over_20_miles": Indicator(
        "New placements outside the area and over 20 miles from home", "%", NEW,
        "Placed outside LA boundary more than 20 miles from home",
    ),
    "uasc": Indicator("Unaccompanied asylum-seeking", "%", "Unaccompanied asylum-seeking children", "UASC"),
}  # fmt: skip


@dataclass(frozen=True)
class PublishedHomes:
    """What published tables say of one authority's children in care; every number has its status, source and vintage.

    `figures`: every table's rows, with `number` and `share` (per cent of its total). `trend`: a row per year: children,
    starts, ceasings, rates per 10,000. `against`: registered places against children. `costs`: GBP per week. `notes`:
    what a reader must be told. A figure that is hidden is NaN with a status (a key of `data.status.STATUSES`), and none
    is worked out from others.
    """

    name: str
    code: str
    year: str
    figures: pd.DataFrame
    neighbours: pd.DataFrame
    region: str
    trend: pd.DataFrame
    against: pd.DataFrame
    costs: pd.DataFrame
    notes: tuple[str, ...]
    lacking: tuple[str, ...]

    def comparison(self, indicator: str) -> pd.DataFrame:
        """Return an indicator of the area, its statistical neighbours, region and England, highest first.

        Parameters
        ----------
        indicator
            A key of `INDICATORS`.

        Returns
        -------
        comparison
            `name`, `value` (in `unit`; NaN = not shown), `status`, `kind` (area, neighbour, region or england),
            `is_area`, `is_england`, `closeness` (of a neighbour), `rank` (1 = highest, of the area and its neighbours
            that are shown; NaN for others), `unit`, `year`, `source`, `vintage`. Empty where the table is not imported.

        Raises
        ------
        InputError
            When there is no such indicator.
        """
        if indicator not in INDICATORS:
            raise InputError(f"indicator '{indicator}' is not known; there are {', '.join(INDICATORS)}.")
        one = INDICATORS[indicator]
        rows = self.figures[(self.figures["topic"] == one.topic) & (self.figures["item"] == one.item)]
        rows = rows[rows["year"] == rows["year"].max()]
        kinds = dict.fromkeys(self.neighbours["la"], "neighbour")
        kind = rows["la"].map(kinds).where(rows["level"] == "authority").astype("object")
        kind = kind.mask(rows["authority"] == self.code, "area").mask(rows["level"] == "england", "england")
        kind = kind.mask((rows["level"] == "region") & (rows["name"] == self.region), "region")
        rows = rows.assign(kind=kind, unit=one.unit).dropna(subset=["kind"])
        rows = rows.rename(columns={one.column: "value", f"{one.column}_status": "status"})
        closeness = dict(zip(self.neighbours["la"], self.neighbours["closeness"], strict=True))
        among = rows["value"].where(rows["kind"].isin(["area", "neighbour"]))
        rows = rows.assign(
            is_area=rows["kind"] == "area",
            is_england=rows["kind"] == "england",
            closeness=rows["la"].map(closeness).where(rows["kind"] == "neighbour", "").astype("str"),
            rank=among.rank(ascending=False, method="min"),
        )
        columns = ["name", "value", "status", "kind", "is_area", "is_england", "closeness", "rank", "unit", "year"]
        rows = rows.sort_values(["value", "name"], ascending=[False, True], na_position="last")
        return rows[[*columns, "source", "vintage"]].reset_index(drop=True)


def published(care: SocialCare) -> PublishedHomes:
    """Return what the published tables say of an authority's children in care, beside neighbours and England.

    A table that was not imported leaves its frames empty, and is named in `lacking`.

    Parameters
    ----------
    care
        From `data.social_care.load_published_homes`.
    """
    figures = with_shares(care)
    own = figures[figures["authority"] == care.code]
    trend = _trend(own, figures, care.region)
    return PublishedHomes(
        name=care.name,
        code=care.code,
        year="" if trend.empty else trend["year"].iloc[-1],
        figures=figures,
        neighbours=care.neighbours,
        region=care.region,
        trend=trend,
        against=against_children(care),
        costs=costs_of(care),
        notes=_notes(care, own, trend),
        lacking=care.lacking,
    )


def with_shares(care: SocialCare) -> pd.DataFrame:
    """Return the figures with `share` (per cent of the total of their topic) and `share_status`, source and vintage.

    A share is worked out where the number and its total are shown; else it is the printed percentage, with its status.
    """
    figures = care.figures
    totals = figures[figures["item"].str.startswith("Total")].drop_duplicates(_PLACE)
    total = figures[_PLACE].merge(totals[[*_PLACE, "number"]], on=_PLACE, how="left")["number"].to_numpy()
    worked = 100 * figures["number"] / pd.Series(total, index=figures.index).where(total > 0)
    sources = {source["id"]: source for source in care.sources}
    return figures.assign(
        share=worked.fillna(figures["percent"]),
        share_status=figures["percent_status"].where(worked.isna(), ""),
        source=figures["table"].map({key: source["title"] for key, source in sources.items()}).astype("str"),
        vintage=figures["table"].map({key: source["vintage"] for key, source in sources.items()}).astype("str"),
    )


def _trend(own: pd.DataFrame, figures: pd.DataFrame, region: str) -> pd.DataFrame:
    """One row per year: children, starts, ceasings and rate per 10,000, each with its status; rates elsewhere."""
    columns = {(CHILDREN, item): name for name, item in _POINTS.items()} | {(RATE, _POINTS["cared_for"]): "rate"}
    out: dict[str, pd.Series] = {}
    for (topic, item), name in columns.items():
        rows = own[(own["topic"] == topic) & (own["item"] == item)].set_index("year")
        out |= {name: rows["number"], f"{name}_status": rows["number_status"]}
    rates = figures[(figures["topic"] == RATE) & (figures["item"] == _POINTS["cared_for"])].set_index("year")
    out["region_rate"] = rates.loc[(rates["level"] == "region") & (rates["name"] == region), "number"]
    out["england_rate"] = rates.loc[rates["level"] == "england", "number"]
    rows = own[own["table"] == "care_rates"].drop_duplicates("year").set_index("year")
    frame = pd.DataFrame(out).join(rows[["source", "vintage"]], how="right").rename_axis("year").reset_index()
    return frame.sort_values("year", ignore_index=True)


def _notes(care: SocialCare, own: pd.DataFrame, trend: pd.DataFrame) -> tuple[str, ...]:
    """What a reader must be told: a short trend, hidden figures, older tables, places of other countries."""
    notes = []
    shown = trend.loc[trend["cared_for"].notna(), "year"] if len(trend) else trend["year"]
    blank = [year for year in trend["year"] if year < shown.min()] if len(shown) else []
    if blank:
        notes.append(
            f"Figures of {care.name} begin in {shown.min()}: for {_years(blank)} the tables say 'not applicable', as "
            f"where an authority did not exist yet. {_no_trend(len(shown))}hose of a predecessor, which covered other "
            "places, are not joined on."
        )
    last = own[(own["year"] == own["year"].max()) & (own["table"] == "care_groups")]
    hidden = int((last["number_status"] == "c").sum())
    if hidden:
        notes.append(
            f"{hidden} of {len(last)} figures of {care.name} in {last['year'].iloc[0]} "
            f"{'is' if hidden == 1 else 'are'} hidden by the publisher: 1 to 5 children, or hidden so that another "
            "cannot be worked out. They stay hidden here."
        )
    notes += ["England and its regions are rounded to 10 by the publisher."] if len(own) else []
    across = own[own["topic"] == NET_GAIN]
    across = across[across["year"] == across["year"].max()].set_index("item").reindex(_ACROSS)
    if across["number"].notna().all():
        theirs, ours = across["number"]
        notes.append(
            f"On 31 March {across['year'].iloc[0]}, {theirs:,.0f} children of other authorities were placed in "
            f"{care.name}, and {ours:,.0f} of its own outside it."
        )
    vintages = {source["vintage"] for source in care.sources if source["id"] in set(own["table"])}
    if len(vintages) > 1:
        notes.append(f"The tables are not all of the same year: {', '.join(sorted(vintages))}.")
    return tuple(notes)


def _no_trend(years: int) -> str:
    """Say that a few years are no trend; then goes the next sentence, its first letter left to it."""
    if years >= _FEW_YEARS:
        return "T"
    return f"{count_words(years, 'year')} {'is' if years == 1 else 'are'} no trend, and t"


def _years(years: Sequence[str]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"

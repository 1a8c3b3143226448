"""Homes for children in care from published tables alone: trend, mix, neighbours, places against children, costs.

`published_cells` and `published_totals` are what everybody knows of an authority's children on one day.
"""

import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cfwlib.data.social_care import CHILDREN, NET_GAIN, RATE, SocialCare, plain_name
from cfwlib.errors import InputError
from cfwlib.words import count_words

ROWS = tomllib.loads((importlib.resources.files("cfwlib.sufficiency.homes") / "published.toml").read_text("utf-8"))
_ACROSS = (
    "1. Children who are the responsibility of other LAs placed within this LA boundary",
    "2. Children who are the responsibility of this LA placed outside the LA boundary",
)
CARED_FOR = "Children looked after on 31 March each year"
_POINTS = {
    "cared_for": CARED_FOR,
    "started": "Children starting to be looked after each year",
    "ceased": "Children ceasing to be looked after each year",
}
_FEW_YEARS = 5  # are no trend
_PLACE = ["year", "level", "la", "name", "topic"]
_HOMES = "Secure homes and children's homes"
_SUPPORTED = "Independent and semi-independent living arrangements/supported accommodation"
HOME_KINDS = (
    "Children's home",
    "Secure children's home",
    "Residential special school (registered as a children's home)",
)
_COSTS = {
    "RescareFinance": "Residential care, GBP per week",
    "FosteringFinance": "Fostering, GBP per week",
    "LACFinance": "All children looked after, GBP per week",
}
_APPROVED, _FILLED = "Number_Foster_Places(New)", "Number_Foster_Places_Filled(New)"
_AGAINST = ["what", "places", "filled", "children", "children_status", "places_per_100", "region_places_per_100",
            "england_places_per_100", "note"]  # fmt: skip
ALONE = "unaccompanied"
LOCALITY = "Locality of placement"
CELLS: Mapping[tuple[str, str], Mapping[str, str]] = {
    (topic, item): group for topic, items in ROWS["cells"].items() for item, group in items.items()
}
"""Topic and item of a published table to the group of the page of homes that holds the same children."""


@dataclass(frozen=True)
class Indicator:
    """A figure by which authorities are compared; `column` is `share` (per cent of its total) or `number`."""

    label: str
    unit: str
    topic: str
    item: str
    column: str = "share"


INDICATORS = {name: Indicator(**row) for name, row in ROWS["indicators"].items()}


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
    columns = {(CHILDREN, item): name for name, item in _POINTS.items()} | {(RATE, CARED_FOR): "rate"}
    out: dict[str, pd.Series] = {}
    for (topic, item), name in columns.items():
        rows = own[(own["topic"] == topic) & (own["item"] == item)].set_index("year")
        out |= {name: rows["number"], f"{name}_status": rows["number_status"]}
    rates = figures[(figures["topic"] == RATE) & (figures["item"] == CARED_FOR)].set_index("year")
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


def against_children(care: SocialCare) -> pd.DataFrame:
    """Return places in the area against the authority's children living in such places, wherever those are.

    Columns `what`, `places`, `filled` (fostering), `children` with `children_status`, `places_per_100` children of the
    area, its region and England, and a `note`; a rate is NaN where its count of children is not shown.
    """
    homes = _registered(
        care, "Children's homes", _HOMES, HOME_KINDS, "places in the area take children of any authority"
    )
    note = "places are counted where the provider is registered"
    supported = _registered(care, "Supported accommodation", _SUPPORTED, ("Supported accommodation",), note)
    frame = pd.DataFrame([row for row in (homes, supported, _fostering(care)) if row], columns=_AGAINST)
    return frame.astype(dict.fromkeys(set(_AGAINST) - {"what", "children_status", "note"}, float))


def costs_of(care: SocialCare) -> pd.DataFrame:
    """Return unit costs in GBP per week by year: `value` and `status` of the area, and of its region and England."""
    source = next((source for source in care.sources if source["id"] == "care_costs"), {"title": "", "vintage": ""})
    return _beside(care, _COSTS).assign(source=source["title"], vintage=source["vintage"])


def _children(care: SocialCare, item: str) -> list[tuple[float, str]]:
    """Children in one kind of placement in the latest year: number and status of the area, its region and England."""
    rows = care.figures[(care.figures["topic"] == "Placement") & (care.figures["item"] == item)]
    rows = rows[rows["year"] == rows["year"].max()]
    region = rows[(rows["level"] == "region") & (rows["name"] == care.region)]
    each = (rows[rows["authority"] == care.code], region, rows[rows["level"] == "england"])
    return [(float("nan"), "x") if row.empty else (row["number"].item(), row["number_status"].item()) for row in each]


def _registered(care: SocialCare, what: str, item: str, kinds: tuple[str, ...], note: str) -> list[object]:
    """Return a row of `against_children` for places of some kinds; none without a list of providers."""
    if care.providers.empty:
        return []
    providers = care.providers[care.providers["kind"].isin(kinds)]
    regions = care.figures[(care.figures["level"] == "authority") & (care.figures["region"] == care.region)]
    among = ({care.code}, set(regions["authority"]), set(providers["authority"]) - {""})
    places = [providers.loc[providers["authority"].isin(codes), "places"].sum() for codes in among]
    return _row(what, places, None, _children(care, item), note)


def _fostering(care: SocialCare) -> list[object]:
    places = _beside(care, {_APPROVED: "approved", _FILLED: "filled"})
    if places.empty:
        return []
    latest = places[places["year"] == places["year"].max()].set_index("item")
    approved, filled = latest.loc["approved"], latest.loc["filled"]
    note = f"the council's own fostering service, {latest['year'].iloc[0]}; children live with others' carers too"
    in_each = [approved[column] for column in ("value", "region", "england")]
    return _row("Fostering", in_each, filled["value"], _children(care, "Foster placements"), note)


def _row(
    what: str, places: Sequence[float], filled: float | None, children: Sequence[tuple[float, str]], note: str
) -> list[object]:
    """Return a row of `against_children`; places and children are those of the area, its region and England."""
    each = zip(places, children, strict=True)
    rates = [100 * there / count if count > 0 else float("nan") for there, (count, _) in each]
    return [what, places[0], filled, *children[0], *rates, note]


def _beside(care: SocialCare, items: dict[str, str]) -> pd.DataFrame:
    """Rows per year and item of the table of costs: the area's value and status, the region's and England's values."""
    frame = care.costs[care.costs["item"].isin(items)]
    frame = frame.assign(item=frame["item"].map(items).astype("str"))
    own = frame[(frame["level"] == "authority") & (frame["name"].map(plain_name) == plain_name(care.name))]
    out = own.set_index(["year", "item"])[["number", "number_status"]].set_axis(["value", "status"], axis=1)
    for level in ("region", "england"):
        rows = frame[frame["level"] == level].set_index(["year", "item"])["number"]
        out = out.join(rows.rename(level))
    return out.reset_index().sort_values(["item", "year"], ignore_index=True)


def published_cells(care: SocialCare, day: pd.Timestamp) -> list[tuple[dict[str, str], int]]:
    """Return the groups whose children others have published for a day, with their number; none that is hidden.

    Parameters
    ----------
    care
        The published tables.
    day
        The day; the tables are of 31 March.
    """
    if (day.month, day.day) != (3, 31):
        return []
    figures = care.figures
    own = figures[(figures["authority"] == care.code) & (figures["year"].astype(str) == f"{day.year}")]
    own = own[own["number"].notna() & own["number_status"].eq("") & own["level"].eq("authority")]
    found = {
        (str(topic), str(item)): int(number)
        for topic, item, number in own[["topic", "item", "number"]].itertuples(index=False)
    }
    if (LOCALITY, "Total") in found:
        found.setdefault((CHILDREN, CARED_FOR), found[LOCALITY, "Total"])
    return [(dict(group), found[name]) for name, group in CELLS.items() if name in found]


def published_totals(care: SocialCare) -> dict[pd.Timestamp, int]:
    """Return the children in care on each 31 March, as published; none where that is hidden."""
    figures = care.figures
    own = figures[(figures["authority"] == care.code) & (figures["topic"] == CHILDREN) & (figures["item"] == CARED_FOR)]
    own = own[own["number"].notna()]
    return {pd.Timestamp(f"{year}-03-31"): int(count) for year, count in zip(own["year"], own["number"], strict=True)}

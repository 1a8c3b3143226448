"""The tables and charts of the page of homes that rest on published figures alone."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.data.social_care import SocialCare
from cfwlib.disclosure import Protected, Public
from cfwlib.pages.homes.now import ALL, ALONE
from cfwlib.report.figures import Chart, bars
from cfwlib.stockflow import BackTest
from cfwlib.sufficiency.homes.groups import AGES
from cfwlib.sufficiency.homes.mockingbird import Mockingbird
from cfwlib.sufficiency.homes.published import INDICATORS, PublishedHomes
from cfwlib.sufficiency.homes.study import INSIDE, TOTAL, UNACCOMPANIED

PUBLISHED = "a published table, hidden where its publisher hid"
_RETURNS = {
    "id": "returns",
    "title": "Child-level returns (SSDA903)",
    "publisher": "the council's own",
    "licence": "children's data: not passed on, shown here only in numbers that were protected",
    "attribution": "",
}


def homes_sources(care: SocialCare, returns: Returns | None) -> list[dict[str, Any]]:
    """Return the sources of the page: the published tables, and the returns if there are any."""
    if returns is None:
        return care.sources
    own = {**_RETURNS, "vintage": f"{returns.start:%Y-%m-%d} to {returns.end:%Y-%m-%d}"}
    if returns.modelled:
        own |= {"title": "Invented: child-level returns", "publisher": "made for demonstration", "licence": "MIT"}
    return [*care.sources, own]


def comparison_table(homes: PublishedHomes) -> Public:
    """Return each indicator of the area beside its neighbours' median, its region and England; NaN = not shown."""
    rows = []
    for name, one in INDICATORS.items():
        table = homes.comparison(name)
        own = table[table["is_area"]]
        if own.empty:
            continue
        near = table.loc[table["kind"] == "neighbour", "value"]
        among = int(table.loc[table["kind"].isin(["area", "neighbour"]), "value"].notna().sum())
        middle = near.median() if len(near) and near.notna().mean() >= 0.8 else float("nan")
        rank = own["rank"].item()
        place = "–" if pd.isna(rank) else f"{rank:.0f} of {among}"
        region, england = (table.loc[table["kind"] == kind, "value"].mean() for kind in ("region", "england"))
        rows.append((one.label, one.unit, own["value"].item(), place, middle, region, england))
    columns = ["indicator", "unit", "here", "rank_from_highest", "neighbours_median", "region", "england"]
    return Public(pd.DataFrame(rows, columns=columns), PUBLISHED)


def comparison_chart(homes: PublishedHomes, indicator: str) -> Public:
    """Return the area among its neighbours, its region and England, highest first; those hidden left out."""
    table, one = homes.comparison(indicator), INDICATORS[indicator]
    table = table[table["value"].notna()]
    share = one.unit == "%"
    table = table.assign(
        value=table["value"] / (100 if share else 1),
        name=table["name"].where(~table["is_area"], "▶ " + table["name"]),
    )
    year = f", {table['year'].iloc[0]}" if len(table) else ""
    chart: Chart = bars(
        table, label="name", values={"value": one.label}, title=f"{one.label}: {homes.name} and others{year}",
        unit="share" if share else one.unit, source=table["source"].iloc[0] if len(table) else "",
    )  # fmt: skip
    return Public(chart, PUBLISHED)


def trend_table(homes: PublishedHomes) -> Public:
    """Return children in care, starts, ceasings and rates by year."""
    columns = ["year", "cared_for", "started", "ceased", "rate", "region_rate", "england_rate"]
    return Public(homes.trend[columns], PUBLISHED)


def places_table(homes: PublishedHomes) -> Public:
    """Return places in the area against the authority's children in such places."""
    columns = ["what", "places", "filled", "children", "places_per_100", "england_places_per_100", "note"]
    return Public(homes.against[columns], PUBLISHED)


def unit_costs_table(homes: PublishedHomes) -> Public:
    """Return what a child's week costs, here and elsewhere."""
    latest = homes.costs[homes.costs["year"] == homes.costs["year"].max()]
    names = {"value": "here_gbp", "region": "region_gbp", "england": "england_gbp"}
    latest = latest.assign(item=latest["item"].str.removesuffix(", GBP per week")).rename(columns=names)
    return Public(latest[["item", "year", *names.values()]], PUBLISHED)


def backtest_table(test: BackTest, now: Mapping[str, Protected]) -> Public:
    """Return how good forecasts made from past dates were, by group, all horizons together.

    An exact mean error tells of the numbers it is made of: it is rounded, and groups whose present number is hidden are
    left out.
    """
    table = test.summary[test.summary["horizon_days"] == 0]
    names = {"what": "forecast_of", "n": "comparisons", "mape": "mean_error_share", "coverage_80": "in_80_range_share",
             "coverage_95": "in_95_range_share"}  # fmt: skip
    table = table.rename(columns=names)[list(names.values())].round(3)
    table = table[[_seen(what, now) for what in table["forecast_of"]]]
    table = table.sort_values("forecast_of", key=lambda names: names.str.contains(", "), kind="stable")
    verdicts = [_verdict(test, what) for what in table["forecast_of"]]
    return Public(table.assign(ranges=verdicts), "how often forecasts were right; no number of children")


def _seen(what: str, now: Mapping[str, Protected]) -> bool:
    """Say whether the present number of a group of the back-test is shown."""
    if what == UNACCOMPANIED:
        return now["alone"].number("children", rule=ALONE).value is not None
    if what in AGES.names:
        return now["age"].number("children", age=what).value is not None
    placement, _, location = what.partition(", ")
    labels = {"placement": placement, "location": location or ALL}
    labels = {TOTAL: {}, INSIDE: {"location": INSIDE}}.get(what, labels)
    return now["placement"].number("children", **labels).value is not None


def _verdict(test: BackTest, what: str) -> str:
    if test.failed(what):
        return "not shown: wrong too often"
    return "shown" if test.calibrated(what) else "shown, but hardly tested"


def constellations_table(found: Mockingbird) -> Public:
    """Return the constellations of the largest choice, each hub home only by its nearest town."""
    table = found.constellations[found.constellations["at_most"] == found.constellations["at_most"].max()]
    table = table.sort_values(["near", "families"], ascending=[True, False])
    table = table[["near", "families", "places", "mean_min", "longest_min"]]
    return Public(table, "adults' households, placed no nearer than the nearest town")


def constellations_frontier(found: Mockingbird) -> Public:
    """Return the families that one, two and more constellations support, with the proof."""
    table = found.frontier[["constellations", "families", "places", "bound", "proven", "mean_min", "longest_min"]]
    return Public(table, "numbers of adults' households")

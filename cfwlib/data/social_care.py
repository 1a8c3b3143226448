"""Load the published tables of children in care: one long frame of figures, neighbours, providers and costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cfwlib.areas import printed_figures, read_area
from cfwlib.data.catalogue import datasets
from cfwlib.data.store import Store
from cfwlib.data.which_store import open_store
from cfwlib.settings import DataSettings

RATE, CHILDREN, POPULATION, NET_GAIN = "Rate per 10,000", "Children", "Residents aged 0 to 17", "Placed across borders"
_FIGURES = ("care_groups", "care_new_placements", "care_stability", "care_net_gain", "care_population", "care_rates")
_LEVELS = {"Local authority": "authority", "Regional": "region", "National": "england"}
_PLACE = ["year", "level", "la", "authority", "name", "region"]
_COLUMNS = [*_PLACE, "topic", "item", "number", "number_status", "percent", "percent_status", "table"]
_PROVIDERS = ["authority", "name", "kind", "sector", "providers", "places", "places_unknown"]
_COSTS = ["year", "level", "name", "item", "number", "number_status"]
_NO_STATUS = "z"


@dataclass(frozen=True)
class SocialCare:
    """The published tables of children in care, of every authority; what is hidden is NaN with its status beside it.

    `figures`: one row per year, place (`level` authority, region or england; `la` is DfE's number), `topic` and `item`,
    with `number`, `percent` (as printed) and their `_status` (a key of `data.status.STATUSES`; empty = shown).
    `neighbours`: of this area, nearest first: `rank`, `la`, `name`, `closeness`. `providers`: active ones and their
    places by authority, kind and sector, never by home. `costs`: GBP per week, and foster places. `lacking`: a sentence
    per table that was not imported; its frame is empty, or has no row of it. `published`: the area file's figures.
    """

    code: str
    la: str
    name: str
    region: str
    modelled: bool
    figures: pd.DataFrame
    neighbours: pd.DataFrame
    providers: pd.DataFrame
    costs: pd.DataFrame
    sources: list[dict[str, Any]]
    lacking: tuple[str, ...]
    published: Mapping[str, Any]


def load_published_homes(settings: DataSettings) -> SocialCare:
    """Return the published tables of children in care for an area, from the sample or from what was imported.

    None of them is needed: what was not imported is told in `lacking`, and its frame is empty.

    Raises
    ------
    InputError
        When there is no store for the area, or it is damaged.
    """
    area = read_area(settings.area)
    return from_store(open_store(settings), name=area["area"]["name"], published=area.get("published_homes", {}))


def from_store(store: Store, *, name: str, published: Mapping[str, Any] | None = None) -> SocialCare:
    """Return the published tables of children in care that a store holds.

    Parameters
    ----------
    store
        Of one area; its code is the authority's.
    name
        The authority's name, where no table gives it.
    published
        Figures to be held against the tables, as in the area file's `[published_homes]`.
    """
    known = {key: entry for key, entry in datasets().items() if key.startswith("care_")}
    figures = _figures(store)
    own = figures[figures["authority"] == store.area_code].tail(1)
    la, region = ("", "") if own.empty else (own["la"].item(), own["region"].item())
    return SocialCare(
        code=store.area_code,
        la=la,
        name=name if own.empty else own["name"].item(),
        region=region,
        modelled=store.modelled,
        figures=figures,
        neighbours=_neighbours(store, la, figures),
        providers=_providers(store, figures),
        costs=_costs(store, region),
        sources=[vars(store.datasets[key]) for key in known if key in store.datasets],
        lacking=tuple(
            f"Not imported: {entry.title} ({entry.publisher}; {entry.landing_page}, then cfw data import)."
            for key, entry in known.items()
            if key not in store.frames
        ),
        published=printed_figures(published or {}, store.area_code),
    )


def plain_name(name: str) -> str:
    """Return an authority's name without what publishers write in different ways: "Bristol, City of" is "bristol"."""
    words = re.sub(r"[.']|, (?:city|county) of$|^county ", "", name.strip().lower())
    return re.sub(r"\s+", " ", words.replace("&", "and").replace("-", " "))


def _figures(store: Store) -> pd.DataFrame:
    """Every table of figures, one below the other, in one shape."""
    parts = []
    for key in (key for key in _FIGURES if key in store.frames):
        frame = store.frame(key).assign(table=key)
        if key == "care_rates":
            rates = frame.drop(columns=["number", "number_status"])
            rates = rates.rename(columns={"rate": "number", "rate_status": "number_status"})
            parts.append(rates.assign(topic=RATE))
        if "topic" not in frame:
            topics = {"care_rates": CHILDREN, "care_net_gain": NET_GAIN, "care_population": POPULATION}
            frame = frame.assign(topic=topics[key])
        parts.append(frame)
    if not parts:
        return _empty(_COLUMNS, "number", "percent")
    figures = pd.concat(parts, ignore_index=True)
    if "percent" not in figures:
        figures = figures.assign(percent=float("nan"), percent_status=_NO_STATUS)
    figures["percent_status"] = figures["percent_status"].fillna(_NO_STATUS)  # of tables without percentages
    figures["level"] = figures["level"].map(_LEVELS)
    names = figures["name"].where(figures["level"] == "authority", figures["region"])
    figures["name"] = names.where(figures["level"] != "england", "England")
    return figures[_COLUMNS].sort_values(["year", "table"], kind="stable").reset_index(drop=True)


def _neighbours(store: Store, la: str, figures: pd.DataFrame) -> pd.DataFrame:
    columns = ["rank", "la", "name", "closeness"]
    frame = store.frames.get("care_neighbours", _empty(["la"]))
    row = frame[frame["la"] == la]
    if row.empty or not la:
        return _empty(columns, "rank")
    latest = figures[figures["level"] == "authority"].drop_duplicates("la", keep="last")
    named = pd.concat([frame[["la", "name"]], latest[["la", "name"]]])
    names = dict(zip(named["la"], named["name"], strict=True))
    ranks = [rank for rank in range(1, 11) if row[f"n{rank}"].item()]
    codes = [row[f"n{rank}"].item() for rank in ranks]
    closeness = [row[f"c{rank}"].item().strip() for rank in ranks]
    return pd.DataFrame(
        {"rank": ranks, "la": codes, "name": [names.get(code, code) for code in codes], "closeness": closeness}
    )


def _providers(store: Store, figures: pd.DataFrame) -> pd.DataFrame:
    """Active providers and places by authority, kind and sector; an authority no other table names has no code."""
    if "care_providers" not in store.frames:
        return _empty(_PROVIDERS, "providers", "places", "places_unknown")
    frame = store.frame("care_providers")
    frame["kind"] = frame["kind"].str.strip().str.capitalize()  # Ofsted spells one kind in two ways
    groups = frame.groupby(["authority_name", "kind", "sector"], sort=True)["places"]
    totals = groups.agg(providers="size", places=lambda places: places.sum(min_count=1), known="count").reset_index()
    rows = figures[figures["level"] == "authority"].drop_duplicates("authority", keep="last")
    codes = dict(zip(rows["name"].map(plain_name), rows["authority"], strict=True))
    totals["authority"] = totals["authority_name"].map(plain_name).map(codes).fillna("").astype("str")
    totals["places_unknown"] = totals["providers"] - totals["known"]
    return totals.rename(columns={"authority_name": "name"})[_PROVIDERS]


def _costs(store: Store, region: str) -> pd.DataFrame:
    if "care_costs" not in store.frames:
        return _empty(_COSTS, "number")
    frame = store.frame("care_costs")
    frame["year"] = frame["year"].str.removesuffix("(OT)").str.strip()
    frame["level"] = frame["name"].map({"England": "england", region: "region"}).fillna("authority").astype("str")
    return frame[_COSTS]


def _empty(columns: list[str], *numbers: str) -> pd.DataFrame:
    return pd.DataFrame(columns=columns).astype({name: float if name in numbers else "str" for name in columns})

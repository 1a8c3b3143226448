"""Registered places and weekly costs of published tables, held against the children who need them."""

import pandas as pd

from cfwlib.data.social_care import SocialCare, plain_name

HOMES = "Secure homes and children's homes"
SUPPORTED = "Independent and semi-independent living arrangements/supported accommodation"
HOME_KINDS = (
    "Children's home",
    "Secure children's home",
    "Residential special school (registered as a children's home)",
)
_SUPPORTED = ("Supported accommodation",)
_COSTS = {
    "RescareFinance": "Residential care, GBP per week",
    "FosteringFinance": "Fostering, GBP per week",
    "LACFinance": "All children looked after, GBP per week",
}
_APPROVED, _FILLED = "Number_Foster_Places(New)", "Number_Foster_Places_Filled(New)"
_AGAINST = ["what", "places", "filled", "children", "children_status", "places_per_100", "region_places_per_100",
            "england_places_per_100", "note"]  # fmt: skip


def against_children(care: SocialCare) -> pd.DataFrame:
    """Return places in the area against the authority's children living in such places, wherever those are.

    Columns `what`, `places`, `filled` (fostering), `children` with `children_status`, `places_per_100` children of the
    area, its region and England, and a `note`; a rate is NaN where its count of children is not shown.
    """
    rows = [
        _row(care, "Children's homes", HOMES, HOME_KINDS, "places in the area take children of any authority"),
        _row(
            care,
            "Supported accommodation",
            SUPPORTED,
            _SUPPORTED,
            "places are counted where the provider is registered",
        ),
        _fostering(care),
    ]
    frame = pd.DataFrame([row for row in rows if row], columns=_AGAINST)
    return frame.astype({name: float for name in _AGAINST if name.startswith(("places", "filled", "children"))
                         and not name.endswith("status")})  # fmt: skip


def costs_of(care: SocialCare) -> pd.DataFrame:
    """Return unit costs in GBP per week by year: `value` and `status` of the area, and of its region and England."""
    return _sourced(_beside(care, _COSTS), care, "care_costs")


def _sourced(frame: pd.DataFrame, care: SocialCare, table: str) -> pd.DataFrame:
    source = next((source for source in care.sources if source["id"] == table), {"title": "", "vintage": ""})
    return frame.assign(source=source["title"], vintage=source["vintage"])


def _children(care: SocialCare, item: str) -> dict[str, tuple[float, str]]:
    """Children in one kind of placement in the latest year: number and status of the area, its region and England."""
    rows = care.figures[(care.figures["topic"] == "Placement") & (care.figures["item"] == item)]
    rows = rows[rows["year"] == rows["year"].max()]
    found = {}
    for name, row in (
        ("area", rows[rows["authority"] == care.code]),
        ("region", rows[(rows["level"] == "region") & (rows["name"] == care.region)]),
        ("england", rows[rows["level"] == "england"]),
    ):
        found[name] = (float("nan"), "x") if row.empty else (row["number"].item(), row["number_status"].item())
    return found


def _row(care: SocialCare, what: str, item: str, kinds: tuple[str, ...], note: str) -> dict[str, object]:
    providers, children = care.providers[care.providers["kind"].isin(kinds)], _children(care, item)
    if care.providers.empty:
        return {}
    regions = care.figures[(care.figures["level"] == "authority") & (care.figures["region"] == care.region)]
    among = {"area": {care.code}, "region": set(regions["authority"]), "england": set(providers["authority"]) - {""}}
    places = {name: providers.loc[providers["authority"].isin(codes), "places"].sum() for name, codes in among.items()}
    rate = {name: 100 * places[name] / count if count > 0 else float("nan") for name, (count, _) in children.items()}
    number, status = children["area"]
    return dict(zip(_AGAINST, [what, places["area"], None, number, status, rate["area"], rate["region"],
                               rate["england"], note], strict=True))  # fmt: skip


def _fostering(care: SocialCare) -> dict[str, object]:
    places, children = _beside(care, {_APPROVED: "approved", _FILLED: "filled"}), _children(care, "Foster placements")
    if places.empty:
        return {}
    latest = places[places["year"] == places["year"].max()].set_index("item")
    approved, filled = latest.loc["approved"], latest.loc["filled"]
    rate = {
        name: 100 * approved[column] / count if count > 0 else float("nan")
        for (name, (count, _)), column in zip(children.items(), ("value", "region", "england"), strict=True)
    }
    number, status = children["area"]
    note = f"the council's own fostering service, {latest['year'].iloc[0]}; children live with others' carers too"
    return dict(zip(_AGAINST, ["Fostering", approved["value"], filled["value"], number, status, rate["area"],
                               rate["region"], rate["england"], note], strict=True))  # fmt: skip


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

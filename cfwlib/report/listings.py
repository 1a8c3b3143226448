"""The tables of the notebooks that need more than choosing columns."""

import geopandas as gpd
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub import HubPlan, HubStudy

_KINDS = {
    "family_hub": "Family hub", "childrens_centre": "Children's centre", "school": "State school", "library": "Library",
    "gp": "General practice", "town": "Town", "village": "Village", "hamlet": "Hamlet",
}  # fmt: skip


def services_table(region: AreaData) -> pd.DataFrame:
    """Return the number of places of each kind, inside the area and just outside."""
    counts = region.services.groupby(["kind", "in_area"]).size().unstack(fill_value=0)
    counts = counts.reindex(
        index=[kind for kind in _KINDS if kind in counts.index], columns=[True, False], fill_value=0
    )
    return counts.set_axis(["inside", "within_20_km"], axis=1).rename(index=_KINDS).rename_axis("kind").reset_index()


def accounts_table(region: AreaData) -> pd.DataFrame:
    """Return, for each file read, the rows kept and those left out with the reason; they add up to the file's rows."""
    rows = [
        {
            "data set": source["title"],
            "vintage": source["vintage"],
            "rows_kept": source["rows"],
            "rows_in_file": source["rows_in_file"],
            "left out": "; ".join(f"{count:,} {why}" for why, count in source["left_out"].items()),
        }
        for source in region.sources
    ]
    return pd.DataFrame(rows)


def need_table(need: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the neighbourhoods by rank of need, with the interval of the rank."""
    out = need[["lsoa_name", "ward_name", "rank", "rank_low", "rank_high", "certainty", "imd_decile"]].copy()
    return out.assign(
        children_0_17=need["children_0_17"].round(),
        rate_share=need["need_rate"],
        need_count=need["need_count"].round(1),
    )


def hard_table(hard: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the hard-to-reach neighbourhoods, farthest first, with minutes and the reason."""
    columns = ["lsoa_name", "ward_name", "household_min", "drive_min", "walk_min", "no_car_share", "nearest_service"]
    out = hard[columns].assign(
        children_0_17=hard["children_0_17"].round(), children_beyond=hard["children_beyond"].round()
    )
    return out.sort_values("household_min", ascending=False, na_position="first", ignore_index=True)


def proof_table(plan: HubPlan) -> pd.DataFrame:
    """Return what was proven, by how much, and from how many choices."""
    rows = [
        ("Need reached (children, weighted by frequency)", plan.value),
        ("No plan can reach more than", plan.bound),
        ("Gap, in per cent of the need reached", 100 * plan.gap),
        ("Day tours to choose from", plan.tours),
        ("Candidate venues", len(plan.venues)),
        ("Minutes driven in a cycle", plan.minutes_driven),
        ("Kilometres driven in a cycle", plan.km_driven),
    ]
    text = [
        f"{value:,.4f}" if "Gap" in name else f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
        for name, value in rows
    ]
    found = pd.DataFrame({"what": [name for name, _ in rows], "value": text})
    verdict = "proven best" if plan.status == "optimal" else "not proven within the time limit"
    return pd.concat(
        [found, pd.DataFrame({"what": ["Verdict", "Independent check"], "value": [verdict, "passed"]})],
        ignore_index=True,
    )


def venues_table(study: HubStudy) -> pd.DataFrame:
    """Return the candidate venues and what became of each, those that reach most first."""
    columns = ["name", "kind", "status", "frequency", "need", "need_reached", "reason"]
    return study.plan.venues[columns].sort_values(["need_reached", "name"], ascending=[False, True], ignore_index=True)


def left_out_table(study: HubStudy) -> pd.DataFrame:
    """Return the places that did not become candidates, with the need in their reach and the reason."""
    left_out = study.candidates.loc[~study.candidates["kept"], ["name", "kind", "need_in_reach", "reason"]]
    return left_out.sort_values(["need_in_reach", "name"], ascending=[False, True], ignore_index=True)

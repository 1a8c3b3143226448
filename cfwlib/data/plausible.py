"""Tell numbers that cannot be true: outside their domain, or at odds with each other or with another table."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data.catalogue import Dataset
from cfwlib.data.codes import RURAL_2011, RURAL_2021
from cfwlib.data.places import STATE_SCHOOLS, within
from cfwlib.data.schemas import Problem

NOT_BLANK = ("lsoa_name", "ward", "ward_name", "rural_code", "authority", "upper_tier", "urn", "name", "type", "group",
             "place_kind", "register", "code", "id", "postcode")  # fmt: skip
_LARGEST_SQ_KM = 1_000  # the largest neighbourhood of England has under 700
_LARGEST_FIGURE = 100_000_000  # more than the people of England
_NEAR_ROAD_M = 5_000
_PERIOD = r"(?:19[89]|20\d)\d(?:\d\d|\D.*)?"  # 2024, 202223, 2024-25 (OT)
_OLD_CODE = r"[A-Z]?\d{2,3}|[a-z:.-]?"  # an authority's old number, or a symbol for there is none
_STRAYED_M = 2_000  # Output Areas lie within their neighbourhood; means of postcodes stray some metres
_CHILDREN_PER_SCHOOL = 2_500


def problems_within(frame: pd.DataFrame, dataset: Dataset) -> list[Problem]:
    """Return what cannot be true in a trimmed frame, as (row, column, what is wrong).

    Periods that begin with a year, ranks from 1 to the number of areas and given once, deciles that follow from the
    rank, codes of the rural-urban classification, single years that add up to all ages, texts that must not be blank,
    outlines of a likely size.
    """
    found: list[Problem] = []
    if dataset.area != "all" and dataset.id != "venues":
        for column in (name for name in NOT_BLANK if name in frame and name not in dataset.blanks):
            found += [(row, column, "is blank") for row in frame.index[frame[column].fillna("").eq("")]]
    if "rural_code" in frame:
        classes = RURAL_2021 if dataset.id.endswith("2021") else RURAL_2011
        odd = frame["rural_code"][~frame["rural_code"].isin(classes) & frame["rural_code"].ne("")]
        found += [(row, "rural_code", f"is not a class of the classification ({code})") for row, code in odd.items()]
    texts = ((dataset.period or "period", _PERIOD, "is no year"), ("la", _OLD_CODE, "is no number of an authority"))
    for column, pattern, what in texts:
        if column in frame:
            text = frame[column].astype("str").fillna("")
            odd = text[~text.str.fullmatch(pattern)]
            found += [(row, column, f"{what} ({one[:40]})") for row, one in odd.items()]
    if "phase" in frame and "group" in frame:  # a state school of which neither phase nor type says what it is
        told_by_type = frame["type"].str.contains("nursery|referral|alternative|special", case=False)
        unknown = frame["phase"].eq("") & frame["group"].isin(STATE_SCHOOLS) & ~told_by_type
        found += [(row, "phase", "is blank") for row in frame.index[unknown]]
    found += _ranks(frame, dataset.areas_ranked) if dataset.areas_ranked else []
    for column in dataset.statuses if dataset.id != "care_net_gain" else ():  # that one counts below zero too
        most = 100 if column == "percent" else _LARGEST_FIGURE
        odd = frame[column][frame[column].lt(0) | frame[column].gt(most)]
        found += [(row, column, f"is not a number from 0 to {most:,} ({number:g})") for row, number in odd.items()]
    ages = [name for name in frame if str(name).startswith("age_") and str(name)[4:].isdigit()]
    if len(ages) == 91 and "residents" in frame:
        total = frame[ages].sum(axis=1, min_count=len(ages))  # a blank is told as a blank
        for row in frame.index[(total - frame["residents"]).abs() > 0.5]:
            found.append((row, "residents", f"is not the sum of the single years ({total[row]:g})"))
    if isinstance(frame, gpd.GeoDataFrame) and dataset.id.startswith("lsoa_boundaries"):
        size = frame.geometry.area / 1e6
        for row in frame.index[~size.between(1e-4, _LARGEST_SQ_KM)]:
            found.append((row, "outline", f"has an area that no neighbourhood has ({size[row]:g} sq km)"))
        again = frame.geometry.to_wkb().duplicated()
        found += [(row, "outline", "is that of another neighbourhood too") for row in frame.index[again]]
    return found


def _ranks(frame: pd.DataFrame, areas: int) -> list[Problem]:
    found: list[Problem] = []
    for column in (str(name) for name in frame if str(name).endswith("_rank")):
        rank = frame[column]
        wrong = rank.gt(areas) | (rank.mod(1) != 0) & rank.notna()
        found += [(row, column, f"is not a whole number from 1 to {areas:,} ({rank[row]:g})")
                  for row in frame.index[wrong]]  # fmt: skip
        again = rank.duplicated(keep=False) & rank.notna()
        if again.sum() > 2 + len(frame) // 50:  # a few neighbourhoods share a rank
            found.append((frame.index[again][0], column, f"is shared by too many neighbourhoods ({int(again.sum())})"))
    if "imd_decile" in frame and "imd_rank" in frame:
        follows = np.ceil(frame["imd_rank"] * 10 / areas)
        for row in frame.index[(follows - frame["imd_decile"]).abs() > 0.5]:
            found.append((row, "imd_decile", f"does not follow from the rank, which is in decile {follows[row]:g}"))
    return found


@dataclass(frozen=True)
class Finding:
    """What one data set says that another makes unlikely; `refused` where it cannot be true."""

    dataset: str
    what: str
    refused: bool


def findings_between(frames: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[Finding]:
    """Return what the tables of an area say against each other: what cannot be true, and what to be cautious of.

    Parameters
    ----------
    frames
        Of the area, by data set.
    files
        The file each was read from.
    """
    found: list[Finding] = []
    if "census_residents" in frames:
        residents = frames["census_residents"].set_index("lsoa")["residents"]
        for dataset in ("census_age_bands", "census_five_year_ages", "census_cars"):
            if dataset in frames:
                found += _by_neighbourhood(dataset, frames[dataset], residents)
        for dataset, low, high in (("population_single_year", 0.67, 1.5), ("demand_points", 0.8, 1.25)):
            if dataset in frames:
                total = _people(frames[dataset]).sum()
                if not low <= total / residents.sum() <= high:
                    what = f"has {total:,.0f} residents in the area, where the Census has {residents.sum():,.0f}"
                    found.append(Finding(dataset, f"{what}. Is it the whole file, and of the right year?", True))
    if "demand_points" in frames and "postcodes" in frames:
        missing = set(frames["postcodes"]["point"]) - set(frames["demand_points"]["point"])
        if missing:
            what = f"{len(missing)} Output Areas of the area are not in it, '{min(missing)}' first"
            found.append(Finding("demand_points", f"{what}, that {files['postcodes']} has.", True))
    if "demand_points" in frames and "lsoa_boundaries_2011" in frames:
        found += _strayed(frames["demand_points"], frames["lsoa_boundaries_2011"])
    return found + _services(frames)


def _strayed(points: pd.DataFrame, boundaries: pd.DataFrame) -> list[Finding]:
    """Output Areas whose point lies far from the neighbourhood that the same row names."""
    outlines = gpd.GeoDataFrame(boundaries).set_index("lsoa").geometry
    own = gpd.GeoSeries(outlines.reindex(points["lsoa"]).to_numpy(), index=points.index, crs=outlines.crs)
    places = gpd.GeoSeries(gpd.points_from_xy(points["easting"], points["northing"]), index=points.index, crs=own.crs)
    far = points.loc[places.distance(own) > _STRAYED_M, "point"]
    if far.empty:
        return []
    what = f"the points of {len(far)} Output Areas lie over {_STRAYED_M / 1000:g} km from their neighbourhood"
    return [Finding("demand_points", f"{what}, '{far.iloc[0]}' first. Are easting and northing right?", True)]


def _people(frame: pd.DataFrame) -> "pd.Series[float]":
    return frame["residents_2021"].fillna(frame["residents"]) if "residents_2021" in frame else frame["residents"]


def _by_neighbourhood(dataset: str, frame: pd.DataFrame, residents: "pd.Series[float]") -> list[Finding]:
    low, high, what = 0.95, 1.05, "residents of all ages"
    bands = [name for name in frame if str(name).startswith("band_")]
    if dataset == "census_cars":
        low, high, what = 0.0, 1.0, "households"
        total = frame.set_index("lsoa")["households"]
    else:
        total = frame.set_index("lsoa")[bands].sum(axis=1) if bands else frame.groupby("lsoa")["residents"].sum()
    both = pd.concat([total.rename("total"), residents.rename("residents")], axis=1, join="inner")
    wrong = both[~both["total"].between(low * both["residents"] - 25, high * both["residents"] + 25)]
    if wrong.empty:
        return []
    first = wrong.iloc[0]
    many = len(wrong) > 0.1 * len(both)
    where = f"{len(wrong)} neighbourhoods, '{wrong.index[0]}' first"
    counts = f"{first['total']:,.0f} {what}, where the Census has {first['residents']:,.0f} residents"
    doubt = " Is it of the right place and year?" if many else ""
    return [Finding(dataset, f"has {counts}, in {where}.{doubt}", many)]


def _services(frames: Mapping[str, pd.DataFrame]) -> list[Finding]:
    found = list[Finding]()
    shapes = next((frames[key] for key in ("lsoa_boundaries_2021", "lsoa_boundaries_2011") if key in frames), None)
    if shapes is None:
        return found
    shapes = gpd.GeoDataFrame(shapes)
    if "roads" in frames and len(frames["roads"]):
        roads = gpd.GeoDataFrame(frames["roads"])
        _, far = roads.sindex.nearest(shapes.geometry.representative_point(), return_all=False, return_distance=True)
        if (share := float((far > _NEAR_ROAD_M).mean())) > 0.1:
            what = f"{share:.0%} of the area's neighbourhoods have no road of it within 5 km. Is the file whole?"
            found.append(Finding("roads", what, False))  # the user may want main roads alone
    if "schools" in frames and "census_age_bands" in frames:
        ages, schools = frames["census_age_bands"], frames["schools"]
        children = ages.loc[ages["age_group"].str.contains("15 years"), "residents"].sum()
        count = int((within(schools, shapes) & schools["group"].isin(STATE_SCHOOLS)).sum())
        if count < children / _CHILDREN_PER_SCHOOL:
            what = f"has {count} state schools in the area, for {children:,.0f} children under 16"
            found.append(Finding("schools", f"{what}. Is it the list of all establishments?", True))
    return found

"""Where people live inside a neighbourhood: Output Areas as points, each with its share of the LSOA's residents."""

import geopandas as gpd
import pandas as pd

from cfwlib.data.store import Store

AGE_BANDS = {"age_0_4": (0, 4), "age_5_11": (5, 11), "age_12_17": (12, 17), "age_18_25": (18, 25)}
RURAL = r"^(?:R|D|E|F)"  # rural classes of 2021 (RLN1 ...) and of 2011 (D1, E2 ...)
_TEXTS = ("point", "lsoa", "rural_code")
_NUMBERS = ("residents", "residents_2021", "households", "households_no_car", "easting", "northing")
_NO_POINTS = pd.DataFrame(columns=[*_TEXTS, *_NUMBERS]).astype(
    {**dict.fromkeys(_TEXTS, "str"), **dict.fromkeys(_NUMBERS, float)}
)


def demand_points(store: Store, neighbourhoods: gpd.GeoDataFrame, vintage: int) -> pd.DataFrame:
    """Return one row per Output Area, with its share of its LSOA's residents.

    Parameters
    ----------
    store
        Holds the Output Area points, if they were imported; an LSOA without points is stood for by one inside it.
    neighbourhoods
        Residents by age band of each LSOA.
    vintage
        2011 or 2021: whose LSOA codes the points are to carry.

    Returns
    -------
    points
        `point`, `lsoa`, `easting`, `northing` (m, EPSG:27700), `is_rural`, `no_car_share` (0 to 1), residents by band,
        and `residents_estimated` where the Output Area has changed since 2011 and its Census count is not known.
    """
    lsoas = neighbourhoods.set_index("lsoa")
    points = store.frame("demand_points") if "demand_points" in store.frames else _NO_POINTS.copy()
    if vintage == 2021 and len(points):
        points["lsoa"] = _to_2021(points, store, neighbourhoods)
    points["is_rural"] = points["rural_code"].str.match(RURAL)
    points = pd.concat([points, _stand_ins(lsoas.loc[lsoas.index.difference(points["lsoa"])])], ignore_index=True)
    weight = _residents(points, lsoas["residents"])
    share = weight / weight.groupby(points["lsoa"]).transform("sum")
    own = points["households_no_car"] / points["households"].where(points["households"] > 0)
    points["no_car_share"] = own.fillna(points["lsoa"].map(lsoas["no_car_share"]))
    for column in ["residents", *AGE_BANDS, "children_0_17", "residents_0_25"]:
        points[column] = points["lsoa"].map(lsoas[column]) * share
    points["is_rural"] = points["is_rural"].astype(bool)
    points = points.assign(residents_estimated=points["residents_2021"].isna())
    columns = ["point", "lsoa", "easting", "northing", "is_rural", "no_car_share", "residents", *AGE_BANDS,
               "children_0_17", "residents_0_25", "residents_estimated"]  # fmt: skip
    return points[columns].sort_values("point", ignore_index=True)


def _stand_ins(lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """One point inside each LSOA that has no point of its own."""
    inside, told = lsoas.geometry.representative_point(), pd.DataFrame(lsoas[["residents", "is_rural"]])
    places = {"easting": inside.x, "northing": inside.y}
    return told.assign(point=lsoas.index, lsoa=lsoas.index, residents_2021=lsoas["residents"], **places)


def _residents(points: pd.DataFrame, lsoa_residents: pd.Series) -> pd.Series:
    """Census 2021 residents of each point; where its area has changed, its share of what the LSOA's others leave."""
    known, unknown = points["residents_2021"], points["residents_2021"].isna()
    rest = points["lsoa"].map(lsoa_residents) - known.fillna(0).groupby(points["lsoa"]).transform("sum")
    old = points["residents"].where(unknown, 0)
    share = old / old.groupby(points["lsoa"]).transform("sum").where(lambda total: total > 0)
    return known.fillna((rest.clip(lower=0) * share).fillna(0)).clip(lower=1e-9)


def _to_2021(points: pd.DataFrame, store: Store, neighbourhoods: gpd.GeoDataFrame) -> pd.Series:
    """2021 code of each point: by lookup; where its 2011 LSOA was split, by its postcodes, else the nearest part."""
    lookup = store.frame("lsoa_lookup")
    parts = {str(old): list(new) for old, new in lookup.groupby("lsoa11")["lsoa21"]}
    code = points["lsoa"].map({old: new[0] for old, new in parts.items()})
    split = points["lsoa"].map({old: len(new) > 1 for old, new in parts.items()})
    if "postcodes" in store.frames:
        known = store.frame("postcodes").groupby("point")["lsoa"].agg(lambda codes: codes.mode().iloc[0])
        code = code.mask(split, points["point"].map(known).fillna(""))
        split &= code == ""
    shapes = neighbourhoods.set_index("lsoa").geometry
    for row in points.index[split]:
        options = shapes.reindex(parts[str(points.at[row, "lsoa"])]).dropna()
        place = gpd.points_from_xy([points.at[row, "easting"]], [points.at[row, "northing"]])[0]
        code[row] = options.distance(place).idxmin()
    return code

"""Make the frames of one area from the store: neighbourhoods, demand points, services, roads."""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.areas import read_area
from cfwlib.data.catalogue import datasets
from cfwlib.data.driven import read_driven, with_driven_stops
from cfwlib.data.named_files import named_text, read_all_named
from cfwlib.data.opening_hours import ATTRIBUTES
from cfwlib.data.places import HARBOUR_M, STATE_SCHOOLS
from cfwlib.data.places import missing_datasets as missing_datasets
from cfwlib.data.places import require as require
from cfwlib.data.points import AGE_BANDS, RURAL, demand_points
from cfwlib.data.store import CRS, Store
from cfwlib.data.timetable import Timetable
from cfwlib.data.vintages import AGE_GROUPS, scale_to_bands, transfer
from cfwlib.data.which_store import open_store
from cfwlib.errors import InputError
from cfwlib.settings import DataSettings
from cfwlib.showing import Shown

_SCHOOL_KINDS = [
    (r"independent", ""),
    (r"nursery", "nursery"),
    (r"referral|alternative", "pru"),
    (r"special", "special"),
]


_OTHER_VINTAGE = {  # data sets that a run on the other vintage reads
    2021: ("iod2019", "lsoa_boundaries_2011", "rural_urban_2011"),
    2011: ("iod2025", "lsoa_boundaries_2021", "rural_urban_2021"),
}
_OF_OTHERS = "care_"  # published tables that `load_published_homes` reads
_OF_VENUES = {"venue_kind": "", **ATTRIBUTES}  # columns that only the council's own venues fill


@dataclass(frozen=True, repr=False)
class AreaData(Shown):
    """Everything the analysis reads, for one area and one LSOA vintage; coordinates in EPSG:27700, metres.

    `neighbourhoods`: one row per LSOA. `points`: one row per Output Area (residents sum to the LSOA's). `services`:
    one row per place, inside the area and up to 20 km outside (`in_area`); those of the kind `own` are of the council's
    list, with `venue_kind`, `opening_hours`, `parking`, `step_free`, `hire_gbp`, `district`, `dwell_min`. `roads`: one
    row per link with `road_class`, `direction` (both, forward or backward, as drawn), `speed_limit_kmh` (NaN = none
    given), and `length_m` if given.
    `timetable`: buses of one day, where the settings name a timetable. `named`: texts of the files that settings name
    (`decisions`, `baseline`, `last_plan`, `scenarios`), by setting and name: a study reads no files.
    """

    name: str
    code: str
    lsoa_vintage: int
    modelled: bool
    neighbourhoods: gpd.GeoDataFrame
    points: pd.DataFrame
    services: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    lakes: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    ehc_plans: float | None
    published: dict[str, Any]
    sources: list[dict[str, Any]]
    timetable: Timetable | None = None
    named: dict[tuple[str, str], str] = field(default_factory=dict)

    def _says(self) -> tuple[str, ...]:
        counts = ", ".join(f"{len(getattr(self, part)):,} {part}" for part in ("neighbourhoods", "points", "services"))
        about = (
            f"{self.name} ({self.code}), LSOAs of {self.lsoa_vintage}, {'modelled' if self.modelled else 'imported'}"
        )
        return about, f"{counts}, {len(self.roads):,} roads", "also lakes, towns, published, sources, timetable"


def load_area(settings: DataSettings) -> AreaData:
    """Return the frames of an area, from the modelled sample or from what was imported.

    Raises
    ------
    InputError
        When a needed data set is missing from the store, or a file that the settings name is not there.

    Examples
    --------
    >>> region = load_area(Settings(area="cumberland", data="sample"))
    >>> region.name, region.modelled, len(region.neighbourhoods)
    ('Cumberland', True, 177)
    """
    area, named = read_area(settings.area), read_all_named(settings)
    store = open_store(settings)
    require(store, settings.lsoa_vintage)
    neighbourhoods = _neighbourhoods(store, settings.lsoa_vintage)
    services = _services(store, neighbourhoods)
    if text := named_text(named, settings, "baseline"):
        file = str(getattr(settings, "baseline", ""))
        services = with_driven_stops(services, read_driven(text, file), file)
    other = _OTHER_VINTAGE[settings.lsoa_vintage]
    sources = [vars(entry) for key, entry in store.datasets.items() if not key.startswith((*other, _OF_OTHERS))]
    timetable = None
    if settings.bus_timetable:
        from cfwlib.data.buses import bus_source, find_timetable  # here: its checks take a second to import

        timetable = find_timetable(settings, neighbourhoods)
        sources.append(bus_source(settings, timetable))
    return AreaData(
        name=area["area"]["name"],
        code=store.area_code,
        lsoa_vintage=settings.lsoa_vintage,
        modelled=store.modelled,
        neighbourhoods=neighbourhoods,
        points=demand_points(store, neighbourhoods, settings.lsoa_vintage),
        services=services,
        roads=_roads(store),
        lakes=gpd.GeoDataFrame(store.frame("lakes"))
        if "lakes" in store.frames
        else gpd.GeoDataFrame(geometry=[], crs=CRS),
        towns=_towns(store, neighbourhoods),
        ehc_plans=_newest(store, "ehc_plans"),
        published=area.get("published", {}),
        sources=sources,
        timetable=timetable,
        named=named,
    )


def _newest(store: Store, dataset: str) -> float | None:
    """The figure of the latest period, where the data set was imported."""
    frame = store.frames.get(dataset)
    return None if frame is None or frame.empty else float(frame.sort_values("period")[dataset].iloc[-1])


def _neighbourhoods(store: Store, vintage: int) -> gpd.GeoDataFrame:
    """One row per LSOA: place, class, deprivation, residents by age, cars."""
    iod, lookup = (2025 if vintage == 2021 else 2019), store.frame("lsoa_lookup")
    frame = gpd.GeoDataFrame(store.frame(f"lsoa_boundaries_{vintage}")).set_index("lsoa")
    wards = store.frame("lsoa_wards").set_index("lsoa")[["ward", "ward_name"]]
    if vintage == 2011:
        first = lookup.drop_duplicates("lsoa11").set_index("lsoa11")["lsoa21"]
        wards = wards.reindex(first).set_axis(first.index)
    rural = store.frame(f"rural_urban_{vintage}").set_index("lsoa")[["rural_code", "rural_class"]]
    ranks = store.frame(f"iod{iod}_ranks").set_index("lsoa")
    sub = store.frame(f"iod{iod}_subdomains").set_index("lsoa")
    frame = frame.join([wards, rural, ranks, sub])
    _none_lacking(frame, vintage)
    frame["is_rural"] = frame["rural_code"].str.match(RURAL)
    frame["areas_ranked"] = datasets()[f"iod{iod}_ranks"].areas_ranked
    people = _people(store, lookup, vintage)
    _none_lacking(people.reindex(frame.index), vintage)
    frame = frame.join(people).join(_idaci(store, iod))
    frame["no_car_share"] = frame["households_no_car"] / frame["households"].where(frame["households"] > 0)
    if "income_score" not in frame:
        denominators = store.frames.get("iod2019_denominators")
        counts = frame.get("income_count")
        frame["income_score"] = (
            counts / denominators.set_index("lsoa")["residents"]
            if counts is not None and denominators is not None
            else float("nan")
        )
    return frame.sort_index().reset_index()


def _none_lacking(frame: pd.DataFrame, vintage: int) -> None:
    """Stop where a table lacks a neighbourhood: an older version may have stored it so."""
    columns = [name for name in frame.columns if frame[name].isna().any() and name != "income_score"]
    if columns:
        lsoa = frame.index[frame[columns[0]].isna()]
        raise InputError(
            f"the store has no {', '.join(columns)} for {len(lsoa)} of {len(frame)} neighbourhoods ({vintage} codes), "
            f"'{lsoa[0]}' first. Import the whole files again."
        )


def _people(store: Store, lookup: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Residents by age band and households, on the vintage's LSOAs: single years scaled to the Census bands."""
    census = store.frame("census_residents").set_index("lsoa")[["residents"]]
    cars = store.frame("census_cars").set_index("lsoa")[["households", "households_no_car"]]
    single = store.frame("population_single_year").set_index("lsoa").drop(columns="residents")
    on_2021 = transfer(single, lookup, census["residents"], source="lsoa11", target="lsoa21")
    ages = scale_to_bands(on_2021, _bands(store))
    out = census.join(cars)
    for name, (low, high) in (
        AGE_BANDS | {"children_0_15": (0, 15), "children_0_17": (0, 17), "residents_0_25": (0, 25)}
    ).items():
        out[name] = ages[[f"age_{age}" for age in range(low, high + 1)]].sum(axis=1)
    if vintage == 2011:
        out = transfer(out, lookup, single.sum(axis=1), source="lsoa21", target="lsoa11")
    return out


def _bands(store: Store) -> pd.DataFrame:
    """Census residents by LSOA and band (columns: its first age): five-year bands if imported, else six wide ones."""
    if "census_five_year_ages" in store.frames:
        frame = store.frame("census_five_year_ages").set_index("lsoa")
        return frame.rename(columns=lambda name: int(name.removeprefix("band_")))
    groups = store.frame("census_age_bands")
    groups["low"] = groups["age_group"].map(AGE_GROUPS)
    return groups.pivot(index="lsoa", columns="low", values="residents")


def _idaci(store: Store, iod: int) -> pd.DataFrame:
    """IDACI where it is published as a rate; else its count over the Indices' own denominators, if imported."""
    frame = store.frames.get(f"iod{iod}_idaci")
    if frame is None:
        return pd.DataFrame()
    frame = frame.set_index("lsoa").assign(idaci_basis="IDACI")
    denominators = store.frames.get(f"iod{iod}_denominators")
    if "idaci_rate" not in frame and denominators is not None:
        children = denominators.set_index("lsoa")["children_0_15"]
        frame["idaci_rate"] = (frame["idaci_count"] / children.where(children > 0)).clip(upper=1)
        frame["idaci_basis"] = "IDACI count over the Indices' own count of children"
    return frame


def _services(store: Store, neighbourhoods: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Every place that serves families, or could host the mobile hub, with its kind."""
    parts = [_centres(store), _schools(store)]
    for dataset, kind in (("libraries", "library"), ("gp_practices", "gp")):
        if dataset in store.frames:
            frame = store.frame(dataset)
            names = frame["name"].str.title() if kind == "gp" else frame["name"]
            parts.append(frame.assign(kind=kind, name=names)[["name", "kind", "easting", "northing"]])
    villages = store.frame("places")
    villages = villages[villages["place_kind"].isin(["Village", "Hamlet", "Town"])]
    parts.append(villages.assign(kind=villages["place_kind"].str.lower())[["name", "kind", "easting", "northing"]])
    parts += [_own_venues(store)] if "venues" in store.frames else []
    services = pd.concat(parts, ignore_index=True).dropna(subset=["easting", "northing"])
    for name in [name for name in _OF_VENUES if name not in services]:
        services = services.assign(**{name: _OF_VENUES[name]})
    services = services.fillna({name: unknown for name, unknown in _OF_VENUES.items() if unknown == ""})
    shapes = gpd.points_from_xy(services["easting"], services["northing"], crs=CRS)
    services = gpd.GeoDataFrame(services, geometry=shapes)
    services["in_area"] = services.within(neighbourhoods.union_all().buffer(HARBOUR_M))
    services["service"] = [f"{kind}-{number:04d}" for number, kind in enumerate(services["kind"])]
    return services


def _own_venues(store: Store) -> pd.DataFrame:
    """The council's own list, all of the kind `own`: a hall that is called a school must not be counted as one."""
    frame = store.frame("venues")
    frame = frame.assign(venue_kind=frame["kind"].where(frame["kind"] != "", "venue"), kind="own")
    return frame[["name", "kind", "easting", "northing", "venue_kind", *ATTRIBUTES]]


def _centres(store: Store) -> pd.DataFrame:
    frame = store.frame("childrens_centres")
    hub = frame["register"].str.contains("hub", case=False) | frame["name"].str.contains("family hub", case=False)
    return frame.assign(kind=hub.map({True: "family_hub", False: "childrens_centre"}))[
        ["name", "kind", "easting", "northing"]
    ]


def _schools(store: Store) -> pd.DataFrame:
    frame = store.frame("schools")
    frame = frame[frame["group"].isin(STATE_SCHOOLS)]
    words = frame["type"].str.lower()
    phase = frame["phase"].str.lower().str.replace(r"middle deemed |all-through", "", regex=True)
    for pattern, kind in reversed(_SCHOOL_KINDS):
        phase = phase.mask(words.str.contains(pattern), kind)
    frame = frame.assign(kind="school", phase=phase)[phase != ""]
    return frame[["name", "kind", "phase", "easting", "northing"]]


def _roads(store: Store) -> gpd.GeoDataFrame:
    roads = gpd.GeoDataFrame(store.frame("roads"))
    if "direction" not in roads:  # stored before one-way roads were read, from files that give none
        roads = roads.assign(direction="both", speed_limit_kmh=float("nan"))
    return roads


def _towns(store: Store, neighbourhoods: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    places = store.frame("places")
    places = places[places["place_kind"].isin(["City", "Town"])]
    shapes = gpd.points_from_xy(places["easting"], places["northing"], crs=CRS)
    towns = gpd.GeoDataFrame(places[["name"]].assign(kind=places["place_kind"]), geometry=shapes, crs=CRS)
    return towns[towns.within(neighbourhoods.union_all().buffer(2000))].reset_index(drop=True)

"""Make one road network from road links and the places to be joined to it."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from cfwlib.errors import InputError
from cfwlib.settings import ReachSettings

SNAP_M = 1.0  # link ends nearer than this are one junction
_FAR_M = 1e6  # stands for "no road" where a site has none in reach


@dataclass(frozen=True)
class Network:
    """Roads as a graph whose last nodes are the sites; minutes by car and on foot, both ways along each link.

    `drive` and `walk` hold minutes and `length_m` metres from row node to column node; `site_nodes` gives each site's
    node; `drive_access_min` and `walk_access_min` the minutes between the site's door and its node. Sites farther
    from any road than the limit are in `off_network` and can be reached by no one.
    """

    drive: csr_array
    walk: csr_array
    length_m: csr_array
    site_nodes: pd.Series
    drive_access_min: pd.Series
    walk_access_min: pd.Series
    off_network: pd.DataFrame
    report: dict[str, float] = field(default_factory=dict)


def build_network(links: gpd.GeoDataFrame, sites: pd.DataFrame, settings: ReachSettings) -> Network:
    """Return the network of road links with every site joined to its nearest link at the nearest point.

    Parameters
    ----------
    links
        One row per link: `road_class` (a name of `settings.class_speed_kmh`; empty = not for cars), LineStrings in
        EPSG:27700.
    sites
        Index = unique id; `easting`, `northing` in metres.
    settings
        Speeds in km/h, access rules, and the longest distance in metres at which a site is joined to a road.

    Raises
    ------
    InputError
        When no link is drivable, a class has no speed, a geometry is unusable, or a site's id is given twice.
    """
    usable, report = _usable(links, settings)
    lines = usable.geometry.to_numpy()
    start, end, junctions = _junctions(lines)
    joined = _join(usable, sites, settings)
    arcs = _cut(usable, start, end, joined, first_site=len(junctions))
    size = len(junctions) + len(joined)
    walkable = arcs["road_class"] != "motorway"
    speed = arcs["road_class"].map(settings.class_speed_kmh)
    drive = _graph(arcs, arcs["metres"] * 0.06 / speed, size)
    walk = _graph(arcs[walkable], arcs.loc[walkable, "metres"] * 0.06 / settings.walk_speed_kmh, size)
    labels = connected_components(drive, directed=False)[1]
    on_main = labels[len(junctions) :] == np.bincount(labels).argmax()
    far = joined["metres"] > settings.snap_limit_m
    report |= {
        "junctions": len(junctions),
        "arcs": len(arcs),
        "off_network": int(far.sum()),
        "sites_on_main_component": float(on_main[~far.to_numpy()].mean()) if (~far).any() else 0.0,
    }
    crow = joined["metres"] * 0.06
    return Network(
        drive, walk, _lengths_of_fastest(arcs, arcs["metres"] * 0.06 / speed, size),
        pd.Series(np.arange(len(junctions), size), index=sites.index),
        (crow * settings.access_detour / settings.access_speed_kmh).where(~far),
        (crow * settings.walk_detour / settings.walk_speed_kmh).where(~far),
        sites[far.to_numpy()], report,
    )  # fmt: skip


def _usable(links: gpd.GeoDataFrame, settings: ReachSettings) -> tuple[gpd.GeoDataFrame, dict[str, float]]:
    if links.crs is None or links.crs != "EPSG:27700":
        raise InputError(f"road links: expected EPSG:27700, got {links.crs}. Convert them with to_crs(27700).")
    unknown = sorted(set(links["road_class"]) - set(settings.class_speed_kmh) - {""})
    if unknown:
        raise InputError(
            [f"road class '{name}' has no speed. Add speed_{name}_kmh to the settings." for name in unknown]
        )
    drivable = links[links["road_class"] != ""].explode(ignore_index=True)
    empty = drivable.geometry.length <= 0
    usable = drivable[~empty].reset_index(drop=True)
    if usable.empty:
        raise InputError(
            "the road data has no link that a car may use. Is it the road layer, and does it cover the area?"
        )
    report = {
        "links": len(links), "links_not_for_cars": int((links["road_class"] == "").sum()),
        "links_without_length": int(empty.sum()), "road_km": float(usable.geometry.length.sum() / 1000),
    }  # fmt: skip
    return usable, report


def _junctions(
    lines: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the junction number of each line's start and end, and the junctions' coordinates."""
    ends = np.vstack(
        [shapely.get_coordinates(shapely.get_point(lines, 0)), shapely.get_coordinates(shapely.get_point(lines, -1))]
    )
    near = cKDTree(ends).query_pairs(SNAP_M, output_type="ndarray")
    same = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(ends), len(ends)))
    count, label = connected_components(same, directed=False)
    place = np.zeros((count, 2))
    place[label] = ends
    return label[: len(lines)], label[len(lines) :], place


def _join(links: gpd.GeoDataFrame, sites: pd.DataFrame, settings: ReachSettings) -> pd.DataFrame:
    """Return, per site, the nearest link that is no motorway, how far along it (0 to 1) and the distance in metres."""
    if sites.index.has_duplicates:
        raise InputError(
            f"site '{sites.index[sites.index.duplicated()][0]}' is given twice. Give every site an id of its own."
        )
    choice = np.flatnonzero((links["road_class"] != "motorway").to_numpy())
    lines = links.geometry.to_numpy()[choice if len(choice) else slice(None)]
    choice = choice if len(choice) else np.arange(len(links))
    points = shapely.points(sites[["easting", "northing"]].to_numpy(float))
    nearest = shapely.STRtree(lines).nearest(points) if len(points) else np.array([], int)
    return pd.DataFrame(
        {
            "link": choice[nearest],
            "along": np.clip(shapely.line_locate_point(lines[nearest], points, normalized=True), 0, 1),
            "metres": np.minimum(shapely.distance(lines[nearest], points), _FAR_M),
        },
        index=sites.index,
    )


def _cut(
    links: gpd.GeoDataFrame,
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    joined: pd.DataFrame,
    *,
    first_site: int,
) -> pd.DataFrame:
    """Return arcs (one per piece of link between neighbouring nodes): links are cut where sites join them."""
    count = len(links)
    nodes = pd.DataFrame(
        {
            "link": np.concatenate([np.arange(count), np.arange(count), joined["link"]]),
            "along": np.concatenate([np.zeros(count), np.ones(count), joined["along"]]),
            "order": np.concatenate([np.zeros(count), np.full(count, 2), np.ones(len(joined))]),
            "node": np.concatenate([start, end, first_site + np.arange(len(joined))]),
        }
    ).sort_values(["link", "along", "order"], kind="stable", ignore_index=True)
    following = nodes.shift(-1)
    within = nodes["link"] == following["link"]
    here, there = nodes[within], following[within]
    link = here["link"].to_numpy()
    return pd.DataFrame(
        {
            "from_node": here["node"].to_numpy(),
            "to_node": there["node"].to_numpy().astype(int),
            "metres": (there["along"] - here["along"]).to_numpy() * links.geometry.length.to_numpy()[link],
            "road_class": links["road_class"].to_numpy()[link],
        }
    )


def _both_ways(arcs: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    one = pd.DataFrame({"a": arcs["from_node"], "b": arcs["to_node"], "value": value, "metres": arcs["metres"]})
    both = pd.concat([one, one.rename(columns={"a": "b", "b": "a"})], ignore_index=True)
    # of parallel arcs the fastest counts: a sparse matrix would add them up
    return both.sort_values("value", kind="stable").drop_duplicates(["a", "b"])


def _graph(arcs: pd.DataFrame, minutes: pd.Series, size: int) -> csr_array:
    both = _both_ways(arcs, minutes)
    # a stored zero would be read as "no arc": coincident nodes are a microsecond apart
    return csr_array((both["value"].clip(lower=1e-8), (both["a"], both["b"])), shape=(size, size))


def _lengths_of_fastest(arcs: pd.DataFrame, minutes: pd.Series, size: int) -> csr_array:
    both = _both_ways(arcs, minutes)
    return csr_array((both["metres"].clip(lower=1e-6), (both["a"], both["b"])), shape=(size, size))

"""One road network for car and foot, of road links (their minutes: `road_minutes`) and the places joined to it."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from cfwlib.errors import InputError
from cfwlib.reach.graph import curve_order, graph_of
from cfwlib.reach.road_minutes import MIN_PER_M_AT_1_KMH, junctions_of, usable_links
from cfwlib.settings import ReachSettings

_FRAGMENT_SHARE = 0.01  # a part of the network with fewer of its junctions is a fragment: no site is joined to it


@dataclass(frozen=True, eq=False)
class Network:
    """Roads as a directed graph on junctions and sites, numbered along a space-filling curve.

    Attributes
    ----------
    drive, walk
        Minutes from row node to column node. Walking heeds no one-way sign and keeps off motorways.
    lines
        The usable links as LineStrings, EPSG:27700.
    arcs
        One row per piece of a link between neighbouring nodes: `link` (position in `lines`), `along_from`, `along_to`
        (0 to 1 of the link), `from_node`, `to_node`, `metres`, `road_class`, and `forward_min`, `backward_min` by car
        (NaN where driving that way is not allowed).
    drive_arc
        The arc behind each stored entry of `drive`: row of `arcs`, plus their number where it is driven backward.
    site_nodes, drive_access_min, walk_access_min
        Each site's node, and the minutes between its door and that node; NaN for sites off the network.
    off_network
        Sites farther from any road than the limit, which nobody can reach.
    dead_ends
        Coordinates of junctions at which one link ends and no other begins, metres, shape (dead ends, 2).
    on_main
        Whether each site is on the largest part of the network in which everybody can drive to everybody.
    report
        What was read, dropped and joined: links, km by class, junctions, components, sites.
    """

    drive: csr_array
    walk: csr_array
    lines: npt.NDArray[np.object_]
    arcs: pd.DataFrame
    drive_arc: npt.NDArray[np.int64]
    site_nodes: pd.Series
    drive_access_min: pd.Series
    walk_access_min: pd.Series
    off_network: pd.DataFrame
    dead_ends: npt.NDArray[np.float64]
    on_main: pd.Series
    report: dict[str, float] = field(default_factory=dict)


def build_network(links: gpd.GeoDataFrame, sites: pd.DataFrame, settings: ReachSettings) -> Network:
    """Return the network of road links with every site joined to its nearest link at the nearest point.

    Parameters
    ----------
    links
        One row per link: `road_class` (a name of `settings.class_speed_kmh`; empty = not for cars), LineStrings in
        EPSG:27700; optional `direction` (both, forward or backward along the line), `speed_limit_kmh` (NaN or 0 = the
        class speed alone counts) and `length_m` (NaN = as drawn; 0 or less = the link is dropped, and counted).
    sites
        Index = unique id; `easting`, `northing` in metres.
    settings
        Speeds in km/h, access rules, how near link ends meet, and the longest distance in metres at which a site is
        joined to a road.

    Raises
    ------
    InputError
        When no link is drivable, a class has no speed, a direction is unknown, or a site has no coordinates or an id
        that is given twice.

    Examples
    --------
    >>> places = region.services.set_index("service")[["easting", "northing"]]
    >>> network = build_network(region.roads, places, settings)
    >>> len(network.site_nodes), network.report["off_network"]
    (358, 0)
    """
    usable, report = usable_links(links, settings)
    start, end, places = junctions_of(usable.geometry.to_numpy(), settings.junction_tolerance_m)
    joined = _join(usable, sites, _joinable(usable, start, end))
    joined["node"] = _at_junction(joined, usable, start, end, settings.junction_tolerance_m)
    between = joined["node"] < 0
    joined.loc[between, "node"] = len(places) + np.arange(between.sum())
    lines = usable.geometry.to_numpy()
    doors = shapely.line_interpolate_point(lines[joined["link"]], joined["along"], normalized=True)[between]
    order = curve_order(np.vstack([places, shapely.get_coordinates(doors)]))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    joined["node"] = number[joined["node"]]
    arcs = _cut(usable, number[start], number[end], joined[between])
    drive, drive_arc = _both_ways(arcs, arcs["forward_min"], arcs["backward_min"], len(order))
    on_foot = (arcs["metres"] * MIN_PER_M_AT_1_KMH / settings.walk_speed_kmh).where(arcs["road_class"] != "motorway")
    walk, _ = _both_ways(arcs, on_foot, on_foot, len(order))
    far, crow = joined["metres"] > settings.snap_limit_m, joined["metres"] * MIN_PER_M_AT_1_KMH
    _, label = connected_components(drive, connection="strong")
    main = label == np.bincount(label).argmax()
    ends_here = np.bincount(np.concatenate([start, end]), minlength=len(places))
    report |= {
        "junctions": len(places),
        "junctions_on_main_component": float(main[number[: len(places)]].mean()),
        "components": int(connected_components(drive, directed=False)[0]),
        "arcs": len(arcs),
        "dead_ends": int((ends_here == 1).sum()),
        "off_network": int(far.sum()),
    }
    return Network(
        drive=drive,
        walk=walk,
        lines=lines,
        arcs=arcs,
        drive_arc=drive_arc,
        site_nodes=joined["node"],
        drive_access_min=(crow * settings.access_detour / settings.access_speed_kmh).where(~far),
        walk_access_min=(crow * settings.walk_detour / settings.walk_speed_kmh).where(~far),
        off_network=sites[far.to_numpy()],
        dead_ends=places[ends_here == 1],
        on_main=pd.Series(main[joined["node"]], index=sites.index) & ~far,
        report=report,
    )


def _joinable(
    links: gpd.GeoDataFrame, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the links that sites may be joined to: no motorway, no fragment that leads nowhere."""
    size = int(max(start.max(), end.max())) + 1
    joins = csr_array((np.ones(len(start)), (start, end)), shape=(size, size))
    label = connected_components(joins, directed=False)[1]
    fragment = np.bincount(label)[label[start]] < _FRAGMENT_SHARE * size
    ordinary = (links["road_class"] != "motorway").to_numpy()
    for wanted in (ordinary & ~fragment, ordinary):
        if wanted.any():
            return np.flatnonzero(wanted)
    return np.arange(len(links))


def _join(links: gpd.GeoDataFrame, sites: pd.DataFrame, joinable: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return, per site, the nearest joinable link, how far along it (0 to 1) and the distance in metres."""
    if problems := _site_problems(sites):
        raise InputError(problems)
    lines = links.geometry.to_numpy()[joinable]
    points = shapely.points(sites[["easting", "northing"]].to_numpy(float))
    nearest = shapely.STRtree(lines).nearest(points) if len(points) else np.array([], int)
    return pd.DataFrame(
        {
            "link": joinable[nearest],
            "along": np.clip(shapely.line_locate_point(lines[nearest], points, normalized=True), 0, 1),
            "metres": shapely.distance(lines[nearest], points),
        },
        index=sites.index,
    )


def _site_problems(sites: pd.DataFrame) -> list[str]:
    if missing := [name for name in ("easting", "northing") if name not in sites]:
        return [f"sites: there is no column '{name}' (metres, EPSG:27700)." for name in missing]
    twice = sites.index[sites.index.duplicated()]
    problems = [f"site '{site}' is given twice. Give every site an id of its own." for site in twice[:5]]
    bad = sites.index[~np.isfinite(sites[["easting", "northing"]].to_numpy(float)).all(axis=1)]
    return problems + [f"site '{site}' has no coordinates. Give them, or leave it out." for site in bad[:5]]


def _at_junction(
    joined: pd.DataFrame,
    links: gpd.GeoDataFrame,
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    tolerance_m: float,
) -> npt.NDArray[np.int64]:
    """Return the junction at which a site joins its link, -1 between junctions.

    A site at the end of a one-way link is at the junction: it may leave by every road there.
    """
    link, metres = joined["link"].to_numpy(), links.geometry.length.to_numpy()[joined["link"]]
    along = joined["along"].to_numpy() * metres
    return np.select([along <= tolerance_m, metres - along <= tolerance_m], [start[link], end[link]], -1)


def _cut(
    links: gpd.GeoDataFrame, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], joined: pd.DataFrame
) -> pd.DataFrame:
    """Return arcs (one per piece of link between neighbouring nodes): links are cut where sites join them."""
    count = len(links)
    nodes = pd.DataFrame(
        {
            "link": np.concatenate([np.arange(count), np.arange(count), joined["link"]]),
            "along": np.concatenate([np.zeros(count), np.ones(count), joined["along"]]),
            "order": np.concatenate([np.zeros(count), np.full(count, 2), np.ones(len(joined))]),
            "node": np.concatenate([start, end, joined["node"]]),
        }
    ).sort_values(["link", "along", "order"], kind="stable", ignore_index=True)
    first = np.flatnonzero(np.diff(nodes["link"]) == 0)
    here, there = nodes.iloc[first], nodes.iloc[first + 1]
    link = here["link"].to_numpy()
    part = there["along"].to_numpy() - here["along"].to_numpy()
    whole = links.iloc[link].reset_index(drop=True)
    return pd.DataFrame(
        {
            "link": link,
            "along_from": here["along"].to_numpy(),
            "along_to": there["along"].to_numpy(),
            "from_node": here["node"].to_numpy(),
            "to_node": there["node"].to_numpy(),
            "metres": whole["length_m"] * part,
            "road_class": whole["road_class"],
            "forward_min": whole["forward_min"] * part,
            "backward_min": whole["backward_min"] * part,
        }
    )


def _both_ways(
    arcs: pd.DataFrame, forward: pd.Series, backward: pd.Series, size: int
) -> tuple[csr_array, npt.NDArray[np.int64]]:
    one, other = arcs["from_node"].to_numpy(), arcs["to_node"].to_numpy()
    minutes = np.concatenate([forward, backward])
    return graph_of(np.concatenate([one, other]), np.concatenate([other, one]), minutes, size)

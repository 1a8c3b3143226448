"""Door-to-door minutes between places on a finished network: matrices, the nearest service, the route itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from shapely.ops import substring

from cfwlib.errors import InputError
from cfwlib.reach.graph import nearest_k as nearest_of
from cfwlib.reach.graph import nearest_times, paths, times
from cfwlib.reach.network import Network
from cfwlib.settings import ReachSettings

_MIN_PER_M = 1e-9  # below four thousandths of a second on 60 km

Mode = Literal["drive", "walk"]


def minutes_matrix(
    network: Network,
    origins: Sequence[str],
    destinations: Sequence[str],
    settings: ReachSettings,
    *,
    mode: Mode = "drive",
    limit_min: float = np.inf,
) -> pd.DataFrame:
    """Return door-to-door minutes from every origin to every destination.

    Driving adds the terminal minutes; both modes add the way from door to road at either end.

    Parameters
    ----------
    network
        Roads with the sites joined on.
    origins, destinations
        Site ids.
    settings
        Terminal minutes.
    mode
        By car or on foot.
    limit_min
        Journeys longer than this are given as NaN; the limit itself is kept.

    Returns
    -------
    minutes
        Origins × destinations; NaN = not reachable (within the limit).

    Raises
    ------
    InputError
        When a site or the mode is unknown.

    Examples
    --------
    >>> clinics = ["childrens_centre-0000", "childrens_centre-0001"]
    >>> minutes_matrix(reach.network, ["X00000001", "X00000002"], clinics, settings).round(1)
               childrens_centre-0000  childrens_centre-0001
    X00000001                    4.4                    4.8
    X00000002                    4.8                    5.2
    """
    graph, access, terminal = _mode(network, settings, mode)
    from_nodes, to_nodes = (_nodes(network, side) for side in (origins, destinations))
    between = times(graph, from_nodes, to_nodes, limit_min=limit_min)
    ends = access[list(origins)].to_numpy()[:, None] + access[list(destinations)].to_numpy()[None, :]
    minutes = between + ends + terminal
    minutes = np.where(np.isfinite(minutes) & (minutes <= limit_min), minutes, np.nan)
    return pd.DataFrame(minutes, index=list(origins), columns=list(destinations))


def nearest(
    network: Network,
    origins: Sequence[str],
    destinations: Sequence[str],
    settings: ReachSettings,
    *,
    mode: Mode = "drive",
) -> pd.DataFrame:
    """Return each origin's door-to-door minutes to its nearest destination, and which one that is.

    One search serves all origins, however many destinations there are.

    Parameters
    ----------
    network, origins, destinations, settings, mode
        As for `minutes_matrix`.

    Returns
    -------
    nearest
        Index = origin: `minutes` (NaN = none reachable) and `service` (the destination's id, empty then).
    """
    _, access, _ = _mode(network, settings, mode)
    from_road, which = node_minutes(network, destinations, settings, mode=mode)
    nodes = _nodes(network, origins)
    minutes = from_road[nodes] + access[list(origins)].to_numpy()
    names = np.array([*destinations, ""], dtype=object)[np.where(np.isnan(minutes), -1, which[nodes])]
    return pd.DataFrame({"minutes": minutes, "service": pd.Series(names, dtype="str").to_numpy()}, index=list(origins))


def k_nearest(
    network: Network,
    origins: Sequence[str],
    destinations: Sequence[str],
    settings: ReachSettings,
    *,
    k: int,
    mode: Mode = "drive",
) -> pd.DataFrame:
    """Return each origin's k nearest destinations, nearest first.

    Parameters
    ----------
    network, origins, destinations, settings, mode
        As for `minutes_matrix`.
    k
        How many, 1 or more; fewer are given where fewer can be reached.

    Returns
    -------
    nearest
        `origin`, `rank` (1 = nearest), `service` (the destination's id) and `minutes`, door to door.

    Examples
    --------
    >>> clinics = ["childrens_centre-0000", "childrens_centre-0001"]
    >>> k_nearest(reach.network, ["X00000001", "X00000002"], clinics, settings, k=1).round(1)
          origin  rank                service  minutes
    0  X00000001     1  childrens_centre-0000      4.4
    1  X00000002     1  childrens_centre-0000      4.8
    """
    graph, access, terminal = _mode(network, settings, mode)
    if k < 1:
        raise InputError(f"k is {k}; ask for at least 1 nearest destination.")
    nodes, ends = _nodes(network, origins), _nodes(network, destinations)
    known = [name for name in destinations if not np.isnan(access[name])]
    ends = ends[access[list(destinations)].notna().to_numpy()]
    minutes, which = nearest_of(graph, nodes, ends, k, start_min=access[known].to_numpy() + terminal)
    minutes += access[list(origins)].to_numpy()[:, None]
    row, rank = np.nonzero(np.isfinite(minutes))
    services = pd.Series(known, dtype="str").to_numpy()[which[row, rank]]
    names = pd.Series(list(origins), dtype="str").to_numpy()[row]
    return pd.DataFrame({"origin": names, "rank": rank + 1, "service": services, "minutes": minutes[row, rank]})


def node_minutes(
    network: Network, destinations: Sequence[str], settings: ReachSettings, *, mode: Mode = "drive"
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the minutes from every node of the network to the nearest destination's door, and which that is.

    Returns
    -------
    minutes, which
        Shape (nodes,) each: terminal minutes and the way to the destination's door are included; NaN and -1 where none
        can be reached. `which` is the position in `destinations`.
    """
    graph, access, terminal = _mode(network, settings, mode)
    nodes = _nodes(network, destinations)
    known = np.flatnonzero(access[list(destinations)].notna())
    places = [destinations[int(at)] for at in known]
    start = access[places].to_numpy() + terminal
    minutes, which = nearest_times(graph, nodes[known], start_min=start)
    return np.where(np.isfinite(minutes), minutes, np.nan), np.append(known, -1)[which]


def _mode(network: Network, settings: ReachSettings, mode: Mode) -> tuple[csr_array, pd.Series, float]:
    if mode not in ("drive", "walk"):
        raise InputError(f"mode '{mode}' is neither 'drive' nor 'walk'.")
    if mode == "drive":
        return network.drive, network.drive_access_min, settings.terminal_min
    return network.walk, network.walk_access_min, 0.0


def _nodes(network: Network, sites: Sequence[str]) -> npt.NDArray[np.int64]:
    if isinstance(sites, str):
        raise InputError(f"'{sites}' is one site: give a list of sites, ['{sites}'].")
    unknown = [str(site) for site in sites if site not in network.site_nodes.index]
    if unknown:
        more = f" (and {len(unknown) - 5:,} more)" if len(unknown) > 5 else ""
        raise InputError(f"not among the sites that the network was built with: {', '.join(unknown[:5])}{more}.")
    return network.site_nodes[list(sites)].to_numpy()


def vehicle_legs(network: Network, stops: Sequence[str], settings: ReachSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return minutes and kilometres of the fastest drive between every two stops, terminal minutes included.

    Both are stops × stops, from row to column, zero on the diagonal, NaN where there is no way.
    """
    names = list(stops)
    minutes = minutes_matrix(network, names, names, settings)
    nodes = _nodes(network, names)
    drive = network.drive
    metres = network.arcs["metres"].to_numpy()[network.drive_arc % len(network.arcs)]
    # a weight per metre too small to change the road: what it adds to a journey's time tells the journey's length
    weighed = csr_array((drive.data + _MIN_PER_M * metres, drive.indices, drive.indptr), shape=drive.shape)
    on_road = times(drive, nodes, nodes)
    added = np.subtract(times(weighed, nodes, nodes), on_road, where=np.isfinite(on_road), out=np.zeros_like(on_road))
    km = added / _MIN_PER_M / 1000
    access_km = network.drive_access_min[names].to_numpy() * settings.access_speed_kmh / 60
    km = np.where(minutes.isna(), np.nan, km + access_km[:, None] + access_km[None, :])
    values = minutes.to_numpy(copy=True)
    np.fill_diagonal(values, 0)
    np.fill_diagonal(km, 0)
    return pd.DataFrame(values, names, names), pd.DataFrame(km, names, names)


@dataclass(frozen=True)
class Route:
    """The fastest drive from one site to another: door-to-door minutes, km of road, and its line (EPSG:27700)."""

    minutes: float
    km: float
    line: shapely.MultiLineString


def route(network: Network, origin: str, destination: str, settings: ReachSettings) -> Route:
    """Return the fastest drive from one site to another; NaN minutes and km and an empty line where there is no way.

    Parameters
    ----------
    network
        Roads with the sites joined on.
    origin, destination
        Site ids.
    settings
        Terminal minutes.

    Examples
    --------
    >>> way = route(reach.network, "X00000001", "childrens_centre-0000", settings)
    >>> round(way.minutes, 1), round(way.km, 1)
    (4.4, 2.8)
    """
    minutes = float(minutes_matrix(network, [origin], [destination], settings).to_numpy()[0, 0])
    if np.isnan(minutes):
        return Route(np.nan, np.nan, shapely.MultiLineString())
    ends = network.site_nodes[[origin, destination]].to_numpy()
    _, entry = paths(network.drive, ends[:1], ends[1:])
    driven = network.drive_arc[entry[::-1]]  # from the origin on
    count = len(network.arcs)
    arcs = network.arcs.iloc[driven % count]
    along = arcs[["along_from", "along_to"]].to_numpy()
    along = np.where((driven >= count)[:, None], along[:, ::-1], along)
    lines = zip(network.lines[arcs["link"]], along, strict=True)
    pieces = [piece for line, (low, high) in lines if (piece := substring(line, low, high, normalized=True)).length]
    return Route(minutes, float(arcs["metres"].sum() / 1000), shapely.MultiLineString(pieces))

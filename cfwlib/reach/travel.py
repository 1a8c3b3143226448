"""Travel times on the network: minutes and kilometres between sites, door to door."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from cfwlib.reach.roads import Network
from cfwlib.settings import ReachSettings

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

    The search runs from the fewer side (from destinations on the reversed graph), so it costs one shortest-path
    tree per member of that side. Driving adds the terminal minutes; both modes add the way from door to road.

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
        Journeys longer than this are given as NaN.

    Returns
    -------
    minutes
        Origins × destinations; NaN = not reachable (within the limit).
    """
    graph = network.drive if mode == "drive" else network.walk
    access = network.drive_access_min if mode == "drive" else network.walk_access_min
    from_nodes, to_nodes = (
        network.site_nodes[list(origins)].to_numpy(),
        network.site_nodes[list(destinations)].to_numpy(),
    )
    if len(from_nodes) <= len(to_nodes):
        between = dijkstra(graph, indices=from_nodes, limit=limit_min)[:, to_nodes]
    else:
        between = dijkstra(graph.T.tocsr(), indices=to_nodes, limit=limit_min)[:, from_nodes].T
    ends = access[list(origins)].to_numpy()[:, None] + access[list(destinations)].to_numpy()[None, :]
    minutes = between + ends + (settings.terminal_min if mode == "drive" else 0)
    minutes = np.where(np.isfinite(minutes) & (minutes <= limit_min), minutes, np.nan)
    return pd.DataFrame(minutes, index=list(origins), columns=list(destinations))


def nearest(minutes: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return each origin's minutes to its nearest destination and that destination's name.

    Parameters
    ----------
    minutes
        Origins × destinations, NaN = not reachable.
    names
        Name of each destination (index = destination id).

    Returns
    -------
    nearest
        Index = origin: `minutes` (NaN = none reachable) and `name` (empty then).
    """
    reachable = minutes.notna().any(axis=1)
    best = minutes[reachable].idxmin(axis=1)
    return pd.DataFrame({"minutes": minutes.min(axis=1), "name": best.map(names).reindex(minutes.index).fillna("")})


def vehicle_legs(network: Network, stops: Sequence[str], settings: ReachSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return minutes and kilometres of the fastest drive between every two stops, terminal minutes included.

    Both are stops × stops, from row to column, zero on the diagonal, NaN where there is no way.
    """
    minutes = minutes_matrix(network, stops, stops, settings)
    nodes = network.site_nodes[list(stops)].to_numpy()
    _, before = dijkstra(network.drive, indices=nodes, return_predecessors=True)
    km = _metres_along(network, before)[:, nodes] / 1000
    access_km = network.drive_access_min[list(stops)].to_numpy() * settings.access_speed_kmh / 60
    km = np.where(minutes.isna(), np.nan, km + access_km[:, None] + access_km[None, :])
    values = minutes.to_numpy(copy=True)
    np.fill_diagonal(values, 0)
    np.fill_diagonal(km, 0)
    names = list(stops)
    return pd.DataFrame(values, names, names), pd.DataFrame(km, names, names)


def _metres_along(network: Network, before: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return metres from each tree's root to every node, given each node's predecessor (negative = none).

    Every node jumps to its predecessor's predecessor while adding up lengths, so a path of n links takes log2 n rounds.
    """
    trees, size = before.shape
    column = np.broadcast_to(np.arange(size), before.shape)
    jump = np.where(before < 0, column, before)
    moving = before >= 0
    metres = np.zeros(before.shape)
    metres[moving] = np.asarray(network.length_m[before[moving], column[moving]]).ravel()
    row = np.arange(trees)[:, None]
    while (jump[row, jump] != jump).any():
        metres += metres[row, jump]
        jump = jump[row, jump]
    return metres

"""Isochrones: the land from which a service can be reached within so many minutes, drawn around the reached roads."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from cfwlib.errors import InputError

MARGIN_M = 250  # how far from a reached road the land still counts
HOLE_MARGINS = 4  # holes up to the area of a disc of so many margins' radius are filled
Floats = npt.NDArray[np.float64]
Lines = npt.NDArray[np.object_]  # of shapely geometries


def isochrones(arcs: pd.DataFrame, lines: Lines, node_min: Floats, limits_min: Sequence[float]) -> gpd.GeoDataFrame:
    """Return, for each limit, the land within a margin (250 m) of every road from which a service is reached in time.

    Which stretch of a road is reached is exact. The outline is for a map: it is true to half a margin, gaps of up to
    four margins between reached roads are closed, and holes smaller than a disc of four margins' radius (3 sq
    km) are filled. Count people by their minutes, never by these shapes.

    Parameters
    ----------
    arcs
        One row per piece of a road link: `link` (position in `lines`), `from_node`, `to_node` (positions in
        `node_min`), `along_from`, `along_to` (0 to 1 along the line), `forward_min`, `backward_min` (minutes to drive
        the piece from its from-node to its to-node, and back; NaN = not allowed that way).
    lines
        The road links as LineStrings in EPSG:27700, shape (links,).
    node_min
        Minutes from each node to its nearest service, shape (nodes,); NaN or infinite = unreachable.
    limits_min
        Limits in minutes; the limit itself counts as reached.

    Returns
    -------
    isochrones
        `limit_min`, ascending, and `geometry` in EPSG:27700, each within the next (to a millimetre); empty where
        nothing is reached.

    Raises
    ------
    InputError
        If there is no limit, or one that is not positive.
    """
    if not len(limits_min) or not all(0 < limit < np.inf for limit in limits_min):
        raise InputError(f"limits_min: {list(limits_min)}; at least one is needed, each more than 0 minutes.")
    limits = sorted({float(limit) for limit in limits_min})
    land: shapely.Geometry = shapely.Polygon()
    shapes, before = [], _no_stretches()
    for limit in limits:
        stretches = reached_stretches(arcs, node_min, limit)
        # what was reached before is in the land already: each road is drawn about once, whatever the number of limits
        fresh = stretches.merge(before, how="left", indicator=True).query("_merge == 'left_only'")
        land = _outline(land, _pieces(fresh, lines)) if len(fresh) else land
        shapes.append(land)
        before = stretches
    return gpd.GeoDataFrame({"limit_min": limits}, geometry=shapes, crs="EPSG:27700")


def reached_stretches(arcs: pd.DataFrame, node_min: Floats, limit_min: float) -> pd.DataFrame:
    """Return the stretches of road from which a service is reached within a limit, exactly.

    From a place at share f of a piece one drives on to its end, (1 − f) × `forward_min`, or back to its start,
    f × `backward_min`; so what is reached is a stretch at its start, one at its end, or all of it.

    Parameters
    ----------
    arcs, node_min
        As for `isochrones`.
    limit_min
        Limit in minutes; the limit itself counts as reached.

    Returns
    -------
    stretches
        `link`, `start`, `end` (0 to 1 along the line), ordered, without overlap; neighbouring stretches are joined.
    """
    to_service = np.asarray(node_min, dtype=float)
    first = _reached_share(to_service[arcs["from_node"].to_numpy()], arcs["backward_min"].to_numpy(float), limit_min)
    last = _reached_share(to_service[arcs["to_node"].to_numpy()], arcs["forward_min"].to_numpy(float), limit_min)
    link = arcs["link"].to_numpy()
    here, there = arcs["along_from"].to_numpy(float), arcs["along_to"].to_numpy(float)
    length = there - here
    ends = pd.DataFrame(
        {
            "link": np.concatenate([link, link]),
            "a": np.concatenate([here, there - last * length]),
            "b": np.concatenate([here + first * length, there]),
        }
    )[np.concatenate([first, last]) > 0]
    return _joined(
        ends["link"].to_numpy(), ends[["a", "b"]].min(axis=1).to_numpy(), ends[["a", "b"]].max(axis=1).to_numpy()
    )


def _reached_share(node_min: Floats, piece_min: Floats, limit_min: float) -> Floats:
    """Return the share of each piece, measured from the node at one end, that is within the limit by way of it."""
    spare = limit_min - node_min
    usable = (spare >= 0) & ~np.isnan(piece_min)
    share = np.divide(spare, piece_min, out=np.ones_like(spare), where=usable & (piece_min > 0))
    return np.where(usable, np.clip(share, 0, 1), 0.0)


def _joined(link: npt.NDArray[np.int64], start: Floats, end: Floats) -> pd.DataFrame:
    if not len(link):
        return _no_stretches()
    order = np.lexsort((start, link))
    link, start, end = link[order], start[order], end[order]
    # 2 × link + end is higher on any later link, so one running maximum serves all links
    reach = np.maximum.accumulate(2 * link + end)
    new = np.append(True, 2 * link[1:] + start[1:] > reach[:-1] + 1e-8)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(link)) - 1
    return pd.DataFrame({"link": link[first], "start": start[first], "end": reach[last] - 2 * link[first]})


def _no_stretches() -> pd.DataFrame:
    return pd.DataFrame({"link": np.array([], int), "start": np.array([], float), "end": np.array([], float)})


def _pieces(stretches: pd.DataFrame, lines: Lines) -> Lines:
    pieces = lines[stretches["link"].to_numpy()]
    start, end = stretches["start"].to_numpy(), stretches["end"].to_numpy()
    for i in np.flatnonzero((start > 1e-8) | (end < 1 - 1e-8)):
        pieces[i] = substring(pieces[i], start[i], end[i], normalized=True)
    return pieces


def _outline(land: shapely.Geometry, roads: Lines) -> shapely.Geometry:
    """Return the land together with the roads' surroundings, gaps closed, with few vertices."""
    coarse = shapely.simplify(roads, MARGIN_M / 5)
    around = shapely.union_all(shapely.buffer(coarse, 2 * MARGIN_M, quad_segs=2))
    around = shapely.buffer(around, -MARGIN_M, quad_segs=2)  # out and in again: slits between roads are gone
    around = shapely.simplify(shapely.union(land, around), MARGIN_M / 4)
    filled = [_without_small_holes(part, HOLE_MARGINS**2 * np.pi * MARGIN_M**2) for part in shapely.get_parts(around)]
    return shapely.union_all([land, *filled])


def _without_small_holes(polygon: shapely.Geometry, area_sq_m: float) -> shapely.Geometry:
    holes = shapely.get_rings(polygon)[1:]
    large = holes[shapely.area(shapely.polygons(holes)) > area_sq_m] if len(holes) else holes
    return shapely.polygons(shapely.get_exterior_ring(polygon), holes=large)

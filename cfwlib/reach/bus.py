"""Minutes to help by scheduled bus: for families without a car."""

from bisect import bisect_left

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from cfwlib.data.timetable import Timetable
from cfwlib.errors import SettingsError, refuse

Floats = npt.NDArray[np.float64]


def bus_minutes(
    timetable: Timetable,
    points: pd.DataFrame,
    services: pd.DataFrame,
    *,
    from_min: float,
    to_min: float,
    every_min: float = 5,
    walk_kmh: float,
    walk_detour: float,
    walk_limit_m: float,
    change_min: float = 2,
    longest_min: float = 180,
) -> pd.DataFrame:
    """Return minutes from each point to the service that a family reaches first by bus, over a morning of departures.

    A journey walks to a stop, waits, rides, changes as often as it needs to, and walks from the last stop to any of
    the services. It uses at least one bus: compare with walking all the way. The family knows the timetable but
    leaves home at the stated minute, so waiting at the stop counts.

    The profile connection scan (Dibbelt, Pajor, Strasser and Wagner 2018, ACM Journal of Experimental Algorithmics
    23, 1.7): one pass over the day's rides from the last to the first gives, at every stop, each departure worth
    boarding and the arrival it leads to.

    Parameters
    ----------
    timetable
        Stops and rides of one day.
    points, services
        `easting`, `northing` in metres, EPSG:27700.
    from_min, to_min, every_min
        Departures from home, in minutes after midnight: the first, the end of the window (not a departure itself),
        and the step.
    walk_kmh, walk_detour, walk_limit_m
        Speed on foot (km/h), path over crow distance, and the longest crow distance of one walk (m; the limit itself
        is walked): to the first stop, between two stops, from the last.
    change_min
        Least minutes between getting off a bus and getting on the next, more than 0; a longer walk takes longer.
    longest_min
        A journey that takes longer, in minutes, counts as none.

    Returns
    -------
    minutes
        Index as `points`. `median_min`: median over the departures, NaN where half of them or more have no journey;
        `best_min`: the quickest, NaN where there is none; `share`: share of departures with a journey.

    Raises
    ------
    SettingsError
        When the window holds no departure, or a speed, step or change time is not above 0.
    """
    _refuse(from_min=from_min, to_min=to_min, every_min=every_min, walk_kmh=walk_kmh, change_min=change_min)
    departures = np.arange(from_min, to_min, every_min, dtype=float)
    metres_per_min = walk_kmh * 1000 / 60 / walk_detour
    rides = timetable.connections
    rides = rides[(rides["dep_min"] >= from_min) & (rides["arr_min"] <= departures[-1] + longest_min)]
    stops, homes = cKDTree(_places(timetable.stops)), cKDTree(_places(points))
    metres = cKDTree(_places(services)).query(_places(timetable.stops))[0]
    to_service = np.where(metres <= walk_limit_m, metres / metres_per_min, np.inf)
    near = stops.sparse_distance_matrix(stops, walk_limit_m, output_type="ndarray")
    changes: list[list[tuple[int, float]]] = [[] for _ in range(stops.n)]
    for here, there, minutes in zip(
        near["i"].tolist(), near["j"].tolist(), np.maximum(near["v"] / metres_per_min, change_min).tolist(), strict=True
    ):
        changes[there].append((here, minutes))
    profiles = _scan(rides, to_service, changes)
    access = homes.sparse_distance_matrix(stops, walk_limit_m, output_type="ndarray")
    taken = (
        _earliest(profiles, access["i"], access["j"], access["v"] / metres_per_min, departures, homes.n) - departures
    )
    taken[taken > longest_min] = np.inf
    return _summary(taken, points.index)


def _refuse(*, from_min: float, to_min: float, **above_zero: float) -> None:
    problems = [f"{name} is {value:g}: it must be above 0." for name, value in above_zero.items() if not value > 0]
    if not to_min > from_min:
        problems.append(f"the departures end at {to_min:g} min but begin at {from_min:g}: to_min must be the later.")
    refuse(problems, SettingsError)


def _places(frame: pd.DataFrame) -> Floats:
    return frame[["easting", "northing"]].to_numpy(dtype=float)


def _scan(
    rides: pd.DataFrame, to_service: Floats, changes: list[list[tuple[int, float]]]
) -> list[tuple[Floats, Floats]]:
    """Departures worth boarding at each stop, ascending, and the arrival at a service that each leads to.

    Two profiles per stop are kept: of boarding a bus there, and of standing there after another bus, free to walk on
    to a stop nearby. `changes[s]` lists the stops from which s can be walked to, with the minutes. Walks are longer
    than 0, so whatever can be changed to has been scanned before.
    """
    best = to_service.tolist()  # minutes on foot from a stop to a service
    board_dep: list[list[float]] = [[] for _ in changes]
    board_arr: list[list[float]] = [[] for _ in changes]
    change_by: list[list[float]] = [[] for _ in changes]
    change_arr: list[list[float]] = [[] for _ in changes]
    seated: dict[int, float] = {}  # earliest arrival of a passenger on the trip
    columns = ("dep_stop", "arr_stop", "dep_min", "arr_min", "trip", "board", "alight")
    for start, stop, dep, arr, trip, board, alight in zip(*(rides[c].tolist()[::-1] for c in columns), strict=True):
        reached = seated.get(trip, np.inf)
        if alight:
            reached = min(reached, arr + best[stop])
            later = bisect_left(change_by[stop], arr)
            if later < len(change_by[stop]):
                reached = min(reached, change_arr[stop][later])
        seated[trip] = reached
        if board and reached < (board_arr[start][-1] if board_arr[start] else np.inf):
            board_dep[start].append(dep)
            board_arr[start].append(reached)
            for origin, walk in changes[start]:
                _keep(change_by[origin], change_arr[origin], dep - walk, reached)
    return [(np.array(dep[::-1]), np.array(arr[::-1])) for dep, arr in zip(board_dep, board_arr, strict=True)]


def _keep(by: list[float], arrivals: list[float], time: float, arrival: float) -> None:
    """Add to a profile the chance of arriving by `arrival` from `time`, unless a later chance is as good.

    Both lists ascend; chances that the new one makes pointless go.
    """
    end = bisect_left(by, time)
    if end < len(by) and arrivals[end] <= arrival:
        return
    start = bisect_left(arrivals, arrival, 0, end)
    by[start:end] = [time]
    arrivals[start:end] = [arrival]


def _earliest(
    profiles: list[tuple[Floats, Floats]],
    home: npt.NDArray[np.int64],
    stop: npt.NDArray[np.int64],
    walk: Floats,
    departures: Floats,
    homes: int,
) -> Floats:
    """Earliest arrival at a service from each home at each departure, over the stops within a walk of it."""
    arrival = np.full((homes, len(departures)), np.inf)
    order = np.argsort(stop, kind="stable")
    first = np.searchsorted(stop[order], np.arange(len(profiles) + 1))
    for place, (dep, arr) in enumerate(profiles):
        pairs = order[first[place] : first[place + 1]]
        caught = np.searchsorted(dep, walk[pairs, None] + departures)
        arrival[home[pairs]] = np.minimum(arrival[home[pairs]], np.append(arr, np.inf)[caught])
    return arrival


def _summary(taken: Floats, index: pd.Index) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "median_min": np.median(taken, axis=1),
            "best_min": taken.min(axis=1),
            "share": np.isfinite(taken).mean(axis=1),
        },
        index=index,
    )
    return found.replace(np.inf, np.nan)

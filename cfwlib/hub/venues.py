"""Choose candidate venues from known places: near unreached families, not crowded, not too many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.instance import Floats, unreached, within


def choose_candidates(
    places: pd.DataFrame,
    points: pd.DataFrame,
    *,
    drive_min: Floats,
    walk_min: Floats,
    limit_drive_min: float = 15,
    limit_walk_min: float = 30,
    kinds_in_order: Sequence[str],
    dedupe_m: float = 1500,
    max_venues: int = 60,
) -> pd.DataFrame:
    """Choose which places become candidate venues, with the reason for each.

    Parameters
    ----------
    places
        One row per place: `venue` (unique id), `name`, `kind`, `easting`, `northing` (m).
    points
        Demand points as in `plan_hub`.
    drive_min, walk_min
        Minutes from each point to each place, (P, places), NaN = no way.
    limit_drive_min, limit_walk_min
        Longest drive and walk that count as reached, in minutes; the limit itself counts.
    kinds_in_order
        The kinds of place wanted, best first: of two places close together the better kind stays.
    dedupe_m
        Straight-line distance in m within which two places are one.
    max_venues
        Most candidates; those with the most unreached need in reach stay.

    Returns
    -------
    candidates
        Every place in the order given, with `need_in_reach` (children likely to need help and not served by a fixed
        service), `kept` and `reason`.

    Raises
    ------
    PlanError
        If a column is missing, an id occurs twice, or the matrices do not fit the frames.
    """
    _check(places, points, drive_min, walk_min)
    car, foot = unreached(points)
    need = car @ within(drive_min, limit_drive_min) + foot @ within(walk_min, limit_walk_min)
    rank = places["kind"].map({kind: i for i, kind in enumerate(kinds_in_order)}).to_numpy(float)
    reason = np.full(len(places), "", dtype=object)
    reason[np.isnan(rank)] = [f"kind '{kind}' is not asked for" for kind in places["kind"][np.isnan(rank)]]
    nobody = f"no unreached family within {limit_drive_min:g} minutes' drive or {limit_walk_min:g} minutes' walk"
    reason[(reason == "") & (need <= 0)] = nobody

    ids = places["venue"].astype(str).to_numpy(dtype=object)
    xy = places[["easting", "northing"]].to_numpy(float)
    kept: list[int] = []
    for at in sorted(np.flatnonzero(reason == ""), key=lambda i: (rank[i], -need[i], ids[i])):
        near = [k for k in kept if np.hypot(*(xy[k] - xy[at])) <= dedupe_m]
        if near:
            other = places.iloc[min(near, key=lambda k: float(np.hypot(*(xy[k] - xy[at]))))]
            reason[at] = f"within {dedupe_m:,.0f} m of {other['name']} ({other['kind']})"
        else:
            kept.append(int(at))
    kept.sort(key=lambda i: (-need[i], rank[i], ids[i]))
    reason[kept[:max_venues]] = "kept"
    reason[kept[max_venues:]] = f"beyond the {max_venues} with most unreached need in reach"
    return places.assign(need_in_reach=need, kept=reason == "kept", reason=pd.array(reason, dtype="str"))


def _check(places: pd.DataFrame, points: pd.DataFrame, drive_min: Floats, walk_min: Floats) -> None:
    needed = ["venue", "name", "kind", "easting", "northing"]
    problems = [f"The places frame lacks {name}. Add the column." for name in needed if name not in places]
    if not problems:
        twice = places["venue"][places["venue"].duplicated()].unique()
        problems += [f"place '{venue}' occurs more than once. Ids must be unique." for venue in twice]
    for name, matrix in (("drive_min", drive_min), ("walk_min", walk_min)):
        if matrix.shape != (len(points), len(places)):
            problems.append(f"{name} has shape {matrix.shape}; {(len(points), len(places))} is needed.")
    if problems:
        raise PlanError(problems)

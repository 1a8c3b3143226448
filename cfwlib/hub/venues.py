"""Choose candidate venues from known places: fit for a session, near unreached families, not crowded, not too many."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.opening_hours import ATTRIBUTES, opening_hours
from cfwlib.data.places import closed_to_families
from cfwlib.errors import PlanError
from cfwlib.hub.instance import Floats, unreached, within
from cfwlib.hub.venue_hours import common_window
from cfwlib.settings import DAY_MIN, Settings

_HOURS = ["weekdays", "open_min", "close_min", "hours_lost", "unfit"]


def fit_places(places: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return places with the hours a planner may use, and why a place cannot be used.

    Parameters
    ----------
    places
        One row per place; optional `opening_hours` (as `cfwlib.data.opening_hours` reads them), `parking` and
        `step_free` (yes, no, blank = not known), `hire_gbp` (a session), `dwell_min` (minutes); what is not known is
        taken as allowed or not as the settings say, unknown hours as open and an unknown hire as within the limit; a
        prison or a closed site is never fit.
    settings
        Working weekdays, duty day and session lengths; what a venue must offer, and the most it may cost.

    Returns
    -------
    places
        With `weekdays` (digits, empty = no session fits), `open_min`, `close_min` (minutes after midnight),
        `hours_lost` (opening hours that one window for several weekdays cannot use) and `unfit` (empty = fit).
    """
    for name in [name for name in ATTRIBUTES if name not in places]:
        places = places.assign(**{name: ATTRIBUTES[name]})
    dwell = places["dwell_min"].fillna(min([settings.dwell_min, *settings.further_dwell_min]))
    hours = [_hours(text, minutes, settings) for text, minutes in zip(places["opening_hours"], dwell, strict=True)]
    places[_HOURS] = pd.DataFrame(hours, columns=_HOURS, index=places.index)
    no_entry = closed_to_families(places)
    places["weekdays"] = places["weekdays"].where(no_entry == "", "")  # on no day, so that no decision opens it
    reasons = [no_entry, places["unfit"]]
    for column, what, wanted in (
        ("parking", "parking", settings.venue_parking),
        ("step_free", "step-free access", settings.venue_step_free),
    ):
        said = {"no": f"no {what}", "": "" if settings.venue_unknown == "allowed" else f"{what} not known"}
        reasons += [places[column].map(said).fillna("")] if wanted else []
    if (limit := settings.venue_hire_limit_gbp) is not None:
        dear = places["hire_gbp"].map(lambda cost: f"hire £{cost:,.10g} is above the limit of £{limit:,.10g}")
        reasons.append(dear.where(places["hire_gbp"] > limit, ""))
    told = ["; ".join(filter(None, row)) for row in zip(*reasons, strict=True)]
    return places.assign(unfit=pd.array(told, dtype="str"))


def _hours(text: str, dwell_min: float, settings: Settings) -> tuple[str, float, float, str, str]:
    """Weekdays, opening and closing minute, hours lost, and why no session is possible."""
    week = opening_hours(text)
    if week is None:
        return "12345", 0.0, DAY_MIN, "", ""
    first = settings.duty_start_min + settings.setup_min
    last = settings.duty_start_min + settings.duty_min - settings.pack_up_min
    weekdays = settings.working_weekdays
    window = common_window(week, weekdays=weekdays, dwell_min=dwell_min, from_min=first, to_min=last)
    if window:
        return (*window, "")
    why = f"its hours on working weekdays hold no session of {dwell_min:g} minutes in a duty day"
    if not any(week[int(day)] for day in weekdays):
        why = "closed on all working weekdays"
    return "", np.nan, np.nan, "", why


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
        One row per place: `venue` (unique id), `name`, `kind`, `easting`, `northing` (m); optional `unfit`, the reason
        why it cannot be used, from `fit_places`.
    points
        Demand points as in `plan_hub`, perhaps with `remote_children`.
    drive_min, walk_min
        Minutes from each point to each place, (P, places), NaN = no way.
    limit_drive_min, limit_walk_min
        Longest drive and walk that count as reached, in minutes; the limit itself counts.
    kinds_in_order
        The kinds of place wanted, best first: of two places close together the better kind stays.
    dedupe_m
        Straight-line distance in m within which two places are one.
    max_venues
        Most candidates; those with the most unreached need in reach stay, and those with the most of the most remote
        children, in turns.

    Returns
    -------
    candidates
        Every place in the order given, with `need_in_reach` (children likely to need help and not served by a fixed
        service), `remote_in_reach` (of the most remote children, by car), `kept` and `reason`.

    Raises
    ------
    PlanError
        If a column is missing, an id occurs twice, or the matrices do not fit the frames.
    """
    _check(places, points, drive_min, walk_min)
    car, foot = unreached(points)
    need = car @ within(drive_min, limit_drive_min) + foot @ within(walk_min, limit_walk_min)
    far = points["remote_children"].to_numpy(float) if "remote_children" in points else np.zeros(len(points))
    remote = far @ within(drive_min, limit_drive_min)
    rank = places["kind"].map({kind: i for i, kind in enumerate(kinds_in_order)}).to_numpy(float)
    reason = np.array([f"kind '{kind}' is not asked for" for kind in places["kind"]], dtype=object)
    reason[~np.isnan(rank)] = ""
    if "unfit" in places:
        reason = np.where(reason == "", places["unfit"].to_numpy(dtype=object), reason)
    nobody = f"no unreached family within {limit_drive_min:g} minutes' drive or {limit_walk_min:g} minutes' walk"
    reason[(reason == "") & (need <= 0) & (remote <= 0)] = nobody
    ids = places["venue"].astype(str).to_numpy(dtype=object)
    kept = _apart(
        places, sorted(np.flatnonzero(reason == ""), key=lambda i: (rank[i], -need[i], ids[i])), reason, dedupe_m
    )
    by_need = sorted(kept, key=lambda i: (-need[i], rank[i], ids[i]))
    by_remote = sorted((i for i in kept if remote[i] > 0), key=lambda i: (-remote[i], rank[i], ids[i]))
    turns = [i for pair in zip_longest(by_need, by_remote) for i in pair if i is not None]
    kept = list(dict.fromkeys(turns))
    reason[kept[:max_venues]] = "kept"
    reason[kept[max_venues:]] = f"beyond the {max_venues} with most unreached need, or most remote children, in reach"
    told = {"need_in_reach": need, "remote_in_reach": remote, "kept": reason == "kept"}
    return places.assign(**told, reason=pd.array(reason, dtype="str"))


def _apart(
    places: pd.DataFrame, best_first: Sequence[int], reason: npt.NDArray[np.object_], dedupe_m: float
) -> list[int]:
    """Return the places that no better one is within a distance (m) of; write the reason for the others."""
    xy = places[["easting", "northing"]].to_numpy(float)
    kept: list[int] = []
    for at in best_first:
        far = np.hypot(*(xy[kept] - xy[at]).T)
        if kept and far.min() <= dedupe_m:
            other = places.iloc[kept[int(far.argmin())]]
            reason[at] = f"within {dedupe_m:,.0f} m of {other['name']} ({other['kind']})"
        else:
            kept.append(int(at))
    return kept


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

"""One planning problem, read once: points, venues, minutes and settings, checked together."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.settings import DAY_MIN, HubSettings

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

LIMIT_TOLERANCE_MIN = 1e-6  # a journey of exactly the limit counts, whatever the last bit says
POINT_COLUMNS = ["point", "lsoa", "easting", "northing", "need_count", "no_car_share", "served_drive", "served_walk"]
VENUE_COLUMNS = ["venue", "name", "kind", "easting", "northing"]


@dataclass(frozen=True, eq=False)
class HubMinutes:
    """Travel times of one problem; NaN = no way, or beyond the search limit.

    Attributes
    ----------
    vehicle_min, vehicle_km
        Minutes and km of the vehicle, (V+1, V+1), from row to column; index 0 is the depot, then the venues in order.
    drive_min, walk_min
        Minutes from each point to each venue, (P, V), by car and on foot.
    """

    vehicle_min: Floats
    vehicle_km: Floats
    drive_min: Floats
    walk_min: Floats

    def __post_init__(self) -> None:
        for field in fields(self):
            matrix = np.asarray(getattr(self, field.name), dtype=float)
            object.__setattr__(self, field.name, np.where(np.isinf(matrix), np.nan, matrix))


@dataclass(frozen=True, eq=False)
class Instance:
    """A checked problem: frames with every column filled, a metric vehicle matrix, and notes on what was changed."""

    points: pd.DataFrame
    venues: pd.DataFrame
    minutes: HubMinutes
    settings: HubSettings
    notes: tuple[str, ...] = ()


def read_instance(points: pd.DataFrame, venues: pd.DataFrame, minutes: HubMinutes, settings: HubSettings) -> Instance:
    """Check a planning problem as a whole and fill its defaults.

    Parameters
    ----------
    points
        One row per demand point: `point`, `lsoa`, `easting`, `northing` (m), `need_count` (children), `no_car_share`
        (0 to 1), `served_drive`, `served_walk`; optional `floor`: the LSOA must have a stop within the drive limit of
        a point so flagged, where any venue can be visited; `remote_children`: children there who live farther than
        `remote_min` from help by car.
    venues
        One row per venue: `venue`, `name`, `kind`, `easting`, `northing` (m); optional `district`, `weekdays`,
        `open_min`, `close_min` (minutes after midnight), `dwell_min` (minutes), `further_dwell_min` (text, minutes
        separated by commas), `hire_gbp` (pounds a visit), `last_visits` (visits a cycle in the last plan).
    minutes
        Travel minutes and km, rows and columns in the order of the frames.
    settings
        The rules of the cycle.

    Returns
    -------
    instance
        The problem, with `vehicle_min` replaced by its metric closure.

    Raises
    ------
    PlanError
        Listing everything that is wrong.
    """
    problems = _frame_problems(points, POINT_COLUMNS, "point") + _frame_problems(venues, VENUE_COLUMNS, "venue")
    if problems:
        raise PlanError(problems)
    points = points.reindex(columns=[*POINT_COLUMNS, "floor", "remote_children"]).reset_index(drop=True)
    points["floor"] = points["floor"].astype(object).fillna(False)
    points["remote_children"] = points["remote_children"].astype(object).fillna(0.0)
    venues = _filled(venues, settings)
    problems = _number_problems(points, venues) + _matrix_problems(minutes, len(points), len(venues))
    problems += _decision_problems(venues, settings)
    if problems:
        raise PlanError(problems)
    points = points.astype(dict.fromkeys(["need_count", "no_car_share", "remote_children"], float))
    points = points.astype(dict.fromkeys(["served_drive", "served_walk", "floor"], bool))
    closed, note = _metric(minutes)
    return Instance(points, venues, closed, settings, note)


def unreached(points: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the children likely to need help and not yet served, in car and in no-car households.

    Parameters
    ----------
    points
        Demand points with `need_count` (children), `no_car_share` (0 to 1), `served_drive` and `served_walk`.

    Returns
    -------
    car, foot
        Children per point, shape (P,) each; 0 where a fixed service is within the limit.
    """
    need, no_car = points["need_count"].to_numpy(float), points["no_car_share"].to_numpy(float)
    car = np.where(points["served_drive"].to_numpy(bool), 0.0, need * (1 - no_car))
    foot = np.where(points["served_walk"].to_numpy(bool), 0.0, need * no_car)
    return car, foot


def within(minutes: Floats, limit_min: float) -> Flags:
    """Return which journeys are within a limit, in minutes; the limit itself counts and NaN never does."""
    return np.asarray(minutes <= limit_min + LIMIT_TOLERANCE_MIN)


def instance_to_dict(instance: Instance) -> dict[str, Any]:
    """Return a problem as JSON-ready values; NaN becomes null and no digit is lost."""
    matrices = {f.name: getattr(instance.minutes, f.name) for f in fields(HubMinutes)}
    return {
        "points": records(instance.points),
        "venues": records(instance.venues),
        "minutes": {
            name: [[None if x != x else x for x in row] for row in matrix.tolist()] for name, matrix in matrices.items()
        },
        "settings": instance.settings.model_dump(mode="json"),
    }


def instance_from_dict(plan: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, HubMinutes, HubSettings]:
    """Return the four arguments of `plan_hub` from a plan's dictionary, so that anyone can solve it again.

    Parameters
    ----------
    plan
        What `HubPlan.to_dict` returned, possibly after a trip through JSON.
    """
    part = plan["instance"]
    points, venues = pd.DataFrame(part["points"]), pd.DataFrame(part["venues"])
    shapes = {"vehicle_min": (len(venues) + 1,) * 2, "vehicle_km": (len(venues) + 1,) * 2}
    matrices = {
        f.name: np.array(part["minutes"][f.name], dtype=float).reshape(shapes.get(f.name, (len(points), len(venues))))
        for f in fields(HubMinutes)
    }
    return points, venues, HubMinutes(**matrices), HubSettings.model_validate(part["settings"])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as JSON-ready dictionaries, NaN as null."""
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return [{key: None if pd.isna(value) else value for key, value in row.items()} for row in rows]


def _frame_problems(frame: pd.DataFrame, columns: list[str], key: str) -> list[str]:
    missing = [name for name in columns if name not in frame]
    if missing:
        return [f"The {key}s frame lacks {', '.join(missing)}. Add the column."]
    if not len(frame):
        return [f"The {key}s frame is empty. Give at least one {key}."]
    if frame[key].isna().any():
        return [f"The {key}s frame has rows without an id in column '{key}'. Fill it."]
    if "name" in columns and (blank := frame["name"].isna() | (frame["name"].astype(str).str.strip() == "")).any():
        return [f"{key} '{one}' has no name. Give it one." for one in frame.loc[blank, key].astype(str)[:5]]
    twice = frame[key][frame[key].duplicated()].unique()
    return [f"{key} '{name}' occurs more than once. Ids must be unique." for name in twice]


def _filled(venues: pd.DataFrame, settings: HubSettings) -> pd.DataFrame:
    defaults = {"district": "", "weekdays": "12345", "open_min": 0.0, "close_min": DAY_MIN}
    defaults |= {"dwell_min": settings.dwell_min, "further_dwell_min": "", "hire_gbp": 0.0, "last_visits": 0}
    venues = venues.reindex(columns=VENUE_COLUMNS + list(defaults)).reset_index(drop=True)
    free = venues["dwell_min"].isna() & venues["further_dwell_min"].isna()
    offered = ",".join(f"{length:g}" for length in settings.further_dwell_min)
    venues["further_dwell_min"] = venues["further_dwell_min"].astype(object).mask(free, offered)
    return venues.astype(dict.fromkeys(defaults, object)).fillna(defaults).infer_objects()


def _number_problems(points: pd.DataFrame, venues: pd.DataFrame) -> list[str]:
    problems = []
    for frame, key, name, low, high in [
        (points, "point", "need_count", 0.0, np.inf),
        (points, "point", "no_car_share", 0.0, 1.0),
        (points, "point", "remote_children", 0.0, np.inf),
        (venues, "venue", "open_min", 0.0, DAY_MIN),
        (venues, "venue", "close_min", 0.0, DAY_MIN),
        (venues, "venue", "dwell_min", 1.0, DAY_MIN),
        (venues, "venue", "hire_gbp", 0.0, np.inf),
        (venues, "venue", "last_visits", 0.0, 4.0),
    ]:
        values = pd.to_numeric(frame[name], errors="coerce")
        bad = frame[key][~(values.between(low, high) & (values < np.inf))]
        problems += [f"{key} '{who}': {name} must be a number from {low:g} to {high:g}." for who in bad]
    for name in ("served_drive", "served_walk", "floor"):
        bad = points["point"][~points[name].isin([True, False])]
        problems += [f"point '{who}': {name} must be true or false." for who in bad]
    lengths = venues["further_dwell_min"].astype(str).str.fullmatch(r"(\d+(\.\d+)?(, *\d+(\.\d+)?)*)?")
    problems += [
        f"venue '{v}': further_dwell_min must be minutes separated by commas." for v in venues["venue"][~lengths]
    ]
    odd = venues[~venues["weekdays"].astype(str).str.fullmatch("[1-5]+")]
    problems += [f"venue '{v}': weekdays must be digits from 1 (Monday) to 5 (Friday)." for v in odd["venue"]]
    return problems


def _matrix_problems(minutes: HubMinutes, points: int, venues: int) -> list[str]:
    problems = []
    for field in fields(HubMinutes):
        matrix = getattr(minutes, field.name)
        shape = (venues + 1, venues + 1) if field.name.startswith("vehicle") else (points, venues)
        if matrix.shape != shape:
            problems.append(f"{field.name} has shape {matrix.shape}; {points} points and {venues} venues need {shape}.")
        elif (matrix < 0).any():
            problems.append(f"{field.name} holds a negative number. Use NaN where there is no way.")
    if not problems and (np.isfinite(minutes.vehicle_min) & ~np.isfinite(minutes.vehicle_km)).any():
        problems.append("vehicle_km is missing where vehicle_min is known. Give both, or NaN in both.")
    return problems


def _decision_problems(venues: pd.DataFrame, settings: HubSettings) -> list[str]:
    names = dict(zip(venues["venue"], venues["name"], strict=True))
    problems = [
        f"settings: {rule} names venue '{venue}', which is not in the venues frame. Is the file for another area?"
        for rule, chosen in (
            ("must", settings.must),
            ("ban", settings.ban),
            ("keep", settings.keep),
            ("fleet", {end for kind, _ in settings.vehicle_kinds for end in (kind.depot, kind.ends_at) if end}),
        )
        for venue in chosen
        if venue not in names
    ]
    for rule, chosen in (("must-serve", settings.must), ("kept", settings.keep)):
        both = sorted(set(chosen) & set(settings.ban))
        problems += [f"{names.get(v, v)} ('{v}') is both {rule} and banned. Withdraw one." for v in both]
    last = dict(zip(venues["venue"], venues["last_visits"], strict=True))
    problems += [
        f"{names[v]} ('{v}') is to be kept, but the last plan did not visit it (last_visits is 0). Make it a must."
        for v in settings.keep
        if last.get(v) == 0
    ]
    counts = {0, *(f.visits for f in settings.frequencies)}
    odd = venues[~venues["last_visits"].isin(counts)]
    told = ", ".join(map(str, sorted(counts)))
    why = f"last_visits must be one of {told} in a cycle of {settings.cycle_weeks} weeks."
    return problems + [f"venue '{v}': {why}" for v in odd["venue"]]


def _metric(minutes: HubMinutes) -> tuple[HubMinutes, tuple[str, ...]]:
    """Replace each vehicle time by the fastest way through other stops (Floyd-Warshall); km follow the way taken."""
    time = np.where(np.isnan(minutes.vehicle_min), np.inf, minutes.vehicle_min)
    km = np.where(np.isnan(minutes.vehicle_km), np.inf, minutes.vehicle_km)
    np.fill_diagonal(time, 0.0)
    np.fill_diagonal(km, 0.0)
    changed = np.zeros(time.shape, dtype=bool)
    for via in range(len(time)):
        through = time[:, [via]] + time[[via], :]
        shorter = through < time - 1e-9
        time = np.where(shorter, through, time)
        km = np.where(shorter, km[:, [via]] + km[[via], :], km)
        changed |= shorter
    time[np.isinf(time)], km[np.isinf(km)] = np.nan, np.nan
    note = f"{changed.sum():,} of {changed.size:,} vehicle times were replaced by a faster way through another stop."
    return HubMinutes(time, km, minutes.drive_min, minutes.walk_min), (note,) if changed.any() else ()

"""The plan as tables: visits, rounds, venues with reasons, and who is reached."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cfwlib.hub.day import Day
from cfwlib.hub.instance import Floats, Instance, unreached, within
from cfwlib.hub.offers import offers_of, session_worth
from cfwlib.hub.reasons import why_unvisited
from cfwlib.hub.rounds import Round
from cfwlib.words import number_words

_TIMES = ["arrive_min", "session_start_min", "session_end_min", "depart_min"]
VISIT_COLUMNS = ["vehicle", "week", "weekday", "sequence", "venue", *_TIMES, "round"]
ROUND_COLUMNS = [
    "round",
    "vehicle",
    "weekday",
    "weeks",
    "frequency",
    "venues",
    "leave_min",
    "return_min",
    "drive_min",
    "km",
]


def visits_frame(instance: Instance, rounds: list[Round]) -> pd.DataFrame:
    """Return one row per visit of the cycle, times in minutes after midnight."""
    ids = instance.venues["venue"].to_numpy(dtype=object)[offers_of(instance).venue]
    rows = [
        (r.vehicle, week, r.weekdays[0], sequence, ids[v.stop - 1], v.arrive, v.begin, v.end, v.depart, number)
        for number, r in enumerate(rounds, start=1)
        for week in r.weeks
        for sequence, v in enumerate(r.trip.visits, start=1)
    ]
    frame = pd.DataFrame(rows, columns=VISIT_COLUMNS)
    return frame.sort_values(["vehicle", "week", "weekday", "sequence"], ignore_index=True)


def rounds_frame(instance: Instance, rounds: list[Round]) -> pd.DataFrame:
    """Return one row per round; minutes driven and km are of each time it runs."""
    names = instance.venues["name"].to_numpy(dtype=object)[offers_of(instance).venue]
    leave = instance.settings.duty_start_min
    rows = [
        (
            number,
            r.vehicle,
            r.weekdays[0],
            ",".join(map(str, r.weeks)),
            r.frequency.name,
            " · ".join(names[stop - 1] for stop in r.stops),
            leave,
            r.trip.back,
            r.trip.drive,
            r.trip.km,
        )
        for number, r in enumerate(rounds, start=1)
    ]
    return pd.DataFrame(rows, columns=ROUND_COLUMNS)


def clients_frame(instance: Instance, visits: pd.DataFrame) -> pd.DataFrame:
    """Name the best stop of the car and the no-car households of each point: of most value, then visits, then near."""
    settings, ids = instance.settings, instance.venues["venue"]
    per_venue = visits["venue"].value_counts().reindex(ids, fill_value=0).to_numpy()
    value = visit_values(instance, visits)
    frame = instance.points[["point", "lsoa"]].copy()
    frame["need_car"], frame["need_foot"] = unreached(instance.points)
    for who, minutes, limit in [
        ("car", instance.minutes.drive_min, settings.limit_drive_min),
        ("foot", instance.minutes.walk_min, settings.limit_walk_min),
    ]:
        reached = within(minutes, limit) & (per_venue > 0)
        score = np.where(reached, value * 1e9 + per_venue * 1e4 - minutes, -np.inf)
        best = score.argmax(axis=1)
        found = reached.any(axis=1)
        frame[f"{who}_visits"] = np.where(found, per_venue[best], 0)
        frame[f"{who}_venue"] = np.where(found, ids.to_numpy(dtype=object)[best], "")
    return frame


def visit_values(instance: Instance, visits: pd.DataFrame) -> Floats:
    """Return the share of a need that the visits to each venue meet, (V,): of their frequency and session length."""
    ids, frequencies = instance.venues["venue"], instance.settings.frequencies
    per_venue = visits["venue"].value_counts().reindex(ids, fill_value=0)
    length = (visits["session_end_min"] - visits["session_start_min"]).groupby(visits["venue"]).min().reindex(ids)
    value = {0: 0.0} | {f.visits: f.value for f in reversed(frequencies)}
    worth = session_worth(instance.venues, instance.settings, length.fillna(0.0).to_numpy(float))
    return per_venue.map(value).to_numpy(float) * worth


def remote_reached(instance: Instance, visits: pd.DataFrame) -> float:
    """Return the most remote children within the drive limit of a visit that is worth anything."""
    near = within(instance.minutes.drive_min, instance.settings.limit_drive_min)
    reached = (near & (visit_values(instance, visits) > 0)).any(axis=1)
    return float(instance.points["remote_children"].to_numpy(float) @ reached)


def venues_frame(
    instance: Instance, days: Day | Sequence[Day], visits: pd.DataFrame, clients: pd.DataFrame
) -> pd.DataFrame:
    """Return every venue with its status, frequency, need (children whose best stop it is) and the reason.

    `days` are the duty days of the kinds of vehicle, or of the only kind.
    """
    days = [days] if isinstance(days, Day) else days
    frame = instance.venues.copy()
    frequency = {f.visits: f for f in reversed(instance.settings.frequencies)}
    per_venue = visits["venue"].value_counts().reindex(frame["venue"], fill_value=0)
    served = pd.concat([clients.groupby(f"{who}_venue")[f"need_{who}"].sum() for who in ("car", "foot")])
    need = served.groupby(level=0).sum()
    frame["need"] = need.reindex(frame["venue"], fill_value=0.0).to_numpy(float)
    frame["frequency"] = [frequency[n].name if n else "" for n in per_venue]
    frame["need_reached"] = frame["need"] * visit_values(instance, visits)
    within_reach = _need_within_reach(instance)
    described = [
        _status(instance, days, at, int(n), float(frame["need"][at]), float(within_reach[at]))
        for at, n in enumerate(per_venue)
    ]
    frame["status"], frame["reason"] = zip(*described, strict=True)
    return frame


def _need_within_reach(instance: Instance) -> Floats:
    car, foot = unreached(instance.points)
    m, s = instance.minutes, instance.settings
    total: Floats = car @ within(m.drive_min, s.limit_drive_min) + foot @ within(m.walk_min, s.limit_walk_min)
    return total


def _status(
    instance: Instance, days: Sequence[Day], at: int, visits: int, need: float, in_reach: float
) -> tuple[str, str]:
    """Return a venue's status and the reason for it."""
    venue = instance.venues["venue"][at]
    if visits:
        must = "must-serve; " if venue in instance.settings.must else ""
        return (
            "chosen",
            f"{must}best stop for {number_words(need)} of the {number_words(in_reach)} in reach",
        )
    if venue in instance.settings.ban:
        return "banned", "banned by decision"
    if why := why_unvisited(instance, days, at):
        return "unreachable in a duty day", why
    if in_reach == 0:
        return "not chosen", "nobody within reach who is not reached by a fixed service"
    return "not chosen", f"{number_words(in_reach)} in reach; the rounds chosen do without it"

"""The plan beside the timetable that is driven today: on the same yardsticks, and which of its visits break a rule."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.data.driven import KIND, read_driven
from cfwlib.data.named_files import named_text
from cfwlib.hub.day import clock
from cfwlib.hub.instance import Floats, unreached, within
from cfwlib.hub.study import HubStudy
from cfwlib.reach import AreaReach, minutes_matrix, vehicle_legs
from cfwlib.settings import HubSettings, Settings

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SLACK_MIN = 1.0  # a printed time is to the minute
_RARE_WEEKS = 4.0


@dataclass(frozen=True, eq=False)
class Compared:
    """A plan and a timetable drawn by hand.

    Attributes
    ----------
    table
        `what`, `this plan`, `drawn by hand`, `difference`: whole numbers; hours, visits, minutes and km are of a week.
    broken
        `week`, `day`, `vehicle`, `stop`, `rule`: the visits of the drawn timetable that break a rule of the plan.
    value_plan, value_driven
        Children reached, weighted by frequency and by the length of a session.
    """

    table: pd.DataFrame
    broken: pd.DataFrame
    value_plan: float
    value_driven: float


def compare_driven(region: AreaData, reach: AreaReach, study: HubStudy, settings: Settings) -> Compared:
    """Hold the plan against the timetable that `baseline` names, for the same children and by the same limits.

    Parameters
    ----------
    region
        Loaded with these settings: the timetable, and its stops among the services, of the kind `driven`.
    reach
        Roads and points.
    study
        The plan.
    settings
        Whose limits and rules count for both.
    """
    visits = read_driven(named_text(region.named, settings, "baseline"), settings.baseline)
    stops = region.services[region.services["kind"] == KIND]
    visits["venue"] = visits["stop"].map(stops.set_index("name")["service"])
    plan, own = study.plan, study.plan.instance.settings
    sides = {
        "this plan": (plan.visits, list(study.stops["venue"]), own.cycle_weeks),
        "drawn by hand": (visits, list(stops["service"]), int(visits["week"].max())),
    }
    points = reach.points.set_index("point").loc[plan.instance.points["point"]].reset_index()
    told, values = pd.DataFrame({"what": _WHAT}), dict[str, float]()
    for side, (rows, ids, weeks) in sides.items():
        minutes, km = vehicle_legs(reach.network, [str(study.depot["service"]), *ids], settings)
        rows = rows.merge(_days(rows, minutes, km, own), on=["vehicle", "week", "weekday", "sequence"])
        some, weighed = _reached(rows, ids, weeks, points, reach, settings, own)
        hours = (rows["end_min"] - rows["begin_min"]).clip(lower=0).sum() / 60
        values[side] = weighed
        told[side] = [
            some, weighed, len(ids), len(rows) / weeks, hours / weeks, rows["drive_min"].sum() / weeks,
            rows["km"].sum() / weeks,
        ]  # fmt: skip
        if side == "drawn by hand":
            broken = pd.DataFrame(_broken(rows, weeks, own), columns=["week", "day", "vehicle", "stop", "rule"])
    table = told.round()
    table["difference"] = table["this plan"] - table["drawn by hand"]
    return Compared(table, broken, values["this plan"], values["drawn by hand"])


_WHAT = (
    "Children likely to need help with a visit in reach, however rare and short",
    "Children reached, weighted by frequency and length of a session",
    "Places visited",
    "Visits a week",
    "Hours open to families a week",
    "Minutes driven a week",
    "Kilometres driven a week",
)


def _days(visits: pd.DataFrame, minutes: pd.DataFrame, km: pd.DataFrame, s: HubSettings) -> pd.DataFrame:
    """Each visit's drive from the stop before it, the way home after the last added, and when its doors are open."""
    depot, rows = minutes.index[0], []
    order = visits.sort_values(["vehicle", "week", "weekday", "sequence"])
    for key, day in order.groupby(["vehicle", "week", "weekday"], sort=False):
        here, free, last = depot, np.nan, len(day)
        for number, visit in enumerate(day.to_dict("records"), start=1):
            there = visit["venue"]
            begin = visit["session_start_min"]
            end = visit["session_end_min"]
            begin = visit["arrive_min"] + s.setup_min if np.isnan(begin) else begin
            end = visit["depart_min"] - s.pack_up_min if np.isnan(end) else end
            home_min, home_km = (m.loc[there, depot] if number == last else 0.0 for m in (minutes, km))
            leg = minutes.loc[here, there]
            rows.append((*key, visit["sequence"], begin, end, leg, home_min, free, leg + home_min,
                         km.loc[here, there] + home_km, number == last))  # fmt: skip
            here, free = there, visit["depart_min"]
    columns = ["vehicle", "week", "weekday", "sequence", "begin_min", "end_min", "leg_min", "home_min", "free_min",
               "drive_min", "km", "last"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _reached(
    visits: pd.DataFrame, ids: list[str], weeks: int, points: pd.DataFrame, reach: AreaReach, settings: Settings,
    s: HubSettings,
) -> tuple[float, float]:  # fmt: skip
    """Children with any visit in reach, and weighted by the best visit's frequency and length."""
    worth = _worth(visits, weeks, s).reindex(ids).to_numpy(float)
    some = weighed = 0.0
    ways = (("drive", settings.limit_drive_min), ("walk", settings.limit_walk_min))
    for (mode, limit), need in zip(ways, unreached(points), strict=True):
        found = minutes_matrix(
            reach.network, list(points["point"]), ids, settings, mode="walk" if mode == "walk" else "drive",
            limit_min=limit,
        )  # fmt: skip
        near = within(found.to_numpy(), limit)
        some += float(need @ near.any(axis=1))
        weighed += float(need @ (near * worth).max(axis=1, initial=0.0))
    return some, weighed


def _worth(visits: pd.DataFrame, weeks: int, s: HubSettings) -> pd.Series:
    """Share of a need that a stop's visits meet: of how many weeks lie between them, times of how long they are.

    Between the frequencies that the settings know it is drawn in a line; a session shorter than the plan's own counts
    as `dwell_values` say of the two.
    """
    by_stop = visits.groupby("venue")
    between = weeks / by_stop["week"].nunique().astype(float)
    third = getattr(s, "value_three_weekly", (s.value_fortnightly + s.value_four_weekly) / 2)
    often = np.interp(between, [1.0, 2.0, 3.0, _RARE_WEEKS], [1.0, s.value_fortnightly, third, s.value_four_weekly])
    often = np.where(between > _RARE_WEEKS, s.value_four_weekly * _RARE_WEEKS / between, often)
    length = (visits["end_min"] - visits["begin_min"]).clip(lower=0).groupby(visits["venue"]).min()
    long = _curve(s, length.to_numpy(float)) / (1.0 if s.further_dwell_min else _curve(s, np.array([s.dwell_min])))
    return pd.Series(often * np.minimum(1.0, long), index=between.index)


def _curve(s: HubSettings, minutes: Floats) -> Floats:
    lengths, worth = zip((0.0, 0.0), *s.dwell_values, strict=True)
    return np.interp(minutes, lengths, worth)


def _broken(visits: pd.DataFrame, weeks: int, s: HubSettings) -> Iterator[tuple[int, str, int, str, str]]:
    """Each visit that breaks a rule of the plan, with the rule: one row for each."""
    least, end_of_duty = min([s.dwell_min, *s.further_dwell_min]), s.duty_start_min + s.duty_min
    ranges = {number: kind.range_km or s.range_km for kind, numbers in s.vehicle_kinds for number in numbers}
    works = {number: kind.weekdays for kind, numbers in s.vehicle_kinds for number in numbers}
    km = visits.groupby(["vehicle", "week", "weekday"])["km"].transform("sum")
    waits = (visits["arrive_min"] - visits["free_min"] - visits["leg_min"]).fillna(0.0)
    waits += visits["begin_min"] - visits["arrive_min"] - s.setup_min
    waits += visits["depart_min"] - visits["end_min"] - s.pack_up_min
    rest = waits.groupby([visits["vehicle"], visits["week"], visits["weekday"]]).transform("sum")
    for visit, day_km, day_rest in zip(visits.to_dict("records"), km, rest, strict=True):
        where = int(visit["week"]), WEEKDAYS[visit["weekday"] - 1], int(visit["vehicle"]), str(visit["stop"])
        vehicle, leg, length = where[2], visit["leg_min"], visit["end_min"] - visit["begin_min"]
        if vehicle not in works:
            yield *where, f"there is no vehicle {vehicle}"
        elif str(visit["weekday"]) not in works[vehicle]:
            yield *where, "the hub does not work on this weekday"
        if np.isnan(visit["drive_min"]):
            yield *where, "no road leads there"
            continue
        if length < least - _SLACK_MIN:
            yield *where, (f"open for {max(0, length):.0f} minutes once it is set up, not {least:g}")
        leaves = visit["arrive_min"] - leg
        if np.isnan(visit["free_min"]) and leaves < s.duty_start_min - _SLACK_MIN:
            yield *where, f"must leave the depot at {clock(leaves)}, before {clock(s.duty_start_min)}"
        if visit["arrive_min"] < visit["free_min"] + leg - _SLACK_MIN:
            yield *where, f"arrives at {clock(visit['arrive_min'])}; the drive takes {leg:.0f} minutes"
        back = visit["depart_min"] + visit["home_min"]
        if visit["last"] and back > end_of_duty + _SLACK_MIN:
            yield *where, f"back at {clock(back)}, after {clock(end_of_duty)}"
        if visit["last"] and visit["sequence"] > 1 and day_rest < s.break_min - 2 * _SLACK_MIN:
            yield *where, f"the day has no break of {s.break_min:g} minutes"
        if visit["last"] and day_km > ranges.get(vehicle, s.range_km) + 1e-6:
            yield *where, f"{day_km:.0f} km that day, beyond {ranges.get(vehicle, s.range_km):g}"
    for stop, rows in visits.groupby("stop", sort=False):
        first = rows.iloc[0]
        where = int(first["week"]), WEEKDAYS[first["weekday"] - 1], int(first["vehicle"]), str(stop)
        came = sorted(set(rows["week"]))
        if rows["weekday"].nunique() > 1 or rows["arrive_min"].max() - rows["arrive_min"].min() > _SLACK_MIN:
            yield *where, "not at one time of one weekday in each of its weeks"
        if len(set(np.diff([*came, came[0] + weeks]))) > 1:
            yield *where, f"weeks {', '.join(map(str, came))} of {weeks} are not evenly spaced"

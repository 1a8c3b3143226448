"""From a cycle to dates: every visit of the weeks to come, those left out with the reason, and what repeats."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from cfwlib.data.days_off import Break, DaysOff
from cfwlib.errors import PlanError
from cfwlib.hub.day import clock
from cfwlib.hub.plan import HubPlan
from cfwlib.hub.timetable import WEEKDAYS
from cfwlib.settings import CalendarSettings
from cfwlib.words import day_words

TIMES = ["arrive_min", "session_start_min", "session_end_min", "depart_min", "leave_min", "return_min"]
SESSION = ["venue", "weekday", "session_start_min", "session_end_min"]  # what families see of a visit
COLUMNS = ["date", "vehicle", "round", "week", "weekday", "sequence", "venue", "name", *TIMES, "starts_at", "ends_at",
           "cancelled", "reason"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class HubCalendar:
    """The dated timetable, and all that its exports need.

    Attributes
    ----------
    visits
        One row per visit and date: `date`, `vehicle`, `round`, `week` (of the cycle), `weekday` (1 = Monday),
        `sequence`, `venue`, `name`, `arrive_min`, `session_start_min`, `session_end_min`, `depart_min`, and of its
        round `leave_min`, `return_min` (whole minutes after midnight, local time), `starts_at`, `ends_at` (ids of the
        vehicle's depots), `cancelled`, `reason`.
    places
        `name`, `latitude`, `longitude` (degrees, EPSG:4326) of the stops and the depots, by id.
    cycle_weeks
        Weeks after which the timetable repeats.
    settings
        First and last day, and what the notices say.
    area_name
        Area in words.
    modelled
        Whether the plan rests on modelled data: every export says so.
    notes
        From when the timetable holds, where the days left out come from, and which of them concern no stop of this
        plan.
    breaks
        School holidays that are known, as in `DaysOff`.
    """

    visits: pd.DataFrame
    places: pd.DataFrame
    cycle_weeks: int
    settings: CalendarSettings
    area_name: str
    modelled: bool
    notes: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()

    @property
    def kept(self) -> pd.DataFrame:
        """The visits that take place."""
        return self.visits[~self.visits["cancelled"]]

    @property
    def title(self) -> str:
        """What the hub is called, where it runs, and whether it is only modelled."""
        note = " (modelled, not official)" if self.modelled else ""
        return f"{self.settings.hub_name}, {self.area_name}{note}"


@dataclass(frozen=True, eq=False)
class Series:
    """Visits that repeat every so many weeks at one time. `visits`: its rows, in order of date, cancelled ones too."""

    every_weeks: int
    visits: pd.DataFrame

    @property
    def kept(self) -> pd.DataFrame:
        """The visits that take place."""
        return self.visits[~self.visits["cancelled"]]

    @property
    def frequency(self) -> str:
        """How often, in words: Every Tuesday; Every 2 weeks on Tuesday."""
        weekday = WEEKDAYS[int(self.visits["weekday"].iloc[0])]
        return f"Every {weekday}" if self.every_weeks == 1 else f"Every {self.every_weeks} weeks on {weekday}"


def hub_calendar(
    plan: HubPlan, depot: pd.Series, off: DaysOff, settings: CalendarSettings, *, area_name: str, modelled: bool
) -> HubCalendar:
    """Give a plan dates, and leave out the days that are not worked.

    Parameters
    ----------
    plan
        A planned hub.
    depot
        The service the vehicles start from, unless the fleet says otherwise: `service`, `name`, `easting`, `northing`
        (m, EPSG:27700).
    off
        From `days_off`.
    settings
        First day, weeks covered, and what the notices say.
    area_name
        Area in words, such as Cumberland.
    modelled
        Whether the data are modelled and not official.

    Raises
    ------
    PlanError
        When no visit is left: the plan has none, or every date is left out.
    """
    venues = plan.instance.venues.set_index("venue")
    cycle_weeks, first = plan.instance.settings.cycle_weeks, settings.first_day
    cycles = pd.DataFrame({"cycle": range(-(-settings.weeks_ahead // cycle_weeks))})
    visits = plan.visits.merge(plan.rounds[["round", "leave_min", "return_min"]], on="round").merge(cycles, how="cross")
    days = ((visits["cycle"] * cycle_weeks + visits["week"] - 1) * 7 + visits["weekday"] - 1).astype("int64")
    visits["date"] = pd.Timestamp(first) + pd.to_timedelta(days, unit="D")
    visits = visits[visits["date"] <= pd.Timestamp(settings.last_day)]
    visits[TIMES] = (visits[TIMES] + 0.5).astype("int64")  # as `clock` rounds: what is printed is what is exported
    visits["name"] = visits["venue"].map(venues["name"]).map(one_line)
    base = str(depot["service"])
    for column, ends in _depots(plan, base).items():
        visits[column] = visits["vehicle"].map(ends)
    visits = visits.sort_values(["date", "vehicle", "sequence"], ignore_index=True)
    visits["reason"], notes = _reasons(visits, venues["name"], off.closures)
    visits["cancelled"] = visits["reason"] != ""
    if visits["cancelled"].all():
        raise PlanError(
            f"No visit is left between {first} and {settings.last_day}: the plan has none, or every date is left out. "
            "Look at the closures file, cycle_start and weeks_ahead."
        )
    said = {name: one_line(text) for name, text in settings if isinstance(text, str)}
    settings, area_name = settings.model_copy(update=said), one_line(area_name)
    used = {*visits["venue"], *visits["starts_at"], *visits["ends_at"]}
    places = _places(venues[venues.index.isin(used)], depot)
    valid = f"The timetable runs from {day_words(first)} to {day_words(settings.last_day)}."
    told = (valid, *off.notes, *notes)
    return HubCalendar(visits[COLUMNS], places, cycle_weeks, settings, area_name, modelled, told, off.breaks)


def find_series(visits: pd.DataFrame, cycle_weeks: int, by: Sequence[str]) -> list[Series]:
    """Return what repeats: visits alike in some columns, split so that each series has equal steps.

    Parameters
    ----------
    visits
        Dated visits of a `HubCalendar`.
    cycle_weeks
        Weeks after which the timetable repeats.
    by
        Columns in which the visits of a series agree, such as `SESSION`.

    Returns
    -------
    series
        In the order of those columns, then of the weeks.
    """
    return [
        Series(every, rows[rows["week"].isin(weeks)].sort_values("date"))
        for _, rows in visits.groupby(list(by), sort=True)
        for every, weeks in _steps(sorted(set(rows["week"])), cycle_weeks)
    ]


def dates_left_out(calendar: HubCalendar) -> pd.DataFrame:
    """Return the visits that do not take place: `Place`, `Date`, `From`, `To`, `Vehicle`, `Reason`, by place."""
    table = dated_table(calendar)
    out = table[calendar.visits["cancelled"]].rename(columns={"Left out because": "Reason"})
    out = out.sort_values(["Place", "Date"], kind="stable")
    out["Date"] = calendar.visits.loc[out.index, "date"].map(day_words)
    return out[["Place", "Date", "From", "To", "Vehicle", "Reason"]].reset_index(drop=True)


def dated_table(calendar: HubCalendar) -> pd.DataFrame:
    """Return every dated visit as text, one row each.

    Returns
    -------
    table
        `Date` (2026-09-08), `Weekday`, `Vehicle`, `Place`, `From`, `To` (of the session), `Left out because` (empty
        = takes place).
    """
    visits = calendar.visits
    return pd.DataFrame(
        {
            "Date": visits["date"].dt.strftime("%Y-%m-%d"),
            "Weekday": visits["weekday"].map(WEEKDAYS),
            "Vehicle": visits["vehicle"].astype(str),
            "Place": visits["name"],
            "From": visits["session_start_min"].map(clock),
            "To": visits["session_end_min"].map(clock),
            "Left out because": visits["reason"],
        }
    )


def stop_dates(calendar: HubCalendar) -> pd.DataFrame:
    """Return one row per stop: how many dates it has, how many are left out, and the longest time without a visit.

    Returns
    -------
    table
        `venue`, `Place`, `First date`, `Visits`, `Left out`, `Longest gap` (days between two visits, or from the
        first or to the last day covered if that is longer).
    """
    ends = [pd.Timestamp(calendar.settings.first_day), pd.Timestamp(calendar.settings.last_day)]
    rows = []
    for venue, visits in calendar.visits.groupby("venue", sort=False):
        dates = visits.loc[~visits["cancelled"], "date"]
        gap = pd.Series([ends[0], *dates, ends[1]]).diff().max().days
        first = day_words(dates.min()) if len(dates) else ""
        rows.append((venue, visits["name"].iloc[0], first, len(dates), int(visits["cancelled"].sum()), gap))
    table = pd.DataFrame(rows, columns=["venue", "Place", "First date", "Visits", "Left out", "Longest gap"])
    return table.sort_values(["Place", "venue"], ignore_index=True)


def _steps(weeks: list[int], cycle_weeks: int) -> Iterator[tuple[int, list[int]]]:
    """Split weeks of a cycle into sets with equal steps, the end of the cycle joined to its beginning."""
    every = cycle_weeks // len(weeks)
    if weeks == list(range(weeks[0], cycle_weeks + 1, every)) and every * len(weeks) == cycle_weeks:
        yield every, weeks
    else:
        yield from ((cycle_weeks, [week]) for week in weeks)


def _reasons(
    visits: pd.DataFrame, names: pd.Series, closures: pd.DataFrame
) -> tuple[pd.Series, tuple[str, ...]]:  # fmt: skip
    """Why each visit is left out, empty where it is not; and notes on closures of venues that are not visited."""
    reason = pd.Series("", index=visits.index, dtype="str")
    notes = []
    for row in closures.to_dict("records"):
        venue, first, last = row["venue"], pd.Timestamp(row["first"]), pd.Timestamp(row["last"])
        concerned = visits["date"].between(first, last) & (reason == "")
        if venue:
            ids = names.index[(names.index == venue) | (names.str.casefold() == venue.casefold())]
            concerned &= visits["venue"].isin(ids)
            if not visits["venue"].isin(ids).any():
                when = day_words(first)
                notes.append(f"Closure of {when} ({row['reason']}): '{venue}' is not a stop of this plan.")
        if row["vehicle"]:
            concerned &= visits["vehicle"] == row["vehicle"]
        reason[concerned] = one_line(row["reason"]) or "closed"
    return reason, tuple(notes)


def _depots(plan: HubPlan, base: str) -> dict[str, dict[int, str]]:
    """Where each vehicle starts and ends, by number."""
    kinds = plan.instance.settings.vehicle_kinds
    return {
        "starts_at": {number: kind.depot or base for kind, numbers in kinds for number in numbers},
        "ends_at": {number: kind.ends_at or base for kind, numbers in kinds for number in numbers},
    }


def _places(venues: pd.DataFrame, depot: pd.Series) -> pd.DataFrame:
    columns = ["name", "easting", "northing"]
    of_depot = pd.DataFrame([depot[columns]], index=[str(depot["service"])])
    places = pd.concat([venues[columns], of_depot[~of_depot.index.isin(venues.index)]])
    points = gpd.GeoSeries.from_xy(places["easting"].astype(float), places["northing"].astype(float), crs=27700)
    degrees = points.to_crs(4326)
    names = places["name"].map(one_line)
    # Six decimals are a tenth of a metre; 4326 from 27700 without a grid file is good to 5 m anyway.
    return pd.DataFrame({"name": names, "latitude": degrees.y.round(6), "longitude": degrees.x.round(6)})


def one_line(text: object) -> str:
    """Return text without line breaks and control characters, which GTFS, GPX and iCalendar have no place for."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", str(text)).split())

"""On which days the trips of a GTFS feed run, and which of them stands for the timetable."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.data.gtfs_feed import WEEKDAYS, Feed
from cfwlib.errors import InputError

_OUR_TIMES = (pd.Timestamp(2000, 1, 1), pd.Timestamp(2100, 1, 1))
"""Between which a timetable's Tuesdays are looked for: a slip of a century is not."""


@dataclass
class Calendar:
    """The weekly pattern of each service, and the days put in or taken out.

    `known` are the services that either table names, readable or not; `bad` are
    services whose pattern cannot be read, `bad_days` counts days put in or taken out of which that is so.
    """

    weekly: pd.DataFrame
    exceptions: pd.DataFrame
    bad: set[str]
    bad_days: int
    known: set[str]

    def running(self, day: pd.Timestamp) -> set[str]:
        """Return the services of a day: the weekly pattern, less the days taken out, plus the days put in."""
        weekly = self.weekly
        covered = (weekly["start_date"] <= day) & (weekly["end_date"] >= day)
        regular = weekly["service_id"][covered & (weekly[WEEKDAYS[day.weekday()]] == "1")]
        today = self.exceptions[self.exceptions["date"] == day].groupby("exception_type")["service_id"].agg(set)
        return (set(regular) | today.get("1", set())) - today.get("2", set())


def read_calendar(feed: Feed) -> Calendar:
    """Return the calendar of a feed without the rows that cannot be read; these are noted."""
    weekly, exceptions = feed.table("calendar.txt"), feed.table("calendar_dates.txt")
    wrong = pd.Series(False, index=weekly.index)
    for weekday in WEEKDAYS:
        weekly[weekday] = weekly[weekday].str.strip()
        bad = ~weekly[weekday].isin(["0", "1"])
        feed.note("calendar.txt", weekly[bad], weekday, "is not 0 or 1")
        wrong |= bad
    for column in ("start_date", "end_date"):
        weekly[column] = feed.days("calendar.txt", weekly, column)
        wrong |= weekly[column].isna()
    kind = exceptions["exception_type"].str.strip()
    unknown = ~kind.isin(["1", "2"])
    feed.note("calendar_dates.txt", exceptions[unknown], "exception_type", "is neither 1 nor 2")
    dates = feed.days("calendar_dates.txt", exceptions, "date")
    unknown |= dates.isna()
    exceptions = exceptions.assign(date=dates, exception_type=kind)
    services, known = set(weekly["service_id"][wrong]), set(weekly["service_id"]) | set(exceptions["service_id"])
    readable = weekly[~weekly["service_id"].isin(services)]
    return Calendar(readable, exceptions[~unknown], services, int(unknown.sum()), known)


def choose_day(trips: pd.DataFrame, calendar: Calendar, date: str) -> pd.Timestamp:
    """Return the day asked for, or the first of those Tuesdays on which most of the trips run.

    Raises
    ------
    InputError
        When it is no date, or no trip runs on it; the message names the days that the feed covers.
    """
    starts = pd.concat([calendar.weekly["start_date"], calendar.exceptions["date"]])
    covered = pd.concat([starts, calendar.weekly["end_date"]])
    given = list(pd.to_datetime([date] if date else [], format="%Y-%m-%d", errors="coerce").dropna())
    if covered.empty or (date and not given):
        raise InputError(f"bus date '{date}': write it like 2026-03-03." if date else "the feed's calendar is empty.")
    # Nothing new begins after the last start: no need to look a century ahead.
    starts = starts[starts.between(*_OUR_TIMES)]
    last = starts.max() + pd.Timedelta(days=7)
    days = given or (list(pd.date_range(starts.min(), last, freq="W-TUE")) if len(starts) else [])
    sizes = trips["service_id"].value_counts()
    trips_on = [sizes.reindex(list(calendar.running(day))).sum() for day in days]
    if not any(trips_on):
        raise InputError(
            f"no trip runs on {date or 'any Tuesday'}: the feed covers {covered.min().date()} to "
            f"{covered.max().date()}. Choose another bus date."
        )
    return days[int(np.argmax(trips_on))]

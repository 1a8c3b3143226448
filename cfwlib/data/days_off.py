"""The days a timetable leaves out: public holidays by rule or as published, and closures a council lists itself."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import pandas as pd
from dateutil.easter import easter

from cfwlib.data.named_files import named_path
from cfwlib.errors import InputError, SettingsError
from cfwlib.reading import parse_json, parse_toml, read_text, reading
from cfwlib.settings import CalendarSettings
from cfwlib.settings.base import WEEK
from cfwlib.words import day_words

CLOSURE_KEYS = ("first", "last", "reason", "kind", "venue", "vehicle")
SCHOOL_HOLIDAY = "school holiday"
_KINDS = ("closed", SCHOOL_HOLIDAY)
_WHOLE_YEAR = 8  # a year has eight public holidays or more: a file that lists fewer does not cover it
_DAY = timedelta(days=1)
_MONDAYS = 104  # looked at for the first week: two years

Calendar = TypeVar("Calendar", bound=CalendarSettings)


Break = tuple[date, date, str]


@dataclass(frozen=True)
class DaysOff:
    """Days not worked.

    `closures` has one row per period: `first`, `last` (dates, both left out), `reason`, `venue` (id or name, empty =
    every venue), `vehicle` (number, 0 = every vehicle). `notes` are sentences on where they come from. `breaks` are the
    school holidays listed, whether or not they are left out: first day, last day, what it is called.
    """

    closures: pd.DataFrame
    notes: tuple[str, ...]
    breaks: tuple[Break, ...] = ()


def days_off(settings: CalendarSettings) -> DaysOff:
    """Return the days a timetable leaves out, reading the files in data/calendar that the settings name.

    The first week must be known: `with_start` settles it.

    Raises
    ------
    InputError
        When a file is missing or a row of it cannot be used; all problems at once.
    SettingsError
        When only term time is to be worked and the closures file names no school holiday in the weeks covered.
    """
    years = range(settings.first_day.year, settings.last_day.year + 1)
    holidays, by_rule = merge_holidays(_published(settings), years)
    notes = [f"Public holidays of {', '.join(map(str, by_rule))}: by rule, so without one-off days."] * bool(by_rule)
    notes += [f"Public holidays as published: {settings.bank_holidays}."] * (len(by_rule) < len(years))
    rows = [{"first": day, "last": day, "reason": name, "venue": "", "vehicle": 0} for day, name in holidays.items()]
    listed = _listed(settings)
    breaks = [row for row in listed if row["kind"] == SCHOOL_HOLIDAY]
    if settings.term_time_only:
        if not any(row["last"] >= settings.first_day and row["first"] <= settings.last_day for row in breaks):
            raise SettingsError(
                f"term_time_only: no row of kind '{SCHOOL_HOLIDAY}' falls between {settings.first_day} and "
                f"{settings.last_day}. Name a file in data/calendar that has them as closures (docs/timetable.md)."
            )
        notes.append(
            f"Term time only; the last school holiday known ends on {day_words(max(row['last'] for row in breaks))}."
        )
    rows += [row for row in listed if settings.term_time_only or row["kind"] != SCHOOL_HOLIDAY]
    closures = pd.DataFrame(rows, columns=["first", "last", "reason", "venue", "vehicle"])
    known = sorted((row["first"], row["last"], row["reason"]) for row in breaks)
    return DaysOff(
        closures.sort_values(["first", "last"], kind="stable", ignore_index=True), tuple(notes), tuple(known)
    )


def with_start(settings: Calendar) -> Calendar:
    """Return the settings with the Monday on which the first week begins.

    Where none is given it is the first Monday, `weeks_notice` after the run at the earliest, that is no public holiday
    and in whose week no school holiday is listed.

    Raises
    ------
    SettingsError
        When the Monday given is past, or no Monday of the two years to come will do.
    InputError
        When a file in data/calendar that the settings name cannot be used.
    """
    today = settings.run_day
    if settings.cycle_start:
        if settings.first_day < today:
            raise SettingsError(
                f"cycle_start '{settings.cycle_start}' is past: today is {today}. Name a Monday to come, or none, and "
                "the first sensible one is taken; to make an old timetable again, set run_date too."
            )
        return settings
    earliest = today + settings.weeks_notice * WEEK
    monday = earliest + timedelta(days=-earliest.weekday() % 7)
    mondays = [monday + n * WEEK for n in range(_MONDAYS)]
    holidays, _ = merge_holidays(_published(settings), range(mondays[0].year, mondays[-1].year + 1))
    breaks = [row for row in _listed(settings) if row["kind"] == SCHOOL_HOLIDAY]

    def sensible(day: date) -> bool:
        friday = day + 4 * _DAY
        return day not in holidays and not any(row["first"] <= friday and day <= row["last"] for row in breaks)

    first = next(filter(sensible, mondays), None)
    if first is None:
        raise SettingsError(
            f"cycle_start: every week from {mondays[0]} to {mondays[-1]} has a school holiday, as {settings.closures} "
            "lists them. Correct it, or name a Monday."
        )
    return settings.model_copy(update={"cycle_start": f"{first}"})


def public_holidays(year: int) -> dict[date, str]:
    """Return a year's public holidays in England and Wales by rule, as they have been since 1978.

    Of a fixed day that falls on a weekend the next free weekday is the substitute. Days proclaimed once, such as
    19 September 2022, and days moved once, such as 8 May 2020, follow no rule: only the published file has them.

    Parameters
    ----------
    year
        From 1978.

    Returns
    -------
    holidays
        Date to name, in order.
    """
    sunday = easter(year)
    days = {
        sunday - 2 * _DAY: "Good Friday",
        sunday + _DAY: "Easter Monday",
        _monday_from(date(year, 5, 1)): "Early May bank holiday",
        _monday_from(date(year, 5, 25)): "Spring bank holiday",
        _monday_from(date(year, 8, 25)): "Summer bank holiday",
    }
    fixed = {"New Year’s Day": (1, 1), "Christmas Day": (12, 25), "Boxing Day": (12, 26)}
    on_weekdays = {day: name for name, md in fixed.items() if (day := date(year, *md)).weekday() < 5}
    days |= on_weekdays
    for name, md in fixed.items():
        day = date(year, *md)
        if name not in on_weekdays.values():
            while day.weekday() >= 5 or day in days:
                day += _DAY
            days[day] = f"{name} (substitute day)"
    return dict(sorted(days.items()))


def merge_holidays(published: Mapping[date, str], years: Iterable[int]) -> tuple[dict[date, str], list[int]]:
    """Return the holidays of some years, as published where a whole year is, else by rule; and the years by rule.

    Parameters
    ----------
    published
        Date to name, from `read_bank_holidays`.
    years
        Calendar years wanted.
    """
    holidays: dict[date, str] = {}
    by_rule = []
    for year in years:
        known = {day: name for day, name in published.items() if day.year == year}
        if len(known) < _WHOLE_YEAR:
            by_rule.append(year)
            known = public_holidays(year) | known
        holidays |= known
    return dict(sorted(holidays.items())), by_rule


def read_bank_holidays(text: str, file: str) -> dict[date, str]:
    """Return date and name of the public holidays of England and Wales in gov.uk's bank-holidays.json.

    Parameters
    ----------
    text
        The file's content.
    file
        Its name, for messages.

    Raises
    ------
    InputError
        When it is not that file, or an event has no date or title.
    """
    how = "is not the bank-holidays.json of gov.uk"
    again = "Download https://www.gov.uk/bank-holidays.json again, or leave bank_holidays empty to go by the rules."
    content, holidays = parse_json(text, file, again, how=how), dict[date, str]()
    with reading(file, again, how=how):
        events = content["england-and-wales"]["events"]
        for event in events:
            substitute = " (substitute day)" if "substitute" in str(event.get("notes", "")).casefold() else ""
            holidays[date.fromisoformat(event["date"])] = f"{event['title']}{substitute}"
    return holidays


def read_closures(text: str, file: str) -> list[dict[str, Any]]:
    """Return the closures in a TOML file (tables named closure) or a CSV file (first row: headings).

    Parameters
    ----------
    text
        The file's content: `first`, and optionally `last` (else `first`), `reason`, `kind` (closed or school holiday),
        `venue` (name or id) and `vehicle` (number). Dates are 2026-10-26 or 26/10/2026.
    file
        Its name, for messages; the ending .csv tells CSV.

    Raises
    ------
    InputError
        Naming every row that cannot be used, and why.
    """
    if file.casefold().endswith(".csv"):
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="further cells")
        with reading(file, "Save it again as CSV.", how="cannot be read to its end"):
            rows = [(f"{file}, row {reader.line_num}", row) for row in reader if any(row.values())]
    else:
        content = parse_toml(text, file)
        listed = content.pop("closure", [])
        if content or not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise InputError(f"{file}: write each closure as a table [[closure]], and nothing else.")
        rows = [(f"{file}, closure {n}", row) for n, row in enumerate(listed, start=1)]
    problems = [] if rows else [f"{file}: names no closure. Give the days that the hub does not go out, or no file."]
    closures = [_closure(where, row, problems) for where, row in rows]
    if problems:
        raise InputError(problems)
    return closures


def _closure(where: str, row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    given = {str(key).strip(): value for key, value in row.items() if value not in (None, "")}
    found = [f"'{key}' is not one of {', '.join(CLOSURE_KEYS)}" for key in given if key not in CLOSURE_KEYS]
    first = _date(given.get("first"))
    last = _date(given.get("last", given.get("first")))
    kind = str(given.get("kind", "closed")).strip().casefold()
    vehicle = str(given.get("vehicle", 0)).strip()
    found += [f"'{key}' must be a date like 2026-10-26" for key, day in (("first", first), ("last", last)) if not day]
    if first and last and last < first:
        found.append("'last' is before 'first'")
    if kind not in _KINDS:
        found.append(f"'kind' must be {' or '.join(_KINDS)}, not '{kind}'")
    number = int(vehicle) if re.fullmatch(r"[0-9]{1,4}", vehicle) else None
    if number is None:
        found.append("'vehicle' must be a number")
    problems += [f"{where}: {what}." for what in found]
    reason = str(given.get("reason", kind)).strip()
    venue = str(given.get("venue", "")).strip()
    return {"first": first, "last": last, "reason": reason, "kind": kind, "venue": venue, "vehicle": number or 0}


def _date(value: Any) -> date | None:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), form).date()
        except ValueError:
            continue
    return None


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _published(settings: CalendarSettings) -> dict[date, str]:
    return read_bank_holidays(*_file("bank_holidays", settings.bank_holidays)) if settings.bank_holidays else {}


def _listed(settings: CalendarSettings) -> list[dict[str, Any]]:
    return read_closures(*_file("closures", settings.closures)) if settings.closures else []


def _file(setting: str, name: str) -> tuple[str, str]:
    return read_text(named_path(setting, name, "calendar", "See docs/timetable.md.")), name

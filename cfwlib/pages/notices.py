"""A printable notice for each stop of the mobile hub: when it comes, when it does not, and what it offers."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from cfwlib.hub.calendar import SESSION, HubCalendar, find_series, one_line
from cfwlib.report.offline import ASSETS
from cfwlib.words import count_words, day_words

DATES = 10  # shown on a notice
_LEFT_OUT = 6  # and of those left out: the sheet is one page
_BREAKS = 3
_LONG = 40  # characters from which a place's name is set smaller
NO_MAPS: Mapping[str, str] = {}
_VILLAGE_FIRST = re.compile(r"(.+?) \((.+)\)")  # as cfwlib.hub.names says it
_MODELLED = (
    '<p class="modelled"><strong>Modelled data – not official.</strong> An example of a notice: '
    "the hub does not come here.</p>"
)


def stop_sheet(calendar: HubCalendar, venue: str, maps: Mapping[str, str] = NO_MAPS) -> str:
    """Return the notice of one stop as a page that needs nothing else, one A4 sheet when printed.

    Parameters
    ----------
    calendar
        From `hub_calendar`.
    venue
        Id of the stop.
    maps
        Small map of each stop, as SVG, by its id.

    Returns
    -------
    page
        HTML: village, venue, map, day and times, what families find there, the next ten dates, the dates until then
        that are left out and why, school holidays, whom to ask, and until when it holds.
    """
    name = str(calendar.places["name"][venue])
    return _page(calendar, f"{calendar.settings.hub_name} at {name}", _sheet(calendar, venue, 1, maps=maps))


def all_sheets(calendar: HubCalendar, maps: Mapping[str, str] = NO_MAPS) -> str:
    """Return the notices of all stops as one page, by name, each on an A4 sheet of its own when printed.

    Parameters
    ----------
    calendar, maps
        As `stop_sheet`.
    """
    title, stops = f"{calendar.settings.hub_name}: notices of its stops", stops_by_name(calendar)
    links = "".join(
        f'<li><a href="#stop-{n}">{html.escape(calendar.places["name"][venue])}</a></li>'
        for n, venue in enumerate(stops, start=1)
    )
    contents = (
        f'<header class="contents"><h1>{html.escape(title)}</h1><p>Print this page: each stop is one sheet of A4.</p>'
        f'<nav aria-label="Stops"><ul>{links}</ul></nav></header>'
    )
    return _page(
        calendar, title, contents + "".join(_sheet(calendar, v, 2, n, maps=maps) for n, v in enumerate(stops, start=1))
    )


def stops_by_name(calendar: HubCalendar) -> list[str]:
    """Return the ids of the stops in the order of their names."""
    stops = calendar.visits.drop_duplicates("venue").sort_values(["name", "venue"])
    return [str(venue) for venue in stops["venue"]]


def _page(calendar: HubCalendar, title: str, body: str) -> str:
    css = (ASSETS / "sheet.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{css}</style></head>\n<body><main>{body}</main></body></html>\n"
    )


def _sheet(calendar: HubCalendar, venue: str, level: int, number: int = 1, *, maps: Mapping[str, str]) -> str:
    says, name = calendar.settings, str(calendar.places["name"][venue])
    visits = calendar.visits[calendar.visits["venue"] == venue].sort_values(["date", "session_start_min"])
    offer = [html.escape(part.strip()) for part in says.hub_offer.split(";") if part.strip()]
    ask = f"<strong>{html.escape(says.hub_contact)}</strong><br>" if says.hub_contact else ""
    parted = _VILLAGE_FIRST.fullmatch(name)
    village, house = parted.groups() if parted else (name, "")
    told = html.escape(f"Map: {name}, with the roads around it.")
    parts = [
        _MODELLED * calendar.modelled,
        f'<p class="who">{html.escape(says.hub_name)}</p>',
        f'<h{level} class="place{" long" * (len(village) > _LONG)}">{html.escape(village)}</h{level}>',
        f'<p class="at">at {html.escape(house)}</p>' * bool(house),
        f'<div class="map" role="img" aria-label="{told}">{maps[venue]}</div>' if venue in maps else "",
        *(
            f'<p class="when"><span>{s.frequency}</span> <span>{_session(s.visits.iloc[0])}</span></p>'
            for s in find_series(visits, calendar.cycle_weeks, SESSION)
        ),
        _list("What you find there", offer, level),
        *_dates(visits, says.last_day, level),
        *_school_holidays(calendar, visits["date"].min().date(), level),
        f'<p class="ask">{ask}<a href="{html.escape(says.hub_url)}">{html.escape(says.hub_url)}</a></p>',
        f'<p class="small">{html.escape(calendar.area_name)}: valid from {day_words(says.first_day)} to '
        f"{day_words(says.last_day)}, issue {says.timetable_issue}. Out of date after that day: ask for a new one.</p>",
    ]
    return f'<section class="sheet" id="stop-{number}">{"".join(parts)}</section>\n'


def _school_holidays(calendar: HubCalendar, first: date, level: int) -> list[str]:
    """The school holidays that are known and not over, and whether the hub comes in them."""
    coming = [known for known in calendar.breaks if known[1] >= first and known[0] <= calendar.settings.last_day]
    if not coming:
        return []
    comes = "it does not come" if calendar.settings.term_time_only else "it comes in these too"
    told = [f"{html.escape(one_line(what))}: {day_words(a)} to {day_words(b)}" for a, b, what in coming[:_BREAKS]]
    return [_list(f"School holidays ({comes})", told, level)]


def _dates(visits: pd.DataFrame, last_day: date, level: int) -> list[str]:
    """The next dates, and those until the last of them that are left out."""
    coming, left_out = visits[~visits["cancelled"]].head(DATES), visits[visits["cancelled"]]
    if len(coming) == DATES:
        left_out = left_out[left_out["date"] <= coming["date"].max()]
    several = len(visits.drop_duplicates(["session_start_min", "session_end_min"])) > 1

    def told(visit: pd.Series) -> str:
        times = f", {_session(visit)}" if several else ""
        return f'<time datetime="{visit["date"]:%Y-%m-%d}">{day_words(visit["date"])}</time>{times}'

    because = [f"{told(visit)}: {html.escape(visit['reason'])}" for _, visit in left_out.head(_LEFT_OUT).iterrows()]
    rest = len(left_out) - _LEFT_OUT
    more = [f"and {count_words(rest, 'more date')} until then"] * (rest > 0)
    none = f"<p><strong>No date until {day_words(last_day)}.</strong></p>"
    return [
        _list("Next dates", [told(visit) for _, visit in coming.iterrows()], level, kind="dates") or none,
        _list("It does not come on", because + more, level),
    ]


def _list(heading: str, items: Sequence[str], level: int, *, kind: str = "plain") -> str:
    if not items:
        return ""
    entries = "".join(f"<li>{item}</li>" for item in items)
    return f'<h{level + 1} class="heading">{heading}</h{level + 1}><ul class="{kind}">{entries}</ul>'


def _session(visit: pd.Series) -> str:
    return f"{_spoken(int(visit['session_start_min']))} to {_spoken(int(visit['session_end_min']))}"


def _spoken(minutes: int) -> str:
    """A time of day as notices say it: 10am, 2:15pm, midday."""
    hour, rest = divmod(minutes % 1440, 60)
    if not rest and hour in (0, 12):
        return "midday" if hour else "midnight"
    return f"{(hour - 1) % 12 + 1}{f':{rest:02d}' if rest else ''}{'am' if hour < 12 else 'pm'}"

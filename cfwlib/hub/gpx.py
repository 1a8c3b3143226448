"""A round as GPX 1.1: its stops as waypoints and as a route from the depot and back, for a satellite navigator."""

import xml.etree.ElementTree as ET
from datetime import UTC
from typing import Any

import pandas as pd

from cfwlib.hub.calendar import HubCalendar
from cfwlib.hub.day import clock
from cfwlib.hub.ics import local_time
from cfwlib.hub.timetable import WEEKDAYS

_GPX = "http://www.topografix.com/GPX/1/1"


def round_gpx(calendar: HubCalendar, number: int) -> str:
    """Return one day's round for a satellite navigator.

    Parameters
    ----------
    calendar
        From `hub_calendar`.
    number
        The round, as in the plan.

    Returns
    -------
    text
        A GPX file in EPSG:4326. A waypoint's time is when its session starts on the first date the round runs, in UTC
        as GPX demands; local times are in the descriptions. Stops left out on that date only are in it all the same.
    """
    visits = calendar.visits[calendar.visits["round"] == number]
    running = visits.loc[~visits["cancelled"], "date"]
    day = running.min() if len(running) else visits["date"].min()
    today = visits[visits["date"] == day].sort_values("sequence")
    start = today.iloc[0]
    title = f"Round {number}, {WEEKDAYS[int(start['weekday'])]}, vehicle {start['vehicle']}"
    ET.register_namespace("", _GPX)
    gpx = ET.Element(f"{{{_GPX}}}gpx", {"version": "1.1", "creator": "cfwlib"})
    _add(_add(gpx, "metadata"), "name", f"{calendar.title}: {title}")
    stops = [(row, f"open {clock(row.session_start_min)}–{clock(row.session_end_min)}") for row in today.itertuples()]
    for row, told in stops:
        _point(gpx, "wpt", calendar.places.loc[[row.venue]], told, day, row.session_start_min)
    route = _add(gpx, "rte")
    base, end = calendar.places.loc[[start["starts_at"]]], calendar.places.loc[[start["ends_at"]]]
    _add(route, "name", title)
    _point(route, "rtept", base, f"leave {clock(start['leave_min'])}", day, start["leave_min"])
    for row, told in stops:
        told = f"arrive {clock(row.arrive_min)}, {told}, leave {clock(row.depart_min)}"
        _point(route, "rtept", calendar.places.loc[[row.venue]], told, day, row.arrive_min)
    _point(route, "rtept", end, f"back {clock(start['return_min'])}", day, start["return_min"])
    ET.indent(gpx)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(gpx, encoding="unicode")}\n'


def _point(parent: ET.Element, tag: str, place: pd.DataFrame, told: str, day: Any, minutes: int) -> None:
    point = _add(parent, tag)
    point.attrib = {"lat": f"{place['latitude'].iloc[0]:.6f}", "lon": f"{place['longitude'].iloc[0]:.6f}"}
    _add(point, "time", f"{local_time(day, minutes).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _add(point, "name", place["name"].iloc[0])
    _add(point, "desc", told)


def _add(parent: ET.Element, tag: str, text: str = "") -> ET.Element:
    child = ET.SubElement(parent, f"{{{_GPX}}}{tag}")
    child.text = text or None
    return child

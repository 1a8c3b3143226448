"""Everything a dated timetable is handed out as: calendars, routes, a feed for journey planners, notices."""

from collections import Counter
from collections.abc import Mapping

import geopandas as gpd

from cfwlib.data import AreaData
from cfwlib.hub import HubStudy
from cfwlib.hub.calendar import HubCalendar
from cfwlib.hub.gpx import round_gpx
from cfwlib.hub.gtfs_out import gtfs_tables, gtfs_zip
from cfwlib.hub.ics import stop_ics, vehicle_ics
from cfwlib.hub.names import settlements_of
from cfwlib.hub.timetable import WEEKDAYS
from cfwlib.pages.notices import NO_MAPS, all_sheets, stop_sheet, stops_by_name
from cfwlib.report.place_map import place_map
from cfwlib.report.write import safe_name


def hub_files(calendar: HubCalendar, maps: Mapping[str, str] = NO_MAPS) -> dict[str, str | bytes]:
    """Return the files that planners, families, crew and journey planners take away.

    Parameters
    ----------
    calendar
        From `hub_calendar`.
    maps
        From `stop_maps`, for the notices.

    Returns
    -------
    files
        Path below the notebook's exports to content: `notices.html` and `notices/<stop>.html` to print,
        `calendars/<stop>.ics` and `calendars/vehicle-1.ics`, `gpx/round-1-tuesday.gpx`, `gtfs.zip`. Names are made of
        stops' names, so that an address that people subscribe to lasts from one plan to the next.
    """
    names = _file_names(calendar)
    files: dict[str, str | bytes] = {"notices.html": all_sheets(calendar, maps)}
    files |= {f"notices/{names[stop]}.html": stop_sheet(calendar, stop, maps) for stop in names}
    files |= {f"calendars/stop-{names[stop]}.ics": stop_ics(calendar, stop) for stop in names}
    vehicles = sorted(set(calendar.visits["vehicle"]))
    files |= {f"calendars/vehicle-{number}.ics": vehicle_ics(calendar, number) for number in vehicles}
    rounds = calendar.visits.drop_duplicates("round").sort_values("round")
    for number, weekday in zip(rounds["round"], rounds["weekday"], strict=True):
        files[f"gpx/round-{number}-{WEEKDAYS[weekday].lower()}.gpx"] = round_gpx(calendar, number)
    return files | {"gtfs.zip": gtfs_zip(gtfs_tables(calendar))}


def stop_maps(study: HubStudy, region: AreaData) -> dict[str, str]:
    """Return a small map of each stop as SVG, by its id: the roads, water and names around it.

    Parameters
    ----------
    study
        The plan; its stops as they are to be called.
    region
        What is drawn.
    """
    known = settlements_of(region)
    names = gpd.GeoDataFrame(known, geometry=gpd.points_from_xy(known["easting"], known["northing"]), crs=27700)
    stops, wanted = study.stops, ("roads", "lakes", "places")
    credits = dict.fromkeys(str(source["attribution"]) for source in region.sources if source["id"] in wanted)
    credit = "Modelled data, not official" if region.modelled else "; ".join(credits)
    return {
        str(venue): place_map(at, "Here", roads=region.roads, water=region.lakes, names=names, credit=credit)
        for venue, at in zip(stops["venue"], stops.geometry, strict=True)
    }


def _file_names(calendar: HubCalendar) -> dict[str, str]:
    """A file name for each stop: its name, with its id where two are alike."""
    plain = {stop: safe_name(calendar.places["name"][stop], longest=60) for stop in stops_by_name(calendar)}
    alike = Counter(name.casefold() for name in plain.values())
    return {stop: name if alike[name.casefold()] == 1 else f"{name}-{safe_name(stop)}" for stop, name in plain.items()}

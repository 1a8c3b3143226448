import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from cfwlib.data import gtfs_feed
from cfwlib.data.gtfs import read_timetable
from cfwlib.data.timetable import Timetable
from cfwlib.errors import InputError

WEEK = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
TIMES = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
FEED = {  # two buses on weekdays in March 2026, from Seaton by Milton and Netherby to Oldham
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    "S,Seaton,54.50,-3.50\nM,Milton,54.52,-3.50\nN,Netherby,54.54,-3.50\nO,Oldham,54.56,-3.50\nU,Unserved,54.58,-3.50",
    "trips.txt": "route_id,service_id,trip_id\nr,week,early\nr,week,late",
    "calendar.txt": f"service_id,{WEEK},start_date,end_date\nweek,1,1,1,1,1,0,0,20260302,20260331",
    "stop_times.txt": f"{TIMES}\nearly,09:00:00,09:00:00,S,1\nearly,09:10:00,09:11:30,M,2\nearly,09:20:00,09:20:00,N,5"
    "\nlate,10:00:00,10:00:00,S,1\nlate,10:10:00,10:10:00,M,2",
}


def write(folder: Path, **tables: str) -> Path:
    """A feed in a folder; a table given by name replaces that of FEED, an empty one is left out."""
    folder.mkdir(exist_ok=True)
    for name, text in (FEED | {f"{name}.txt": text for name, text in tables.items()}).items():
        (folder / name).unlink(missing_ok=True)
        if text:
            (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder


def rides(timetable: Timetable) -> list[tuple[str, str, float, float]]:
    names = timetable.stops["stop"]
    frame = timetable.connections
    return list(
        zip(names[frame["dep_stop"]], names[frame["arr_stop"]], frame["dep_min"], frame["arr_min"], strict=True)
    )


def problems(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_timetable(path, **options)
    return "\n".join(caught.value.problems)


def test_a_feed_by_hand(tmp_path: Path) -> None:
    """09:00 from Seaton, 1½ minutes at Milton, on to Netherby; 10:00 from Seaton to Milton; nothing else."""
    found = read_timetable(write(tmp_path / "feed"))
    assert rides(found) == [("S", "M", 540, 550), ("M", "N", 551.5, 560), ("S", "M", 600, 610)]
    assert found.connections["trip"].nunique() == 2
    assert found.connections[["board", "alight"]].all(axis=None)
    assert found.stops["name"].tolist() == ["Seaton", "Milton", "Netherby"]
    assert not any(found.left_out.values())


def test_places_are_national_grid_metres(tmp_path: Path) -> None:
    """Caister water tower, the Ordnance Survey's worked example, is at TG 51410 13177 (within 5 m without a grid)."""
    tower = "stop_id,stop_lat,stop_lon\nS,52.657977,1.716038\nM,52.66,1.72"
    times = f"{TIMES}\nearly,09:00:00,09:00:00,S,1\nearly,09:10:00,09:10:00,M,2"
    place = read_timetable(write(tmp_path / "feed", stops=tower, stop_times=times)).stops.iloc[0]
    assert (place["easting"], place["northing"]) == pytest.approx((651_410, 313_177), abs=5)
    assert place["name"] == ""


def test_folder_zip_and_zipped_folder_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not matter how the feed is packed, in what order its rows stand, or in how many parts they are read."""
    folder = write(tmp_path / "feed")
    flat = shutil.make_archive(str(tmp_path / "flat"), "zip", folder)
    nested = shutil.make_archive(str(tmp_path / "nested"), "zip", tmp_path, "feed")
    head, *rows = FEED["stop_times.txt"].split("\n")
    mixed = write(
        tmp_path / "mixed",
        stop_times="\n".join([head, *rows[::-1]]).replace(",", ", "),
        stops="\ufeff" + FEED["stops.txt"],
    )
    expected = read_timetable(folder)
    for path in (flat, nested, mixed):
        monkeypatch.setattr(gtfs_feed, "_CHUNK", 2)
        found = read_timetable(path)
        assert rides(found) == rides(expected)
        pd.testing.assert_frame_equal(found.stops, expected.stops)


def test_exceptions_take_days_out_and_put_them_in(tmp_path: Path) -> None:
    """A weekday service taken out on a Monday does not run that day; a Saturday one put in does."""
    added = FEED["trips.txt"] + "\nr,fair,late2"
    times = FEED["stop_times.txt"] + "\nlate2,11:00:00,11:00:00,S,1\nlate2,11:10:00,11:10:00,M,2"
    dates = "service_id,date,exception_type\nweek,20260309,2\nfair,20260309,1\nfair,20260314,1"
    feed = write(tmp_path / "feed", trips=added, stop_times=times, calendar_dates=dates)
    assert rides(read_timetable(feed, date="2026-03-09")) == [("S", "M", 660, 670)]
    assert rides(read_timetable(feed, date="2026-03-14")) == [("S", "M", 660, 670)]
    usual = read_timetable(feed, date="2026-03-10")
    assert len(rides(usual)) == 3
    assert usual.left_out["trips of other days"] == 1


def test_calendar_dates_alone_will_do(tmp_path: Path) -> None:
    """A feed may list its days one by one and have no weekly pattern."""
    dates = "service_id,date,exception_type\nweek,20260310,1\nweek,20260311,1"
    feed = write(tmp_path / "feed", calendar="", calendar_dates=dates)
    assert read_timetable(feed).date == "2026-03-10"


def test_the_usual_day_is_the_first_fullest_tuesday(tmp_path: Path) -> None:
    """Not the holiday week without school buses, not the bank holiday: the first Tuesday of term."""
    assert read_timetable(write(tmp_path / "plain")).date == "2026-03-03"
    trips = FEED["trips.txt"] + "\nr,school,bell"
    times = FEED["stop_times.txt"] + "\nbell,08:00:00,08:00:00,S,1\nbell,08:10:00,08:10:00,M,2"
    calendar = FEED["calendar.txt"] + "\nschool,1,1,1,1,1,0,0,20260309,21001231"
    dates = "service_id,date,exception_type\nweek,20260310,2\nschool,20260310,2"
    feed = write(tmp_path / "term", trips=trips, stop_times=times, calendar=calendar, calendar_dates=dates)
    assert read_timetable(feed).date == "2026-03-17"


def test_a_bus_after_midnight_belongs_to_its_day(tmp_path: Path) -> None:
    """24:10 is ten past midnight of the night after, 1,450 minutes from the day's midnight."""
    times = f"{TIMES}\nearly,23:50:00,23:50:00,S,1\nearly,24:10:00,24:10:00,M,2\nearly,25:00:30,25:00:30,N,3"
    found = read_timetable(write(tmp_path / "feed", stop_times=times))
    assert rides(found) == [("S", "M", 1430, 1450), ("M", "N", 1450, 1500.5)]


def test_blank_times_are_spread_evenly(tmp_path: Path) -> None:
    """Between leaving at 09:00 and arriving at 09:30, two untimed stops are passed at 09:10 and 09:20."""
    times = f"{TIMES}\nearly,,09:00:00,S,1\nearly,,,M,2\nearly,,,N,3\nearly,09:30:00,,O,4\nearly,,09:50:00,U,5"
    found = read_timetable(write(tmp_path / "feed", stop_times=times))
    assert rides(found) == [("S", "M", 540, 550), ("M", "N", 550, 560), ("N", "O", 560, 570), ("O", "U", 570, 590)]


def test_two_stops_in_one_minute_are_no_mistake(tmp_path: Path) -> None:
    """Published times are whole minutes, so neighbouring stops often share one."""
    found = read_timetable(write(tmp_path / "feed", stop_times=FEED["stop_times.txt"].replace("09:10:00", "09:00:00")))
    assert rides(found)[0] == ("S", "M", 540, 540)


def test_the_first_and_last_day_count(tmp_path: Path) -> None:
    """A service runs from its start date to its end date, both included."""
    feed = write(tmp_path / "feed")
    for day in ("2026-03-02", "2026-03-31"):
        assert read_timetable(feed, date=day).date == day


def test_a_headway_is_written_out(tmp_path: Path) -> None:
    """Every 20 minutes from 09:30 until before 10:30: three runs of a trip timed from any hour, and no other."""
    headway = "trip_id,start_time,end_time,headway_secs\nlate,09:30:00,10:30:00,1200"
    found = read_timetable(write(tmp_path / "feed", frequencies=headway))
    assert rides(found)[2:] == [("S", "M", 570, 580), ("S", "M", 590, 600), ("S", "M", 610, 620)]
    assert found.connections["trip"].nunique() == 4


def test_stops_where_nobody_gets_on_or_off(tmp_path: Path) -> None:
    """At Seaton one can only get off, at Netherby only on; at Milton the driver stops on request."""
    times = f"{TIMES},pickup_type,drop_off_type\n" + "\n".join(
        ["early,09:00:00,09:00:00,S,1,1,0", "early,09:10:00,09:10:00,M,2,3,3", "early,09:20:00,09:20:00,N,3,,1"]
    )
    found = read_timetable(write(tmp_path / "feed", stop_times=times)).connections
    assert found["board"].tolist() == [False, True]
    assert found["alight"].tolist() == [True, False]


@pytest.mark.parametrize("away", ["54.42,-3.50", "54.62,-3.50", "54.52,-3.60", "54.52,-3.40"])
def test_outside_the_bounds_the_bus_drives_on(tmp_path: Path, away: str) -> None:
    """With Milton out to any side the early bus is one ride from Seaton to Netherby, and the late bus goes nowhere."""
    feed = write(tmp_path / "feed")
    places = read_timetable(feed).stops[["easting", "northing"]]
    bounds = (*(places.min() - 1000), *(places.max() + 1000))
    assert len(rides(read_timetable(feed, bounds=bounds))) == 3
    moved = FEED["stops.txt"].replace("M,Milton,54.52,-3.50", f"M,Milton,{away}")
    found = read_timetable(write(feed, stops=moved), bounds=bounds)
    assert rides(found) == [("S", "N", 540, 560)]
    assert found.left_out == {
        "trips that never call within the bounds": 0,
        "trips of other days": 0,
        "trips with fewer than two stops within the bounds": 1,
        "stops outside the bounds": 1,
    }


BAD = {
    "unknown stop": ("stop_times", ",M,2", ",X,2", "stop_times.txt, row 3: stop_id is not in stops.txt (X)"),
    "unknown trip": ("stop_times", "late,10:10", "lost,10:10", "row 6: trip_id is not in trips.txt (lost)"),
    "no time": ("stop_times", "09:10:00,", "ten past nine,", "row 3: arrival_time is not a time like 09:05:00 (ten"),
    "61 minutes": ("stop_times", "09:10:00,", "09:61:00,", "row 3: arrival_time is not a time like 09:05:00 (09:6"),
    "leaves before it arrives": ("stop_times", "09:11:30", "09:09:00", "row 3: departure_time is before the arrival"),
    "goes back in time": ("stop_times", "early,09:20:00", "early,09:11:00", "row 4: arrival_time is before the bus"),
    "blank end": ("stop_times", "early,09:20:00,09:20:00", "early,,", "row 4: arrival_time is blank at the first"),
    "same place twice": ("stop_times", "M,2\nearly", "M,1\nearly", "row 3: stop_sequence is given twice"),
    "no order": ("stop_times", "N,5", "N,five", "row 4: stop_sequence is not a whole number (five)"),
    "north of the pole": ("stops", "54.52", "94.52", "stops.txt, row 3: stop_id has no place in degrees, or two (M)"),
    "no place": ("stops", "54.54,-3.50", "54.54,", "stops.txt, row 4: stop_id has no place in degrees, or two (N)"),
    "stop twice": ("stops", "U,Unserved", "M,Moved", "stops.txt, row 3: stop_id has no place in degrees, or two (M)"),
    "trip twice": ("trips", "week,late", "week,late\nr,fair,late", "trips.txt, row 4: trip_id is given twice (late)"),
}  # fmt: skip
BAD_DAYS = {
    "no day": ("20260331", "31/3/2026", "calendar.txt, row 2: end_date is not a date like 20260303 (31/3"),
    "perhaps": ("week,1", "week,x", "calendar.txt, row 2: monday is not 0 or 1 (x)"),
}


def many(table: str, text: str) -> dict[str, str]:
    """FEED with thirty more buses of the usual week, of which nothing is wrong, and one table of another text."""
    trips = "".join(f"\nr,week,more{n}" for n in range(30))
    times = "".join(
        f"\nmore{n},11:{n:02}:00,11:{n:02}:00,S,1\nmore{n},12:{n:02}:00,12:{n:02}:00,O,2" for n in range(30)
    )
    changed = {name.removesuffix(".txt"): told for name, told in FEED.items()} | {table: text}
    return changed | {"trips": changed["trips"] + trips, "stop_times": changed["stop_times"] + times}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_left_out_and_named(tmp_path: Path, case: str) -> None:
    """One trip or stop of many: the rest is read, the bad one is counted, and table, row, column and value are told."""
    table, good, bad, message = BAD[case]
    text = FEED[f"{table}.txt"]
    assert good in text
    found = read_timetable(write(tmp_path / "feed", **many(table, text.replace(good, bad, 1))))
    left_out = {why: count for why, count in found.left_out.items() if count}
    if table == "stops":
        assert left_out["stops without a place, or with two"] == 1
        assert found.connections["trip"].nunique() >= 31
    else:
        assert left_out["trips of which a row cannot be used"] == 1
        assert found.connections["trip"].nunique() == 31
    assert len(found.notes) == 1
    assert message in found.notes[0]


@pytest.mark.parametrize("case", ["no day", "perhaps"])
def test_a_bad_row_of_the_calendar_is_named(tmp_path: Path, case: str) -> None:
    """The days of most buses cannot be told: the row is named and nothing is read; of one bus it is left out."""
    good, bad, message = BAD_DAYS[case]
    text = FEED["calendar.txt"]
    found = problems(write(tmp_path / "feed", calendar=text.replace(good, bad, 1)))
    assert message in found
    assert found.endswith(
        "feed: 2 of the 2 trips in or near the area cannot be used, more than 5%: nothing was used. Correct these rows "
        "or download it again."
    )
    odd = text.split("\n")[1].replace(good, bad, 1).replace("week", "odd")
    calendar = f"{text}\n{odd}"
    trips = FEED["trips.txt"].replace("week,late", "odd,late")
    read = read_timetable(write(tmp_path / "odd", calendar=calendar, trips=trips))
    assert rides(read) == [("S", "M", 540, 550), ("M", "N", 551.5, 560)]
    assert read.left_out["trips of which a row cannot be used"] == 1


def test_one_bad_trip_never_stops_a_feed_but_a_share_of_them_does(tmp_path: Path) -> None:
    """Of 40 trips two are a twentieth, which is the limit itself and passes; three are more."""
    trips = "route_id,service_id,trip_id" + "".join(f"\nr,week,t{n}" for n in range(40))
    for bad in (1, 2, 3):
        times = TIMES + "".join(
            f"\nt{n},09:00:00,09:{n:02}:00,S,1\nt{n},{'soon' if n < bad else f'10:{n:02}:00'},,M,2" for n in range(40)
        )
        feed = write(tmp_path / "feed", trips=trips, stop_times=times)
        if bad < 3:
            assert read_timetable(feed).left_out["trips of which a row cannot be used"] == bad
        else:
            assert "3 of the 40 trips in or near the area cannot be used, more than 5%" in problems(feed)


def test_bad_rows_of_the_small_tables_are_named(tmp_path: Path) -> None:
    """Exceptions and headways are checked as the rest; a headway of a second would be a bus without end."""
    rows = ["late,09:30,10:30:00,600", "late,09:30:00,10:30:00,0", "early,10:00:00,09:00:00,60", "lost,x,y,z"]
    head = "trip_id,start_time,end_time,headway_secs\n"
    found = problems(write(tmp_path / "feed", frequencies=head + "\n".join(rows)))
    assert "frequencies.txt, row 2: start_time is not a time like 09:05:00 (09:30)." in found
    assert "frequencies.txt, row 3: headway_secs is not a number of seconds from 30 on (0)." in found
    assert "frequencies.txt, row 4: end_time is not after start_time (09:00:00)." in found
    long = head + "late,09:30:00,99:30:00,60"
    assert (
        "row 2: end_time is more than two days" in read_timetable(write(tmp_path / "long", frequencies=long)).notes[0]
    )
    dates = "service_id,date,exception_type\nweek,20260230,1\nweek,20260310,3"
    found = problems(write(tmp_path / "days", calendar_dates=dates))
    assert "calendar_dates.txt, row 2: date is not a date like 20260303 (20260230)." in found
    assert "calendar_dates.txt, row 3: exception_type is neither 1 nor 2 (3)." in found
    assert "2 of the 2 days put in or taken out" in found
    one = read_timetable(write(tmp_path / "one", calendar_dates=dates.rsplit("\n", 1)[0]))
    assert len(rides(one)) == 3
    assert one.left_out["rows of calendar_dates.txt that cannot be read"] == 1


def test_problems_come_together_and_the_many_are_counted(tmp_path: Path) -> None:
    """A hundred rows of one kind take six lines, and those of another kind are told beside them."""
    trips = "".join(f"\nr,week,x{n}" for n in range(100))
    rows = "".join(f"\nx{n},09:00:00,09:00:00,S,1\nx{n},soon,,X,2" for n in range(100))
    feed = write(tmp_path / "feed", trips=FEED["trips.txt"] + trips, stop_times=FEED["stop_times.txt"] + rows)
    found = problems(feed)
    assert len(re.findall(r"stop_id is not in stops.txt \(X\)", found)) == 5
    assert "stop_times.txt: stop_id is not in stops.txt in 95 more rows." in found
    assert "arrival_time is not a time like 09:05:00 (soon)" in found


def test_what_is_wrong_elsewhere_does_not_matter(tmp_path: Path) -> None:
    """A bus in Liverpool that goes back in time, and stops there without a place, stop no plan for Cumberland."""
    stops = FEED["stops.txt"] + "\nL1,Lime St,53.4075,-2.9779\nL2,Pier,53.4055,-2.9979\nL3,Nowhere,,"
    trips = FEED["trips.txt"] + "".join(f"\nr,week,far{n}" for n in range(9))
    times = FEED["stop_times.txt"] + "".join(
        f"\nfar{n},09:00:00,09:00:00,L1,1\nfar{n},08:50:00,08:50:00,L2,2\nfar{n},08:50:00,08:50:00,L3,2"
        for n in range(9)
    )
    feed = write(tmp_path / "feed", stops=stops, trips=trips, stop_times=times)
    bounds = (290_000.0, 500_000.0, 320_000.0, 540_000.0)
    found = read_timetable(feed, bounds=bounds)
    assert len(rides(found)) == 3
    assert not found.notes
    assert found.share == 1
    assert {why: count for why, count in found.left_out.items() if count} == {
        "trips that never call within the bounds": 9
    }


def test_rows_given_twice_and_a_comma_too_many_are_no_fault(tmp_path: Path) -> None:
    """Word-for-word doubles are counted once; a comma at the end of every row, or of some, is nothing."""
    doubled = {name.removesuffix(".txt"): text + "\n" + text.split("\n")[-1] for name, text in FEED.items()}
    found = read_timetable(write(tmp_path / "twice", **doubled))
    assert len(rides(found)) == 3
    assert found.left_out["rows given twice, word for word"] == 4
    for which in (slice(1, None), slice(2, None, 2)):
        commas = {}
        for name, text in FEED.items():
            lines = text.split("\n")
            lines[which] = [line + "," for line in lines[which]]
            commas[name.removesuffix(".txt")] = "\n".join(lines)
        assert len(rides(read_timetable(write(tmp_path / "commas", **commas)))) == 3


def test_a_stop_is_where_its_station_is(tmp_path: Path) -> None:
    """A stand without a place of its own has that of its parent station; one with neither is left out and counted."""
    stops = FEED["stops.txt"].replace("stop_lon\n", "stop_lon,parent_station\n").replace("54.52,-3.50", ",,STN")
    found = read_timetable(write(tmp_path / "feed", stops=stops + "\nSTN,Station,54.52,-3.50,"))
    assert len(rides(found)) == 3
    lost = read_timetable(write(tmp_path / "lost", stops=stops))
    assert rides(lost) == [("S", "N", 540, 560)]
    assert lost.left_out["stops without a place, or with two"] == 1


def test_more_than_one_stop_in_twenty_without_a_place_is_refused(tmp_path: Path) -> None:
    """One can always be left out; two of the three that are called at would change the minutes of everybody."""
    stops = FEED["stops.txt"].replace("54.52,-3.50", ",").replace("54.54,-3.50", "north,west")
    found = problems(write(tmp_path / "feed", stops=stops))
    assert "feed: 2 of the 3 stops in or near the area cannot be used, more than 5%: nothing was used." in found
    assert "stops.txt, row 3: stop_id has no place in degrees, or two (M)." in found


def test_a_timetable_in_force_twice_is_found_and_said(tmp_path: Path) -> None:
    """The same buses under two overlapping periods: each counts once, and the page says so."""
    twice = {
        "trips": FEED["trips.txt"] + "\nr,new,early2\nr,new,late2",
        "calendar": FEED["calendar.txt"] + "\nnew,1,1,1,1,1,0,0,20260309,20260430",
        "stop_times": FEED["stop_times.txt"]
        + "".join("\n" + line.replace(",", "2,", 1) for line in FEED["stop_times.txt"].split("\n")[1:]),
    }
    found = read_timetable(write(tmp_path / "feed", **twice))
    assert found.date == "2026-03-10"
    assert found.connections["trip"].nunique() == 2
    assert found.left_out["trips that repeat another, stop by stop and to the minute"] == 2
    assert any("50% of the trips in or near the area on 2026-03-10 repeat another" in note for note in found.notes)
    headway = "trip_id,start_time,end_time,headway_secs\nearly2,13:00:00,14:00:00,1800"
    assert read_timetable(write(tmp_path / "feed", **twice, frequencies=headway)).connections["trip"].nunique() == 4


def test_one_double_in_twenty_is_left_out_in_silence(tmp_path: Path) -> None:
    """A twentieth is the limit itself and passes: such a trip counts once, and nothing is said of it."""
    trips = "route_id,service_id,trip_id" + "".join(f"\nr,week,t{n}" for n in range(20))
    times = TIMES + "".join(f"\nt{n},09:{max(n, 1):02}:00,,S,1\nt{n},10:{max(n, 1):02}:00,,M,2" for n in range(20))
    found = read_timetable(write(tmp_path / "feed", trips=trips, stop_times=times))
    assert found.left_out["trips that repeat another, stop by stop and to the minute"] == 1
    assert found.connections["trip"].nunique() == 19
    assert not found.notes


def test_a_slip_of_a_thousand_years_does_not_choose_the_day(tmp_path: Path) -> None:
    """A service from the year 9999, or from the year 1, is no Tuesday to look at, and takes no time."""
    calendar = FEED["calendar.txt"]
    for slip in ("99990101,99991231", "00010101,00011231"):
        calendar += "\n" + f"odd{slip[0]},1,1,1,1,1,0,0,{slip}"
    trips = FEED["trips.txt"] + "\nr,odd9,x\nr,odd9,y\nr,odd9,z"
    times = FEED["stop_times.txt"] + "".join(f"\n{x},11:00:00,,S,1\n{x},12:00:00,,M,2" for x in "xyz")
    assert (
        read_timetable(write(tmp_path / "feed", calendar=calendar, trips=trips, stop_times=times)).date == "2026-03-03"
    )


def test_a_second_feed_in_the_folder_is_said_and_not_read(tmp_path: Path) -> None:
    """Beside each other in a folder, as zips or within one zip: the first by name is read, the rest is counted."""
    for name in ("a", "b"):
        (tmp_path / "both").mkdir(exist_ok=True)
        write(tmp_path / "both" / name)
    (tmp_path / "zips").mkdir()
    packed = [shutil.make_archive(str(tmp_path / "zips" / name), "zip", tmp_path / "both" / name) for name in "ab"]
    nested = shutil.make_archive(str(tmp_path / "nested"), "zip", tmp_path / "both")
    for path in (tmp_path / "both", tmp_path / "zips", Path(nested)):
        found = read_timetable(path)
        assert len(rides(found)) == 3
        assert any("1 more feed in" in note for note in found.notes), path
    assert not read_timetable(Path(packed[0])).notes


@pytest.mark.parametrize(("others", "warned"), [(7, False), (8, False), (9, True)])
def test_the_share_of_the_timetable_that_runs_is_known_and_warned_of_below_a_fifth(
    tmp_path: Path, others: int, warned: bool
) -> None:
    """Two buses run; with eight that do not they are a fifth, with nine less: a holiday, or a timetable run out."""
    trips = FEED["trips.txt"] + "".join(f"\nr,term,x{n}" for n in range(others))
    times = FEED["stop_times.txt"] + "".join(f"\nx{n},11:{n:02}:00,,S,1\nx{n},12:{n:02}:00,,M,2" for n in range(others))
    calendar = FEED["calendar.txt"] + "\nterm,1,1,1,1,1,0,0,20260907,20261218"
    feed = write(tmp_path / "feed", trips=trips, stop_times=times, calendar=calendar)
    found = read_timetable(feed, date="2026-03-10")
    assert found.share == 2 / (others + 2)
    assert any(f"only {found.share:.0%} of the trips" in note for note in found.notes) == warned
    assert read_timetable(feed).date == ("2026-09-08" if others > 2 else "2026-03-03")


def test_the_day_is_chosen_by_the_buses_of_the_area(tmp_path: Path) -> None:
    """A hundred buses in Liverpool on another Tuesday do not choose Cumberland's day."""
    stops = FEED["stops.txt"] + "\nL1,Lime St,53.4075,-2.9779\nL2,Pier,53.4055,-2.9979"
    trips = FEED["trips.txt"] + "".join(f"\nr,fair,far{n}" for n in range(100))
    times = FEED["stop_times.txt"] + "".join(f"\nfar{n},09:00:00,,L1,1\nfar{n},09:50:00,,L2,2" for n in range(100))
    dates = "service_id,date,exception_type\nfair,20260317,1"
    feed = write(tmp_path / "feed", stops=stops, trips=trips, stop_times=times, calendar_dates=dates)
    assert read_timetable(feed, bounds=(290_000.0, 500_000.0, 320_000.0, 540_000.0)).date == "2026-03-03"
    assert read_timetable(feed).date == "2026-03-17"


def test_only_trips_of_the_day_are_held_to_account(tmp_path: Path) -> None:
    """A mistake in a Sunday bus does not stop a Tuesday's plan."""
    trips = FEED["trips.txt"] + "\nr,sunday,broken"
    times = FEED["stop_times.txt"] + "\nbroken,soon,soon,S,1"
    calendar = FEED["calendar.txt"] + "\nsunday,0,0,0,0,0,0,1,20260302,20260331"
    found = read_timetable(write(tmp_path / "feed", trips=trips, stop_times=times, calendar=calendar))
    assert found.left_out["trips of other days"] == 1


def test_missing_tables_and_columns_are_named_together(tmp_path: Path) -> None:
    """Without them nothing can be read, so all of them are listed at once."""
    times = FEED["stop_times.txt"].replace("stop_sequence", "order")
    found = problems(write(tmp_path / "feed", stops="", calendar="", stop_times=times))
    assert found.split("\n") == [
        "feed: stops.txt is missing. Download it again.",
        "feed: has neither calendar.txt nor calendar_dates.txt, so no trip has a day.",
        "feed, stop_times.txt: column stop_sequence is missing. Download it again.",
    ]


def test_files_that_are_no_feed(tmp_path: Path) -> None:
    """A wrong name, a file that is not a zip, a zip cut short, an empty table: each says so."""
    assert "nowhere.zip: no such timetable. Put a GTFS zip" in problems(tmp_path / "nowhere.zip")
    (tmp_path / "page.zip").write_text("<html>sign in</html>")
    assert "page.zip: is a web page" in problems(tmp_path / "page.zip")
    folder = write(tmp_path / "feed")
    (folder / "trips.txt").write_bytes(b"")
    assert "feed, trips.txt: cannot be read to its end" in problems(folder)
    text = FEED["stops.txt"].replace("Milton", "Café")
    (write(folder) / "stops.txt").write_bytes(text.encode("cp1252"))
    assert read_timetable(folder).stops["name"].tolist() == ["Seaton", "Café", "Netherby"]
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as file:
        for name, text in FEED.items():
            file.writestr(name, text)
    content = (tmp_path / "bad.zip").read_bytes()
    (tmp_path / "bad.zip").write_bytes(content.replace(b"late,10:10", b"late,10:11"))
    assert "bad.zip, stop_times.txt: cannot be read to its end (Bad CRC-32" in problems(tmp_path / "bad.zip")


def test_days_without_a_bus_are_refused(tmp_path: Path) -> None:
    """A day before, after or without service is refused with the days that the feed covers."""
    feed = write(tmp_path / "feed")
    for day in ("2026-02-27", "2026-04-01", "2026-03-08"):
        assert f"no trip runs on {day}: the feed covers 2026-03-02 to 2026-03-31." in problems(feed, date=day)
    assert "bus date '3/3/26': write it like 2026-03-03." in problems(feed, date="3/3/26")
    weekend = FEED["calendar.txt"].replace("1,1,1,1,1,0,0", "0,0,0,0,0,1,1")
    assert "no trip runs on any Tuesday" in problems(write(feed, calendar=weekend))
    assert "the feed's calendar is empty" in problems(write(feed, calendar=FEED["calendar.txt"].split("\n")[0]))


def test_a_feed_of_elsewhere_is_refused(tmp_path: Path) -> None:
    """Latitude and longitude swapped put every stop outside Great Britain."""
    stops = FEED["stops.txt"].replace("stop_lat,stop_lon", "stop_lon,stop_lat")
    assert "no bus within the bounds" in problems(write(tmp_path / "feed", stops=stops))


def thirty(tmp_path: Path, *, service: Sequence[str] = (), called: int = 30) -> Path:
    """A feed of thirty trips a day, the first with the services given, of which the first `called` have calls."""
    of = [*service, *["week"] * 30][:30]
    trips = "route_id,service_id,trip_id" + "".join(f"\nr,{of[n]},t{n}" for n in range(30))
    calls = "".join(f"\nt{n},09:{n:02}:00,09:{n:02}:00,S,1\nt{n},10:{n:02}:00,10:{n:02}:00,M,2" for n in range(called))
    return write(tmp_path / "many", trips=trips, stop_times=TIMES + calls)


@pytest.mark.parametrize("called", [15, 28])
def test_a_table_of_calls_cut_in_the_middle_is_refused(tmp_path: Path, called: int) -> None:
    """Trips without any call were cut off: half a timetable never passes for a whole one."""
    with pytest.raises(InputError, match=rf"{30 - called} of the 30 trips of trips\.txt have no row in it"):
        read_timetable(thirty(tmp_path, called=called))


def test_one_trip_without_calls_in_thirty_is_left_out(tmp_path: Path) -> None:
    """A single trip that nobody described does not cost the feed."""
    assert len(read_timetable(thirty(tmp_path, called=29)).connections) == 29


def test_trips_of_a_service_that_no_calendar_names_are_unusable_not_of_other_days(tmp_path: Path) -> None:
    """One is left out and counted; three of thirty, as where a calendar is cut, are refused by their rows."""
    made = read_timetable(thirty(tmp_path, service=["gone"]))
    assert len(made.connections) == 29
    assert any("is in neither calendar.txt nor calendar_dates.txt" in note for note in made.notes)
    with pytest.raises(InputError, match=r"trips\.txt, rows? 2.*neither calendar"):
        read_timetable(thirty(tmp_path, service=["gone"] * 3))

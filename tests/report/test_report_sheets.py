"""Notices that hang at the stops, and the files a timetable is handed out as."""

import itertools
import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import icalendar
import pytest
import shapely
from bs4 import BeautifulSoup
from calendar_cases import NAMES, closed, dated, plan
from playwright.sync_api import Browser

from cfwlib.pages.handouts import hub_files
from cfwlib.pages.notices import _spoken, all_sheets, stop_sheet
from cfwlib.report.place_map import place_map


def parse(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def lines(page: str, css_class: str) -> list[str]:
    """Text of the items of one kind of list, and of the paragraphs of one kind."""
    found = parse(page).select(f"ul.{css_class} > li, p.{css_class}")
    return [" ".join(item.get_text().split()) for item in found]


def test_a_notice_says_when_and_when_not() -> None:
    """A fortnightly stop: its day and times, the next ten dates in full, and Christmas Day by name."""
    page = stop_sheet(dated(), "d")
    assert lines(page, "when") == ["Every 2 weeks on Friday midday to 2pm"]
    assert len(lines(page, "dates")) == 10
    assert lines(page, "dates")[0] == "Friday 18 September 2026"
    assert lines(page, "dates")[-1] == "Friday 5 February 2027"
    assert lines(page, "plain")[-1] == "Friday 25 December 2026: Christmas Day"


def test_a_notice_begins_with_the_village() -> None:
    """The village in large letters, the house below it, the map, and until when it holds."""
    of = plan()
    of.instance.venues.loc[3, "name"] = "Kirkbride (The Croft Surgery (rear))"
    page = parse(stop_sheet(dated(of), "d", {"d": "<svg></svg>"}))
    assert page.select_one(".place").get_text() == "Kirkbride"
    assert page.select_one(".at").get_text() == "at The Croft Surgery (rear)"
    (drawn,) = page.select(".map[role=img] svg")
    assert drawn.parent["aria-label"].startswith("Map: Kirkbride (The Croft Surgery (rear)), ")
    assert "valid from Monday 7 September 2026 to Sunday 7 March 2027" in page.select_one(".small").get_text()
    assert "Out of date after that day" in page.select_one(".small").get_text()
    assert not parse(stop_sheet(dated(), "d")).select(".map, .at")


def test_a_notice_tells_the_school_holidays_that_are_known() -> None:
    """Those to come, in words, and whether the hub comes in them; without a list nothing is said."""
    known = ((date(2026, 7, 20), date(2026, 9, 1), "Summer"), (date(2026, 10, 26), date(2026, 10, 30), "<b>Half-term"))
    off = replace(closed(), breaks=known)
    page = stop_sheet(dated(off=off), "d")
    assert "School holidays (it comes in these too)" in page
    assert lines(page, "plain")[-1] == "<b>Half-term: Monday 26 October 2026 to Friday 30 October 2026"
    assert "School holidays (it does not come)" in stop_sheet(dated(off=off, term_time_only=True), "d")
    assert "School holidays" not in stop_sheet(dated(), "d")


def test_a_small_map_is_one_drawing_with_names_as_text(basemap: dict[str, gpd.GeoDataFrame]) -> None:
    """The same bytes for the same place; what is near is named, what is far is not there."""
    at = shapely.Point(335_000, 516_600)
    names = gpd.GeoDataFrame({"name": ["<b>Near", "Far"]}, geometry=[at, shapely.Point(0, 0)], crs=27700)
    drawn = [
        place_map(at, "Here", roads=basemap["roads"], water=basemap["lakes"], names=names, credit="OS") for _ in "ab"
    ]
    assert drawn[0] == drawn[1]
    root = ElementTree.fromstring(drawn[0])
    told = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(told) == ["500 m", "<b>Near", "Here", "OS"]
    assert len(drawn[0]) < 30_000


def test_a_notice_runs_nothing_and_asks_for_nothing() -> None:
    """The policy of a notice allows its own style sheet, and neither scripts nor anything from elsewhere."""
    for page in (stop_sheet(dated(), "d"), all_sheets(dated())):
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
        rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
        assert rules == {
            "default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "base-uri": ["'none'"],
            "form-action": ["'none'"],
        }  # fmt: skip


def test_what_is_left_out_later_than_the_dates_shown_is_not_told() -> None:
    """A weekly stop's ten dates end in November: Christmas is not its reader's concern yet."""
    off = closed(("2026-10-06", "2026-10-06", "training", "", 0), ("2026-12-22", "2026-12-29", "Christmas", "", 0))
    page = stop_sheet(dated(off=off), "a")
    assert lines(page, "plain")[-1] == "Tuesday 6 October 2026: training"
    assert "Christmas" not in page


def test_a_long_closure_does_not_flood_the_sheet() -> None:
    """Six dates left out are named, the others counted."""
    page = stop_sheet(dated(off=closed(("2026-09-08", "2026-11-30", "roof", "a", 0))), "a")
    assert lines(page, "plain")[-2:] == ["Tuesday 13 October 2026: roof", "and 6 more dates until then"]


def test_times_that_differ_stand_by_each_date() -> None:
    """Where the hub comes at two times, every date says which."""
    page = stop_sheet(dated(plan([(1, 1, 2, (1,), 1, "a", 600.0), (2, 1, 4, (2,), 1, "a", 795.0)]), closed()), "a")
    assert lines(page, "when") == [
        "Every 2 weeks on Tuesday 10am to midday",
        "Every 2 weeks on Thursday 1:15pm to 3:15pm",
    ]
    assert lines(page, "dates")[:2] == [
        "Tuesday 8 September 2026, 10am to midday",
        "Thursday 17 September 2026, 1:15pm to 3:15pm",
    ]


def test_a_stop_without_dates_says_so() -> None:
    """All its dates left out, the notice tells until when."""
    off = closed(("2026-01-01", "2027-12-31", "roof", "d", 0))
    assert "No date until Sunday 7 March 2027." in stop_sheet(dated(off=off), "d")


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "midnight"), (5, "12:05am"), (570, "9:30am"), (720, "midday"), (725, "12:05pm"), (780, "1pm")],
)
def test_times_are_said_as_people_say_them(minutes: int, text: str) -> None:
    """Notices are for families: 9:30am, midday, 1pm."""
    assert _spoken(minutes) == text


def test_names_are_text_and_the_page_needs_nothing_else() -> None:
    """Script in a name, an offer or a reason stays text; nothing is fetched; modelled plans say what they are."""
    off = closed(("2026-09-07", "2026-09-07", "<b>closed</b>", "", 0))
    page = all_sheets(dated(off=off, modelled=True, hub_offer="<i>Play</i>;Tea", hub_contact="Ring <555>"))
    tree = parse(page)
    assert not tree.select("script, b, i, img, link, [src]")
    for text in ("<script>alert('c')</script>", "Ring <555>", "<i>Play</i>", "<b>closed</b>"):
        assert text in tree.get_text()
    assert {link["href"] for link in tree.select("a")} == {
        "#stop-1",
        "#stop-2",
        "#stop-3",
        "#stop-4",
        dated().settings.hub_url,
    }
    assert len(tree.select(".modelled")) == len(NAMES)
    assert not parse(all_sheets(dated())).select(".modelled")


def test_headings_are_in_order() -> None:
    """A screen reader finds one title, then places, then their parts; the language is given."""
    for page in (stop_sheet(dated(), "a"), all_sheets(dated())):
        tree = parse(page)
        assert tree.html["lang"] == "en-GB"
        levels = [int(tag.name[1]) for tag in tree.select("h1, h2, h3")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.browser
@pytest.mark.parametrize("venues", [1, 4])
def test_each_stop_is_one_sheet_of_paper(browser: Browser, tmp_path: Path, venues: int) -> None:
    """Printed, a notice with a long name and many dates left out fills one A4 page, and all notices one page each."""
    off = closed(
        *[(f"2026-{m}-01", f"2026-{m}-12", "closed for a reason that takes some words", "", 0) for m in (10, 11)]
    )
    calendar = dated(off=off, modelled=True, hub_offer=";".join(["Help with this, that and the other"] * 5))
    path = tmp_path / "notice.html"
    maps = dict.fromkeys("abcd", '<svg viewBox="0 0 360 270"><rect width="360" height="270"/></svg>')
    path.write_text(all_sheets(calendar, maps) if venues > 1 else stop_sheet(calendar, "b", maps), encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 640})
    try:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360  # nothing sticks out on a telephone
        paper = page.pdf(prefer_css_page_size=True)
    finally:
        page.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == venues
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12]", paper)


def test_every_file_of_the_timetable_is_handed_out() -> None:
    """A notice and a calendar per stop, a calendar per vehicle, a route per round, a feed: each of its own kind."""
    files = hub_files(dated())
    assert sorted({name.rpartition(".")[2] for name in files}) == ["gpx", "html", "ics", "zip"]
    assert [name for name in files if name.startswith("calendars/vehicle")] == [
        "calendars/vehicle-1.ics",
        "calendars/vehicle-2.ics",
    ]
    assert "gpx/round-2-monday.gpx" in files
    assert sum(name.startswith("calendars/stop-") for name in files) == len(NAMES)
    for name, content in files.items():
        assert re.fullmatch(r"([a-z]+/)?[\w.-]+", name, re.ASCII)
        if name.endswith(".ics"):
            assert icalendar.Calendar.from_ical(content).walk("VEVENT")
        elif name.endswith(".gpx"):
            assert ElementTree.fromstring(str(content)).tag.endswith("gpx")
        elif name.endswith(".zip"):
            assert zipfile.ZipFile(BytesIO(content)).testzip() is None  # type: ignore[arg-type]


def test_stops_of_one_name_do_not_share_a_file() -> None:
    """Two village halls called alike, in other letters too, keep a file each, told apart by their ids."""
    of = plan()
    of.instance.venues["name"] = ["Village Hall", "village hall", "Ćhurch", "Church!"]
    files = hub_files(dated(of))
    stops = sorted(name.removeprefix("calendars/stop-") for name in files if name.startswith("calendars/stop-"))
    assert stops == ["Church-c.ics", "Church-d.ics", "Village-Hall-a.ics", "village-hall-b.ics"]

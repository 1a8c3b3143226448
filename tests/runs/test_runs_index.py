import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser
from run_cases import figure, made_run

from cfwlib.runs import write_index
from cfwlib.runs.sparkline import Point, sparkline

NASTY = "<script>alert('x')</script>"


def test_everything_from_data_is_escaped(tmp_path: Path) -> None:
    """Markup in a title, an error, a problem, a label, a value, a unit or an identifier is shown as text."""
    entry = {"title": NASTY, "html": f'"{NASTY}.html', "error": NASTY, "pdf": NASTY, "reused_from": NASTY}
    for run_id in ("20260101-000000", "20260201-000000"):
        figures = [figure("residents", NASTY, label=NASTY, unit=NASTY), figure("more", 1, headline=True, label=NASTY)]
        made_run(tmp_path, run_id, *figures, notebooks=[entry], problems=[NASTY], status=NASTY, run_id=NASTY,
                 started=f'"{NASTY}', parameters={"x": {"lsoa_vintage": NASTY}})  # fmt: skip
    text = write_index(tmp_path).read_text()
    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 10
    assert "default-src 'none'" in text


def test_numbers_are_told_as_people_read_them(tmp_path: Path) -> None:
    """A share is in per cent, thousands have separators, a range is given, and hidden is said."""
    made_run(
        tmp_path, "20260101-000000", figure("plan_gap", 1.5e-6, unit="share"), figure("plan_stops", 8, low=6, high=9),
        figure("residents", 273276, unit="people"), figure("hard_to_reach_neighbourhoods", None, disclosure="c"),
        parameters={"02": {"lsoa_vintage": 2011}},
    )  # fmt: skip
    (tmp_path / "broken" / "2").mkdir(parents=True)
    (tmp_path / "broken" / "2" / "run.json").write_text('{"run_id"')  # a run that was cut off
    text = write_index(tmp_path).read_text()
    for words in ("&lt;0.1%", "273,276 people", "8 children (6 to 9 children)", "hidden", "2011 neighbourhoods"):
        assert words in text


def test_a_new_notebook_s_headline_shows_up_by_itself(tmp_path: Path) -> None:
    """What a notebook calls a headline is in the index, after the usual ones; what it does not, is not."""
    made_run(tmp_path, "20260101-000000", figure("beds_needed", 41, headline=True),
             figure("seed_used", 1, headline=False), figure("residents", 5))  # fmt: skip
    text = write_index(tmp_path).read_text()
    assert text.index("residents") < text.index("beds needed")
    assert "seed used" not in text


def test_a_first_run_has_no_empty_columns(tmp_path: Path) -> None:
    """Change and history appear with the second run, when there is something in them; a run is named by its date."""
    made_run(tmp_path, "20260101-000000", figure("residents", 100), started="2026-01-01T12:00:00")
    first = write_index(tmp_path).read_text()
    assert "1 January 2026, 12:00" in first
    assert "History" not in first
    assert "small drawings" not in first
    made_run(tmp_path, "20260201-000000", figure("residents", 120))
    second = write_index(tmp_path).read_text()
    assert 'data-label="History"' in second
    assert "small drawings" in second


def test_the_newest_run_is_open_and_older_ones_are_folded(tmp_path: Path) -> None:
    """The last good report of a notebook that now fails stays in sight; the others are one click away."""
    bad = [{"name": "01_need", "title": "Who needs help?", "status": "failed", "html": "", "error": "no road"}]
    for day in range(1, 5):
        made_run(tmp_path, f"2026010{day}-000000")
    made_run(tmp_path, "20260109-000000", status="failed", notebooks=bad)
    text = write_index(tmp_path).read_text()
    opened, folded = text.split("<details>")
    assert [run in opened for run in ("20260109", "20260104", "20260103")] == [True, True, False]
    assert "3 earlier runs" in folded
    assert opened.index("20260109") < opened.index("20260104")


def test_a_course_says_first_last_and_change(tmp_path: Path) -> None:
    """The drawing's words tell what it shows; runs with other settings are marked, other kinds of data left out."""
    made_run(tmp_path, "20260101-000000", figure("residents", 100))
    made_run(tmp_path, "20260201-000000", figure("residents", 120, low=90, high=130))
    made_run(tmp_path, "20260203-000000", figure("residents", 7), data="sample")
    changed = {"01_need": {"lsoa_vintage": 2021, "seed": 2}}
    made_run(tmp_path, "20260301-000000", figure("residents", 125, low=95, high=135), parameters=changed)
    text = write_index(tmp_path).read_text()
    words = "residents over 3 runs: first 100 children, last 125 children, change +25 children; other data or settings"
    assert words in text
    assert "+5 children (within noise)" in text
    assert text.count('class="moved"') == 1


def test_a_sparkline_stays_inside_its_box() -> None:
    """Every point and range lies in the view box, the highest at the top; the drawing is sound XML."""
    drawn = ElementTree.fromstring(sparkline([Point(5, 1, 9), Point(7), Point(6, moved=True)], unit="", label="a & b"))
    line = drawn.find("polyline")
    assert line is not None
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert all(0 <= x <= 120 and 0 <= y <= 32 for x, y in places)
    assert places[1][1] < places[2][1] < places[0][1]
    assert sparkline([Point(1)], unit="", label="a") == ""


@pytest.mark.browser
def test_it_fits_a_phone_and_asks_for_nothing(browser: Browser, tmp_path: Path) -> None:
    """At 320 px nothing is wider than the page, the fold opens by keyboard, and the console stays silent."""
    for month in range(1, 5):
        figures = [figure(f"figure_{n}_" + "long_" * 9, 100 * month + n, headline=True) for n in range(12)]
        made_run(tmp_path, f"20260{month}01-000000", *figures, area="westmorland_and_furness")
    page = browser.new_context(viewport={"width": 320, "height": 700}, offline=True).new_page()
    trouble: list[str] = []
    index = write_index(tmp_path)
    page.on("request", lambda r: trouble.append(r.url) if r.url != index.as_uri() else None)
    page.on("console", lambda m: trouble.append(m.text))
    page.goto(index.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("summary").last.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] section.run").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
    assert trouble == []


def test_every_link_leads_somewhere(tmp_path: Path) -> None:
    """Files that a run lacks are not linked, and those it has are."""
    run = made_run(tmp_path, "20260101-000000")
    (run.folder / "01_need.html").write_text("x")
    (run.folder / "changes-from-20250101-000000.html").write_text("x")
    hrefs = re.findall(r'href="([^"]+)"', write_index(tmp_path).read_text())
    assert len(hrefs) == 4
    assert all((tmp_path / href).exists() for href in hrefs)
    assert json.loads((tmp_path / hrefs[0]).read_text())["run_id"] == run.run_id

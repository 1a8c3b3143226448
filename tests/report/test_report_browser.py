"""A finished report opens in a real browser with the network off, on any width and on paper."""

from itertools import pairwise

import pytest
from nbclient import NotebookClient
from nbformat import v4, write

from cfwlib.report import add_points, area_map, rounded_classes
from cfwlib.report.html import export_html
from cfwlib.report.maps import add_before_after

pytestmark = pytest.mark.browser
CODE = """
import geopandas as gpd
from cfwlib.report import *
from cfwlib.report.recorder import Report
from cfwlib.report.symbols import CATEGORIES, DASHES
county, roads, lakes, towns = (gpd.read_file("in.gpkg", layer=n) for n in ("county", "roads", "lakes", "towns"))
report = Report("02_reach", None, title="Who?", area_name="Testshire", modelled=True, sources=[], parameters={"a": 1})
report.banner()
report.answer("1 in 10 children lives more than 15 minutes from a centre.")
report.figure("far", 5121, unit="children", label="more than 15 minutes away")
report.headlines()
for title, height in {"Drive times": 640, "Legend taller than map": 320}.items():
    drawn = area_map(county, title=title, roads=roads, lakes=lakes, towns=towns, modelled=True, height_px=height)
    classes = rounded_classes(county["drive_min"], unit="min")
    tip = {"name": "Neighbourhood", "drive_min": "Drive"}
    add_areas(drawn, county, "drive_min", classes=classes, layer_name="Drive", tooltip=tip)
    middles = county.set_geometry(county.centroid)
    add_points(drawn, middles, layer_name="Centres", tooltip=tip, letter="C")
    for k in range(5):
        round_ = middles.iloc[[k]].set_geometry(county.boundary.iloc[[k]])
        add_lines(drawn, round_, layer_name=f"Round {k}", tooltip=tip, colour=CATEGORIES[k], dash=DASHES[k], letter="M")
    report.map(drawn, title)
    report.table(county.drop(columns="geometry"), "drives", "Drive times")
report.chart(bars(county, label="name", values={"children": "children"}, title="Children", unit="children"), "c")
report.about()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory, county, basemap):
    """The path of a report made as a run makes it: executed notebook, then HTML."""
    folder = tmp_path_factory.mktemp("run")
    for name, frame in {"county": county, **basemap}.items():
        frame.to_file(folder / "in.gpkg", layer=name)
    cells = [
        v4.new_markdown_cell("# Who is far?"),
        v4.new_code_cell(CODE),
        v4.new_markdown_cell("## So what\n\n## Limits"),
    ]
    notebook = v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    write(notebook, folder / "run.ipynb")
    return export_html(folder / "run.ipynb", folder / "report.html", title="Who is far?")


@pytest.fixture(params=[1280, 360])
def page(request, browser, report):
    """The report open at a width, network off; it fails the test if anything was asked for or complained about."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True)
    opened, trouble = context.new_page(), []
    opened.on("request", lambda r: trouble.append(r.url) if r.url != report.as_uri() else None)
    opened.on("console", lambda m: trouble.append(m.text))
    opened.on("pageerror", lambda e: trouble.append(str(e)))
    opened.on("dialog", lambda d: trouble.append("a script in a name ran"))
    opened.set_default_timeout(5_000)
    opened.goto(report.as_uri())
    for frame in opened.frames[1:]:
        frame.wait_for_selector(".cfw-place", state="attached")
    yield opened
    opened.wait_for_timeout(100)
    context.close()
    assert trouble == []


def test_maps_are_drawn_and_fill_their_frame(page):
    """Every map has its shapes, points and names; map and legend fill the frame without a scroll bar."""
    assert len(page.frames) == 3
    for frame in page.frames[1:]:
        assert frame.locator(".leaflet-overlay-pane path").count() == 12
        assert frame.locator(".cfw-point").count() == 12
        assert frame.locator(".leaflet-lines-pane path").count() == 10
        size = frame.evaluate(
            """() => { const box = (s) => document.querySelector(s).getBoundingClientRect();
            const map = box(".folium-map"), land = box(".leaflet-overlay-pane g"), panel = box(".cfw-panel");
            const page = document.documentElement.scrollHeight;
            return {map, land, panel, page, width: innerWidth, height: innerHeight}; }"""
        )
        land, drawn = size["land"], size["map"]
        assert size["page"] <= size["height"]
        assert size["panel"]["right"] <= size["width"]
        assert 0 <= land["left"] < land["right"] <= drawn["right"]
        assert 0 <= land["top"] < land["bottom"] <= drawn["bottom"]
        assert (
            max(land["width"] / drawn["width"], land["height"] / drawn["height"]) >= 0.8
        )  # the wide sea leaves room at the sides


def test_nothing_is_wider_than_the_page(page):
    """The page itself never scrolls sideways; wide tables and charts scroll in their own frame."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_legend_switches_layers_by_keyboard(page):
    """Focus and the space bar on a legend's box take the layer off the map and bring it back."""
    frame = page.frames[1]
    box = frame.get_by_role("checkbox", name="Drive")
    box.focus()
    page.keyboard.press("Space")
    assert frame.locator(".leaflet-overlay-pane path").count() == 0
    page.keyboard.press("Space")
    assert frame.locator(".leaflet-overlay-pane path").count() == 12


def test_pointing_at_a_place_tells_its_numbers(page):
    """A tooltip shows name and drive time as text, whatever the name holds; a screen reader is told the same."""
    frame = page.frames[1]
    frame.locator(".cfw-point").first.hover()
    assert "<script>alert('x')</script>" in frame.locator(".cfw-tip").inner_text()
    assert "Drive: 3.0 minutes" in frame.locator(".cfw-point").first.get_attribute("aria-label")


def test_it_prints(page, tmp_path):
    """The report becomes a PDF of a few pages."""
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True, tagged=True)
    assert (tmp_path / "report.pdf").stat().st_size > 20_000


@pytest.fixture(scope="module")
def lone_map(tmp_path_factory, county, basemap):
    """A map by itself: before and after on a slider, twelve places, and five more on one spot."""
    drawn = area_map(county, title="Minutes", **basemap)
    after = county.assign(after_min=5.0)
    classes = rounded_classes(county["drive_min"], unit="min", breaks=[10, 15, 20, 30])
    tip = {"name": "Neighbourhood", "drive_min": "Before", "after_min": "After"}
    look = {"classes": classes, "layer_name": "Minutes", "tooltip": tip, "words": ("Before: <b>", "After: mobile")}
    add_before_after(drawn, after, ("drive_min", "after_min"), **look)
    tip = {"name": "Centre", "drive_min": "Drive"}
    add_points(drawn, county.set_geometry(county.centroid), layer_name="Centres", tooltip=tip, letter="C")
    crowd = county.set_geometry(county.centroid).iloc[[5] * 5].assign(name=[f"Crowded {i}" for i in range(5)])
    add_points(drawn, crowd, layer_name="Crowd", tooltip=tip, letter="X")
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(drawn.get_root().render(), encoding="utf-8")
    return path


@pytest.fixture
def alone(request, browser, lone_map):
    """The map by itself, network off, without motion; 1280 pixels wide unless a test asks for another width."""
    wide = getattr(request, "param", 1280)
    context = browser.new_context(viewport={"width": wide, "height": 800}, offline=True, reduced_motion="reduce")
    opened, trouble = context.new_page(), []
    opened.on("console", lambda m: trouble.append(m.text))
    opened.on("pageerror", lambda e: trouble.append(str(e)))
    opened.on("dialog", lambda d: trouble.append("a script in a name ran"))
    opened.set_default_timeout(5_000)
    opened.goto(lone_map.as_uri())
    opened.wait_for_selector(".cfw-point[tabindex='0']")
    yield opened
    context.close()
    assert trouble == []


FOCUSED = "document.activeElement"


@pytest.mark.parametrize("alone", [1280, 320], indirect=True)
def test_searching_finds_marks_and_reads_out_a_place(alone):
    """Letters without accents and arrow keys find a place; the map goes there and its facts are announced."""
    alone.get_by_role("combobox", name="Find a place").focus()
    alone.keyboard.type("YNYS mon, aeroskobing")
    options = alone.get_by_role("option")
    assert options.count() == 2  # the area and the centre in it
    assert alone.locator("[role=status]").inner_text() == "2 found."
    alone.keyboard.press("ArrowUp")  # the last of the list
    assert options.nth(1).get_attribute("aria-selected") == "true"
    assert alone.evaluate(f"{FOCUSED}.getAttribute('aria-activedescendant')") == options.nth(1).get_attribute("id")
    alone.keyboard.press("Enter")
    said = alone.locator("[role=status]").inner_text()
    assert said == "Ynys Môn, Dún Laoghaire, Ærøskøbing 🏔, Drive: 9.0 minutes. Marked on the map."
    assert alone.locator(".cfw-tip").inner_text().startswith("Ynys Môn")
    ring = alone.locator(".leaflet-lines-pane path").last.bounding_box()
    box = alone.locator(".folium-map").bounding_box()
    assert abs(ring["x"] + ring["width"] / 2 - (box["x"] + box["width"] / 2)) < 3  # in the middle of the map
    alone.keyboard.press("Escape")
    assert alone.locator("[type=search]").input_value() == ""
    assert alone.locator(".leaflet-lines-pane path").count() == 0


def test_search_knows_only_what_is_shown_and_takes_any_text(alone):
    """A place of a layer that is off is not offered; a script in a name is text; nonsense finds nothing."""
    box, status = alone.locator("[type=search]"), alone.locator("[role=status]")
    box.fill("crowded")
    assert status.inner_text() == "5 found."
    alone.get_by_role("checkbox", name="Crowd").uncheck()
    box.fill("crowded ")
    assert status.inner_text() == "No place of that name on this map."
    box.fill("<SCRIPT>")
    assert "<script>alert('x')</script>" in alone.get_by_role("option").first.inner_text()
    alone.get_by_role("option").first.click()
    assert status.inner_text().startswith("<script>alert('x')</script>")
    box.fill("  ...  ")
    assert (alone.get_by_role("option").count(), status.inner_text()) == (0, "")


def test_the_whole_map_is_a_few_tab_stops(alone):
    """Slider, map, its places, two zoom buttons, search and one switch per block of the legend: nothing else."""
    stops = []
    for _ in range(9):
        alone.keyboard.press("Tab")
        stops.append(alone.evaluate(f"{FOCUSED}.type || {FOCUSED}.getAttribute('aria-label').split(/[ :]/)[0]"))
    assert stops == ["range", "Map", "<script>alert('x')</script>,", "Zoom", "Zoom", "search", *["checkbox"] * 3]
    alone.keyboard.press("Tab")
    assert alone.evaluate(f"{FOCUSED} === document.body")


def test_places_are_walked_with_the_arrow_keys(alone):
    """Arrows go from place to place and show each one's facts; the Tab key comes back to it; Escape leaves."""
    first = alone.locator(".cfw-point[tabindex='0']")
    first.focus()
    names = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "ArrowRight"):
        alone.keyboard.press(key)
        names.append(alone.evaluate(f"{FOCUSED}.getAttribute('aria-label')").split(", Drive")[0])
        assert alone.locator(".cfw-tip").count() == 1
    assert names == [
        'Say "hello" / it\'s <b>bold</b> & more', "Ynys Môn, Dún Laoghaire, Ærøskøbing 🏔",
        'Say "hello" / it\'s <b>bold</b> & more', "Crowded 4", "<script>alert('x')</script>",
    ]  # fmt: skip
    assert alone.locator(".cfw-point[tabindex='0']").count() == 1
    alone.keyboard.press("Escape")
    assert alone.evaluate(f"{FOCUSED}.classList.contains('folium-map')")
    assert alone.locator(".cfw-tip").count() == 0


@pytest.mark.parametrize("alone", [1280, 320], indirect=True)
def test_the_slider_parts_before_from_after(alone):
    """Before lies left of the line and after right of it, by keyboard too, and the slider says what is shown."""
    slider = alone.get_by_role("slider")
    slider.focus()
    map_box = alone.locator(".folium-map").bounding_box()
    middle_y = map_box["y"] + map_box["height"] / 2

    def pane_at(x: float) -> str:
        script = (
            "([x, y]) => document.elementsFromPoint(x, y).map(e => e.closest('.leaflet-pane')?.className ?? '').join()"
        )
        return alone.evaluate(script, [x, middle_y])

    middle = map_box["x"] + map_box["width"] / 2
    for key, shown in (("", ""), ("Home", "All: After: mobile"), ("End", "All: Before: <b>")):
        if key:
            alone.keyboard.press(key)
            assert slider.get_attribute("aria-valuetext") == shown
        left, right = pane_at(middle - 12), pane_at(middle + 12)
        assert ("before" in left, "after" in left) == ((key != "Home"), (key == "Home"))
        assert ("before" in right, "after" in right) == ((key == "End"), (key != "End"))
    slider.evaluate("e => { e.value = 50; e.dispatchEvent(new Event('input')); }")
    drawn = alone.locator(".cfw-divider").bounding_box()
    assert abs(drawn["x"] + drawn["width"] / 2 - middle) < 2


def test_places_on_one_spot_are_told_apart(alone):
    """Six symbols on one spot stand apart on lines to it, and come home when their neighbours are switched off."""
    boxes = [p.bounding_box() for p in alone.locator(".cfw-point[data-moved=true] svg").all()]
    assert len(boxes) >= 5
    for i, one in enumerate(boxes):
        for two in boxes[:i]:
            assert abs(one["x"] - two["x"]) + abs(one["y"] - two["y"]) > 8
    alone.get_by_role("checkbox", name="Crowd").uncheck()
    alone.wait_for_function("document.querySelectorAll('.cfw-point[data-moved=true]').length === 0")


@pytest.mark.parametrize("alone", [1280, 320], indirect=True)
def test_controls_are_large_enough_and_nothing_overlaps(alone):
    """Every control is at least 24 by 24 pixels; no control of the panel covers another, nor leaves the page."""
    found = alone.locator("input, .leaflet-bar a").all()
    for control in found:
        box = control.locator("xpath=ancestor-or-self::*[self::label or self::input or self::a][last()]")
        size = box.evaluate("e => (e.closest('label') ?? e).getBoundingClientRect().toJSON()")
        assert size["width"] >= 24
        assert size["height"] >= 24
        assert size["left"] >= 0
        assert size["right"] <= alone.viewport_size["width"]
    tops = [alone.locator(s).bounding_box() for s in (".cfw-search", ".cfw-group >> nth=0", ".cfw-group >> nth=1")]
    assert all(a["y"] + a["height"] <= b["y"] + 1 for a, b in pairwise(tops))


def test_paper_shows_the_drawing_and_not_the_frame(page):
    """On screen the map, on paper its drawing: never both."""
    assert (page.locator(".cfw-map").first.is_visible(), page.locator(".cfw-print").first.is_visible()) == (True, False)
    page.emulate_media(media="print")
    assert (page.locator(".cfw-map").first.is_visible(), page.locator(".cfw-print").first.is_visible()) == (False, True)
    assert page.locator(".cfw-print svg").first.bounding_box()["height"] > 200

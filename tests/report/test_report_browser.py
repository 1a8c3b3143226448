"""A finished report opens in a real browser with the network off, on any width and on paper."""

import pytest
from nbclient import NotebookClient
from nbformat import v4, write

from cfwlib.report.html import export_html

pytestmark = pytest.mark.browser
CODE = """
import geopandas as gpd
from cfwlib.report import *
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

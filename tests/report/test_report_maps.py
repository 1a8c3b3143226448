"""Maps carry everything with them, escape every label and refuse the wrong coordinates."""

import hashlib
import html
import json
import re
from xml.etree import ElementTree

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely

from cfwlib.errors import InputError
from cfwlib.report import add_areas, add_lines, add_points, area_map, rounded_classes
from cfwlib.report.maps import add_before_after
from cfwlib.report.offline import LEAFLET, OfflineMap, map_html, map_script, map_styles
from cfwlib.report.static import View, spread, static_svg

NASTY = "<script>alert('x')</script>"
SVG = "{http://www.w3.org/2000/svg}"
TIP = {"name": "Neighbourhood", "drive_min": "Drive", "children": "Children"}


def full_map(county: gpd.GeoDataFrame, basemap: dict[str, gpd.GeoDataFrame], title: str = "Drive times") -> OfflineMap:
    drawn = area_map(county, title=title, modelled=True, credit="Source: <ours>", **basemap)
    classes = rounded_classes(county["drive_min"], unit="min", breaks=[10, 15, 20, 30])
    add_areas(drawn, county, "drive_min", classes=classes, layer_name="Drive <b>time</b>", tooltip=TIP)
    points = county.set_geometry(county.centroid)
    add_points(drawn, points, layer_name="Centres", tooltip=TIP, shape="square", letter="<")
    add_lines(drawn, county.set_geometry(county.boundary), layer_name="Round", tooltip=TIP, dash="2 6", letter="M")
    return drawn


def test_leaflet_is_the_published_one():
    """The vendored files have the checksums of release 1.9.4, and its licence lies beside them."""
    listed = dict(reversed(line.split()) for line in (LEAFLET / "SHA256SUMS").read_text().splitlines())
    assert set(listed) == {"LICENSE", "leaflet.css", "leaflet.js"}
    for name, digest in listed.items():
        assert hashlib.sha256((LEAFLET / name).read_bytes()).hexdigest() == digest
    assert listed["leaflet.js"] == "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a"


def test_a_map_fetches_nothing(county, basemap):
    """Neither style, script nor markup of a map holds an address that a browser would open by itself."""
    page = full_map(county, basemap).get_root().render()
    assert not re.findall(r"url\(|@import", map_styles())
    assert "sourceMappingURL" not in map_script()
    assert not re.findall(r"<(?:link|img|script|iframe)[^>]*\b(?:src|href)=", page)
    assert "user-scalable" not in page  # folium's page forbids readers to zoom


def test_one_map_does_not_change_another(county):
    """folium keeps its script list on the class; adding a link to one map must not reach the next."""
    first = area_map(county, title="One")
    first.add_js_link("stranger", "https://example.org/x.js")
    assert area_map(county, title="Two").default_js == []
    assert OfflineMap.default_js == []
    assert folium.Map.default_js


def test_every_label_is_escaped(county, basemap):
    """A script in a name, title, letter or legend reaches the page only as text."""
    drawn = full_map(county, basemap, title='<script>"quote"')
    page = drawn.get_root().render()
    assert page.count("<script") == 3  # the runtime, what the map holds, and the start
    assert "<b>" not in page
    assert "<strong" not in page  # our own tags too are written so that no script element can end early
    assert NASTY not in page
    assert "&lt;script&gt;alert" in page  # in tooltips; names of places and of the search are written as text
    assert not re.findall(r"<[^>]+ on[a-z]+=|javascript:", page)  # the page's policy allows no script in attributes
    frame = map_html(drawn)
    title = re.match(r'<iframe class="cfw-map" title="([^"]*)"', frame)
    assert html.unescape(title[1]) == 'Map: <script>"quote"'
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == page


def test_the_same_map_is_the_same_text(county, basemap):
    """Two runs on the same data give the same bytes, so that a change in a report means a change in the data."""
    assert map_html(full_map(county, basemap)) == map_html(full_map(county, basemap))


def shown_layer(drawn: OfflineMap, at: int) -> tuple[dict, dict]:
    """The data and options of a layer as they reach the page: land, roads, lakes, areas, points, lines."""
    held = re.search('id="cfw-data">(.*)</script>', drawn.get_root().render())[1]
    data, spec = json.loads(held)["layers"][at]
    return data, spec


def test_areas_are_coloured_by_their_class(county, basemap):
    """Each square gets the colour of its class, the one without a value the dashed grey of 'no data'."""
    drawn = full_map(county, basemap)
    data, spec = shown_layer(drawn, 3)
    assert [f["properties"]["s"] for f in data["features"]] == [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert spec["styles"][5]["dashArray"]
    assert (
        data["features"][5]["properties"]["t"]
        == "<strong>Neighbourhood 6</strong><br>Drive: 15.0 minutes<br>Children: 600"
    )
    assert [text for _, text in drawn.legend[0].entries] == [
        "under 10", "10 to under 15", "15 to under 20", "20 to under 30", "30 or more", "no data",
    ]  # fmt: skip
    assert drawn.legend[0].unit == "minutes"


def test_shapes_lie_where_they_should(county, basemap):
    """Coordinates come out as degrees with five decimals, a metre or two from where they were."""
    data, _ = shown_layer(full_map(county, basemap), 4)
    degrees = gpd.GeoDataFrame.from_features(data, crs=4326)
    assert (degrees.to_crs(27700).distance(county.centroid) < 2).all()
    assert not re.search(r"\d\.\d{6,}", json.dumps(data))


def test_only_main_roads_and_real_lakes_are_drawn(county, basemap):
    """A minor road is left out; the motorway and the A road are drawn as one thin layer."""
    data, _ = shown_layer(full_map(county, basemap), 1)
    assert len(data["features"][0]["geometry"]["coordinates"]) == 2


def test_all_wrong_frames_are_named_at_once(county, basemap):
    """Outline in degrees and towns in degrees: one error that names both and says what to do."""
    with pytest.raises(InputError) as caught:
        area_map(county.to_crs(4326), title="x", towns=basemap["towns"].to_crs(4326))
    assert len(caught.value.problems) == 2
    assert "to_crs(27700)" in str(caught.value)
    with pytest.raises(InputError, match="minutes"):
        add_points(area_map(county, title="x"), county, layer_name="x", tooltip={"minutes": "Drive"})


def test_layers_of_one_name_share_a_switch(county):
    """A round and its stops are one block of the legend, with one symbol and one switch for both layers."""
    drawn = area_map(county, title="x")
    middles = county.set_geometry(county.centroid)
    add_lines(drawn, county.set_geometry(county.boundary), layer_name="Monday", tooltip=TIP, letter="M")
    add_points(drawn, middles, layer_name="Monday", tooltip=TIP, letter="M")
    (block,) = drawn.legend
    assert len(block.layer_ids) == 2
    assert block.render().count("<input") == block.render().count("<path") == 1


def test_an_area_is_found_by_the_columns_asked_for(county):
    """The search knows an area by its heading, by the columns given, or not at all."""
    for find, known in (None, "Neighbourhood 6"), (["name", "children"], "Neighbourhood 6, 600"), ([], None):
        drawn = area_map(county, title="x")
        classes = rounded_classes(county["children"])
        add_areas(drawn, county, "children", classes=classes, layer_name="x", tooltip=TIP, find=find)
        data, _ = shown_layer(drawn, 1)
        assert data["features"][5]["properties"].get("n") == known


def test_a_map_on_paper_shows_what_the_screen_does(county, basemap):
    """The drawing has every area in its colour, symbols, rounds, names, legend, unit and scale, and nothing unsafe."""
    drawn = full_map(county, basemap, title=f"Drive {NASTY}")
    page = static_svg(drawn)
    assert not re.findall(r"<script|<b>| on[a-z]+=|href=|url\(|<style", page)
    svg = ElementTree.fromstring(page)
    words = " ".join("".join(text.itertext()) for text in svg.iter(f"{SVG}text"))
    assert svg.find(f"{SVG}title").text == f"Drive {NASTY}"
    assert "Shown: Drive <b>time</b>; Centres; Round." in svg.find(f"{SVG}desc").text
    for word in (
        "Bigtown",
        NASTY,
        "Drive <b>time</b> (minutes)",
        "10 to under 15",
        "no data",
        "Centres (12)",
        "5 km",
        "2 miles",
    ):
        assert word in words
    assert "Smallplace" not in words  # a village waits for a closer zoom, which paper has not
    classes = rounded_classes(county["drive_min"], unit="min", breaks=[10, 15, 20, 30])
    drawn_in = {g.get("fill"): len(g) for g in svg.iter(f"{SVG}g") if g.get("fill-opacity") == "0.85"}
    assert drawn_in == {colour: int(n) for colour, n in classes.colour(county["drive_min"]).value_counts().items()}
    assert len(page) < 150_000
    assert page in map_html(drawn)


def test_the_scale_on_paper_is_true(county):
    """The bar of five kilometres is as long as five kilometres of the county, to one in a hundred."""
    drawn = area_map(county, title="x")
    long_px = float(re.search(r"V[\d.]+H([\d.]+)V[\d.]+\"[^>]*/><text[^>]*>5 km<", static_svg(drawn))[1]) - 8
    ends = gpd.GeoSeries(gpd.points_from_xy([320_000, 350_000], [520_000, 520_000]), crs=27700).to_crs(4326)
    one, two = View(drawn.bounds, width=500, highest=780)(shapely.get_coordinates(ends))
    assert long_px == pytest.approx(np.hypot(*(two - one)) * 5 / 30, rel=0.01)


def test_a_layer_that_is_off_is_not_on_paper(county):
    """Only what is shown at first is drawn and explained."""
    drawn = area_map(county, title="x")
    classes = rounded_classes(county["children"])
    add_areas(drawn, county, "children", classes=classes, layer_name="Hidden", tooltip=TIP, show=False)
    assert "Hidden" not in static_svg(drawn)
    assert classes.colours[-1] not in static_svg(drawn)


def test_before_and_after_stand_side_by_side_on_paper(county):
    """The pair is one block of the legend, and two maps on paper, each in the colours of its own column."""
    drawn = area_map(county, title="x")
    after = county.assign(then=county["drive_min"].fillna(5) * 0 + 5)
    classes = rounded_classes(county["drive_min"], unit="min", breaks=[10, 15, 20, 30])
    words = ("Before: <fixed>", "After")
    look = {"classes": classes, "layer_name": "Minutes", "tooltip": TIP, "words": words}
    add_before_after(drawn, after, ("drive_min", "then"), **look)
    first, second = [
        panel for panel in ElementTree.fromstring(static_svg(drawn)).findall(f"{SVG}svg") if panel.get("width") == "246"
    ]
    fills = [
        {g.get("fill") for g in panel.iter(f"{SVG}g") if g.get("fill-opacity") == "0.85"} for panel in (first, second)
    ]
    assert len(fills[0]) == 6
    assert fills[1] == {classes.colours[0]}
    assert len(drawn.legend) == 1
    assert "Before: &lt;fixed&gt;" in drawn.get_root().render()


def test_symbols_that_cover_each_other_are_pushed_apart():
    """Five symbols on one spot keep a gap, none far from home, the same every time; lonely ones stay where they are."""
    points = np.array([[0.0, 0.0]] * 5 + [[300.0, 0.0]])
    moved = spread(points, gap=17, farthest=30)
    near = shapely.distance(*(shapely.points(moved[i]) for i in np.triu_indices(6, 1)))
    assert near.min() > 16
    assert np.linalg.norm(moved - points, axis=1).max() <= 30 + 1e-9
    assert (moved[5] == points[5]).all()
    assert (moved == spread(points, gap=17, farthest=30)).all()

"""Maps carry everything with them, escape every label and refuse the wrong coordinates."""

import hashlib
import html
import json
import re

import folium
import geopandas as gpd
import pytest

from cfwlib.errors import InputError
from cfwlib.report import add_areas, add_lines, add_points, area_map, map_html, rounded_classes
from cfwlib.report.offline import LEAFLET, OfflineMap, map_script, map_styles

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
    assert page.count("<script") == 2  # the runtime and the map's own
    assert "<b>" not in page
    assert "<strong" not in page  # our own tags too are written so that no script element can end early
    assert "\\u003c/script" not in page
    assert "&lt;script&gt;alert" in page
    frame = map_html(drawn)
    title = re.match(r'<iframe class="cfw-map" title="([^"]*)"', frame)
    assert html.unescape(title[1]) == 'Map: <script>"quote"'
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == page


def test_the_same_map_is_the_same_text(county, basemap):
    """Two runs on the same data give the same bytes, so that a change in a report means a change in the data."""
    assert map_html(full_map(county, basemap)) == map_html(full_map(county, basemap))


def layers(drawn: OfflineMap) -> dict[str, tuple[dict, dict]]:
    found = [child for child in drawn._children.values() if hasattr(child, "spec")]
    return {layer.layer_name: (json.loads(layer.data), json.loads(layer.spec)) for layer in found}


def test_areas_are_coloured_by_their_class(county, basemap):
    """Each square gets the colour of its class, the one without a value the dashed grey of 'no data'."""
    drawn = full_map(county, basemap)
    data, spec = layers(drawn)["Drive <b>time</b>"]
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
    data, _ = layers(full_map(county, basemap))["Centres"]
    degrees = gpd.GeoDataFrame.from_features(data, crs=4326)
    assert (degrees.to_crs(27700).distance(county.centroid) < 2).all()
    assert not re.search(r"\d\.\d{6,}", json.dumps(data))


def test_only_main_roads_and_real_lakes_are_drawn(county, basemap):
    """A minor road is left out; the motorway and the A road are drawn as one thin layer."""
    data, _ = layers(full_map(county, basemap))["Main roads"]
    assert len(data["features"][0]["geometry"]["coordinates"]) == 2


def test_all_wrong_frames_are_named_at_once(county, basemap):
    """Outline in degrees and towns in degrees: one error that names both and says what to do."""
    with pytest.raises(InputError) as caught:
        area_map(county.to_crs(4326), title="x", towns=basemap["towns"].to_crs(4326))
    assert len(caught.value.problems) == 2
    assert "to_crs(27700)" in str(caught.value)
    with pytest.raises(InputError, match="minutes"):
        add_points(area_map(county, title="x"), county, layer_name="x", tooltip={"minutes": "Drive"})

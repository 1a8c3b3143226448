"""A report about single children shows and writes only what has gone through disclosure."""

import json
import sqlite3
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from cfwlib.disclosure import Public, protect, protect_number, say
from cfwlib.disclosure.cells import Known
from cfwlib.disclosure.difference import compare_runs
from cfwlib.errors import InputError
from cfwlib.report import area_map, bars
from cfwlib.report.recorder import Report

PLANTED = 7_351  # hidden only so that the 4 beside it stay hidden
TABLE = pd.DataFrame({"ward": ["a", "b", "d", "Total"], "children": [4, PLANTED, 9_999, 4 + PLANTED + 9_999]})
OPTIONS = {"of": "children, 2025", "keys": ["ward"], "counts": ["children"]}
PICTURE = {"label": "ward", "values": {"children": "children"}, "title": "Children", "unit": "children"}


def make(out=None, **more) -> Report:
    options = {
        "title": "Who?",
        "area_name": "Here",
        "modelled": False,
        "sources": [],
        "parameters": {},
        "private": True,
    }
    return Report("06_homes", out, **{**options, **more})


def layer() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(TABLE[:3].copy(), geometry=gpd.points_from_xy([3e5, 3.1e5, 3.2e5], [5e5] * 3), crs=27700)


def test_what_is_plain_is_refused(shown) -> None:
    """Every way out refuses a raw frame, number, drawing or text, and says what to do."""
    report = make()
    chart = bars(TABLE, **PICTURE)
    attempts = [
        lambda: report.table(TABLE, "t", "Children"),
        lambda: report.export(TABLE, "t"),
        lambda: report.layer(layer(), "t"),
        lambda: report.file("t.txt", "text"),
        lambda: report.keep({"t.txt": "text"}),
        lambda: report.figure("n", 4, unit="children", label="x"),
        lambda: report.record({"n": 4}, {"n": ("x", "children")}),
        lambda: report.chart(chart, "t"),
        lambda: report.chart(lambda t: chart, "t"),
        lambda: report.map(None, "t"),
        lambda: report.panel("<p>3 children</p>"),
        lambda: report.answer(f"{4} children"),
        lambda: report.bullets("none", "4 children"),
        lambda: report.caution(["4 children"]),
        lambda: report.table(protect(TABLE, **OPTIONS), "t", "The 4 children"),
        lambda: report.table(protect(TABLE, **OPTIONS), "t", "Children", note="of 4"),
        lambda: make(title="Why 4?"),
    ]
    before = len(shown)
    for attempt in attempts:
        with pytest.raises(InputError, match=r"protect|Protected|say\("):
            attempt()
    assert not any("children" in markup for markup in shown[before:])
    assert not report.tables
    assert not report.figures


def test_a_planted_small_count_is_nowhere(tmp_path, shown) -> None:
    """Neither the 4 children nor the count hidden with them is in HTML, CSV, XLSX, GPKG, SVG or figures."""
    report = make(tmp_path)
    table, places = protect(TABLE, **OPTIONS), protect(layer(), **{**OPTIONS, "of": "the map"}, public=["geometry"])
    places_hidden = protect(layer().assign(children=[4, 5, 3]), **{**OPTIONS, "of": "all few"}, public=["geometry"])
    report.table(table, "wards", "Children by ward")
    report.chart(lambda t: bars(t, **PICTURE), "wards", drawn_from=table)
    report.map(lambda t: area_map(t.set_geometry(t.buffer(1000)), title="Map"), "wards", drawn_from=places_hidden)
    report.layer(places_hidden, "wards")
    report.figure("small", table.number("children", ward="b"), unit="children", label="in b")
    report.figure("share", protect_number(0.25, n=40, low=0.2, high=0.3), unit="share", label="share")
    report.answer(say("{n} children in b", n=table.number("children", ward="b")))
    report.file("note.txt", Public("fixed words", why="no children in it"))
    report.headlines()
    report.close()
    assert places.frame.children.notna().sum() == 2  # a layer without a total hides only the small one
    page = "".join(shown)
    assert f"{PLANTED:,}" not in page
    assert "a number not shown children in b" in page
    assert ">c</td>" in page
    assert "c: 1 to 5 children" in page
    exports = tmp_path / "exports" / "06_homes"
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert str(PLANTED).encode() not in written
    csv = pd.read_csv(exports / "wards.csv")
    assert csv.children.isna().tolist() == [True, True, False, False]
    assert csv.children_status.fillna("").tolist() == ["c", "c", "", ""]
    sheet = openpyxl.load_workbook(exports / "06_homes.xlsx")["wards"]
    assert [cell.value for cell in sheet["B"]] == ["children", None, None, 9_999, 17_354]
    with sqlite3.connect(exports / "06_homes.gpkg") as database:
        assert database.execute("select children, children_status from wards").fetchall() == [(None, "c")] * 3
    database.close()
    figures = {f["name"]: f for f in json.loads((tmp_path / "figures" / "06_homes.json").read_text())}
    assert (figures["small"]["value"], figures["small"]["disclosure"]) == (None, "c: too few children to show")
    assert (figures["share"]["value"], figures["share"]["n"], figures["share"]["low"]) == (0.25, 40, 0.2)
    assert compare_runs(tmp_path, tmp_path).empty


def test_tables_that_give_each_other_away_are_refused(shown) -> None:
    """A table that shows what another hides does not get in; protected beside it, it does."""
    report = make()
    first = protect(TABLE, **OPTIONS)
    report.table(first, "wards", "Children by ward")
    # the same children, with the ward that was hidden to protect ward a
    alone = protect(TABLE[1:3], **OPTIONS)
    with pytest.raises(InputError, match="beside"):
        report.table(alone, "two", "Two wards")
    report.table(protect(TABLE[1:3], **OPTIONS, beside=[first]), "two", "Two wards")


def test_tables_that_agree_but_tell_together_are_refused(shown) -> None:
    """A count hidden in both, which the second's parts sum to, is found when they come together."""
    report = make()
    first = protect(TABLE, **OPTIONS)
    report.table(first, "wards", "Children by ward")
    hidden = first.layout.name("children", {"ward": "b"})
    for parts, words in ((PLANTED - 30, "worked out from the report's tables together"), (30, "contradict each other")):
        seen = {"x": Known(False, True, np.full((2, 2), parts)), "y": Known(False, True, np.full((2, 2), 30.0))}
        second = replace(first, known={**first.known, **seen}, sums=((hidden, ("x", "y")),))
        with pytest.raises(InputError, match=words):
            report.table(second, "parts", "Parts of a ward")


def test_a_public_report_takes_everything_as_before(shown, places) -> None:
    """Raw tables and numbers pass, and so do protected ones, with their symbols."""
    report = make(private=False)
    report.table(places, "drives", "12 drive times")
    report.figure("n", 4, unit="children", label="x")
    report.table(protect(TABLE, **OPTIONS), "wards", "Children by ward")
    assert ">c</td>" in shown[-1]

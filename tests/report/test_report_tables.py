"""Tables and exports can be read by people, screen readers and spreadsheets."""

import re

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from cfwlib.errors import InputError
from cfwlib.report.exports import export_layers, export_tables
from cfwlib.report.numbers import heading, plain_number, with_unit
from cfwlib.report.tables import table_html
from cfwlib.report.write import atomic, safe_name


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (273276, "people", "273,276 people"),
        (0.9017, "share", "90.2%"),
        (12.84, "min", "12.8 minutes"),
        (308.3, "children", "308 children"),
        (-1234.4, "gbp", "−£1,234"),
        (np.int64(3), "km", "3 km"),
        (-0.001, "", "0.00"),
        (None, "min", "–"),
        (float("nan"), "share", "–"),
        ("c", "share", "c"),
        (np.bool_(True), "", "yes"),
    ],
)
def test_numbers_read_as_people_write_them(value: object, unit: str, text: str):
    """Thousands are separated, shares are per cent, money leads with its sign, missing is a dash."""
    assert with_unit(value, unit) == text


def test_units_are_read_off_column_names():
    """The unit stands in the name, so that nobody has to repeat it."""
    assert heading("drive_before_min") == ("Drive before", "min")
    assert heading("lsoa_children_0_17") == ("LSOA children 0–17", "")
    assert heading("admin") == ("Admin", "")
    assert plain_number(5) == "5"


def test_a_table_says_what_it_is_and_lines_its_numbers_up(places: pd.DataFrame):
    """Caption, column and row headings, unit in the heading, one number of decimals down a column, dash for missing."""
    page = table_html(places, caption="Drive times", labels={"children": "Children aged 0–17"})
    assert "<caption><span>Drive times</span></caption>" in page
    assert page.count('scope="col"') == 3
    assert page.count('scope="row"') == 12
    assert 'class="n">By car <span class="cfw-unit">(minutes)</span>' in page
    assert "Children aged 0–17" in page
    assert re.findall(r'class="n"[^>]*>([\d.,–]+)</td>', page)[:4] == ["3.0", "100", "6.5", "200"]
    assert ">–</td>" in page
    assert "1,200" in page


def test_long_texts_make_a_table_a_list_on_a_telephone(places: pd.DataFrame):
    """With a long text beside the numbers, every cell carries its heading and unit; else the table scrolls."""
    why = places.assign(reason="no road leads there in winter, says the council")
    assert '<td class="n" data-label="By car (minutes)">3.0</td>' in table_html(why, caption="Drive times")
    assert "cfw-stack" in table_html(why, caption="Drive times")
    for other in (why[["drive_min", "reason"]], places):
        assert "cfw-stack" not in table_html(other, caption="Drive times")
        assert "data-label" not in table_html(other, caption="Drive times")


def test_numbers_written_as_text_line_up_too():
    """Differences, shares and money that arrive as text stand to the right; dates, times and codes do not."""
    numbers = {"more": ["+4", "−1,234.5"], "share": ["0.1%", "–"], "pay": ["£5", ""]}
    others = {"day": ["2026-12-25", "2027-01-01"], "time": ["09:30", "12:00"], "code": ["1a", "2"]}
    table = pd.DataFrame({"n": ["a", "b"], **numbers, **others})
    row = table_html(table, caption="T").split("<tbody>")[1].split("</tr>")[0]
    assert re.findall("<t[hd]([^>]*)>", row) == [' scope="row"', *[' class="n"'] * 3, "", "", ""]


def test_text_from_data_stays_text(places: pd.DataFrame):
    """A script in a name, a caption or a heading is shown, not run."""
    page = table_html(places.rename(columns={"children": "<i>"}), caption="<script>", note="<script>")
    assert "<script" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert" in page


def test_a_cut_table_says_so(places: pd.DataFrame):
    """Rows that are not shown are counted in a line under the table."""
    page = table_html(places, caption="Drive times", max_rows=5)
    assert page.count("<tr>") == 6
    assert "first 5 of 12 rows" in page


def test_a_format_for_an_unknown_column_is_refused(places: pd.DataFrame):
    """A misspelt column in labels is an error, not silence."""
    with pytest.raises(InputError, match="drive_mins"):
        table_html(places, caption="Drive times", labels={"drive_mins": "Drive"})


def test_exports_read_back_equal(tmp_path, places: pd.DataFrame, county: gpd.GeoDataFrame):
    """CSV, workbook and GeoPackage hold the same values; only a text like a formula gets an apostrophe in the CSV."""
    *_, book = export_tables({"drive times": places}, tmp_path)
    read = pd.read_csv(tmp_path / "drive-times.csv")
    assert read["name"].tolist() == [n if n != "=SUM(A1:A9)" else "'=SUM(A1:A9)" for n in places["name"]]
    pd.testing.assert_frame_equal(read.drop(columns="name"), places.drop(columns="name"))
    assert b"\r" not in (tmp_path / "drive-times.csv").read_bytes()
    sheet = openpyxl.load_workbook(book)["drive times"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == places["name"].tolist()
    assert {row[0].data_type for row in sheet.iter_rows()} == {"s"}
    layer = gpd.read_file(export_layers({"areas": county.to_crs(4326)}, tmp_path / "all.gpkg"), layer="areas")
    assert layer.crs.to_epsg() == 27700
    assert layer["name"].tolist() == county["name"].tolist()
    assert layer.geometry.geom_equals_exact(county.geometry, 0.01).all()


def test_names_never_collide_or_leave_the_folder(tmp_path, places: pd.DataFrame):
    """Slashes, case and length cannot make two tables overwrite each other, nor write elsewhere."""
    names = ["../../up", "Stops", "stops", "s" * 200, "s" * 201, "[a]:*?/\\", "<script>", ""]
    paths = export_tables(dict.fromkeys(names, places.head(1)), tmp_path)
    assert len({p.name.casefold() for p in paths}) == len(names) + 1
    assert {p.parent for p in paths} == {tmp_path}
    sheets = openpyxl.load_workbook(paths[-1]).sheetnames
    assert len(sheets) == len(names)
    assert max(map(len, sheets)) <= 31
    assert safe_name("../Ynys Môn <x>") == "Ynys-Mon-x"


def test_a_layer_without_coordinates_is_refused(tmp_path, county: gpd.GeoDataFrame):
    """A layer of unknown place is an error and leaves no file."""
    with pytest.raises(InputError, match="areas"):
        export_layers({"areas": county.set_crs(None, allow_override=True)}, tmp_path / "all.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path):
    """If writing breaks off, the file that was there is still whole and nothing else is left behind."""
    target = tmp_path / "figures.json"
    target.write_text("old")

    def break_off() -> None:
        with atomic(target) as scratch:
            scratch.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        break_off()
    assert [p.name for p in tmp_path.iterdir()] == ["figures.json"]
    assert target.read_text() == "old"

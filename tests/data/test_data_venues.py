"""A council's own list of venues: read from any point file, placed by postcode, every bad row named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import SAMPLE

from cfwlib.data import AreaData, Store, load_area, store_folder, write_store
from cfwlib.data.importer import Outcome, read_folder
from cfwlib.data.opening_hours import DAYS, opening_hours
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
X, Y = 323_000, 552_000  # inside the modelled county
WORK = [(540, 1020)]


@pytest.fixture
def folder(few_files: Path) -> Path:
    """A folder of what an import cannot do without, roads left out."""
    (few_files / "road_link.geojson").unlink()
    return few_files


def imported(folder: Path, *lines: str, heading: str = "name,kind,postcode,easting,northing,opening_hours") -> Store:
    (folder / "halls.csv").write_text("\n".join([heading, *lines]) + "\n")
    return read_folder(folder, AREA)[0]


def problems(folder: Path, *lines: str, **heading: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        imported(folder, *lines, **heading)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mo-Fr 09:00-17:00", dict.fromkeys(range(1, 6), WORK)),
        ("mon, Weds 9:00 – 17:00", None),
        ("Mon,Wednesday 9:00 – 17:00", {1: WORK, 3: WORK}),
        ("Mo-Fr 09:00-17:00; We closed; Sa off", dict.fromkeys((1, 2, 4, 5), WORK)),
        ("Tu 13:00-16:30,09:00-12:00", {2: [(540, 720), (780, 990)]}),
        ("Tu 09:00-12:00,12:00-17:00", {2: WORK}),
        ("Sa-Mo 09:00-17:00", dict.fromkeys((6, 7, 1), WORK)),
        ("24/7; PH closed", {day: [(0, 1440)] for day in range(1, 8)}),
        ("09:00-17:00", dict.fromkeys(range(1, 8), WORK)),
    ],
)
def test_opening_hours_mean_what_they_say(text: str, week: dict[int, list[tuple[float, float]]] | None) -> None:
    """Lists and ranges of weekdays, several spans a day, later rules over earlier ones; other words are refused."""
    if week is None:
        with pytest.raises(InputError):
            opening_hours(text)
    else:
        assert opening_hours(text) == {day: week.get(day, []) for day in range(1, 8)}


def test_unknown_hours_are_not_closed() -> None:
    """A blank is not known; only a place that says so is closed."""
    assert opening_hours("  ") is None
    assert opening_hours("Mo-Su closed") == {day: [] for day in range(1, 8)}


@given(st.dictionaries(st.integers(1, 7), st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(
    lambda span: span[0] < span[1])))  # fmt: skip
def test_hours_written_out_are_read_back(spans: dict[int, tuple[int, int]]) -> None:
    """Any week of one span a day survives being written and read."""
    rules = [f"{DAYS[day - 1]} {a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for day, (a, b) in spans.items()]
    week = opening_hours("; ".join([*rules, "PH off"]))
    assert week == {day: [spans[day]] if day in spans else [] for day in range(1, 8)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mo-Fr 17:00-09:00", "closes before it opens"),
        ("Mo-Fr 09:00-09:00", "closes before it opens"),
        ("Mo-Fr 09:00-25:00", "no such time of day"),
        ("Mo-Fr 09:60-17:00", "no such time of day"),
        ("Mx 09:00-17:00", "unknown weekday"),
        ("Mo-We-Fr 09:00-17:00", "unknown weekday"),
        ("most days", "is not of the form 'Mo-Fr 09:00-17:00; Sa closed'"),
        ("Mo-Fr 9am-5pm", "is not of the form"),
        ("Mo 09:00-12:00-17:00", "no such time of day"),
    ],
)
def test_hours_that_cannot_be_read_are_told(text: str, words: str) -> None:
    """What is wrong and with which words, so that nobody plans a session at a locked door."""
    with pytest.raises(InputError, match=words) as caught:
        opening_hours(text)
    assert text in str(caught.value)


def test_every_bad_row_is_named_at_once_and_nothing_is_read(folder: Path) -> None:
    """Unknown postcode, closing before opening, negative hire, a name twice and odd answers: row, column and value."""
    sound = f"yes,no,10,,{X},{Y},Mo 09:00-12:00"
    found = problems(
        folder,
        f"Good hall,,{sound}",
        "Lost hall,CA99 9ZZ,,,,,,,",
        f"Late hall,,yes,,,,{X},{Y},Mo 12:00-09:00",
        f"Cheap hall,,yes,,-5,,{X},{Y},",
        f"GOOD hall,,{sound}",
        f"Odd hall,,perhaps,,,,{X},{Y},",
        f"Long hall,,,,,9000,{X},{Y},",
        f"Half hall,,,,,,{X},,",
        "Nowhere hall,,,,,,,,",
        f",,,,,,{X},{Y},",
        "Degree hall,,,,,,-3.2,54.6,",
        f"Text hall,,,,,,east,{Y},",
        heading="name,postcode,parking,step_free,hire_gbp,dwell_min,easting,northing,opening_hours,kind",
    )
    expected = [
        "row 3: postcode cannot be placed without Code-Point Open",
        "row 4: opening_hours closes before it opens ('Mo 12:00-09:00')",
        "row 5: hire_gbp is negative or too large (-5",
        "row 6: name is given twice (GOOD hall)",
        "row 7: parking is neither yes nor no (perhaps)",
        "row 8: dwell_min is higher than it can be (9000",
        "row 9: northing is blank, while the other coordinate is not",
        "row 10: postcode is blank, and so are easting and northing",
        "row 11: name is blank",
        "row 12: easting is not in metres of the National Grid (-3.2)",
        "row 12: northing is not in metres of the National Grid (54.6)",
        "row 13: easting is not a number ('east')",
    ]
    for words in expected:
        assert sum(line.startswith("halls.csv") and words in line for line in found) == 1, (words, found)
    assert len(found) == len(expected)


def test_a_line_given_twice_word_for_word_counts_once(folder: Path) -> None:
    """The same line again is left out and counted, as in any register."""
    store = imported(folder, *[f"Hall,hall,,{X},{Y},"] * 2)
    assert store.datasets["venues"].left_out == {"given twice, word for word": 1}


def csv_with_headings(path: Path, rows: pd.DataFrame) -> None:
    rows.rename(columns={"q": "pqi", "e": "easting", "n": "northing"}).to_csv(path / "codes.csv", index=False)


def official_csv(path: Path, rows: pd.DataFrame) -> None:
    rows = rows.assign(a="E92000001", b="", c="", d="", f="E06000063", g="E05014187")
    rows.to_csv(path / "ca.csv", index=False, header=False)


def parquet(path: Path, rows: pd.DataFrame) -> None:
    rows.rename(columns={"q": "pqi", "e": "easting", "n": "northing"}).to_parquet(path / "codes.parquet")


def geopackage(path: Path, rows: pd.DataFrame) -> None:
    points = gpd.points_from_xy(rows["e"], rows["n"], crs=27700)
    frame = gpd.GeoDataFrame(rows.rename(columns={"q": "positional_quality_indicator"}), geometry=points)
    frame.drop(columns=["e", "n"]).to_file(path / "codepo_gb.gpkg", layer="codepoint")


@pytest.mark.parametrize("write", [csv_with_headings, official_csv, parquet, geopackage])
def test_a_postcode_places_a_venue(folder: Path, write: Callable[[Path, pd.DataFrame], None]) -> None:
    """Code-Point Open as OS gives it (GeoPackage, or CSV without headings) or prepared; coordinates given win."""
    rows = [("CA7 1AA", 10, X, Y), ("CA7 1AB", 90, 0, 0), ("SW1A 1AA", 10, 529_000, 179_000), ("CA71AC", 10, X + 5, Y)]
    write(folder, pd.DataFrame(rows, columns=["postcode", "q", "e", "n"]))
    store = imported(folder, "A,hall, ca71aa ,,,", "B,hall,CA7 1AC,,,", f"C,hall,CA7 1AA,{X + 900},{Y},")
    assert store.frames["venues"]["easting"].tolist() == [X, X + 5, X + 900]
    assert store.frames["venues"]["northing"].tolist() == [Y, Y, Y]
    assert sum(store.datasets["postcode_points"].left_out.values()) == 2  # one without coordinates, one in London
    far = problems(folder, "A,hall,CA7 1AB,,,", "B,hall,SW1A 1AA,,,")
    assert [line.split(" (")[0] for line in far] == [
        f"halls.csv, row {n}: postcode is not one in or near the area" for n in (2, 3)
    ]


def test_a_bad_row_of_a_file_without_headings_is_named(folder: Path) -> None:
    """The first line of Code-Point Open's own CSV is row 1, not a heading."""
    rows = [("CA7 1AA", 10, "west", Y), ("CA7 1AB", 10, X, Y)]
    official_csv(folder, pd.DataFrame(rows, columns=["postcode", "q", "e", "n"]))
    assert problems(folder, "A,hall,CA7 1AB,,,") == ["ca.csv, row 1: easting is not a number ('west')."]


def test_blank_means_unknown_and_absent_columns_are_blank(folder: Path) -> None:
    """Yes and no in any usual spelling; a blank, or a column that is not there, is neither."""
    heading = "name,kind,opening_hours,easting,northing,parking,step_free"
    lines = [f"A,,,{X},{Y},Y,FALSE", f"B,,,{X},{Y},,no", f"C,,,{X},{Y},1,"]
    venues = imported(folder, *lines, heading=heading).frames["venues"]
    assert venues["parking"].tolist() == ["yes", "", "yes"]
    assert venues["step_free"].tolist() == ["no", "no", ""]
    assert venues["hire_gbp"].isna().all()
    assert venues["district"].eq("").all()


def test_a_file_of_points_serves_as_well_as_a_table(folder: Path) -> None:
    """A GeoPackage in degrees, with a venue far away: read in metres, the far one counted as outside."""
    points = gpd.GeoSeries(gpd.points_from_xy([X, X + 200_000], [Y, Y - 300_000]), crs=27700).to_crs(4326)
    fields = {"name": ["Hall", "Far"], "kind": "hall", "opening_hours": ["Mo 09:00-12:00", None], "hire_gbp": [12.5, 1]}
    gpd.GeoDataFrame(fields, geometry=points).to_file(folder / "halls.gpkg")
    store, _ = read_folder(folder, AREA)
    venues = store.frames["venues"]
    assert venues[["easting", "northing"]].round().to_numpy().tolist() == [[X, Y]]
    assert venues[["name", "opening_hours", "hire_gbp"]].to_numpy().tolist() == [["Hall", "Mo 09:00-12:00", 12.5]]
    assert store.datasets["venues"].left_out == {"outside the area, or without a shape": 1}


def test_a_list_in_other_words_needs_a_layout_of_its_own(folder: Path) -> None:
    """A list of names and postcodes alone is enough, once its columns are told."""
    (folder / "bookings.csv").write_text(f"Premises,x,y\nScout hut,{X},{Y}\n")
    own = folder / "own.toml"
    own.write_text(
        '[[venues.layouts]]\nname = "bookings"\ncolumns = { name = "Premises", easting = "x", northing = "y" }'
    )
    store, _ = read_folder(folder, AREA, layouts=own)
    assert store.frames["venues"][["name", "kind", "easting"]].to_numpy().tolist() == [["Scout hut", "", X]]


def test_a_list_without_hours_is_told_what_it_lacks(folder: Path) -> None:
    """A file that is nearly a list of venues is not passed over in silence."""
    (folder / "halls.csv").write_text("name,kind,postcode\nHall,hall,CA7 1AA\n")
    _, outcomes = read_folder(folder, AREA)
    why: list[Outcome] = [one for one in outcomes if one.file == "halls.csv"]
    assert [one.why for one in why] == ["nearest: venues, but it lacks 'opening_hours'"]


def test_a_list_alone_can_be_added_to_a_store(folder: Path, tmp_path: Path) -> None:
    """Next month's list needs no other file beside it, and keeps the postcodes imported before."""
    official_csv(folder, pd.DataFrame([("CA7 1AA", 10, X, Y)], columns=["postcode", "q", "e", "n"]))
    store = imported(folder, "A,hall,CA7 1AA,,,")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(folder / "halls.csv", alone)
    again, _ = read_folder(alone, AREA, into=store)
    pd.testing.assert_frame_equal(again.frames["venues"], store.frames["venues"])


def test_own_venues_are_a_kind_of_their_own(modelled: AreaData) -> None:
    """A hall that its council calls a school is never counted as one: twelve modelled halls, kind `own`."""
    own = modelled.services[modelled.services["kind"] == "own"]
    assert len(own) == len(pd.read_csv(SAMPLE / "venues.csv")) == 12
    assert set(own["venue_kind"]) == {"village hall"}
    assert own["in_area"].all()
    others = modelled.services[modelled.services["kind"] != "own"]
    assert others[["opening_hours", "parking", "step_free", "district"]].eq("").all(axis=None)


def test_no_list_is_needed(home: Path, sample_copy: Path) -> None:
    """Without a list the services are as before, and the columns of one are there all the same, blank."""
    (sample_copy / "venues.csv").unlink()
    write_store(read_folder(sample_copy, AREA)[0], store_folder("cumberland"))
    services = load_area(Settings.read(data="store")).services
    assert "own" not in set(services["kind"])
    assert services[["opening_hours", "parking", "step_free", "district", "venue_kind"]].eq("").all(axis=None)
    assert services[["hire_gbp", "dwell_min"]].isna().all(axis=None)

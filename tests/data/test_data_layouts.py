import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from project import SAMPLE

from cfwlib.cli import main
from cfwlib.data import load_area, read_store, store_folder, write_store
from cfwlib.data.importer import Outcome, read_folder
from cfwlib.data.layouts import with_layouts
from cfwlib.data.read import read_file
from cfwlib.data.store import Store
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
LINES = """
[[roads.layouts]]
name = "county network"
kind = "lines"
columns = { class = "KIND", direction = "ONEWAY", speed_limit = "LIMIT", length = "KM" }
road_class = [["^A", "a_road"], ["lane", "narrow"], ["path", ""]]
direction = [["^F", "forward"], ["^T", "backward"], ["^N", "both"]]
units = { speed_limit = "mph", length = "km" }
"""
TABLE = """
[[roads.layouts]]
name = "link table"
road_class = [["", "minor"]]
[roads.layouts.columns]
class = "kind"
from_easting = "x1"
from_northing = "y1"
to_easting = "x2"
to_northing = "y2"
length = "metres"
"""
DFT = r"""
[[roads.layouts]]
name = "DfT major roads"
kind = "lines"
columns = { class = "Road" }
road_class = [['^M|\(M\)', "motorway"], ["^A", "a_road"]]
publisher = "Department for Transport"
licence = "OGL-3.0"
attribution = "Contains public sector information licensed under the Open Government Licence v3.0"
"""
X, Y = 340_000, 556_000


def toml(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def imported(few_files: Path, text: str) -> tuple[Store, list[Outcome]]:
    return read_folder(few_files, AREA, layouts=toml(few_files, text))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        with_layouts(toml(folder, text))
    return caught.value.problems


def write_lines(path: Path, rows: list[tuple[str, str, float | None, float | None]]) -> None:
    kind, one_way, limit, km = zip(*rows, strict=True)
    shapes = gpd.GeoSeries.from_wkt([f"LINESTRING ({X} {Y + n}, {X + 1000} {Y + n})" for n in range(len(rows))])
    fields = {"KIND": kind, "ONEWAY": one_way, "LIMIT": limit, "KM": km}
    gpd.GeoDataFrame(fields, geometry=shapes, crs=27700).to_file(path)


def write_table(path: Path, *rows: str) -> None:
    path.write_text("kind,x1,y1,x2,y2,metres\n" + "".join(f"{row}\n" for row in rows))


def test_a_layout_of_one_s_own_brings_class_direction_limit_and_length(home: Path, sample_copy: Path) -> None:
    """Miles and kilometres become km/h and metres, blanks and zero limits are none given, and the file wins."""
    write_lines(sample_copy / "county.gpkg", [
        ("A595", "FT", 60, 1.1), ("lane", "TF", 0, None), ("footpath", "N", None, 1.0), ("lane", "", 20, 1.0),
    ])  # fmt: skip
    store, outcomes = imported(sample_copy, LINES)
    write_store(store, store_folder("cumberland"))
    roads = load_area(Settings.read(data="store")).roads
    assert roads["road_class"].tolist() == ["a_road", "narrow", "", "narrow"]
    assert roads["direction"].tolist() == ["forward", "backward", "both", "both"]
    assert roads["speed_limit_kmh"].round(2).tolist() == pytest.approx([96.56, float("nan"), float("nan"), 32.19],
                                                                       nan_ok=True)  # fmt: skip
    assert roads["length_m"].tolist() == pytest.approx([1100, float("nan"), 1000, 1000], nan_ok=True)
    assert any("fits your own layout" in one.why for one in outcomes if one.file == "road_link.geojson")
    entry = read_store(store_folder("cumberland")).datasets["roads"]
    assert entry.layout.startswith("county network (own.toml, sha256 ")
    assert (entry.publisher, entry.attribution) == ("not stated", "Source: county network")
    assert entry.licence == "not stated: check before passing on"


def test_a_table_of_links_is_drawn_between_its_ends(few_files: Path) -> None:
    """A table without geometry gives straight links with the lengths it states; a link of no length is counted."""
    far, point = f"A1,{X + 200_000},{Y},{X + 201_000},{Y},1000", f"A4,{X},{Y},{X},{Y},20"
    sound = f"A2,{X},{Y},{X + 3000},{Y + 4000},5600", f"A3,{X},{Y},{X},{Y + 10},"
    write_table(few_files / "t.csv", *sound, far, point)
    store, _ = imported(few_files, TABLE)
    roads, entry = store.frames["roads"], store.datasets["roads"]
    assert roads["length_m"].tolist() == pytest.approx([5600, float("nan")], nan_ok=True)
    assert roads.geometry.length.tolist() == [5000, 10]
    assert entry.left_out == {"outside the area": 1, "of no length (both ends at one place)": 1}
    assert entry.rows + sum(entry.left_out.values()) == entry.rows_in_file


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"A,{X},{Y},{X + 9},{Y},-12", ["row 3", "length_m is not above 0", "-12"]),
        (f"A,{X},{Y},{X + 9},{Y},0", ["row 3", "length_m is not above 0"]),
        (f"A,{X},{Y},{X + 9},{Y},long", ["row 3", "length is not a number", "long"]),
        (f"A,{X},,{X + 9},{Y},9", ["row 3", "from_northing is blank"]),
        (f"A,{X},{Y},east,{Y},9", ["row 3", "to_easting is not a number"]),
        (f"A,{X},{Y},9900000,{Y},9", ["row 3", "to_easting is negative or too large"]),
    ],
)
def test_a_bad_link_is_named_with_its_row(few_files: Path, row: str, words: list[str]) -> None:
    """A negative length, a text for a number or an end outside Britain stops the import, once and by row."""
    write_table(few_files / "t.csv", f"A,{X},{Y},{X + 5000},{Y},5000", row)
    with pytest.raises(InputError) as caught:
        imported(few_files, TABLE)
    (line,) = caught.value.problems
    for word in ["t.csv", *words]:
        assert word in line


def test_lengths_in_the_wrong_unit_are_noticed(few_files: Path) -> None:
    """Kilometres read as metres would make every journey take seconds."""
    write_table(few_files / "t.csv", f"A,{X},{Y},{X + 5000},{Y},5.2", f"A,{X},{Y},{X + 2000},{Y},2.1")
    with pytest.raises(InputError, match=r"t\.csv: most lengths are 0\.001\d+ times .* Is the unit right"):
        imported(few_files, TABLE)


def test_values_that_no_pattern_matches_are_named_and_counted(few_files: Path) -> None:
    """An unknown class and an unknown direction are told together; of hundreds the first ten, and how many more."""
    write_lines(few_files / "county.gpkg", [("A1", "both", 60, 1), *((f"K{n}", "N", 60, 1) for n in range(30))])
    with pytest.raises(InputError) as caught:
        imported(few_files, LINES)
    found = caught.value.problems
    assert "road class 'K0' is unknown (1 links)" in found[0]
    assert "20 more values of road class" in found[10]
    assert "direction 'both' is unknown" in found[11]


def test_roads_without_a_coordinate_system_are_refused(few_files: Path) -> None:
    """A file that does not say what its coordinates are is not guessed at."""
    write_lines(few_files / "county.shp", [("A1", "N", 60, 1)])
    (few_files / "county.prj").unlink()
    with pytest.raises(InputError, match=r"county\.shp: has no coordinate system"):
        imported(few_files, LINES)


def test_degrees_that_claim_to_be_metres_are_refused_though_none_is_near(few_files: Path) -> None:
    """Reading only the surroundings of the area does not hide a wrong coordinate system."""
    write_lines(few_files / "county.gpkg", [("A1", "N", 60, 1)])
    frame = gpd.read_file(few_files / "county.gpkg").to_crs(4326).set_crs(27700, allow_override=True)
    frame.to_file(few_files / "county.gpkg")
    with pytest.raises(InputError, match=r"county\.gpkg: its coordinates are not in Great Britain"):
        imported(few_files, LINES)


def test_a_layout_serves_any_data_set(few_files: Path) -> None:
    """A council's own list of schools, in its own columns, is used in place of the register."""
    columns = {"URN": "ref", "EstablishmentName": "school", "TypeOfEstablishment (name)": "sort",
               "EstablishmentTypeGroup (name)": "family", "PhaseOfEducation (name)": "stage", "Easting": "e",
               "Northing": "n"}  # fmt: skip
    register = pd.read_csv(SAMPLE / "edubasealldata_modelled.csv", dtype=str, keep_default_na=False)
    register.rename(columns=columns)[[*columns.values()]].head(5).to_csv(few_files / "ours.csv", index=False)
    text = """
    [[schools.layouts]]
    name = "our schools"
    [schools.layouts.columns]
    urn = "ref"
    name = "school"
    type = "sort"
    group = "family"
    phase = "stage"
    easting = "e"
    northing = "n"
    """
    store, _ = imported(few_files, text)
    assert store.datasets["schools"].file == "ours.csv"
    assert len(store.frames["schools"]) == 5


def test_one_s_own_file_wins_over_a_newer_one_but_not_from_elsewhere(few_files: Path) -> None:
    """A file that fits one's own layout is used though another is newer, unless it has no link near the area."""
    (few_files / "road_link.geojson").rename(few_files / "road_link_2030.geojson")
    mine = few_files / "links_2019.csv"
    write_table(mine, f"A,{X},{Y},{X + 5000},{Y},5000")
    assert imported(few_files, TABLE)[0].datasets["roads"].file == mine.name
    write_table(mine, f"A,{X + 200_000},{Y},{X + 205_000},{Y},5000")
    store, outcomes = imported(few_files, TABLE)
    assert store.datasets["roads"].file == "road_link_2030.geojson"
    assert {one.file: one.why for one in outcomes}[mine.name] == "no row of it lies in or near the area"


def test_the_worked_examples_are_sound(tmp_path: Path) -> None:
    """Every layout printed in data/README.md is accepted as it stands there."""
    examples = re.findall(r"```toml\n(.*?)```", (SAMPLE.parent / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for text in examples:
        assert with_layouts(toml(tmp_path, text))["roads"].layouts[0].own


def test_a_layout_that_fits_no_file_is_listed(few_files: Path) -> None:
    """A column misspelt in the layout does not go unnoticed."""
    _, outcomes = imported(few_files, LINES)
    (told,) = [outcome for outcome in outcomes if outcome.file.startswith("layout county network")]
    assert told.why == "fits no file of the folder"


def test_all_problems_of_a_layouts_file_come_at_once(tmp_path: Path) -> None:
    """Unknown data sets and columns, missing keys, bad patterns, classes and units: each in one sentence."""
    found = problems(tmp_path, """
    [[road.layouts]]
    name = "x"
    [[roads.layouts]]
    kind = "lines"
    columns = { class = "A" }
    road_class = [["(", "a_road"], ["A", "fast"]]
    speed = "mph"
    [[roads.layouts]]
    name = "two"
    columns = { klass = "A", direction = "B", speed_limit = "C", from_easting = "x" }
    [[schools.layouts]]
    name = "three"
    kind = "lines"
    [[libraries.layouts]]
    name = "four"
    columns = { name = "Name", easting = "E" }
    keep = { closed = ["no"] }
    """)  # fmt: skip
    text = "\n".join(found)
    for words in (
        "data set 'road' is unknown. Did you mean 'roads'?",
        "[[roads.layouts]] 1: 'name' is missing",
        "'road_class.0.0' input should be a valid regular expression",
        "'road_class.1.1' input should be 'motorway'",
        "'speed' is not known here",
        "[[roads.layouts]] 2: columns lacks 'class'",
        "'klass' is no column of roads. Did you mean 'class'?",
        "road_class is missing",
        "direction needs both",
        "columns lacks from_northing, to_easting, to_northing",
        "units: speed_limit must be in kmh or mph",
        "[[schools.layouts]] 1: kind 'lines' cannot be schools. Give table",
        "[[libraries.layouts]] 1: columns lacks 'northing'",
        "keep: 'closed' is not among columns",
    ):
        assert words in text
    assert all(line.startswith("own.toml") for line in found)


@pytest.mark.parametrize(("text", "words"), [("[[roads", "is not valid TOML"), ("", "has no layout"),
                                              ("[roads]\ntitle = 'x'", "give layouts only")])  # fmt: skip
def test_a_file_that_is_no_layouts_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    """Neither a slip in the TOML nor an empty file ends in a traceback."""
    assert any(words in line for line in problems(tmp_path, text))


def test_the_command_takes_a_layouts_file(
    home: Path, few_files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--layouts` brings a table in; a faulty one ends with exit code 2 and its problems."""
    write_table(few_files / "t.csv", f"A,{X},{Y},{X + 5000},{Y},5000")
    for text, code in ((TABLE, 0), (TABLE.replace("roads", "rails"), 2)):
        own = toml(few_files, text)
        monkeypatch.setattr("sys.argv", ["cfw", "data", "import", str(few_files), "--layouts", str(own)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == code
    assert "data set 'rails' is unknown" in capsys.readouterr().err
    assert len(read_store(store_folder("cumberland")).frames["roads"]) == 1


def test_a_store_from_before_one_way_roads_is_read_as_both_ways(home: Path, sample_copy: Path) -> None:
    """An older store's roads came from files without one-ways or limits, and are loaded as just that."""
    store, _ = read_folder(sample_copy, AREA)
    store.frames["roads"] = store.frames["roads"].drop(columns=["direction", "speed_limit_kmh"])
    write_store(store, store_folder("cumberland"))
    roads = load_area(Settings.read(data="store")).roads
    assert set(roads["direction"]) == {"both"}
    assert roads["speed_limit_kmh"].isna().all()


def test_every_store_of_roads_has_direction_and_limit(few_files: Path) -> None:
    """OS Open Roads gives neither: every link is open both ways, at no stated limit; a guided busway to no car."""
    path = few_files / "road_link.geojson"
    path.write_text(path.read_text().replace('"Single Carriageway"', '"Guided Busway"', 1))
    roads = read_folder(few_files, AREA)[0].frames["roads"]
    assert set(roads["direction"]) == {"both"}
    assert roads["speed_limit_kmh"].isna().all()
    assert (roads["road_class"] == "").sum() == 1


@pytest.mark.real
def test_the_worked_example_reads_the_real_file(open_data: Path, tmp_path: Path) -> None:
    """The DfT layout printed in data/README.md gives all 18,012 links of Great Britain a class."""
    path = open_data / "roads" / "dft_major_roads_2013" / "Major_roads_link_network2013.shp"
    if not path.is_file():
        pytest.skip(f"DFT MAJOR ROADS NOT FOUND at {path}")
    readme = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert DFT.strip() in readme
    layout = with_layouts(toml(tmp_path, DFT))["roads"].layouts[0]
    result = read_file(path, layout)
    assert len(result.frame) == result.rows_in_file == 18_012
    assert set(result.frame["road_class"]) == {"motorway", "a_road"}
    motorways = result.frame[result.frame["road_class"] == "motorway"]
    assert 3_200 < motorways.geometry.length.sum() / 1000 < 3_700  # drawn coarsely; Great Britain had some 3,640 km

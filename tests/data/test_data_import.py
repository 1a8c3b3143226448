import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from project import SAMPLE

from cfwlib.cli import main
from cfwlib.data import load_area, read_store, store_folder, write_store
from cfwlib.data.importer import read_folder
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
POPULATION = "SAPE_LSOA11_mid2020_single_year_of_age.csv"
RESIDENTS = "census2021-ts001-lsoa.csv"
CARS = "census2021-ts045-lsoa.csv"
BANDS = "census2021-age6-lsoa21.csv"
BOUNDARIES = "LSOA_2021_Boundaries.geojson"


def change(path: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    edit(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def set_value(row: int, column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return edit


def rewrite(path: Path, old: str, new: str, count: int = -1) -> None:
    path.write_text(path.read_text().replace(old, new, count))


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_folder(folder, AREA)
    return caught.value.problems


def test_every_file_of_the_sample_is_used_or_explained(sample_copy: Path) -> None:
    """The modelled files are read by the same loaders as official ones, and all of them are used."""
    store, outcomes = read_folder(sample_copy, AREA)
    assert store.modelled
    data_files = {path.name for path in sample_copy.iterdir() if path.is_file()} - {"MODELLED.md"}
    assert {outcome.file for outcome in outcomes if outcome.used} == data_files
    assert all(outcome.why for outcome in outcomes if not outcome.used)


def test_files_are_known_by_their_columns_not_their_names(sample_copy: Path) -> None:
    """A renamed file in a sub-folder is found all the same."""
    (sample_copy / "deep").mkdir()
    (sample_copy / POPULATION).rename(sample_copy / "deep" / "download (3).csv")
    store, _ = read_folder(sample_copy, AREA)
    assert len(store.frames["population_single_year"]) == 177


SPOILED = [
    (
        "negative number",
        lambda f: change(f / RESIDENTS, set_value(4, "Residence type: Total; measures: Value", "-3")),
        [RESIDENTS, "row 6", "residents", "negative", "-3"],
    ),
    (
        "text in a number",
        lambda f: change(f / POPULATION, set_value(116, "17", "twelve")),
        [POPULATION, "row 118", "age_17", "not a number"],
    ),
    (
        "blank where a number must be",
        lambda f: change(f / POPULATION, set_value(0, "17", "NaN")),
        [POPULATION, "row 2", "age_17", "blank"],
    ),
    (
        "LSOA given twice",
        lambda f: change(f / RESIDENTS, lambda t: pd.concat([t, t.iloc[[2]]])),
        [RESIDENTS, "row 179", "twice"],
    ),
    (
        "LSOA code with a digit missing",
        lambda f: change(f / POPULATION, set_value(3, "LSOA Code", "X0100001")),
        [POPULATION, "row 5", "not a valid code"],
    ),
    (
        "column missing",
        lambda f: change(f / POPULATION, lambda t: t.drop(columns="42")),
        [POPULATION, "lacks the column '42'"],
    ),
    ("empty file", lambda f: (f / RESIDENTS).write_text(""), [RESIDENTS, "empty"]),
    (
        "headings only",
        lambda f: change(f / RESIDENTS, lambda t: t.head(0)),
        [RESIDENTS, "no row"],
    ),
    (
        "LSOA missing",
        lambda f: change(f / RESIDENTS, lambda t: t.drop(index=7)),
        [RESIDENTS, "1 of the area's 177 neighbourhoods"],
    ),
    (
        "text file under a geographical name",
        lambda f: (f / BOUNDARIES).write_text("not json"),
        [BOUNDARIES, "cannot be opened"],
    ),
    (
        "more households without a car than households",
        lambda f: change(f / CARS, set_value(1, "Number of cars or vans: No cars or vans in household", "9000")),
        [CARS, "row 3", "households_no_car is more than households"],
    ),
    (
        "age band missing",
        lambda f: change(f / BANDS, lambda t: t.drop(index=3)),
        [BANDS, "not given for all six bands"],
    ),
    (
        "age band under another name",
        lambda f: change(f / BANDS, set_value(3, "age_group", "0 to 15")),
        [BANDS, "row 5", "not one of the known values"],
    ),
    (
        "a number too large to be true",
        lambda f: change(f / RESIDENTS, set_value(0, "Residence type: Total; measures: Value", "1e12")),
        [RESIDENTS, "row 2", "too large"],
    ),
    ("a web page", lambda f: (f / RESIDENTS).write_text("<!doctype html><p>Not found"), [RESIDENTS, "is a web page"]),
    (
        "a quote that is never closed",
        lambda f: rewrite(f / RESIDENTS, "Modelled", '"Modelled', 1),
        [RESIDENTS, "cannot be read", "Download it again"],
    ),
    (
        "a column that only one of two data sets in the file needs",
        lambda f: rewrite(f / "File_7_IoD2025_modelled.csv", "Income Score (rate)", "Income Score"),
        ["File_7_IoD2025_modelled.csv", "lacks the column 'Income Score (rate)'"],
    ),
]


@pytest.mark.parametrize(("what", "spoil", "expected"), SPOILED, ids=[case[0] for case in SPOILED])
def test_a_spoiled_file_is_named_with_row_and_reason(
    sample_copy: Path, what: str, spoil: Callable[[Path], object], expected: list[str]
) -> None:
    """Bad input gives one message that says which file, which row, and what is wrong."""
    spoil(sample_copy)
    found = problems(sample_copy)
    assert len(found) <= 2, found  # a wrong code is also a missing neighbourhood
    for words in expected:
        assert words in found[0]


def test_all_problems_of_all_files_come_at_once(sample_copy: Path) -> None:
    """A user mends everything in one go: no problem hides behind another."""
    for _, spoil, _ in SPOILED[1:3]:
        spoil(sample_copy)
    (sample_copy / RESIDENTS).write_text("")
    (sample_copy / BOUNDARIES).write_text("{")
    found = "\n".join(problems(sample_copy))
    for words in ("row 118", "row 2", f"{RESIDENTS}: the file is empty", BOUNDARIES):
        assert words in found


def test_many_bad_rows_are_counted_not_listed(sample_copy: Path) -> None:
    """A hundred bad rows make a short message."""
    change(sample_copy / POPULATION, lambda t: t.assign(**{"5": "x"}))
    found = problems(sample_copy)
    assert len(found) == 6
    assert "172 more rows" in found[-1]


def test_wrong_vintage_is_recognised(sample_copy: Path) -> None:
    """2011 codes in a 2021 table are called that, with the setting that would use them."""
    lookup = sample_copy / "LSOA11_LSOA21_LAD22_Lookup.csv"
    change(lookup, set_value(0, "LSOA11CD", "X01999999"))
    for name, column in ((RESIDENTS, "geography code"), (POPULATION, "LSOA Code")):
        change(sample_copy / name, set_value(0, column, "X01999999"))
    found = "\n".join(problems(sample_copy))
    assert f"{RESIDENTS}, row 2: LSOA 'X01999999' is not a 2021 code" in found
    assert "lsoa_vintage = 2011" in found


def test_wrong_coordinate_system_is_recognised(sample_copy: Path) -> None:
    """Degrees in a file that claims metres (or the reverse) do not become a map of the Gulf of Guinea."""
    frame = gpd.read_file(sample_copy / BOUNDARIES).to_crs(4326).set_crs(27700, allow_override=True)
    frame.to_file(sample_copy / BOUNDARIES, driver="GeoJSON")
    assert any("not in Great Britain" in line and BOUNDARIES in line for line in problems(sample_copy))


def test_a_truncated_geopackage_is_refused(sample_copy: Path) -> None:
    """A download cut short is not taken for the whole."""
    whole = sample_copy / "boundaries.gpkg"
    gpd.read_file(sample_copy / BOUNDARIES).to_file(whole, driver="GPKG")
    (sample_copy / BOUNDARIES).unlink()
    store, _ = read_folder(sample_copy, AREA)
    assert len(store.frames["lsoa_boundaries_2021"]) == 177
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = problems(sample_copy)
    assert all("boundaries.gpkg" in line for line in found)
    assert "Download it again" in found[0]


def test_a_feature_without_geometry_is_named(sample_copy: Path) -> None:
    """A boundary file with a hole in it is refused by feature number."""
    content = json.loads((sample_copy / BOUNDARIES).read_text())
    content["features"][4]["geometry"] = None
    (sample_copy / BOUNDARIES).write_text(json.dumps(content))
    assert any("feature 5" in line and BOUNDARIES in line for line in problems(sample_copy))


def test_an_unknown_road_class_is_named(sample_copy: Path) -> None:
    """A road class without a speed stops the import: guessing a speed would be silent."""
    path = sample_copy / "road_link.geojson"
    path.write_text(path.read_text().replace('"Unclassified"', '"Hovercraft lane"').replace('"Local Road"', '"Other"'))
    assert any("Hovercraft lane" in line and "unknown" in line for line in problems(sample_copy))


def test_a_folder_with_nothing_known_says_so(tmp_path: Path) -> None:
    """A wrong folder is told from a bad file."""
    (tmp_path / "shopping.csv").write_text("item,price\nbread,2\n")
    assert "none of its files" in problems(tmp_path)[0]


def test_of_two_vintages_the_newer_is_used(sample_copy: Path) -> None:
    """Two population files side by side: the newer is used and the other is listed with the reason."""
    old = sample_copy / "SAPE_mid2017.csv"
    old.write_bytes((sample_copy / POPULATION).read_bytes())
    store, outcomes = read_folder(sample_copy, AREA)
    assert store.datasets["population_single_year"].vintage == "2020"
    (listed,) = [outcome for outcome in outcomes if outcome.file == old.name]
    assert not listed.used
    assert "older" in listed.why


def test_the_store_is_replaced_whole_or_not_at_all(
    home: Path, sample_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused import ends with exit code 2 and leaves the store byte for byte as it was."""
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    before = fingerprint(home / "data" / "store")
    (sample_copy / RESIDENTS).write_text("")
    monkeypatch.setattr("sys.argv", ["cfw", "data", "import", str(sample_copy)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert RESIDENTS in capsys.readouterr().err
    assert fingerprint(home / "data" / "store") == before


def test_a_later_import_replaces_only_what_it_brings(home: Path, sample_copy: Path, tmp_path: Path) -> None:
    """A folder with one newer file updates that data set and keeps the rest."""
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    only = tmp_path / "only"
    only.mkdir()
    change(sample_copy / RESIDENTS, set_value(0, "Residence type: Total; measures: Value", "9"))
    (sample_copy / RESIDENTS).rename(only / RESIDENTS)
    updated, _ = read_folder(only, AREA, into=read_store(store_folder("cumberland")))
    assert updated.frames["census_residents"]["residents"].min() == 9
    assert set(updated.frames) == set(store.frames)


def fingerprint(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_row_is_accounted_for(sample_copy: Path) -> None:
    """Rows kept and rows left out, by reason, add up to the rows of the file."""
    schools = sample_copy / "edubasealldata_modelled.csv"
    change(schools, set_value(0, "EstablishmentStatus (name)", "Closed"))
    change(schools, set_value(1, "Easting", ""))
    change(schools, set_value(2, "Easting", "600000"))
    store, outcomes = read_folder(sample_copy, AREA)
    entry = store.datasets["schools"]
    assert entry.left_out == {
        "closed, or not of the wanted kind": 1, "outside the area": 1, "without coordinates": 1,
    }  # fmt: skip
    assert all(one.rows + sum(one.left_out.values()) == one.rows_in_file for one in store.datasets.values())
    assert any("1 without coordinates" in outcome.why for outcome in outcomes)


def test_a_multipart_boundary_file_is_recognised(sample_copy: Path) -> None:
    """GeoJSON that mixes polygons with multi-polygons is a boundary file like any other."""
    content = json.loads((sample_copy / BOUNDARIES).read_text())
    first = content["features"][0]["geometry"]
    content["features"][0]["geometry"] = {"type": "MultiPolygon", "coordinates": [first["coordinates"]]}
    (sample_copy / BOUNDARIES).write_text(json.dumps(content))
    store, _ = read_folder(sample_copy, AREA)
    assert len(store.frames["lsoa_boundaries_2021"]) == 177


def test_a_place_listed_twice_word_for_word_counts_once(sample_copy: Path) -> None:
    """A register that repeats a line does not stop the import; the repeat is counted."""
    libraries = sample_copy / "libraries_modelled.csv"
    change(libraries, lambda t: pd.concat([t, t.iloc[[0]]]))
    store, _ = read_folder(sample_copy, AREA)
    assert store.datasets["libraries"].left_out == {"given twice, word for word": 1}


def test_an_area_name_cannot_lead_out_of_the_store(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--area` is a name, not a path: nothing outside data/store is ever replaced."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "keep.txt").write_text("mine")
    (tmp_path / "victim.toml").write_text('[area]\nname = "V"\ncode = "E06000063"\n')
    for area in (str(victim), "../../victim", "sample"):
        monkeypatch.setattr("sys.argv", ["cfw", "data", "import", str(SAMPLE), "--area", area])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 2
    assert (victim / "keep.txt").read_text() == "mine"


def test_without_output_areas_each_neighbourhood_is_one_point(home: Path, sample_copy: Path) -> None:
    """An authority whose Output Area points were not made can still be planned; everybody has a place."""
    (sample_copy / "OA_points.csv").unlink()
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    region = load_area(Settings.read(data="store"))
    assert len(region.points) == 177
    assert region.points["residents"].sum() == pytest.approx(273_300)


def test_five_year_bands_do_instead_of_the_six_wide_ones(home: Path, sample_copy: Path) -> None:
    """The Census table that Nomis publishes in bulk (TS007A) gives the same children where it says the same."""
    ages = pd.read_csv(sample_copy / POPULATION).rename(columns={"LSOA Code": "geography code"})
    bulk = ages[["geography code"]].copy()
    for low in range(0, 90, 5):
        columns = [str(age) for age in range(low, low + 5)] if low < 85 else [*map(str, range(85, 90)), "90+"]
        name = "Aged 4 years and under" if low == 0 else f"Aged {low} to {low + 4} years"
        bulk[f"Age: {'Aged 85 years and over' if low == 85 else name}"] = ages[columns].sum(axis=1)
    bulk.to_csv(sample_copy / "census2021-ts007a-lsoa.csv", index=False)
    (sample_copy / BANDS).unlink()
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    region = load_area(Settings.read(data="store"))
    assert region.neighbourhoods["children_0_17"].sum() == pytest.approx(52_233)


def test_roads_far_from_the_area_are_counted_not_read(sample_copy: Path) -> None:
    """Of a national road file only the surroundings are read; the rest is accounted for."""
    roads = gpd.read_file(sample_copy / "road_link.geojson")
    far = roads.head(7).assign(geometry=roads.head(7).translate(200_000, -300_000))
    (sample_copy / "road_link.geojson").unlink()
    pd.concat([roads, far]).to_file(sample_copy / "oproad_gb.gpkg", layer="road_link")
    store, _ = read_folder(sample_copy, AREA)
    entry = store.datasets["roads"]
    assert (entry.rows, entry.rows_in_file) == (len(roads), len(roads) + 7)
    assert entry.left_out == {"outside the area, or without a shape": 7}


def test_of_several_periods_the_latest_counts(home: Path, sample_copy: Path) -> None:
    """SEN2 files run newest first: the latest period is taken, wherever it stands."""
    path = sample_copy / "sen_needs_all_plans_modelled.csv"
    change(path, lambda t: pd.concat([t.assign(time_period="202425", ehc_plans="3000"), t]))
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    assert load_area(Settings.read(data="store")).ehc_plans == 3000


def test_the_sample_is_of_one_area_only(home: Path) -> None:
    """Another authority's name is never put over the modelled Cumberland."""
    (home / "notebooks" / "areas" / "kernow.toml").write_text('[area]\nname = "Kernow"\ncode = "E06000052"\n')
    with pytest.raises(InputError, match="modelled sample is of E06000063 only"):
        load_area(Settings.read(area="kernow"))


def test_modelled_data_carry_no_publisher_s_name(sample_copy: Path) -> None:
    """What was invented is credited to nobody who publishes official figures."""
    store, _ = read_folder(sample_copy, AREA)
    for entry in store.datasets.values():
        assert entry.title.startswith("Modelled: ")
        assert "Office" not in entry.publisher + entry.attribution
        assert entry.licence == "MIT"


@pytest.mark.parametrize(
    "damage", ["parquet gone", "parquet junk", "manifest cut", "manifest empty", "manifest a list"]
)
def test_a_damaged_store_is_told_and_mended_by_importing_again(
    home: Path, sample_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """A broken file in the store is named without a traceback, and the remedy it prints works."""
    store, _ = read_folder(sample_copy, AREA)
    folder = store_folder("cumberland")
    write_store(store, folder)
    (cars,) = folder.glob("census_cars.*.parquet")
    target = cars if "parquet" in damage else folder / "manifest.json"
    {"parquet gone": target.unlink, "parquet junk": lambda: target.write_text("junk"),
     "manifest cut": lambda: target.write_text(target.read_text()[:300]),
     "manifest empty": lambda: target.write_text('{"format": 2}'),
     "manifest a list": lambda: target.write_text("[]")}[damage]()  # fmt: skip
    with pytest.raises(InputError, match="damaged"):
        read_store(folder)
    monkeypatch.setattr("sys.argv", ["cfw", "data", "import", str(sample_copy)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert len(read_store(folder).frames) == len(store.frames)


def test_a_store_of_another_authority_is_not_run_under_this_name(home: Path, sample_copy: Path) -> None:
    """When the area file's code is changed, the old area's data are not reported under it."""
    store, _ = read_folder(sample_copy, AREA)
    write_store(store, store_folder("cumberland"))
    area = home / "notebooks" / "areas" / "cumberland.toml"
    area.write_text(area.read_text().replace("E06000063", "E06000064"))
    with pytest.raises(InputError, match=r"holds E06000063, but cumberland\.toml says E06000064"):
        load_area(Settings.read(data="store"))


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_as_a_spreadsheet_saves_it_is_the_same_table(sample_copy: Path, mark: str, encoding: str) -> None:
    """Semicolons, tabs or bars for commas, UTF-16 for UTF-8, titles above the headings: the same rows are read."""
    sound, _ = read_folder(sample_copy, AREA)
    path = sample_copy / RESIDENTS
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding=encoding, newline="") as file:
        file.write("Residents, by neighbourhood\r\n\r\n")
        csv.writer(file, delimiter=mark).writerows(rows)
    again, _ = read_folder(sample_copy, AREA)
    for name, frame in sound.frames.items():
        pd.testing.assert_frame_equal(frame.reset_index(drop=True), again.frames[name].reset_index(drop=True))

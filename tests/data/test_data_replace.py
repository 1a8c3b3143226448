"""An import never takes one data set's file for another's, and never shrinks what is there unasked."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from project import SAMPLE

from cfwlib.cli import main
from cfwlib.data import Store, read_store, store_folder, write_store
from cfwlib.data.catalogue import datasets
from cfwlib.data.importer import read_folder
from cfwlib.data.places import missing_datasets, none_of_its_own
from cfwlib.data.replacing import Version, is_older, loss, refusal
from cfwlib.errors import InputError

AREA = "E06000063"
CENTRES = "childrens_centres_and_hubs.csv"
SCHOOLS = "edubasealldata_modelled.csv"
ONE_CENTRE = "venue,register,easting,northing\nMy Centre,mine,340000,556000\n"
REGISTER = (
    "URN,LA (name),EstablishmentName,TypeOfEstablishment (name),EstablishmentTypeGroup (name),"
    "EstablishmentStatus (name),PhaseOfEducation (name),Postcode,Easting,Northing\n"
)
ALPHA = (
    "20001,Cumberland,Alpha Children's Centre,Children's centre,Children's Centres,Open,Not applicable,,341907,555326"
)
BETA = (
    "20002,Cumberland,Beta Centre,Children’s Centre Linked Site ,Children's Centres,open,Not applicable,,340000,553000"
)
FAR_ALPHA = ALPHA.replace("20001", "20003").replace("341907,555326", "320000,490000")


@pytest.fixture(scope="module")
def sample_store() -> Store:
    """What the modelled files give."""
    return read_folder(SAMPLE, AREA)[0]


def folder_with(tmp_path: Path, name: str, text: str) -> Path:
    folder = tmp_path / "only"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, into: Store | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_folder(folder, AREA, into=into)
    return "\n".join(caught.value.problems)


def test_a_short_list_does_not_take_the_place_of_the_register(sample_store: Store, tmp_path: Path) -> None:
    """One centre for twenty is refused with both numbers and the word that would allow it."""
    found = refused(folder_with(tmp_path, "mine.csv", ONE_CENTRE), sample_store)
    for words in ("mine.csv", CENTRES, "20 rows by 1", "95%", "--replace childrens_centres"):
        assert words in found


def test_a_loss_that_was_asked_for_is_told_and_stays_with_the_data(sample_store: Store, tmp_path: Path) -> None:
    """With the data set named, the list is replaced, and what it replaced is told for good."""
    folder = folder_with(tmp_path, "mine_2026.csv", ONE_CENTRE)
    store, outcomes = read_folder(folder, AREA, into=sample_store, accept=["childrens_centres"])
    expected = f"replaces 20 rows by 1 ({CENTRES} by mine_2026.csv of 2026)"
    assert store.datasets["childrens_centres"].notes == [expected]
    assert outcomes[0].notes == (expected,)


def test_to_accept_one_loss_is_not_to_accept_another(sample_store: Store, tmp_path: Path) -> None:
    """The flag names a data set: a second loss in the same folder is still refused."""
    folder = folder_with(tmp_path, "mine.csv", ONE_CENTRE)
    pd.read_csv(SAMPLE / SCHOOLS, dtype=str).head(90).to_csv(folder / "half.csv", index=False)
    with pytest.raises(InputError, match=r"half\.csv: would replace") as caught:
        read_folder(folder, AREA, into=sample_store, accept=["childrens_centres"])
    assert "mine.csv" not in str(caught.value)


def test_a_flag_for_an_unknown_data_set_is_refused(sample_store: Store, tmp_path: Path) -> None:
    """A slip of the pen in the name does not pass as permission."""
    folder = folder_with(tmp_path, "mine.csv", ONE_CENTRE)
    with pytest.raises(InputError, match="Did you mean 'childrens_centres'"):
        read_folder(folder, AREA, into=sample_store, accept=["children_centres"])


def test_a_small_loss_is_told_and_taken(sample_store: Store, tmp_path: Path) -> None:
    """A tenth may go, as registers change; the sentence says how many."""
    folder = tmp_path / "only"
    folder.mkdir()
    pd.read_csv(SAMPLE / CENTRES, dtype=str, keep_default_na=False).head(18).to_csv(folder / "new.csv", index=False)
    _, outcomes = read_folder(folder, AREA, into=sample_store)
    assert outcomes[0].notes == (f"replaces 20 rows by 18 ({CENTRES} by new.csv)",)


@pytest.mark.parametrize(("rows", "refused"), [(1100, False), (900, False), (899, True), (500, True)])
def test_a_tenth_is_the_most_that_goes_unasked(rows: int, refused: bool) -> None:
    """One row more than a tenth must be asked for, and is told in per cent."""
    old, new = (Version(pd.DataFrame({"name": ["x"] * n}), n, f"{n}.csv", "unknown") for n in (1000, rows))
    found = refusal(datasets()["libraries"], old, new, *loss(old, new, None, [AREA]))
    assert bool(found) is refused
    assert all(f"1,000 rows by {rows}: {1 - rows / 1000:.0%} of the rows would be lost" in line for line in found)


def test_as_many_rows_of_another_authority_are_a_loss_too() -> None:
    """A file of the whole country is held against the one before by the area's own rows alone."""
    old, new = (
        Version(pd.DataFrame({"authority": [AREA] * own + ["E06000064"] * (20 - own)}), 20, "a.csv", "unknown")
        for own in (10, 5)
    )
    assert loss(old, new, None, [AREA]) == (0.5, "rows of the area")
    assert loss(new, old, None, [AREA]) == (0.0, "rows")


def test_the_same_number_elsewhere_is_a_loss_too(sample_store: Store, tmp_path: Path) -> None:
    """Twenty centres across the border are no match for twenty in the area."""
    folder = tmp_path / "only"
    folder.mkdir()
    centres = pd.read_csv(SAMPLE / CENTRES, dtype=str, keep_default_na=False)
    centres.assign(easting="375000", northing=[str(540000 + n) for n in range(20)]).to_csv(
        folder / "e.csv", index=False
    )
    assert "rows in the area would be lost" in refused(folder, sample_store)


def test_roads_are_held_against_each_other_by_their_length(sample_store: Store, tmp_path: Path) -> None:
    """A file without the long links does not replace the roads, though it has most of their number."""
    folder = tmp_path / "only"
    folder.mkdir()
    roads = gpd.read_file(SAMPLE / "road_link.geojson")
    short = roads[roads.length.rank(pct=True) < 0.92]
    short.to_file(folder / "roads.geojson", driver="GeoJSON")
    assert "kilometres of road" in refused(folder, sample_store)


def test_an_older_file_does_not_replace_a_newer_one_unasked(sample_store: Store, tmp_path: Path) -> None:
    """Schools of 2023 are not put in place of those of 2024 without being asked for."""
    entry = sample_store.datasets["schools"]
    newer = Store(AREA, dict(sample_store.datasets), dict(sample_store.frames), modelled=True)
    newer.datasets["schools"] = type(entry)(**{**vars(entry), "vintage": "2024-05-01"})
    shutil.copy(SAMPLE / SCHOOLS, folder_with(tmp_path, "x.md", "") / "schools_2023.csv")
    found = refused(tmp_path / "only", newer)
    assert "is of 2023, and would replace the newer" in found
    store, _ = read_folder(tmp_path / "only", AREA, into=newer, accept=["schools"])
    assert store.datasets["schools"].vintage == "2023"


@pytest.mark.parametrize(
    ("new", "old", "older"),
    [("2023", "2024-05", True), ("2024", "2024-05", False), ("2025-01", "2024-12-31", False),
     ("2008 (about)", "2025", True), ("Census 2021", "unknown", False)],
)  # fmt: skip
def test_vintages_are_compared_as_far_as_both_are_known(new: str, old: str, older: bool) -> None:
    """A year is not before a month of the same year."""
    assert is_older(new, old) is older


def test_the_same_import_again_replaces_nothing(sample_store: Store) -> None:
    """The same files a second time give the same store, and no sentence."""
    again, outcomes = read_folder(SAMPLE, AREA, into=sample_store)
    assert not any("replaces" in note for one in outcomes for note in one.notes)
    for key, frame in sample_store.frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(again.frames[key]), check_index_type=False)


def test_the_newest_file_is_not_taken_where_it_has_next_to_nothing(sample_copy: Path) -> None:
    """Of two files of one folder the newer would be preferred: with one row for 172 the user is asked."""
    (sample_copy / SCHOOLS).rename(sample_copy / "schools_2024.csv")
    pd.read_csv(sample_copy / "schools_2024.csv", dtype=str).head(1).to_csv(sample_copy / "s_2025.csv", index=False)
    found = refused(sample_copy)
    for words in ("s_2025.csv: is preferred to schools_2024.csv", "172 rows by 1", "--replace schools"):
        assert words in found


def test_a_register_of_centres_is_not_one_of_schools(sample_store: Store, tmp_path: Path) -> None:
    """The type of each establishment decides, in any spelling; the schools stay as they are."""
    folder = folder_with(tmp_path, "edubaseallchildrencentre20260617.csv", REGISTER + ALPHA + "\n" + BETA + "\n")
    store, outcomes = read_folder(folder, AREA, into=sample_store, accept=["childrens_centres"])
    assert len(store.frames["schools"]) == 172
    assert len(store.frames["childrens_centres"]) == 2
    assert {one.dataset: one.used for one in outcomes} == {"schools": False, "childrens_centres": True}


def test_two_places_of_one_name_are_two_places(sample_store: Store, tmp_path: Path) -> None:
    """A name and a place are the key: Alpha at one end of the county is not Alpha at the other."""
    folder = folder_with(tmp_path, "centres.csv", "\n".join([REGISTER + ALPHA, BETA, FAR_ALPHA, ""]))
    store, _ = read_folder(folder, AREA, into=sample_store, accept=["childrens_centres"])
    assert sorted(store.frames["childrens_centres"]["name"].str[:5]) == ["Alpha", "Alpha", "Beta "]


def test_a_first_import_of_centres_alone_as_schools_leaves_the_schools_lacking(sample_copy: Path) -> None:
    """Without a store the extract is no list of schools either, and the area cannot be run."""
    (sample_copy / SCHOOLS).write_text(REGISTER + ALPHA + "\n" + BETA + "\n", encoding="utf-8")
    (sample_copy / CENTRES).unlink()
    store, _ = read_folder(sample_copy, AREA)
    assert missing_datasets(store, 2021) == ["schools"]


def test_a_handful_of_schools_is_not_the_register(sample_copy: Path) -> None:
    """A first import holds the schools against the children: three for 45,000 are no list of all."""
    pd.read_csv(sample_copy / SCHOOLS, dtype=str).head(3).to_csv(sample_copy / SCHOOLS, index=False)
    found = refused(sample_copy)
    assert f"{SCHOOLS}: has 3 state schools in the area" in found


def test_a_list_that_fits_two_data_sets_is_asked_about(sample_copy: Path, tmp_path: Path) -> None:
    """Columns of libraries and of practices in one file: neither is guessed, and a layout of one's own settles it."""
    text = "code,name,status,authority,closed,easting,northing\n1,One,A,Cumberland,,340000,556000\n"
    folder = folder_with(tmp_path, "both.csv", text)
    for name in ("LSOA21_WD24_LAD24_Lookup.csv", "LSOA_2021_Boundaries.geojson"):
        shutil.copy(sample_copy / name, folder)
    found = refused(folder)
    for words in ("both.csv: its columns fit libraries and gp_practices", "[[libraries.layouts]]", "--layouts"):
        assert words in found
    own = tmp_path / "own.toml"
    own.write_text(
        '[[gp_practices.layouts]]\nname = "ours"\ncolumns = { code = "code", name = "name", status = "status", '
        'easting = "easting", northing = "northing" }\n'
    )
    store, _ = read_folder(folder, AREA, layouts=own)
    assert "libraries" not in store.frames
    assert len(store.frames["gp_practices"]) == 1


def elsewhere(frame: pd.DataFrame, east: str, north: str) -> pd.DataFrame:
    return frame.assign(**{east: "375000", north: [str(540000 + n) for n in range(len(frame))]})


def test_centres_of_others_do_not_make_an_area_complete(
    home: Path, sample_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three centres across the border are told as such, and the area is not complete until the user says so."""
    path = sample_copy / CENTRES
    elsewhere(pd.read_csv(path, dtype=str).head(3), "easting", "northing").to_csv(path, index=False)
    store, _ = read_folder(sample_copy, AREA)
    assert missing_datasets(store, 2021) == ["childrens_centres"]
    write_store(store, store_folder("cumberland"))
    monkeypatch.setattr("sys.argv", ["cfw", "data", "check"])
    with pytest.raises(SystemExit) as stop:
        main()
    shown = capsys.readouterr().out
    assert stop.value.code == 2
    assert "no hub or centre of its own: 3 in the surroundings" in " ".join(shown.split())
    assert "complete" not in shown
    accepted, _ = read_folder(sample_copy, AREA, accept=["childrens_centres"])
    assert not none_of_its_own(accepted, 2021)
    again, _ = read_folder(sample_copy, AREA, into=accepted)
    assert not none_of_its_own(again, 2021)


def test_the_check_tells_rows_and_replacements(
    home: Path, sample_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that checks the data says how many rows each data set has, and what the last import replaced."""
    write_store(sample_store, store_folder("cumberland"))
    only = folder_with(tmp_path, "mine.csv", ONE_CENTRE)
    for words in (["import", str(only), "--replace", "childrens_centres"], ["check"]):
        monkeypatch.setattr("sys.argv", ["cfw", "data", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert f"childrens_centres: replaces 20 rows by 1 ({CENTRES} by mine.csv)." in shown
    assert "172" in shown
    assert read_store(store_folder("cumberland")).datasets["childrens_centres"].accepted


def bare(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[frame.index[: len(frame) // 2], "Easting"] = ""
    return frame


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (bare, "caution: 86 of 172 rows are without coordinates"),
        (lambda t: pd.concat([t, t]), "caution: 172 of 344 rows are given twice"),
    ],
)
def test_a_reason_that_leaves_out_many_rows_is_a_caution(
    sample_copy: Path, spoil: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    """Rows left out are counted; more than a tenth of them for one reason is said aloud."""
    path = sample_copy / SCHOOLS
    spoil(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
    store, _ = read_folder(sample_copy, AREA)
    assert any(words in note for note in store.datasets["schools"].notes)


def test_a_file_without_a_row_in_the_area_is_told_once(tmp_path: Path, sample_store: Store) -> None:
    """Easting and northing swapped: no place is near, and nobody is invited to replace nineteen rows by none."""
    swapped = ONE_CENTRE.replace("340000,556000", "556000,340000")
    found = refused(folder_with(tmp_path, "swapped.csv", swapped), sample_store)
    assert "swapped.csv: no row of it lies in or near E06000063" in found
    assert "--replace" not in found

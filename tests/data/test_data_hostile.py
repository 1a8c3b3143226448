"""Damaged, odd and hostile files: the right value, or one error that names the file; never another exception."""

import ast
import contextlib
import gzip
import io
import json
import os
import random
import socket
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from osm_case import write_osm
from project import ROOT, SAMPLE

from cfwlib.areas import read_area
from cfwlib.data import catalogue, open_table, packed, read
from cfwlib.data.carers import read_carers
from cfwlib.data.days_off import read_bank_holidays, read_closures
from cfwlib.data.gtfs import read_timetable
from cfwlib.data.importer import read_folder
from cfwlib.data.layouts import with_layouts
from cfwlib.data.workbook import sheets
from cfwlib.errors import CfwError, InputError, SettingsError
from cfwlib.reading import MOST_TEXT_BYTES, files_in, parse_json, parse_toml, read_text
from cfwlib.runs.jobs import _value
from cfwlib.settings import Settings

AREA = "E06000063"
CARS = (SAMPLE / "census2021-ts045-lsoa.csv").read_bytes().splitlines(keepends=True)
HEADING = CARS[0].decode().strip().split(",")


def load(path: Path) -> pd.DataFrame:
    """Read a file as an import does, as the first data set it fits."""
    fitting = catalogue.matches(catalogue.header(path))
    if not fitting:  # an import passes over it
        return pd.DataFrame()
    dataset, layout = fitting[0]
    frame, found = read.to_numbers(read.read_file(path, layout).frame)
    read.describe([*found, *read.check(frame, dataset, layout)], path)
    return frame


def refusal(path: Path, load: Callable[[Path], object] = load) -> str:
    with pytest.raises(CfwError) as caught:
        load(path)
    assert ("the list of carers" if load is read_carers else path.name) in str(caught.value)
    return str(caught.value)


def table(folder: Path, content: bytes, name: str = "cars.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(path: Path) -> Path:
    book = Workbook()
    book.active.append(["carer", "easting", "northing", "can_host", "approved_places"])  # type: ignore[union-attr]
    book.active.append(["c1", 330_000, 540_000, "yes", 2])  # type: ignore[union-attr]
    book.save(path)
    return path


def geojson(folder: Path, **change: object) -> Path:
    content = json.loads((SAMPLE / "road_link.geojson").read_text(encoding="utf-8"))
    content["features"] = content["features"][:3]
    text = json.dumps(content | change)
    (folder / "road_link.geojson").write_text(text, encoding="utf-8")
    return folder / "road_link.geojson"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Callable[[Path], object]]]:
    """One small sound file of every kind that something here reads, and what reads it."""
    folder = tmp_path_factory.mktemp("kinds")
    cars = b"".join(CARS[:20])
    roads = geojson(folder)
    gpd.read_file(roads).to_file(folder / "roads.gpkg", layer="road_link")
    gpd.read_file(roads).to_file(folder / "roads.shp")
    pd.read_csv(io.BytesIO(cars)).to_parquet(folder / "cars.parquet")
    day = {"title": "a", "date": "2026-01-01"}
    holidays = json.dumps({"england-and-wales": {"events": [day]}}).encode()
    found: dict[str, tuple[Path, Callable[[Path], object]]] = {
        "csv": (table(folder, cars), load),
        "gz": (table(folder, gzip.compress(cars), "cars.csv.gz"), load),
        "geojson": (roads, load),
        "gpkg": (folder / "roads.gpkg", catalogue.header),
        "shp": (folder / "roads.shp", catalogue.header),
        "parquet": (folder / "cars.parquet", load),
        "osm": (write_osm(folder / "roads.osm", [("00 10", {"highway": "primary"})]), load),
        "xlsx": (workbook(folder / "carers.xlsx"), read_carers),
        "layouts": (table(folder, b'[[roads.layouts]]\nname = "x"\nferries = true\n', "own.toml"), with_layouts),
        "closures": (
            table(folder, b"[[closure]]\nfirst = 2026-10-26\nvehicle = 1\n", "closed.toml"),
            lambda path: read_closures(read_text(path), path.name),
        ),
        "closures in CSV": (
            table(folder, b"first,last,reason\n2026-10-26,26/10/2026,x\n", "closed.csv"),
            lambda path: read_closures(read_text(path), path.name),
        ),
        "holidays": (
            table(folder, holidays, "days.json"), lambda path: read_bank_holidays(read_text(path), path.name),
        ),
    }  # fmt: skip
    return found


PIECES = [
    b"\0", b'"', b"\xff", b"\x81", b"9" * 5000, b"-1e400", b"nan", b"[", b"{", b"]", b",", b"\n", b"\r", b"<html>",
    b"9" * 400, b"0x" + b"f" * 5000, b"null", b"\xef\xbb\xbf", b'"\\ud800"', b"#REF!",
]  # fmt: skip


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return a copy that is cut, flipped, swapped, or has something put in or repeated."""
    at, to = sorted((rng.randrange(len(content)), rng.randrange(len(content))))
    how = rng.randrange(6)
    if how == 0:
        return content[:at]
    if how == 1:
        return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
    if how == 2:
        return content[:at] + rng.choice(PIECES) + content[at:]
    if how == 3:
        return content[:at] + content[to:]
    if how == 4:
        return content[:at] + rng.choice(PIECES) + content[to:]
    return content[:to] + content[at:to] * 3 + content[to:]


@pytest.mark.parametrize(
    "kind",
    ["csv", "gz", "geojson", "gpkg", "shp", "parquet", "osm", "xlsx", "layouts", "closures", "closures in CSV",
     "holidays"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_damage_of_any_kind_of_file_is_read_or_refused_in_words(
    kind: str, kinds: dict[str, tuple[Path, Callable[[Path], object]]], tmp_path: Path
) -> None:
    """However a file is cut, flipped or filled, its reader returns or raises the project's own error, with its name."""
    path, reader = kinds[kind]
    content, rng = path.read_bytes(), random.Random(14)
    for other in path.parent.glob(f"{path.stem}.*"):
        (tmp_path / other.name).write_bytes(other.read_bytes())
    for _ in range(12 if kind == "osm" else 40):
        (tmp_path / path.name).write_bytes(mutated(content, rng))
        with contextlib.suppress(CfwError):
            reader(tmp_path / path.name)
            continue
        refusal(tmp_path / path.name, reader)


STAND_INS = {
    "a web page": (b"\xef\xbb\xbf \r\n<!DOCTYPE html><p>Sign in", "is a web page"),
    "a web page in UTF-16": ("\ufeff<html>".encode("utf-16-le"), "web page|begin"),
    "a server's refusal": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
    "a server's message": (b'{"error": "not found"}', "JSON|GeoJSON|geographical"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer"),
    "blanks": (b"\xef\xbb\xbf\r\n \n", "is empty|not begin|GeoJSON"),
    "nothing": (b"", "is empty"),
    "a PDF": (b"%PDF-1.7", "PDF|GeoJSON|begin"),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a.csv", "a.csv.gz", "a.parquet", "a.gpkg", "a.geojson", "a.shp", "a.osm.pbf", "a.xlsx"]
)
@pytest.mark.parametrize("what", STAND_INS)
def test_what_was_saved_in_a_files_place_is_found_out(tmp_path: Path, name: str, what: str) -> None:
    """An error page, a pointer, nothing or another kind of file is told from its first bytes, whatever its name."""
    content, words = STAND_INS[what]
    path = table(tmp_path, content, name)
    told = refusal(path, (lambda path: list(sheets(path, path.name))) if name.endswith("xlsx") else catalogue.header)
    assert any(word in told for word in words.split("|"))


def test_geographical_programs_are_not_run(tmp_path: Path) -> None:
    """GDAL runs a pipeline of commands from a JSON file of one kind: such a file is never given to it."""
    path = table(
        tmp_path, b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}', "a.geojson"
    )
    assert "is a program" in refusal(path)


def test_a_lone_byte_of_windows_text_is_its_character(tmp_path: Path) -> None:
    """One pasted apostrophe changes nothing else; ANSI text reads as it was meant; gzip or not."""
    heading = b",".join(name.encode() for name in HEADING) + b"\n"
    row = ["2021", "Orgill’s – é", "X01000001", *["5"] * (len(HEADING) - 3)]
    mixed = ",".join(row).encode().replace("’".encode(), b"\x92")
    for content, named in ((mixed, "cars.csv"), (gzip.compress(heading + mixed), "cars.csv.gz")):
        path = table(tmp_path, content if named.endswith("gz") else heading + content, named)
        assert open_table.read_columns(path, [HEADING[1]]).iloc[0, 0] == row[1]
    path = table(tmp_path, heading + ",".join(row).encode("cp1252"), "ansi.csv")
    assert open_table.read_columns(path, [HEADING[1]]).iloc[0, 0] == row[1]


@pytest.mark.parametrize(
    ("what", "content", "words"),
    [
        ("NUL", b"".join([*CARS[:5], b"\0", *CARS[5:9]]), "row 6: holds a NUL"),
        ("bytes of no text", b"".join(CARS[:3]) + b"2021,\x81\x8d,X01000009,5,5,5,5,5\n", "not a text file"),
        ("rows in a value", b"".join([*CARS[:3], b'2021,"', *CARS[4:9], b'x",X01\n']), "row 4: a value runs over"),
        ("one endless line", b"a," * (1 << 20), "first line is longer"),
        ("a column twice", b"".join(CARS[:1]).strip() + b"," + CARS[0] + b"".join(CARS[1:3]), "is there 2 times"),
    ],
)  # fmt: skip
def test_a_table_that_would_be_misread_is_refused(tmp_path: Path, what: str, content: bytes, words: str) -> None:
    """Nothing is guessed of a table whose rows or columns cannot be told."""
    assert words in refusal(table(tmp_path, content))


def test_rows_are_numbered_as_the_file_is(tmp_path: Path) -> None:
    """Blank lines count, as they do in an editor; ends of lines may be CR alone."""
    assert list(load(table(tmp_path, b"".join([CARS[0], CARS[1], b"\n\n", CARS[2]]))).index) == [2, 5]
    assert len(load(table(tmp_path, b"".join(CARS[:9]).replace(b"\r\n", b"\n").replace(b"\n", b"\r")))) == 8


def test_a_bomb_is_not_set_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to hundreds of times its size, or to more than the limit, is refused before it is all unpacked."""
    bomb = gzip.compress(b"".join(CARS[:2]) + b"\n" * (80 << 20))
    assert "unpacks to 33 MB or more" in refusal(table(tmp_path, bomb, "cars.csv.gz"))
    book = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    assert "unpacks to 80 MB" in refusal(book, read_carers)
    monkeypatch.setattr(packed, "MOST_BYTES", 100)
    assert "unpacks to" in refusal(table(tmp_path, b"".join(CARS[:50])))


def test_an_archive_of_too_many_files_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list of contents tells how many there are; the limit itself passes."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in "abc":
            archive.writestr(name, "")
    monkeypatch.setattr(packed, "MOST_MEMBERS", 3)
    packed.open_zip(tmp_path / "a.zip").close()
    monkeypatch.setattr(packed, "MOST_MEMBERS", 2)
    assert "a.zip: holds 3 files, which no published archive does." in refusal(tmp_path / "a.zip", packed.open_zip)


def test_a_workbook_claims_no_more_cells_than_excel_has(tmp_path: Path) -> None:
    """A row that says it is the trillionth, or a sheet behind a password, ends in words and not in waiting."""
    plain = workbook(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / "far.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<row r="2"', b'<row r="999999999999"'))
    assert "claims more cells than fit" in refusal(tmp_path / "far.xlsx", read_carers)
    locked = table(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "locked.xlsx")
    assert "password-protected" in refusal(locked, read_carers)


def test_parquet_claims_no_more_rows_than_tables_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes of Parquet can stand for any number of rows: they are counted before they are made."""
    monkeypatch.setattr(open_table, "_MOST_ROWS", 10)
    pq.write_table(pa.table({name: ["5"] * 11 for name in HEADING}), tmp_path / "a.parquet")
    assert "claims 11 rows" in refusal(tmp_path / "a.parquet")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1e308", "1e999", "9" * 5000])
@pytest.mark.filterwarnings("ignore")
def test_a_coordinate_without_end_is_refused(tmp_path: Path, number: str) -> None:
    """Infinite, huge and missing numbers in a shape are told; bounds alone pass over some of them."""
    path = geojson(tmp_path)
    text = path.read_text(encoding="utf-8")
    start = text.index("[[") + 2
    path.write_text(text[:start] + number + text[text.index(",", start) :], encoding="utf-8")
    refusal(path)


@pytest.mark.parametrize("number", ["inf", "-Infinity", "1e999", "NaN"])
@pytest.mark.parametrize("file", ["OA_points.csv", "childrens_centres_and_hubs.csv"])
def test_a_place_without_end_is_refused_by_row(sample_copy: Path, file: str, number: str) -> None:
    """A coordinate that is no number is told as such, over a store too, where places are held against outlines."""
    store, _ = read_folder(sample_copy, AREA)
    frame = pd.read_csv(sample_copy / file, dtype=str, keep_default_na=False)
    (column,) = [name for name in frame if name.lower().startswith("easting")]
    frame.loc[2, column] = number
    frame.to_csv(sample_copy / file, index=False)
    if number == "NaN" and "centres" in file:  # a blank: the place is left out, and counted
        _, outcomes = read_folder(sample_copy, AREA, into=store)
        assert any("1 without coordinates" in one.why for one in outcomes if one.file == file)
        return
    with pytest.raises(InputError, match=rf"{file}, row 4: easting"):
        read_folder(sample_copy, AREA, into=store)


def test_an_infinite_number_in_parquet_is_told_by_row(tmp_path: Path) -> None:
    """A number column of Parquet is held to the same as one of text."""
    frame = pd.DataFrame({"lsoa": ["X01000001"], "speed_limit": [float("inf")]}, index=[7])
    numbers, found = read.to_numbers(frame)
    assert found == [(7, "speed_limit", "is not a finite number")]
    assert numbers["speed_limit"].isna().all()


@pytest.mark.parametrize(
    "value", ["9" * 5000, "0x" + "f" * 5000, "inf", "nan", "1e999", "[" * 100_000, "9" * 30, "{a=" * 9000]
)
def test_no_number_or_nesting_breaks_a_text_of_settings(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TOML, JSON and -p take 5,000 digits, infinity and 100,000 brackets as a slip, not as the end."""
    monkeypatch.setenv("CFW_HOME", str(tmp_path))
    path = tmp_path / "notebooks" / "areas" / "slip.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"[area]\nname = 'Slip'\ncode = 'E06000063'\n[published]\nx = {{ value = {value}, note = '' }}\n")
    with pytest.raises(SettingsError, match=r"slip\.toml"):
        read_area("slip")
    with pytest.raises(InputError, match=r"closed\.toml"):
        read_closures(f"[[closure]]\nfirst = 2026-01-01\nvehicle = {value}\n", "closed.toml")
    with pytest.raises(InputError, match=r"x\.json"):
        parse_json(f'{{"a": {value.replace("inf", "Infinity").replace("nan", "NaN")}}}', "x.json")
    with pytest.raises(SettingsError) as caught:
        Settings.read(limit_drive_min=_value("limit_drive_min", value))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[area]\nname = 'Café'\ncode = 'E1'\n".encode("cp1252"), "line 2: is not UTF-8 text"),
        ("[area]\nname = 'A'\ncode = 'E1'\n".encode("utf-16"), "is UTF-16 text"),
        (b"[area]\nname = 'A'\0\n", "line 2: holds a NUL"),
        (b"[area]\nname = 7\ncode = 'E1'\n", "must be text"),
        (b"[area]\nname = 'A'\ncode = 'E1'\n[published]\nx = {value = true}\n", "value = number"),
    ],
)
def test_an_area_file_in_another_encoding_is_told(
    content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ANSI, UTF-16 and NUL are named with their line; a byte-order mark is no fault."""
    monkeypatch.setenv("CFW_HOME", str(tmp_path))
    areas = tmp_path / "notebooks" / "areas"
    areas.mkdir(parents=True)
    (areas / "marked.toml").write_bytes("\ufeff[area]\nname = 'Café'\ncode = 'E1'\n".encode())
    assert read_area("marked")["area"]["name"] == "Café"
    (areas / "odd.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        read_area("odd")


def test_numbers_without_end_in_a_cell_are_slips(tmp_path: Path) -> None:
    """A vehicle of 5,000 digits is told by row; half a character in JSON by its place; a crossing of no time passes."""
    with pytest.raises(InputError, match=r"c\.csv, row 2: 'vehicle' must be a number"):
        read_closures(f"first,vehicle\n2026-10-26,{'9' * 5000}\n", "c.csv")
    with pytest.raises(InputError, match=r"x\.json, a: holds half a character"):
        parse_json('{"a": "\\ud800"}', "x.json")
    (layout,) = [one for one in catalogue.datasets()["roads"].layouts if one.kind == "osm"]
    ways = write_osm(tmp_path / "r.osm", [("00 10", {"route": "ferry", "duration": "9" * 400})])
    speeds = read.read_file(ways, replace(layout, ferries=True)).frame["speed_limit_kmh"]
    assert (speeds > 0).all()


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("frequencies.txt", "1800", "0.00001", "is not a number of seconds"),
    ],
)  # fmt: skip
def test_a_timetable_is_not_counted_without_end(tmp_path: Path, table: str, old: str, new: str, words: str) -> None:
    """A bus every millionth of a second, or a century of Tuesdays, is told and not worked through."""
    feed = {
        "stops.txt": "stop_id,stop_lat,stop_lon,stop_name\na,54.6,-3.1,A\nb,54.7,-3.2,B\n",
        "trips.txt": "trip_id,service_id\nt,s\n",
        "stop_times.txt": "trip_id,stop_id,stop_sequence,arrival_time,departure_time\n"
        "t,a,1,09:00:00,09:00:00\nt,b,2,09:20:00,09:21:00\n",
        "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "s,1,1,1,1,1,0,0,20260101,20261231\n",
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt,09:00:00,12:00:00,1800\n",
    }
    for name, text in feed.items():
        (tmp_path / name).write_text(text)
    assert len(read_timetable(tmp_path).connections) == 6
    (tmp_path / table).write_text(feed[table].replace(old, new, 1))
    with pytest.raises(InputError, match=words):
        read_timetable(tmp_path)


def test_what_is_no_file_is_told_and_not_waited_for(few_files: Path) -> None:
    """Links that lead nowhere or in a circle, pipes, sockets and folders with a file's name do not stop an import."""
    (few_files / "lost.csv").symlink_to("nowhere")
    (few_files / "circle.csv").symlink_to("circle.csv")
    (few_files / "circle").symlink_to(few_files)
    (few_files / "folder.csv").mkdir()
    os.mkfifo(few_files / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(few_files)  # a socket's path must be short
        server.bind("socket.csv")
    store, outcomes = read_folder(few_files, AREA)
    assert store.frames
    why = {one.file: one.why for one in outcomes}
    for name in ("lost.csv", "circle.csv", "pipe.csv", "socket.csv"):
        assert "no file" in why[name]
    with pytest.raises(InputError, match=r"pipe\.csv: is not a file"):
        read_text(few_files / "pipe.csv")


def test_odd_names_are_printed_as_text(few_files: Path) -> None:
    """Line ends, escapes and bytes of no encoding in a name are shown as such; a name too long is no file."""
    for name in (b"a\nb.csv", b"\x1b[31m.csv", b"\xff.csv"):
        Path(os.fsdecode(os.path.join(os.fsencode(few_files), name))).write_bytes(b"x,y\n1,2\n")
    _, outcomes = read_folder(few_files, AREA)
    names = {one.file for one in outcomes}
    assert {"a\\nb.csv", "\\x1b[31m.csv", "\\udcff.csv"} <= names
    for odd in ("x" * 5000, "a\0b"):
        with pytest.raises(InputError, match="is not a folder"):
            read_folder(Path(odd), AREA)
        with pytest.raises(InputError, match="no such file"):
            with_layouts(Path(odd))
    assert "\x1b" not in str(InputError("a\x1b[31m\u202e\ud800"))


def test_a_file_that_goes_or_closes_while_it_is_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gone, or shut to us, between being listed and being read: one sentence each."""
    path = table(tmp_path, b"".join(CARS[:5]))
    _, layout = catalogue.matches(catalogue.header(path))[0]
    path.unlink()
    assert "not there any more" in refusal(path, lambda path: read.read_file(path, layout))

    def shut(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = table(tmp_path, b"".join(CARS[:5]))
    monkeypatch.setattr(Path, "open", shut)
    assert "permission denied" in refusal(path)


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a shut folder does not vanish unseen."""

    def shut(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "shut"))

    monkeypatch.setattr("os.scandir", shut)
    with pytest.raises(InputError, match="shut: this folder cannot be read"):
        files_in(tmp_path)


def test_a_text_of_settings_is_bounded(tmp_path: Path) -> None:
    """A gigabyte under the name of a small file is not taken into memory."""
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(MOST_TEXT_BYTES + 1)
    with pytest.raises(InputError, match=r"big\.json: is larger than 64 MB"):
        read_text(tmp_path / "big.json")
    assert parse_toml("\ufeffa = 1", "a.toml") == {"a": 1}


def test_a_changed_copy_of_a_known_file_is_told(sample_copy: Path) -> None:
    """A file that is called a vintage whose checksum is registered, and has another checksum, is used with a remark."""
    _, outcomes = read_folder(sample_copy, AREA)
    (ages,) = (one for one in outcomes if one.file.startswith("SAPE_LSOA11_mid2020"))
    assert ages.used
    assert "called 2020, but its checksum is not that of the known file" in ages.why


OPENERS = {
    "open", "read_text", "read_bytes", "loads", "load", "read_csv", "read_parquet", "read_schema", "read_metadata",
    "read_info", "read_dataframe", "list_layers", "ZipFile", "load_workbook", "extractall", "reader", "read_file",
    "read_excel", "read_table",
}  # fmt: skip
OUR_OWN = ("read_text", "read_bytes", "read.read_file", "(importlib.resources")  # the last: files of our own


OWN_FILES = {"store.py", "locks.py"}  # made by us, with checksums: damage of theirs is told where they are read
READERS = [*ROOT.glob("cfwlib/data/**/*.py"), *ROOT.glob("cfwlib/settings/*.py"), ROOT / "cfwlib/areas.py"]
READERS = [path for path in READERS if path.name not in OWN_FILES]


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.name)
def test_no_file_is_opened_past_the_one_boundary(path: Path) -> None:
    """Whoever opens or parses a file here does so inside `reading`, which makes one error of whatever goes wrong."""
    bare = []

    def walk(node: ast.AST, inside: bool) -> None:
        if isinstance(node, ast.With) and "reading(" in "".join(ast.unparse(item) for item in node.items):
            inside = True
        if isinstance(node, ast.Call) and not inside:
            called = ast.unparse(node.func)
            writes = any(isinstance(arg, ast.Constant) and "+" in str(arg.value) for arg in node.args)
            if called.rpartition(".")[2] in OPENERS and not writes and not called.startswith(OUR_OWN):
                bare.append(f"{path.name}:{node.lineno} {called}")
        for child in ast.iter_child_nodes(node):
            walk(child, inside)

    walk(ast.parse(path.read_text(encoding="utf-8")), False)
    assert not bare

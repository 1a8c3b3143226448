"""Whatever is wrong with a child-level file, nothing that stands in it, or in its name, is ever told."""

import logging
import random
import re
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from cfwlib.data.carers import read_carers
from cfwlib.data.returns import Returns, read_returns
from cfwlib.data.returns.guard import private
from cfwlib.errors import InputError, SettingsError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.spells import clean

VARIANTS = 220
ROWS = 6
COLUMNS = {
    "episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN LA "
    "PL_DISTANCE PL_LOCATION PL_LA YEAR NOTES",
    "header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB LA SURNAME",
    "uasc": "CHILD SEX DOB DUC",
    "places": "POSTCODE EASTING NORTHING DISTRICT",
    "reviews": "CHILD DOB REVIEW REVIEW_CODE",
}
DATES = {"DECOM", "DEC", "DOB", "DUC", "MC_DOB", "REVIEW"}
GOOD = {
    "RNE": "S", "LS": "C2", "CIN": "N1", "PLACE": "U4", "PLACE_PROVIDER": "PR1", "SEX": "1", "ETHNIC": "WBRI",
    "PL_LOCATION": "IN", "YEAR": "2024", "EASTING": "330000", "NORTHING": "540000", "REC": "X1",
}  # fmt: skip
Grid = list[list[str]]


class Plant:
    """Makes texts that stand nowhere else, and remembers them."""

    def __init__(self, seed: int) -> None:
        self.chance, self.texts, self.number = random.Random(seed), set[str](), 7000

    def mark(self) -> str:
        self.number += 1
        self.texts.add(f"QZ{self.number}")
        return f"Qz{self.number}"

    def day(self) -> str:
        day = date(2011, 1, 13) + timedelta(days=self.chance.randrange(4500))
        while day.day < 13:
            day += timedelta(days=1)
        self.texts |= {f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}", f"{day:%Y%m%d}"}
        return f"{day:{self.chance.choice(['%Y-%m-%d', '%d/%m/%Y'])}}"

    def grid(self, table: str) -> Grid:
        """A table of marks: every value that need not be a date or a code, and in one table in four those too."""
        names, wild = COLUMNS[table].split(), self.chance.random() < 0.25
        children = [self.mark() for _ in range(ROWS)]
        return [names] + [
            [
                children[row] if name == "CHILD" else self.mark() if wild and self.chance.random() < 0.3
                else self.day() if name in DATES else GOOD[name] if name in GOOD else self.mark()
                for name in names
            ] for row in range(ROWS)
        ]  # fmt: skip


def shift(plant: Plant, grid: Grid) -> None:
    row = plant.chance.choice(grid)
    row.insert(plant.chance.randrange(len(row) + 1), plant.mark())


def cell(text: Callable[[Plant, str], str]) -> Callable[[Plant, Grid], None]:
    def change(plant: Plant, grid: Grid) -> None:
        row = plant.chance.choice([row for row in grid if row])
        at = plant.chance.randrange(len(row))
        row[at] = text(plant, row[at])

    return change


def titles(plant: Plant, grid: Grid) -> None:
    grid[:0] = [[f"Report for {plant.mark()}"], [plant.mark(), plant.day()], []][: plant.chance.randrange(1, 4)]


def mixed(plant: Plant, grid: Grid) -> None:
    plant.chance.shuffle(grid)


def heading(plant: Plant, grid: Grid) -> None:
    if grid[0]:
        grid[0][plant.chance.randrange(len(grid[0]))] = plant.mark()


def twice(plant: Plant, grid: Grid) -> None:
    for row in grid:
        row.append(row[0] if row else "")
    grid[0][-1] = plant.chance.choice([grid[0][0], plant.mark()])
    grid[0].append(grid[0][-1])


MUTATORS: list[Callable[[Plant, Grid], None]] = [
    shift, titles, mixed, heading, twice,
    cell(lambda plant, text: f'"{text}'), cell(lambda plant, text: f'{text}"'), cell(lambda plant, text: f'{text}","'),
    cell(lambda plant, text: f"{text}\n{plant.mark()}"), cell(lambda plant, text: ""),
    cell(lambda plant, text: plant.mark()), cell(lambda plant, text: "1.23457E+11"),
    cell(lambda plant, text: f"{plant.mark()},{text}"), cell(lambda plant, text: text + "\x00"),
    cell(lambda plant, text: "31/02/2019"), cell(lambda plant, text: "03/04/2021"),
    cell(lambda plant, text: "é" + text),
    lambda plant, grid: grid.pop(plant.chance.randrange(len(grid))) and None,
    lambda plant, grid: [row.pop() for row in grid if row] and None,
]  # fmt: skip


def damaged(plant: Plant, folder: Path) -> None:
    """Write a folder of returns of which something is wrong; every file, folder and sheet is called after somebody."""
    chance = plant.chance
    for table in COLUMNS:
        if chance.random() < 0.1:
            continue
        grid = plant.grid(table)
        for mutate in chance.choices(MUTATORS, k=chance.choice([0, 1, 1, 2])):
            mutate(plant, grid)
        place = folder / chance.choice(["", plant.mark()])
        place.mkdir(exist_ok=True)
        name = plant.mark()
        if chance.random() < 0.2:
            book = Workbook()
            book.active.title = plant.mark()
            book.create_sheet(plant.mark()).append([plant.mark()])
            for row in grid:
                book.active.append([text.replace("\x00", "") for text in row])
            book.save(place / f"{name}.xlsx")
            content = (place / f"{name}.xlsx").read_bytes()
            if chance.random() < 0.3:
                (place / f"{name}.xlsx").write_bytes(content[: chance.randrange(len(content))])
            continue
        quote = '"' if chance.random() < 0.3 else ""
        mark = chance.choice(",,,;\t")
        lines = [mark.join(f"{quote}{text}{quote}" for text in row) for row in grid]
        if quote and chance.random() < 0.3:
            lines = [line[1:-1] for line in lines]  # as in a heading that begins and ends in the middle of its quotes
        data = "\r\n".join(lines).encode(chance.choice(["utf-8", "utf-8", "cp1252", "utf-16", "utf-16-le"]))
        if chance.random() < 0.1:
            data = data[: chance.randrange(len(data))]
        ending = chance.choice(["csv", "csv", "txt", "xlsx", "parquet", plant.mark()])
        (place / f"{name}.{ending}").write_bytes(data)


def outcome(read: Callable[[], object]) -> Iterator[str]:
    """Everything that a reading tells: what it raises with all that hangs on it, and what it warns of."""
    caught: InputError | None = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            result = read()
        except InputError as error:
            caught = error
        if caught:
            assert caught.__context__ is None
            assert caught.__cause__ is None
            trace = traceback.TracebackException.from_exception(caught, capture_locals=True)
            yield "".join(list(trace.format())[2:])  # without the frame of this test
            yield str(caught)
        else:
            if isinstance(result, Returns):
                yield result.account.to_string() + result.files.to_string() + repr(result) + "".join(result.doubts)
                yield clean(result, Settings(), authorities=["E06000063"]).account.to_string()
                yield repr(vars(result)["_identifiers"]) + repr(vars(result)["_authorities"])
            else:
                yield repr(result)
    yield "".join(str(one.message) for one in warned)


def test_no_damage_makes_a_return_tell_what_is_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Unique marks in every value, heading, title, sheet, file and folder name: none comes out, whatever is damaged."""
    caplog.set_level(logging.DEBUG)
    refused = 0
    for seed in range(VARIANTS):
        plant, folder = Plant(seed), tmp_path / f"returns{seed}"
        folder.mkdir()
        damaged(plant, folder)
        told = list(outcome(lambda folder=folder: read_returns(folder)))
        refused += len(told) > 2 and "Returns(" not in told[0]
        leaks(plant, "".join(told), seed)
        printed = capsys.readouterr()
        leaks(plant, printed.out + printed.err + caplog.text, seed)
    assert 0 < VARIANTS - refused < VARIANTS


def test_no_damage_makes_a_list_of_carers_tell_what_is_in_it(tmp_path: Path) -> None:
    """The same for households: their references and postcodes, the file's name, and its headings."""
    for seed in range(60):
        plant = Plant(seed)
        names = ["reference", "can_host", "approved_places", "postcode", "filled_places", "provider", plant.mark()]
        grid = [names] + [
            [plant.mark(), "yes", "2", "QQ1 1AA", "1", plant.chance.choice(["own", plant.mark()]), plant.mark()]
            for _ in range(ROWS)
        ]
        for mutate in plant.chance.choices(MUTATORS, k=2):
            mutate(plant, grid)
        path = tmp_path / f"{plant.mark()}.csv"
        path.write_text("\n".join(",".join(row) for row in grid), encoding="utf-8")
        codes = pd.DataFrame({"postcode": ["QQ1 1AA"], "easting": [330000.0], "northing": [540000.0]})
        told = outcome(lambda path=path, codes=codes: read_carers(path, codes))
        leaks(plant, "".join(told).replace(repr(path), ""), seed)  # the caller's own argument is the caller's


def leaks(plant: Plant, text: str, seed: int) -> None:
    upper = text.upper()
    found = [mark for mark in plant.texts if mark in upper]
    assert not found, f"seed {seed}: {found[:3]} in: {text[:2000]}"


def test_a_heading_of_stray_quotes_is_refused_without_a_value(tmp_path: Path) -> None:
    """Each line has lost its first and last quotation mark: the file, its row and what to do, not the child below."""
    (tmp_path / "Smith John 2015.csv").write_text('CHILD","SEX","DOB\n100001","1","2010-05-04\n', encoding="utf-8")
    (tmp_path / "a.csv").write_text("CHILD,DECOM,DEC,PLACE,LS\n1,2024-01-01,,U1,C2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_returns(tmp_path)
    assert str(caught.value).startswith("header table (file 2 of 2 by name), row 1: the quotation marks in the row of")
    assert not re.search(r"100001|2010|Smith", str(caught.value))


@pytest.mark.parametrize("error", [KeyError("Ann Smith"), ValueError("Ann Smith"), UnicodeError("Ann Smith")])
def test_an_unforeseen_error_is_told_by_its_kind_and_place(error: Exception) -> None:
    """A library's message may quote a cell: its kind and the line are told, and the error itself does not hang on."""

    @private("the returns cannot be read")
    def fails(secret: str) -> None:
        raise error

    with pytest.raises(InputError, match=f"the returns cannot be read: an unforeseen {type(error).__name__}") as caught:
        fails("")
    assert "Ann" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_an_error_of_the_project_keeps_its_kind() -> None:
    """A wrong setting stays a wrong setting, with its own sentences."""

    @private("the returns cannot be read")
    def fails() -> None:
        raise SettingsError(["one", "two"])

    with pytest.raises(SettingsError) as caught:
        fails()
    assert caught.value.problems == ["one", "two"]


def test_a_warning_of_a_library_is_not_shown() -> None:
    """openpyxl quotes the cell that it warns of."""

    @private("the returns cannot be read")
    def warns() -> int:
        warnings.warn("Cell A1 is marked as a date but Ann Smith is no date", UserWarning, stacklevel=1)
        return 1

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert warns() == 1
    assert not seen

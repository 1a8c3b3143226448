"""Ways to damage a file: its bytes, its text, or the cells of its table.

What may come of a damage is told by its group. `form`: the file says the same in another form, so what is read must be
the same, or be refused. `value`: a value became another one that nobody can know to be wrong. `loss`: rows are gone.
`nonsense`: what stands there cannot be, so it must not be taken for a figure.
"""

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FORM, VALUE, LOSS, NONSENSE = "form", "value", "loss", "nonsense"
Table = list[list[str]]
PAGE = b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head><body><h1>Sorry</h1></body></html>\n"
TEMPLATE = "Hall {{lipsum.__globals__.os.mkdir(dict(PWNED=1)|join)}}"
_NUMBER = re.compile(r"(?<![\w.\-/:])-?\d+(?:\.\d+)?(?![\w.\-/:])")
_CODE = re.compile(r"[A-Z]\d{8}|[A-Z]{2}\d{1,2} ?\d[A-Z]{2}")


@dataclass(frozen=True)
class Damage:
    """One way to damage: its name, its group, and what does it (None where it finds nothing to damage)."""

    name: str
    group: str
    apply: Callable[[random.Random, Any], Any]


def of_bytes() -> list[Damage]:
    """Return the damages that any file can take."""
    return [
        Damage("cut short", LOSS, lambda r, b: b[: r.randrange(len(b))]),
        Damage("cut near its end", LOSS, lambda r, b: b[: -r.randint(1, min(40, len(b)))]),
        Damage("a bit flipped", VALUE, lambda r, b: _flipped(r, b, 1)),
        Damage("many bits flipped", VALUE, lambda r, b: _flipped(r, b, r.randint(2, 30))),
        Damage("a byte inserted", VALUE, lambda r, b: _spliced(r, b, 0, bytes([r.randrange(256)]))),
        Damage("bytes deleted", VALUE, lambda r, b: _spliced(r, b, r.randint(1, 9), b"")),
        Damage("a block of zeros", VALUE, lambda r, b: _spliced(r, b, 64, bytes(64))),
        Damage("a block of noise", VALUE, lambda r, b: _spliced(r, b, 64, r.randbytes(64))),
        Damage("an error page", NONSENSE, lambda r, b: PAGE),
        Damage("an error page after its start", NONSENSE, lambda r, b: b[: r.randrange(len(b))] + PAGE),
        Damage("empty", NONSENSE, lambda r, b: b""),
        Damage("blanks only", NONSENSE, lambda r, b: b" \n" * r.randint(1, 9)),
        Damage("given twice over", VALUE, lambda r, b: b + b),
        Damage("nothing but noise", NONSENSE, lambda r, b: r.randbytes(r.randint(1, 3000))),
    ]


def of_text() -> list[Damage]:
    """Return the damages that a text file can take."""
    return [
        Damage("with a byte order mark", FORM, lambda r, t: b"\xef\xbb\xbf" + t.encode()),
        Damage("in UTF-16", FORM, lambda r, t: t.encode(r.choice(["utf-16", "utf-16-le", "utf-16-be"]))),
        Damage("in UTF-32", FORM, lambda r, t: t.encode("utf-32")),
        Damage("with a Windows-1252 byte", VALUE, lambda r, t: _spliced(r, t.encode(), 0, b"\x96")),
        Damage("with CR for line ends", FORM, lambda r, t: t.replace("\r\n", "\n").replace("\n", "\r").encode()),
        Damage("with CR LF for line ends", FORM, lambda r, t: t.replace("\r\n", "\n").replace("\n", "\r\n").encode()),
        Damage("with a NUL", VALUE, lambda r, t: _spliced(r, t.encode(), 0, b"\0")),
        Damage("with a quotation mark", VALUE, lambda r, t: _spliced(r, t.encode(), 0, b'"')),
        Damage("with a quotation mark in its first line", VALUE, _quoted_first),
        Damage("quoted, but for one mark in its first line", VALUE, _quoted_but_one),
        Damage("with a number of 5,000 digits", NONSENSE, lambda r, t: _renumbered(r, t, "9" * 5000)),
        Damage("with an infinite number", NONSENSE, lambda r, t: _renumbered(r, t, r.choice(["1e999", "inf"]))),
        Damage("with a huge number", NONSENSE, lambda r, t: _renumbered(r, t, r.choice(["1e300", "9" * 20]))),
        Damage("with NaN for a number", VALUE, lambda r, t: _renumbered(r, t, "NaN")),
        Damage("with text for a number", NONSENSE, lambda r, t: _renumbered(r, t, r.choice(["ten", "null", "[]"]))),
        Damage("with a changed digit", VALUE, lambda r, t: _renumbered(r, t, str(r.randrange(10**6)))),
        Damage("with deep nesting", NONSENSE, lambda r, t: _renumbered(r, t, r.choice("[{(") * 100_000)),
        Damage("with a line less", LOSS, lambda r, t: _lines(r, t, 0)),
        Damage("with a line twice", VALUE, lambda r, t: _lines(r, t, 2)),
        Damage("with a line of a million letters", VALUE, lambda r, t: _spliced(r, t.encode(), 0, b"x" * 1_000_000)),
        Damage("with direction marks", VALUE, lambda r, t: _spliced(r, t.encode(), 0, "\u202e\u2066".encode())),
    ]  # fmt: skip


def of_tables() -> list[Damage]:
    """Return the damages that a table can take: a heading row, then rows of text."""
    return [
        Damage("two rows swapped", FORM, _rows_swapped),
        Damage("two columns swapped", FORM, _columns_swapped),
        Damage("a row twice", VALUE, lambda r, t: [*t, r.choice(t[1:])]),
        Damage("every row twice", VALUE, lambda r, t: [*t, *t[1:]]),
        Damage("a row less", LOSS, lambda r, t: t[:1] + r.sample(t[1:], len(t) - 2)),
        Damage("half the rows", LOSS, lambda r, t: t[: 1 + math.ceil((len(t) - 1) / 2)]),
        Damage("no heading row", NONSENSE, lambda r, t: t[1:]),
        Damage("no row", NONSENSE, lambda r, t: t[:1]),
        Damage("a row too short", VALUE, lambda r, t: _row(r, t, lambda row: row[: r.randrange(len(row))])),
        Damage("a row too long", NONSENSE, lambda r, t: _row(r, t, lambda row: [*row, "more", "and more"])),
        Damage("a comma after every row", FORM, lambda r, t: [t[0], *[[*row, ""] for row in t[1:]]]),
        Damage("a column more", FORM, lambda r, t: [[*row, "more" if n else "Remarks"] for n, row in enumerate(t)]),
        Damage("a column less", NONSENSE, _column_less),
        Damage("a heading misspelt", NONSENSE, lambda r, t: [_one(r, t[0], lambda text: text[:-1] + "?"), *t[1:]]),
        Damage("two headings alike", NONSENSE, lambda r, t: [[t[0][0], t[0][0], *t[0][2:]], *t[1:]]),
        Damage("a title above", FORM, lambda r, t: [["Table 1: as published"], *t]),
        Damage("a cell blank", VALUE, lambda r, t: _cell(r, t, lambda text: "")),
        Damage("a column blank", NONSENSE, lambda r, t: _column(r, t, lambda text: "")),
        Damage("text in a number", NONSENSE, lambda r, t: _number(r, t, r.choice(["ten", "1O", "12 km", "=1+1"]))),
        Damage("an infinite number", NONSENSE, lambda r, t: _number(r, t, r.choice(["inf", "-inf", "1e999"]))),
        Damage("a huge number", NONSENSE, lambda r, t: _number(r, t, r.choice(["1e300", "9" * 30]))),
        Damage("a number below zero", NONSENSE, lambda r, t: _number(r, t, "-7")),
        Damage("a number of 5,000 digits", NONSENSE, lambda r, t: _number(r, t, "9" * 5000)),
        Damage("another count", VALUE, lambda r, t: _number(r, t, str(r.randrange(2000)))),
        Damage("codes in small letters", FORM, lambda r, t: _codes(t, str.lower)),
        Damage("codes with blanks around", FORM, lambda r, t: _codes(t, lambda code: f" {code}  ")),
        Damage("codes with no-break spaces", FORM, lambda r, t: _codes(t, lambda code: f"{code}\u00a0")),
        Damage("codes of another area", NONSENSE, lambda r, t: _codes(t, lambda code: f"{code[:-3]}9{code[-2:]}")),
        Damage("one code of nowhere", VALUE, lambda r, t: _codes(t, lambda code: "E01999999", one=r)),
        Damage("a line break in a cell", VALUE, lambda r, t: _cell(r, t, lambda text: f"{text}\nand more")),
        Damage("10,000 letters in a cell", VALUE, lambda r, t: _cell(r, t, lambda text: "x" * 10_000)),
        Damage("a template in a cell", VALUE, lambda r, t: _cell(r, t, lambda text: TEMPLATE)),
    ]


def _spliced(r: random.Random, data: bytes, gone: int, put: bytes) -> bytes:
    at = r.randrange(len(data) + 1)
    return data[:at] + put + data[at + gone :]


def _flipped(r: random.Random, data: bytes, many: int) -> bytes:
    out = bytearray(data)
    for _ in range(many):
        out[r.randrange(len(out))] ^= 1 << r.randrange(8)
    return bytes(out)


def _quoted_first(r: random.Random, text: str) -> bytes:
    first, end, rest = text.partition("\n")
    at = r.choice([0, *(n + 1 for n, letter in enumerate(first) if letter == ","), r.randrange(len(first) + 1)])
    return f'{first[:at]}"{first[at:]}{end}{rest}'.encode()


def _quoted_but_one(r: random.Random, text: str) -> bytes | None:
    """Put every value in quotation marks, as many programs do, and lose one mark of the heading row."""
    lines = [",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines() if '"' not in line]
    if not lines:
        return None
    at = r.choice([n for n, letter in enumerate(lines[0]) if letter == '"'])
    return "\n".join([lines[0][:at] + lines[0][at + 1 :], *lines[1:], ""]).encode()


def _renumbered(r: random.Random, text: str, to: str) -> bytes | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    at = r.choice(found)
    return (text[: at.start()] + to + text[at.end() :]).encode()


def _lines(r: random.Random, text: str, times: int) -> bytes:
    lines = text.splitlines(keepends=True)
    at = r.randrange(len(lines))
    return "".join([*lines[:at], *[lines[at]] * times, *lines[at + 1 :]]).encode()


def _rows_swapped(r: random.Random, table: Table) -> Table | None:
    if len(table) < 3:
        return None
    a, b = r.sample(range(1, len(table)), 2)
    return [table[b if n == a else a if n == b else n] for n in range(len(table))]


def _columns_swapped(r: random.Random, table: Table) -> Table:
    a, b = r.sample(range(len(table[0])), 2)
    order = [b if n == a else a if n == b else n for n in range(len(table[0]))]
    return [[row[n] for n in order] for row in table]


def _column_less(r: random.Random, table: Table) -> Table:
    gone = r.randrange(len(table[0]))
    return [row[:gone] + row[gone + 1 :] for row in table]


def _one(r: random.Random, row: list[str], change: Callable[[str], str]) -> list[str]:
    at = r.randrange(len(row))
    return [change(text) if n == at else text for n, text in enumerate(row)]


def _row(r: random.Random, table: Table, change: Callable[[list[str]], list[str]]) -> Table:
    at = r.randrange(1, len(table))
    return [change(row) if n == at else row for n, row in enumerate(table)]


def _cell(r: random.Random, table: Table, change: Callable[[str], str]) -> Table:
    return _row(r, table, lambda row: _one(r, row, change))


def _column(r: random.Random, table: Table, change: Callable[[str], str]) -> Table:
    at = r.randrange(len(table[0]))
    return [table[0], *[[change(text) if n == at else text for n, text in enumerate(row)] for row in table[1:]]]


def _number(r: random.Random, table: Table, to: str) -> Table | None:
    places = [(n, m) for n, row in enumerate(table) if n for m, text in enumerate(row) if _NUMBER.fullmatch(text)]
    if not places:
        return None
    at = r.choice(places)
    return [[to if (n, m) == at else text for m, text in enumerate(row)] for n, row in enumerate(table)]


def _codes(table: Table, change: Callable[[str], str], *, one: random.Random | None = None) -> Table | None:
    places = [(n, m) for n, row in enumerate(table) if n for m, text in enumerate(row) if _CODE.fullmatch(text)]
    if not places:
        return None
    wanted = {one.choice(places)} if one else set(places)
    return [[change(text) if (n, m) in wanted else text for m, text in enumerate(row)] for n, row in enumerate(table)]

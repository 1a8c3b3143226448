"""Find the row of headings of a table, below titles if there are any, without believing what stands in it."""

import csv
import re
from collections.abc import Callable, Collection, Sequence

from cfwlib.data.open_table import MARKS
from cfwlib.data.returns.recognise import EXTRA, KINDS, NEEDED, OPTIONAL

Kind = Callable[[Collection[str]], str]
"""Tells which table some headings are of; "" = not known."""
MOST_TITLES = 20
KNOWN_HEADINGS = frozenset(name for kind in KINDS for name in (*NEEDED[kind], *OPTIONAL[kind], *EXTRA[kind]))
"""The only headings that a message may repeat."""
_SAME = {"GENDER": "SEX", "CHILD_ID": "CHILD"}


def plain(names: Sequence[str]) -> list[str]:
    """Return headings in capitals with _ for spaces, the department's name for known variants."""
    names = [re.sub(r"[^A-Z0-9]+", "_", name.strip().upper()).strip("_") for name in names]
    return [_SAME.get(name, name) for name in names]


def heading_row(rows: Sequence[Sequence[str]], kind: Kind) -> int:
    """Return the position of the row of headings: the first that a table is known by, else the first with a value."""
    filled = [place for place, row in enumerate(rows[: 3 * MOST_TITLES]) if any(row)]
    known = [place for place in filled[: MOST_TITLES + 1] if kind(plain(rows[place]))]
    return next(iter([*known, *filled]), 0)


def heading_line(data: bytes, kind: Kind) -> tuple[int, str, list[str], bool]:
    """Return the line of headings of a text: its position, separator, headings, and whether quotes in it are astray.

    Parameters
    ----------
    data
        The text, UTF-8.
    kind
        By which a row is known as headings; where no row is, the first that is not blank counts.
    """
    lines = [line.decode(errors="replace").strip("\r") for line in data[: 1 << 20].split(b"\n")[: 3 * MOST_TITLES]]
    filled = [place for place, line in enumerate(lines) if line.strip()][: MOST_TITLES + 1]
    for place in filled:
        separator, names = _cells(lines[place])
        if kind(names):
            return place, separator, names, False
    for place in filled:
        separator, names = _cells(lines[place].replace('"', ""))
        if '"' in lines[place] and kind(names):
            return place, separator, names, True
    first = next(iter(filled), 0)
    return first, *_cells(lines[first]), False


def _cells(line: str) -> tuple[str, list[str]]:
    separator = max(MARKS, key=line.count)
    try:
        return separator, plain(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return separator, []

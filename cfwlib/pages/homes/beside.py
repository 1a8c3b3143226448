"""The tables of today's children beside the published ones of the same day: what is known, and what cannot be shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from cfwlib.disclosure.cells import is_small

ALL = "Total"
TOO_FEW = (
    "Too few children are in care in these returns for tables that protect each of them: only published figures are "
    "shown."
)
NOT_BESIDE = (
    "These returns do not have the counts that the Department for Education publishes of the same day. Who reads both "
    "could tell single children, so only published figures are shown. Use the returns as they were submitted, or "
    "count a day at least four weeks away (returns_end)."
)
KEYS = ["placement", "location", "distance", "provider", "age", "care", "need", "rule"]
NEAR = 0.1  # published totals further off than this share are not of the same children
_TABLE_OF: dict[tuple[str, ...], str] = {
    ("distance",): "distance",
    ("age",): "age",
    ("provider",): "provider",
    ("rule",): "alone",
}
Cells = tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """What published tables mean for those of the returns.

    Attributes
    ----------
    known
        Cell (its label for each of `KEYS`) to the count that everybody knows, since the returns have the same.
    clash
        Tables that cannot be shown: the difference between the two would be 1 to 5 children. `placement` = none can.
    """

    known: Mapping[Cells, int] = field(default_factory=dict)
    clash: frozenset[str] = frozenset()


def beside_published(cells: pd.DataFrame, published: Iterable[tuple[Mapping[str, str], int]]) -> Beside:
    """Return what published counts of the same day mean for tables of the returns.

    A count that is also published is known, whatever the others are. Where a count is 1 to 5 apart from the published
    one, or what is left of all children without the groups published, the table that holds it cannot be shown; nor any,
    where that is so of all children, of those in the area, or of a placement. Where the totals are more than a tenth
    apart the returns are of other children, and a small difference tells of nobody.

    Parameters
    ----------
    cells
        Every cell of every table: `KEYS` and true `children`.
    published
        Labels of a group, by key, and its published number.
    """
    rows = cells[[*KEYS, "children"]].drop_duplicates(KEYS).itertuples(index=False, name=None)
    counted = {tuple(labels): int(count) for *labels, count in rows}
    theirs = {tuple(labels.get(key, ALL) for key in KEYS): int(number) for labels, number in published}
    theirs = {cell: number for cell, number in theirs.items() if cell in counted}
    total = tuple(ALL for _ in KEYS)
    known = {cell: number for cell, number in theirs.items() if number == counted[cell]}
    if total in theirs and abs(theirs[total] - counted[total]) > NEAR * theirs[total]:
        return Beside(known)
    apart = {cell: number - counted[cell] for cell, number in theirs.items()} | _left_over(theirs, counted)
    return Beside(known, frozenset(_table_of(cell) for cell, number in apart.items() if is_small(abs(number))))


def _left_over(theirs: Mapping[Cells, int], counted: Mapping[Cells, int]) -> dict[Cells, int]:
    """How far the rest of each whole is apart: the whole without those of its groups, of one kind, that are published.

    The rest stands under the name of one of those groups: it belongs to the same table.
    """
    apart: dict[Cells, int] = {}
    for place, _ in enumerate(KEYS):
        for whole in (cell for cell in theirs if cell[place] == ALL):
            parts = [cell for cell in theirs if cell[place] != ALL and _without(cell, place) == _without(whole, place)]
            if parts:
                difference = theirs[whole] - counted[whole] - sum(theirs[cell] - counted[cell] for cell in parts)
                apart |= {parts[0]: difference} if is_small(abs(difference)) else {}
    return apart


def _without(cell: Cells, place: int) -> Cells:
    return cell[:place] + cell[place + 1 :]


def _table_of(cell: Cells) -> str:
    """Return the table that a published cell stands in; those of all, of places and of placements are in every one."""
    keys = tuple(key for key, label in zip(KEYS, cell, strict=True) if label != ALL)
    return _TABLE_OF.get(tuple(key for key in keys if key != "location"), "placement")

"""What two published runs give away when they are laid side by side."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cfwlib.disclosure.audit import Possible
from cfwlib.disclosure.cells import SMALL, WIDE, Floats, Sum, cell_words, is_small, read_off, sum_matrix
from cfwlib.disclosure.layout import STATUS, Layout
from cfwlib.errors import InputError
from cfwlib.reading import read_json, reading

LAYOUTS = "disclosure.json"
COLUMNS = ["cell", "finding", "lower", "upper", "before", "after"]
NARROWED = "both together tell more than either: within three"
CHANGED = "shown in both, and changed by 1 to 5"
UNLIKE = "same children, same day, but shown as different counts"
_READINGS = ((1.0, float(SMALL)), (1.0, np.inf), (0.0, np.inf))  # of a hidden cell, the best informed first


@dataclass(frozen=True)
class Released:
    """A table as it was published.

    Attributes
    ----------
    frame
        Number columns with their `_status`.
    layout
        What its cells are.
    """

    frame: pd.DataFrame
    layout: Layout

    def boxes(self) -> dict[Hashable, tuple[float, float] | None]:
        """Return, per cell, the counts it can stand for; None = hidden. Cells that do not apply are left out."""
        found: dict[Hashable, tuple[float, float] | None] = {}
        for column in (c for c in self.layout.counts if c in self.frame):
            status = self.frame.get(column + STATUS, pd.Series("", index=self.frame.index)).fillna("")
            for row, value, symbol in zip(self._labels(), self.frame[column], status, strict=True):
                if symbol != "z":
                    name = self.layout.name(column, row)
                    found[name] = None if symbol or pd.isna(value) else read_off(int(value), self.layout.round_to)
        return found

    def sums(self) -> list[Sum]:
        """Return the totals with their parts; a column that was not exported keeps its place.

        A sum with a part that is not among the rows is left out: any number of children may be in it.
        """
        frame = self.frame.assign(**{c: 0 for c in self.layout.counts if c not in self.frame})
        return self.layout.sums(frame, whole=True)

    def _labels(self) -> list[dict[str, str]]:
        keys = list(self.layout.keys)
        return [dict(zip(keys, map(str, r), strict=True)) for r in self.frame[keys].itertuples(index=False)]


def difference(before: Mapping[str, Released], after: Mapping[str, Released]) -> pd.DataFrame:
    """Return what two sets of published tables give away together.

    Parameters
    ----------
    before, after
        Name to table. Tables of the same `of` count the same children on the same day and are read as one puzzle: a
        hidden count that both together pin down to within three, and neither alone, is a finding. Of tables of the same
        name but another `of`, counts shown in both that changed by 1 to 5 are listed: a known change of few children.

    Returns
    -------
    findings
        `cell`, `finding`, `lower`, `upper` (of the hidden count), `before`, `after` (as shown; of the same children
        only where the two are 6 or more apart). Empty = nothing found.

    Raises
    ------
    InputError
        If the tables contradict each other, so that nothing can be said of them; it says which sums clash.
    """
    rows: list[tuple[object, ...]] = []
    both = {t.layout.of for t in before.values()} & {t.layout.of for t in after.values()}
    for of in sorted(both):
        rows += _same_children([_of(before, of), _of(after, of)])
    for name in [n for n in before if n in after and before[n].layout.of != after[n].layout.of]:
        rows += _changes(before[name], after[name])
    return pd.DataFrame(rows, columns=COLUMNS)


def read_released(folder: str | Path) -> dict[str, Released]:
    """Return the protected tables that a run has exported, by `notebook/table`.

    Parameters
    ----------
    folder
        Folder of a run, with `exports/<notebook>/*.csv` and the layouts beside them.

    Raises
    ------
    InputError
        If a table or its layout cannot be read.
    """
    found: dict[str, Released] = {}
    for path in sorted(Path(folder).glob(f"exports/*/{LAYOUTS}")):
        where = f"exports/{path.parent.name}"
        with reading(where, "Run it again.", how="a released table cannot be read"):
            for stem, layout in read_json(path).items():
                table = Layout.from_json(layout)
                words, empty = dict.fromkeys(table.keys, str), {count: [""] for count in table.counts}
                file = path.parent / f"{stem}.csv"
                frame = pd.read_csv(file, dtype=words, keep_default_na=False, na_values=empty)
                found[f"{path.parent.name}/{stem}"] = Released(frame, table)
    return found


def compare_runs(before: str | Path, after: str | Path) -> pd.DataFrame:
    """Return what the released tables of two run folders give away together, as `difference`.

    Parameters
    ----------
    before, after
        Folders of runs.

    Raises
    ------
    InputError
        As `read_released` and `difference`.
    """
    return difference(read_released(before), read_released(after))


def _of(tables: Mapping[str, Released], of: str) -> list[Released]:
    return [t for t in tables.values() if t.layout.of == of]


def _same_children(runs: list[list[Released]]) -> list[tuple[object, ...]]:
    known = [_merged(tables) for tables in runs]
    sums = [[s for t in tables for s in t.sums()] for tables in runs]
    rows: list[tuple[object, ...]] = [
        (cell_words(name), UNLIKE, np.nan, np.nan, *_unless_few(*(sum(k[name] or ()) / 2 for k in known)))
        for name in known[0]
        if name in known[1] and _apart(known[0][name], known[1][name])
    ]
    if rows:
        return rows  # no counts agree with both: the puzzle has no answer, and the differences are the finding
    joint = _merged_boxes(known)
    hidden = [name for name, box in joint.items() if box is None]
    alone = [_ranges(k, s, hidden) for k, s in zip(known, sums, strict=True)]
    together = _ranges(joint, sums[0] + sums[1], hidden)
    for name, (low, high) in together.items():
        least = min(a[name][1] - a[name][0] if name in a else np.inf for a in alone)
        if high - low < WIDE and high - low < least:
            rows.append((cell_words(name), NARROWED, low, high, np.nan, np.nan))
    return rows


def _merged(tables: list[Released]) -> dict[Hashable, tuple[float, float] | None]:
    return _merged_boxes([t.boxes() for t in tables])


def _merged_boxes(
    known: list[dict[Hashable, tuple[float, float] | None]],
) -> dict[Hashable, tuple[float, float] | None]:
    merged: dict[Hashable, tuple[float, float] | None] = {}
    for boxes in known:
        for name, box in boxes.items():
            was = merged.get(name)
            merged[name] = (max(was[0], box[0]), min(was[1], box[1])) if was and box else was or box
    return merged


def _unless_few(before: float, after: float) -> tuple[float, float]:
    """Return two counts of the same children, or nothing where they are 1 to 5 apart: that is a small number itself."""
    return (np.nan, np.nan) if 0 < abs(after - before) < SMALL + 1 else (before, after)


def _apart(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    return one is not None and other is not None and (one[0] > other[1] or other[0] > one[1])


def _ranges(
    known: Mapping[Hashable, tuple[float, float] | None], sums: list[Sum], asked: list[Hashable]
) -> dict[Hashable, tuple[float, float]]:
    """Return the interval of each hidden cell asked about, by the best informed reading that has an answer."""
    sums = list(dict.fromkeys(sums))
    ranges: dict[Hashable, tuple[float, float]] = {}
    solved = False
    for kind in _READINGS:
        possible, place = _puzzle(known, sums, kind)
        if possible.feasible():
            solved = True
            for name in (n for n in asked if n in known):
                low, high = possible.range(place[name])
                was = ranges.get(name, (-np.inf, np.inf))
                ranges[name] = (low, high) if high - low < was[1] - was[0] else was
    if known and not solved:
        raise InputError(_clash(known, sums))
    return ranges


def _puzzle(
    known: Mapping[Hashable, tuple[float, float] | None], sums: list[Sum], reading: tuple[float, float]
) -> tuple[Possible, dict[Hashable, int]]:
    names = list(dict.fromkeys([*known, *(n for t, parts in sums for n in (t, *parts))]))
    place = {name: i for i, name in enumerate(names)}
    box: Floats = np.array([known[n] or reading if n in known else (0, np.inf) for n in names], float).reshape(-1, 2)
    return Possible(sum_matrix(sums, place), box), place


def _clash(known: Mapping[Hashable, tuple[float, float] | None], sums: list[Sum]) -> list[str]:
    """Return the fewest sums that cannot all be true, in words: without any one of them the others can."""
    needed = list(sums)
    for one in sums:
        without = [other for other in needed if other is not one]
        if not _puzzle(known, without, _READINGS[-1])[0].feasible():
            needed = without
    return [
        f"Released tables contradict each other: '{cell_words(total)}' is not the sum of its {len(parts)} parts "
        f"({'; '.join(cell_words(part) for part in parts)}). They were made by another version, or changed since: "
        "run the notebook again before anything is said of them."
        for total, parts in needed
    ]


def _changes(before: Released, after: Released) -> list[tuple[object, ...]]:
    """Return counts shown in both tables that changed by 1 to 5, matched by column and groups."""
    old, new = ({n[1:]: box for n, box in t.boxes().items() if box} for t in (before, after))  # type: ignore[index]
    return [
        (cell_words(("", *cell)), CHANGED, np.nan, np.nan, *(sum(box) / 2 for box in (old[cell], new[cell])))
        for cell in old
        if cell in new and is_small(int(abs(sum(old[cell]) - sum(new[cell])) / 2))
    ]

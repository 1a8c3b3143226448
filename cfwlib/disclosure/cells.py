"""Where a small number is hidden first (`build`): counts as cells, the sums that tie them, what a reader can know."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cfwlib.errors import refuse

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Sum = tuple[Hashable, tuple[Hashable, ...]]  # a total and its parts

SMALL = 5  # 1 to 5 children are never shown
WIDE = 4  # a hidden cell must keep more than 3 between its bounds: all of 1 to 5 stays possible
GUESSING, KNOWING = 0, 1  # attackers: one knows the rule, one is also told which hidden cells are the small ones
_ZERO, _TOTAL, _GRAND = 5.0, 20.0, 10_000.0  # what hiding such a cell costs more; any other costs at most 1


@dataclass(frozen=True, eq=False)
class Known:
    """What the readers of a released table know of one cell.

    Attributes
    ----------
    hidden
        Whether it is not shown.
    needs
        Whether it must not be worked out.
    box
        (2, 2): first and last value, for the guessing and the knowing attacker.
    """

    hidden: bool
    needs: bool
    box: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """A system of counts.

    Attributes
    ----------
    names
        Identity of each of the n cells.
    shown
        (n, 2): first and last number a reader reads off the cell where it is shown.
    hidden
        (2, n, 2): the same where it is hidden, for the guessing and the knowing attacker.
    is_hidden
        (n,): cells not shown as things stand.
    needs
        (n,): cells that must not be worked out if hidden; not so a large number that is in no table.
    may_hide
        (n,): cells that may still be hidden.
    weight
        (n,): loss if hidden.
    matrix
        (m, n): every row @ counts = 0: a total less its parts.
    """

    names: tuple[Hashable, ...]
    shown: Floats
    hidden: Floats
    is_hidden: Flags
    needs: Flags
    may_hide: Flags
    weight: Floats
    matrix: sp.csr_array

    def box(self, hidden: Flags, attacker: int) -> Floats:
        """Return (n, 2): what an attacker knows of each cell from its own face."""
        return np.where(hidden[:, None], self.hidden[attacker], self.shown)

    def known(self, hidden: Flags) -> dict[Hashable, Known]:
        """Return what readers know of each cell; never a hidden count."""
        boxes = np.stack([self.box(hidden, attacker) for attacker in (GUESSING, KNOWING)], axis=1)
        each = zip(self.names, hidden, self.needs, boxes, strict=True)
        return {name: Known(bool(out), bool(needs), box.copy()) for name, out, needs, box in each}


def rounded(count: int, to: int) -> int:
    """Return a count rounded to the nearest multiple of `to`, halves up; 0 or 1 = not rounded."""
    return (count + to // 2) // to * to if to > 1 else count


def read_off(shown: int, to: int) -> tuple[int, int]:
    """Return the first and last count that a shown number can stand for.

    Parameters
    ----------
    shown
        The number as published.
    to
        What it was rounded to; 0 = not rounded.

    Returns
    -------
    first, last
        Never 1 to 5: those are hidden.
    """
    if to < 2 or shown == 0:
        return shown, shown
    first = shown - to // 2
    return max(first, SMALL + 1), first + to - 1


def is_small(count: int) -> bool:
    """Say whether a count is one that is never shown: 1 to 5."""
    return 1 <= count <= SMALL


def build(
    values: Mapping[Hashable, int],
    sums: Sequence[Sum],
    *,
    round_to: int = 0,
    unpublished: Collection[Hashable] = (),
    grand: Collection[Hashable] = (),
    fixed: Mapping[Hashable, Known] | None = None,
    published: Mapping[Hashable, int] | None = None,
) -> Cells:
    """Return the system of a table before anything but the small counts is hidden.

    Parameters
    ----------
    values
        Cell to count of children; whole and not negative.
    sums
        Totals with their parts; cells not in `values` must be in `fixed`.
    round_to
        What shown counts are rounded to; 0 = not rounded.
    unpublished
        Cells of no table that a reader can work out, such as the rest of a share.
    grand
        Totals that are hidden only if nothing else works.
    fixed
        Cells of tables already released.
    published
        Cells that everybody knows from elsewhere, with their count: hiding them hides nothing.

    Raises
    ------
    InputError
        If a total is not the sum of its parts, or an earlier or published table shows another count for a cell.
    """
    fixed = {**(fixed or {}), **{name: _everybody(count) for name, count in (published or {}).items()}}
    _check(values, sums, fixed)
    names = tuple(dict.fromkeys([*values, *fixed]))
    place = {name: i for i, name in enumerate(names)}
    matrix = sum_matrix(sums, place)
    totals = {total for total, _ in sums}
    sheltered = {p for total, parts in sums if is_small(values.get(total, 0)) for p in parts}
    n = len(names)
    shown, hidden = np.zeros((n, 2)), np.zeros((2, n, 2))
    is_hidden, needs, may_hide = np.zeros(n, bool), np.ones(n, bool), np.zeros(n, bool)
    weight, largest = np.ones(n), 1 + max(values.values(), default=0)
    for name, i in place.items():
        if name in values:
            count, open_cell = values[name], name in unpublished and not is_small(values[name])
            shown[i] = read_off(rounded(count, round_to), round_to)
            granted = _granted(count, sheltered=name in sheltered, total=name in totals)
            hidden[:, i] = (0, np.inf) if open_cell else granted
            is_hidden[i], needs[i] = is_small(count) or name in unpublished, not open_cell
            may_hide[i] = not is_hidden[i]
            weight[i] = (1 + count) / largest + _ZERO * (count == 0) + _TOTAL * (name in totals)
            weight[i] += _GRAND * (name in grand)
        if name in fixed:
            known = fixed[name]
            is_hidden[i], may_hide[i], needs[i] = known.hidden, False, known.needs
            if name not in values or not known.needs:
                shown[i], hidden[:, i] = known.box[0], known.box
                is_hidden[i] |= name in values and is_small(values[name])
            elif known.hidden:
                hidden[:, i, 0] = np.maximum(hidden[:, i, 0], known.box[:, 0])
                hidden[:, i, 1] = np.minimum(hidden[:, i, 1], known.box[:, 1])
    return Cells(names, shown, hidden, is_hidden, needs, may_hide, weight, matrix)


def _everybody(count: int) -> Known:
    """Return what is known of a cell that is published elsewhere: its count, whether it is hidden here or not."""
    return Known(hidden=False, needs=False, box=np.full((2, 2), float(count)))


def _granted(count: int, *, sheltered: bool, total: bool) -> list[tuple[float, float]]:
    """Return what the two attackers are granted of a hidden count.

    The guessing one knows that it is not 0, unless a 0 had to be hidden. The knowing one knows whether it is 1 to 5 or
    6 and more; but not that a part of a small total (itself hidden) is not 0, or five parts of 5 would all be 1; nor
    that a hidden total is 6 and more, or where nearly all is small, nothing could be done.
    """
    if count == 0:
        return [(0, np.inf), (0, np.inf)]
    return [(1, np.inf), (0 if sheltered else 1, SMALL) if is_small(count) else (1 if total else SMALL + 1, np.inf)]


def sum_matrix(sums: Sequence[Sum], place: Mapping[Hashable, int]) -> sp.csr_array:
    """Return (m, n): each sum as a row that comes to 0: the total 1, its parts -1."""
    entries = [(r, place[t], 1.0) for r, (t, _) in enumerate(sums)]
    entries += [(r, place[p], -1.0) for r, (_, parts) in enumerate(sums) for p in parts]
    rows, columns, ones = zip(*entries, strict=True) if entries else ((), (), ())
    return sp.csr_array((np.array(ones, float), (np.array(rows, int), np.array(columns, int))), (len(sums), len(place)))


def _check(values: Mapping[Hashable, int], sums: Sequence[Sum], fixed: Mapping[Hashable, Known]) -> None:
    """Refuse a table that does not add up or contradicts an earlier one, naming cells and never counts."""
    problems = [
        f"'{cell_words(total)}' is not the sum of its {len(parts)} parts. Count it from the same children as they are."
        for total, parts in sums
        if total in values and all(p in values for p in parts) and values[total] != sum(values[p] for p in parts)
    ]
    problems += [
        f"'{cell_words(name)}' has another count in a table already released. Give tables of other children, or of "
        "another day, another `of`."
        for name, known in fixed.items()
        if name in values and not known.box[0, 0] <= values[name] <= known.box[0, 1]
    ]
    refuse(problems)


def cell_words(name: Hashable) -> str:
    """Return a cell's identity in words: its column, then the groups it counts."""
    if isinstance(name, tuple) and len(name) == 3 and isinstance(name[2], tuple):
        groups = ", ".join(f"{key} {label}" for key, label in name[2])
        return f"{name[1]}: {groups or 'all'}"
    return str(name)

"""The audit finds what a reader with pencil, paper and patience would find."""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from cases import protect_cells, two_way
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cfwlib.disclosure.audit import Possible, audit_published
from cfwlib.disclosure.cells import sum_matrix

DFE_STYLE = {"all": 200, "foster": 150, "homes": 35, "adoption": 8, "schools": None, "elsewhere": None}
DFE_SUMS = [("all", ("foster", "homes", "adoption", "schools", "elsewhere"))]


def test_two_hidden_cells_that_sum_to_seven_fail() -> None:
    """Seven children over two hidden cells of 1 to 5: each is provably 2 to 5, and that is too much."""
    audit = audit_published(DFE_STYLE, DFE_SUMS)
    assert audit[["lower", "upper"]].values.tolist() == [[2, 5], [2, 5]]
    assert not audit.safe.any()


def test_hiding_one_more_cell_repairs_it() -> None:
    """The engine hides the smallest further count, keeps the total, and leaves all of 1 to 5 possible."""
    counts = {**DFE_STYLE, "schools": 3, "elsewhere": 4}
    found = protect_cells(counts, DFE_SUMS, grand=["all"])
    assert found.hidden == {"schools", "elsewhere", "adoption"}
    ends = found.audit.set_index("cell")
    assert ends.loc["schools", ["lower", "upper"]].tolist() == [1, 5]
    assert ends.width.min() > 3


@pytest.mark.real
def test_the_departments_own_table_fails(open_data) -> None:
    """DfE's 2025 table of Cumberland's placements hides 7 children in two cells: 2 to 5 each."""
    path = open_data / "social-care" / "cla_31_march_by_group_all_LAs_2021_2025.csv"
    if not path.is_file():
        pytest.skip(f"PUBLISHED TABLE NOT FOUND: {path.name}")
    table = pd.read_csv(path, dtype=str)
    here = table[
        (table.geo_breakdown == "Cumberland") & (table.time_period == "2025") & (table.cla_group == "Placement")
    ]
    shown = {
        r.characteristic: None if r.cla_31_march_number == "c" else int(r.cla_31_march_number)
        for r in here.itertuples()
    }
    audit = audit_published(shown, [("Total", tuple(name for name in shown if name != "Total"))])
    assert set(audit.cell) == {"Other placements", "Residential schools"}
    assert audit[["lower", "upper"]].values.tolist() == [[2, 5], [2, 5]]
    assert not audit.safe.any()


def tables(shown: list[list[int | None]], boxes: list[list[tuple[int, int]]]) -> Iterator[np.ndarray]:
    """Yield every table of children that agrees with what is shown: tried one by one, no algebra."""
    high, wide = len(shown) - 1, len(shown[0]) - 1

    def fits(value: int, i: int, j: int) -> bool:
        low, top = boxes[i][j]
        return value == shown[i][j] if shown[i][j] is not None else low <= value <= top

    rows = []
    for i in range(high):
        each = [
            range(boxes[i][j][0], boxes[i][j][1] + 1) if shown[i][j] is None else [shown[i][j]] for j in range(wide)
        ]
        rows.append([row for row in itertools.product(*each) if fits(sum(row), i, wide)])
    for chosen in itertools.product(*rows):
        columns = [sum(row[j] for row in chosen) for j in range(wide)]
        if all(fits(c, high, j) for j, c in enumerate(columns)) and fits(sum(columns), high, wide):
            yield np.array([[*row, sum(row)] for row in chosen] + [[*columns, sum(columns)]])


counts = st.lists(st.lists(st.integers(0, 8), min_size=2, max_size=2), min_size=2, max_size=2)
PHASES = (Phase.explicit, Phase.generate)


@settings(max_examples=40, deadline=None, derandomize=True, phases=PHASES)
@given(counts)
def test_no_hidden_count_can_be_worked_out_by_trying_everything(rows: list[list[int]]) -> None:
    """Every hidden count takes at least five values over all tables that fit; the audit's ends are the true ones."""
    full, sums = two_way(rows)
    found = protect_cells(full, sums, grand=[("T", "T")])
    high, wide = len(rows), len(rows[0])
    names = [[(i if i < high else "T", j if j < wide else "T") for j in range(wide + 1)] for i in range(high + 1)]
    shown = [[None if name in found.hidden else full[name] for name in line] for line in names]
    far = 6 + max(n for name, n in full.items() if name != ("T", "T"))  # values tried of a count without an end
    audit = found.audit.set_index("cell")
    widths = {}
    for knowing in (False, True):
        boxes = [[granted(full, name, far, knowing=knowing) for name in line] for line in names]
        fitting = list(tables(shown, boxes))
        low, top = np.min(fitting, axis=0), np.max(fitting, axis=0)
        for i, line in enumerate(names):
            for j, name in enumerate(line):
                if name in found.hidden:
                    assert top[i, j] - low[i, j] > 3
                    widths.setdefault(str(name), []).append((low[i, j], top[i, j]))
    if ("T", "T") not in found.hidden and full["T", "T"] <= far:
        for name, ends in widths.items():
            told = (audit.lower[name], audit.upper[name])
            assert told in ends
            assert audit.width[name] == min(top - low for low, top in ends)


def granted(full: dict, name: tuple, far: int, *, knowing: bool) -> tuple[int, int]:
    """Return what an attacker knows of a hidden count, said again in other words."""
    n = full[name]
    if n == 0:
        return 0, 3 * far
    if not knowing:
        return 1, 3 * far if "T" in name else far
    i, j = name
    above = [full[i, "T"]] * (j != "T") + [full["T", j]] * (i != "T")
    lowest = 0 if any(1 <= t <= 5 for t in above) else 1
    return (lowest, 5) if n <= 5 else (1, 3 * far) if "T" in name else (6, far)


def test_corners_that_are_no_table_of_children_do_not_widen_the_audit() -> None:
    """Three pairs that sum to an odd number meet at halves; the bounds are of whole children."""
    names = {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "ca": 5}
    matrix = sum_matrix([("ab", ("a", "b")), ("bc", ("b", "c")), ("ca", ("c", "a"))], names)
    box = np.array([[0, 9], [0, 9], [0, 9], [5, 6], [5, 6], [5, 6]], float)
    brute = [
        t
        for t in itertools.product(range(10), repeat=3)
        if all(5 <= s <= 6 for s in (t[0] + t[1], t[1] + t[2], t[2] + t[0]))
    ]
    for i in range(3):
        assert Possible(matrix, box).range(i) == (min(t[i] for t in brute), max(t[i] for t in brute))

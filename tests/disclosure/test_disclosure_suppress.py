"""Whatever adds up can be protected, at little loss, and to proof."""

import pytest
from cases import protect_cells, two_way
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cfwlib.disclosure.audit import narrow
from cfwlib.disclosure.cells import build
from cfwlib.disclosure.suppress import complete
from cfwlib.errors import InputError


def test_one_small_cell_takes_a_rectangle() -> None:
    """In a table with margins the cheapest rectangle is hidden; margins and zeros stay."""
    rows = [[3, 40, 50, 0], [60, 9, 70, 0], [80, 90, 8, 0]]
    full, sums = two_way(rows)
    hidden = protect_cells(full, sums, grand=[("T", "T")]).hidden
    assert len(hidden) == 4
    assert (0, 0) in hidden
    assert not any("T" in name for name in hidden)
    assert not any(full[name] == 0 for name in hidden)


def test_zeros_are_shown_and_plain_tables_are_left_alone() -> None:
    """A table without counts of 1 to 5 loses nothing."""
    full, sums = two_way([[0, 6, 40], [8, 0, 9]])
    assert protect_cells(full, sums).hidden == frozenset()


def test_the_grand_total_stays_while_a_zero_can_be_hidden() -> None:
    """Two cells of 5 under a total of 10 are given away unless a zero is hidden with them."""
    found = protect_cells({"all": 10, "a": 5, "b": 5, "none": 0}, [("all", ("a", "b", "none"))], grand=["all"])
    assert found.hidden == {"a", "b", "none"}
    found = protect_cells({"all": 10, "a": 5, "b": 5}, [("all", ("a", "b"))], grand=["all"])
    assert found.hidden == {"a", "b", "all"}  # nothing else works


def test_totals_within_totals() -> None:
    """A hidden group under a hidden placement is held against both its sums."""
    full = {"all": 120, "homes": 31, "foster": 89, "h young": 2, "h old": 29, "f young": 40, "f old": 49}
    full |= {"young": 42, "old": 78}
    sums = [
        ("all", ("homes", "foster")), ("homes", ("h young", "h old")), ("foster", ("f young", "f old")),
        ("young", ("h young", "f young")), ("old", ("h old", "f old")), ("all", ("young", "old")),
    ]  # fmt: skip
    found = protect_cells(full, sums, grand=["all"])
    assert found.hidden == {"h young", "h old", "f young", "f old"}
    assert found.audit.width.min() > 3


def test_five_children_alone_in_five_cells() -> None:
    """A hidden total of 5 over five hidden cells of 1 is no way to find them: it is not told to be 5."""
    names = tuple("abcde")
    found = protect_cells({"sub": 5, "rest": 60, "all": 65, **dict.fromkeys(names, 1)},
                          [("all", ("sub", "rest")), ("sub", names)], grand=["all"])  # fmt: skip
    assert found.hidden == {"sub", "rest", *names}


def test_rounding_needs_less_hiding_and_is_audited_as_intervals() -> None:
    """Rounded totals leave room of their own; a narrow rounding does not leave enough."""
    counts, sums = {"all": 64, "a": 3, "b": 31, "c": 30}, [("all", ("a", "b", "c"))]
    assert len(protect_cells(counts, sums).hidden) == 2
    assert protect_cells(counts, sums, round_to=10).hidden == {"a"}


PHASES = (Phase.explicit, Phase.generate)
tables = st.integers(2, 4).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 14), min_size=wide, max_size=wide), min_size=2, max_size=4)
)


@settings(max_examples=25, deadline=None, derandomize=True, phases=PHASES)
@given(tables, st.sampled_from([0, 5, 10]))
def test_any_table_ends_protected_and_no_cell_is_hidden_in_vain(rows: list[list[int]], round_to: int) -> None:
    """The search ends, hides all of 1 to 5, passes its own audit, and showing any further cell again would fail it."""
    full, sums = two_way(rows)
    cells = build(full, sums, round_to=round_to, grand=[("T", "T")])
    hidden = complete(cells)
    assert not narrow(cells, hidden)
    assert all(hidden[i] for i, name in enumerate(cells.names) if 1 <= full[name] <= 5)
    for i in range(len(hidden)):
        if hidden[i] and not cells.is_hidden[i]:
            again = hidden.copy()
            again[i] = False
            assert narrow(cells, again)


def test_a_table_that_does_not_add_up_is_refused_without_its_counts() -> None:
    """The error names the cells and holds no count."""
    with pytest.raises(InputError) as caught:
        protect_cells({"all": 4711, "a": 3, "b": 9}, [("all", ("a", "b"))])
    assert "'all' is not the sum of its 2 parts" in str(caught.value)
    assert "4711" not in str(caught.value)

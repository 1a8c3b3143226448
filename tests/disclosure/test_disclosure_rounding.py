"""Rounded numbers stand for just the counts that round to them; two hidden means are two."""

import pytest
from cases import OF, listing
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.disclosure import protect
from cfwlib.disclosure.cells import is_small, read_off, rounded


@pytest.mark.parametrize("to", [5, 10])
def test_a_rounded_count_is_the_nearest_multiple(to: int) -> None:
    """No multiple is nearer than the one shown, and a half goes up: 12 reads 10 and 13 reads 15; 15 reads 20 of 10."""
    for count in range(1000):
        shown = rounded(count, to)
        assert shown % to == 0
        assert -to / 2 < count - shown + (to % 2 == 0) * 1e-9 <= to / 2, count
    assert rounded(12, 5) == 10
    assert rounded(13, 5) == 15
    assert rounded(15, 10) == 20
    assert rounded(14, 10) == 10


@pytest.mark.parametrize("to", [0, 5, 10])
def test_a_shown_number_stands_for_the_counts_that_round_to_it(to: int) -> None:
    """The first and last count that a reader must allow for are those, and no others, that are shown as it."""
    counts = [count for count in range(500) if not is_small(count)]
    for shown in {rounded(count, to) for count in counts if count < 400}:
        meant = [count for count in counts if rounded(count, to) == shown]
        first, last = read_off(shown, to)
        if shown:  # a zero that is shown is a true zero: other counts that round to it are marked
            assert (first, last) == (meant[0], meant[-1])
        else:
            assert (first, last) == (0, 0)


def test_five_is_small_and_six_is_not() -> None:
    """1 to 5 are never shown; nobody, and six or more, may be."""
    assert [count for count in range(-1, 9) if is_small(count)] == [1, 2, 3, 4, 5]


@given(st.lists(st.integers(1, 60), min_size=3, max_size=6), st.integers(0, 2**16))
@settings(max_examples=50, derandomize=True, deadline=None, database=None)
def test_hidden_means_are_two_or_more_and_rest_together_on_enough_children(sizes: list[int], seed: int) -> None:
    """Under a shown total's mean never one hidden alone, nor several of too few children: it could be worked out."""
    groups = {f"g{i}": size for i, size in enumerate(sizes)}
    miles = [10.0 + (seed >> i) % 7 for i in range(len(sizes))]
    total = sum(m * n for m, n in zip(miles, sizes, strict=True)) / sum(sizes)
    table = listing(groups).assign(miles=[*miles, total])
    protected = protect(table, of=OF, keys=["group"], counts=["children"], means={"miles": "children"})
    status = protected.frame["miles_status"].tolist()
    hidden = [size for size, symbol in zip(sizes, status[:-1], strict=True) if symbol]
    assert all(symbol for size, symbol in zip(sizes, status[:-1], strict=True) if size < protected.min_denominator)
    if hidden and not status[-1]:
        assert len(hidden) >= 2
        assert sum(hidden) >= protected.min_denominator

"""Numbers in words are true at nothing, at one, at all and where nothing is known."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.disclosure import Number, say
from cfwlib.report.numbers import plain_number, with_unit
from cfwlib.words import (
    at_most,
    count_words,
    draws_words,
    number_words,
    part_words,
    share_words,
    shown_difference,
)

SHARES = st.floats(0, 1)
BOUNDED = settings(deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("share", "told"),
    [(0, "0.0%"), (0.0004, "under 0.1%"), (0.0006, "0.1%"), (0.5, "50.0%"), (0.9994, "99.9%"), (0.9996, "over 99.9%"),
     (1, "100.0%"), (float("nan"), "not known"), (None, "not known"), (1 - 1e-15, "100.0%")],
)  # fmt: skip
def test_a_share_is_none_or_all_only_where_it_is(share: float | None, told: str) -> None:
    """Of 10,000 children all but four are over 99.9%, and not 100%."""
    assert share_words(share, 1) == told


@BOUNDED
@given(SHARES, st.integers(0, 2))
def test_whatever_the_share_only_nothing_is_0_and_only_all_is_100(share: float, decimals: int) -> None:
    """In sentences, tables, cards and sentences of released numbers alike."""
    nothing, everything = share <= 1e-9, share >= 1 - 1e-9
    for told in (
        share_words(share, decimals),
        with_unit(share, "share", decimals=decimals),
        say("{share}", share=say("{x:.2%}", x=Number(share))),
    ):
        number = told.rstrip("%")
        assert (number.strip("0.") == "") == nothing, told
        assert number.startswith("100") == everything, told


def test_cells_of_a_table_tell_the_ends_short() -> None:
    """A column of shares has no room for words."""
    assert plain_number(0.99996, unit="share") == ">99.9"
    assert plain_number(0.00001, unit="share") == "<0.1"
    assert with_unit(0.99996, "share") == ">99.9%"
    assert plain_number(-0.00001, unit="share") == "0.0"  # a change is rounded, never a minus zero


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "no stops"), (0.2, "under 1 stop"), (1, "1 stop"), (1.4, "1 stop"), (2, "2 stops"), (1234, "1,234 stops"),
     (float("nan"), "an unknown number of stops"), (None, "an unknown number of stops")],
)  # fmt: skip
def test_a_count_has_its_singular_its_none_and_its_not_known(number: float | None, told: str) -> None:
    """Nobody reads 1 stops, nor 0 stops where a fifth of a child is meant."""
    assert count_words(number, "stop") == told


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "no stops"), (0, 1, "0 of 1 stop"), (1, 1, "1 of 1 stop"), (0, 4, "none of the 4 stops"),
     (1, 4, "1 of the 4 stops"), (4, 4, "all 4 stops"), (3.9, 4, "nearly all of the 4 stops"),
     (0.3, 4, "under 1 of the 4 stops"), (None, 4, "an unknown number of stops")],
)  # fmt: skip
def test_a_part_is_none_some_or_all_of_its_whole(part: float | None, whole: float, told: str) -> None:
    """All is said of all alone."""
    assert part_words(part, whole, "stop") == told


@BOUNDED
@given(st.floats(0, 5000), st.floats(0, 1))
def test_whatever_the_part_all_means_all_and_none_means_none(whole: float, share: float) -> None:
    """Expected numbers are rounded, claims are not."""
    told = part_words(share * whole, whole, "child", "children")
    assert ("all " not in told) or "nearly" in told or math.isclose(share * whole, whole, rel_tol=1e-8)
    assert "none" not in told or share * whole <= 1e-9


@BOUNDED
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 2))
def test_a_difference_is_that_of_the_numbers_shown(new: float, old: float, decimals: int) -> None:
    """471 and 467 differ by 4, whatever lies behind the points."""
    one, other = (float(f"{number:.{decimals}f}") for number in (new, old))
    assert f"{shown_difference(new, old, decimals) + 0.0:.{decimals}f}" == f"{one - other + 0.0:.{decimals}f}".replace(
        "-0" if one == other else "never", "0"
    )
    assert shown_difference(466.6, 470.6) == -4


@BOUNDED
@given(st.floats(0, 1e6))
def test_what_nothing_exceeds_is_rounded_up(bound: float) -> None:
    """A bound of 967.2 shown as 967 would be false at 967.1."""
    assert float(at_most(bound).replace(",", "")) >= bound - 1e-5
    assert at_most(967.2) == "968"
    assert at_most(967.0000001) == "967"
    assert at_most(float("nan")) == "not known"


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "in none of"), (0.002, "in under 1% of"), (0.5, "in 50% of"), (0.998, "in over 99% of"), (1.0, "in all of"),
     (float("nan"), "in a share of")],
)  # fmt: skip
def test_a_share_of_draws_is_told_as_that_and_not_as_a_chance(share: float, told: str) -> None:
    """What no draw holds may still happen: the draws know of no price, no staff and no change of law."""
    said = draws_words(share)
    assert said.startswith(f"{told} the futures drawn") or (math.isnan(share) and said.endswith("is not shown"))
    assert "chance" not in said


def test_more_than_nothing_is_never_told_as_0() -> None:
    """A fifth of an hour missing is under 1, and a tenth of a million is not nothing."""
    assert [number_words(n) for n in (0, 0.2, 0.5, 1)] == ["0", "under 1", "under 1", "1"]
    assert number_words(0.04, 1) == "under 0.1"
    assert number_words(float("inf")) == "not known"

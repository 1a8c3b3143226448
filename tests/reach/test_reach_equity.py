import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.reach.equity import (
    concentration_curve,
    concentration_index,
    equity_table,
    gini,
    palma,
    worst_decile_mean,
)

PLACES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=12).filter(
    lambda rows: sum(amount * people for amount, people, _ in rows) > 0
)


def columns(rows: list[tuple[int, int, int]]) -> list[np.ndarray]:
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def test_everybody_equal() -> None:
    """Then there is no inequality, the top tenth holds a quarter of four tenths, and the worst tenth has the mean."""
    amount, people, rank = np.full(7, 3.0), np.array([1, 2, 3, 4, 5, 0, 9.0]), np.arange(7)
    assert gini(amount, people) == pytest.approx(0, abs=1e-12)
    assert concentration_index(amount, people, rank) == pytest.approx(0, abs=1e-12)
    assert palma(amount, people) == pytest.approx(0.25)
    assert worst_decile_mean(amount, people, worst="most") == pytest.approx(3)
    assert worst_decile_mean(amount, people, worst="least") == pytest.approx(3)


def test_one_of_eight_has_everything() -> None:
    """Gini 1 − 1/n, an infinite Palma ratio, and an index of one sign or the other with who it is."""
    amount = np.array([0, 0, 0, 0, 0, 0, 0, 5.0])
    assert gini(amount, np.ones(8)) == pytest.approx(1 - 1 / 8)
    assert palma(amount, np.ones(8)) == np.inf
    assert concentration_index(amount, np.ones(8), np.arange(8)) == pytest.approx(1 - 1 / 8)
    assert concentration_index(amount, np.ones(8), np.arange(8)[::-1]) == pytest.approx(-(1 - 1 / 8))
    assert worst_decile_mean(amount, np.ones(8), worst="least") == 0
    assert worst_decile_mean(amount, np.ones(8), worst="most") == pytest.approx(5)


def test_ten_people_with_one_to_ten_by_hand() -> None:
    """The top one has 10, the lowest four 1 + 2 + 3 + 4 = 10, and the Gini of 1 to n is (n − 1)/3n = 0.3."""
    amount, people = np.arange(1, 11.0), np.ones(10)
    assert gini(amount, people) == pytest.approx(0.3)
    assert palma(amount, people) == pytest.approx(1.0)
    assert worst_decile_mean(amount, people, worst="most") == pytest.approx(10)
    assert worst_decile_mean(amount, people, worst="least") == pytest.approx(1)


def test_places_at_the_cut_are_divided() -> None:
    """Two people of 20 are a tenth: one with 9, and one of the nineteen with 1."""
    assert worst_decile_mean([9, 1], [1, 19], worst="most") == pytest.approx(5)
    assert palma([9, 1], [1, 19]) == pytest.approx((9 + 1) / 8)


def test_the_curve_by_hand_and_its_sign() -> None:
    """The deprived quarter have half of all minutes: the curve lies above the diagonal and the index is negative."""
    curve = concentration_curve([30, 10, 10], [10, 20, 10], [1, 2, 3])
    assert curve["people_share"].tolist() == pytest.approx([0, 0.25, 0.75, 1])
    assert curve["amount_share"].tolist() == pytest.approx([0, 0.5, 5 / 6, 1])
    assert concentration_index([30, 10, 10], [10, 20, 10], [1, 2, 3]) == pytest.approx(-0.25)


@given(PLACES, st.randoms())
def test_the_order_of_rows_makes_no_difference(rows: list[tuple[int, int, int]], random: object) -> None:
    """Places of one rank are taken together, so shuffled rows give the same curve."""
    curve = concentration_curve(*columns(rows))
    random.shuffle(rows)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(curve, concentration_curve(*columns(rows)))


@given(PLACES, st.integers(2, 5), st.floats(0.01, 100))
def test_neither_copies_nor_units_make_a_difference(rows: list[tuple[int, int, int]], times: int, unit: float) -> None:
    """The same place listed several times, people counted in dozens, or hours in minutes: every index stays."""
    amount, people, rank = columns(rows)
    again = [np.tile(column, times) for column in (amount, people, rank)]
    for other in (again, [amount * unit, people, rank], [amount, people * unit, rank]):
        assert gini(*other[:2]) == pytest.approx(gini(amount, people), abs=1e-9)
        assert palma(*other[:2]) == pytest.approx(palma(amount, people), rel=1e-6)
        assert concentration_index(*other) == pytest.approx(concentration_index(amount, people, rank), abs=1e-9)


@given(PLACES)
def test_gini_is_the_mean_difference_between_two_people(rows: list[tuple[int, int, int]]) -> None:
    """An independent definition: the mean absolute difference of two people drawn at random, over twice the mean."""
    amount, people, rank = columns(rows)
    each = np.repeat(amount, people.astype(int))
    difference = np.abs(each[:, None] - each[None, :]).mean()
    assert gini(amount, people) == pytest.approx(difference / 2 / each.mean(), abs=1e-9)
    assert abs(concentration_index(amount, people, rank)) <= gini(amount, people) + 1e-9


@given(PLACES)
def test_tails_are_those_of_people_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    """Ten copies of each person, sorted, give the same tenth and four tenths by counting."""
    amount, people, _ = columns(rows)
    each = np.sort(np.repeat(amount, 10 * people.astype(int)))
    tenth = len(each) // 10
    assume(each[: 4 * tenth].sum() > 0)
    assert palma(amount, people) == pytest.approx(each[-tenth:].sum() / each[: 4 * tenth].sum())
    assert worst_decile_mean(amount, people, worst="most") == pytest.approx(each[-tenth:].mean())
    assert worst_decile_mean(amount, people, worst="least") == pytest.approx(each[:tenth].mean())


def test_nothing_to_share_is_no_number() -> None:
    """Nobody, or nobody who has anything: indices are missing, not nought."""
    for amount, people in (([0, 0], [3, 4]), ([1, np.inf], [0, 0]), ([], [])):
        rank = np.arange(len(amount))
        found = [gini(amount, people), palma(amount, people), concentration_index(amount, people, rank)]
        assert np.isnan(found).all()
    assert np.isnan(worst_decile_mean([1], [0], worst="most"))
    assert worst_decile_mean([0, 0], [3, 4], worst="least") == 0


def test_the_unreachable_are_refused_unless_nobody_lives_there() -> None:
    """A missing amount of somebody is an error that says what to do; of nobody it does not matter."""
    assert gini([4, np.nan], [10, 0]) == 0
    with pytest.raises(InputError, match="amount: 1 places with people have a negative, infinite or missing number"):
        gini([4, np.nan], [10, 1])
    with pytest.raises(InputError) as caught:
        concentration_index([4, 1], [10, -1], [np.nan, 2])
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["people", "rank"]
    with pytest.raises(InputError, match="people 3"):
        gini([1, 2], [1, 2, 3])


def test_the_table_says_whom_it_leaves_out() -> None:
    """Each amount has its row, its own worst end, and the number of people without it."""
    points = pd.DataFrame(
        {"imd_rank": [1, 2, 3], "children_0_17": [10, 10, 5], "drive_min": [30, 10, np.nan], "hours": [1.0, 2.0, 0.0]}
    )
    table = equity_table(points, {"drive_min": "most", "hours": "least"}).set_index("measure")
    assert table["people"].tolist() == [20, 25]
    assert table["people_left_out"].tolist() == [5, 0]
    assert table["mean"].tolist() == pytest.approx([20, 30 / 25])
    assert table["worst_decile_mean"].tolist() == pytest.approx([30, 0])
    assert table["concentration_index"].loc["drive_min"] == pytest.approx(-0.25)
    assert table["gini"].loc["drive_min"] == pytest.approx(0.25)
    with pytest.raises(InputError, match="no column 'minutes'"):
        equity_table(points, {"minutes": "most"})

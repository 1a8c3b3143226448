import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import InputError, SettingsError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.target import change_needed, changes_by_start, path_to_target, share_of

START, TARGET_DATE = pd.Timestamp("2025-03-31"), pd.Timestamp("2028-03-31")
MONTHS = list(pd.date_range("2025-04-01", "2028-03-01", freq="MS"))
SPREAD = np.linspace(-0.05, 0.05, 101)


def share_at(strength: float, starts: pd.Timestamp) -> np.ndarray:
    """A share of 59% that each unit of strength raises by 4 points a year until the target date."""
    years = (TARGET_DATE - starts) / pd.Timedelta(days=365.25)
    return np.clip(0.59 + 0.04 * strength * years + SPREAD, 0, 1)


def test_the_strength_by_hand() -> None:
    """11 points in three years at 4 points a year and unit: 0.917 units from the start."""
    change = change_needed(share_at, START, target=0.7, most=5, tolerance=1e-6)
    assert change.strength == pytest.approx(0.11 / 0.04 / (1096 / 365.25), abs=1e-5)
    assert change.mean == pytest.approx(0.7, abs=1e-5)
    assert change.chance == pytest.approx(0.5, abs=0.02)
    assert "31 March 2025" in change.why
    surer = change_needed(share_at, START, target=0.7, most=5, probability=0.9, tolerance=1e-6)
    assert surer.strength is not None
    assert surer.strength == pytest.approx(0.15 / 0.04 / (1096 / 365.25), abs=1e-2)
    assert surer.chance >= 0.9


@settings(max_examples=50, deadline=None)
@given(st.floats(0.3, 0.99), st.floats(0.1, 10), st.one_of(st.none(), st.floats(0.05, 1)), st.integers(0, 35))
def test_the_least_strength_that_is_enough(target: float, most: float, probability: float | None, month: int) -> None:
    """It reaches the target, and a tolerance less does not; where none is named the greatest falls short."""
    starts = MONTHS[month]
    change = change_needed(share_at, starts, target=target, most=most, probability=probability, tolerance=0.01)

    def enough(strength: float) -> bool:
        share = share_at(strength, starts)
        return bool(
            share.mean() >= target - 1e-9
            if probability is None
            else (share >= target - 1e-9).mean() >= probability - 1e-9
        )

    if change.strength is None:
        assert not enough(most)
        assert change.why.startswith("Even with a strength of")
    else:
        assert enough(change.strength)
        assert change.strength == 0 or not enough(change.strength - 0.01)


def test_nothing_has_to_change_where_things_go_well() -> None:
    """A target below today's course asks for nothing, and says so."""
    change = change_needed(share_at, START, target=0.5, most=5)
    assert change.strength == 0
    assert "nothing has to change" in change.why


def test_a_target_out_of_reach_is_called_that() -> None:
    """With a month left no strength is enough: no strength is named, and the sentence says how far it goes."""
    change = change_needed(share_at, MONTHS[-1], target=0.7, most=3)
    assert change.strength is None
    assert change.chance < 1
    assert "Even with a strength of 3 from 01 March 2028" in change.why


def test_the_later_the_more() -> None:
    """Beginning later asks for more, until it is too late."""
    table = changes_by_start(share_at, MONTHS, target=0.7, most=3, tolerance=1e-4)
    possible = table[table["strength"].notna()]
    assert possible["strength"].is_monotonic_increasing
    assert 0 < len(possible) < len(table)


def test_the_path_beside_the_forecast() -> None:
    """Today's share, a straight line to the target and then level, and how many more children it would take."""
    dates = pd.DatetimeIndex([START, "2026-09-30", TARGET_DATE, "2028-09-30"])
    total = np.full((4, 4), 458)
    in_area = np.array([[269] * 4, [269] * 4, [269] * 4, [269, 300, 321, 330]])
    table = path_to_target(in_area, total, dates, target=0.7, target_date=TARGET_DATE, shown=True)
    assert table["mean"].iloc[0] == pytest.approx(269 / 458)
    assert table["path"].tolist() == pytest.approx([269 / 458, (269 / 458 + 0.7) / 2, 0.7, 0.7], abs=1e-3)
    assert table["chance"].tolist() == [0, 0, 0.25, 0.25]  # 321 of 458 is the first whole number from 70%
    assert table["children_short"].tolist() == pytest.approx([52, (3 * 52 + 21) / 4, 39, 39])
    level = path_to_target(in_area * 0 + 7, total * 0 + 10, dates, target=0.7, target_date=TARGET_DATE, shown=True)
    assert (level["chance"] == 1).all()  # 7 of 10 is 70%
    hidden = path_to_target(in_area, total, dates, target=0.7, target_date=TARGET_DATE, shown=False)
    assert hidden[["low_80", "high_95", "chance"]].isna().all(axis=None)
    assert hidden["mean"].notna().all()


def test_draws_without_children_have_no_share() -> None:
    """They are left out of mean, bands and chance; with nobody in any draw there is no share at all."""
    assert np.isnan(share_of(np.array([0]), np.array([0]))).all()
    dates = pd.DatetimeIndex([START, TARGET_DATE])
    table = path_to_target(
        np.array([[1, 0], [0, 0]]),
        np.array([[1, 0], [0, 0]]),
        dates,
        target=0.7,
        target_date=TARGET_DATE,
        shown=True,
    )
    assert table["mean"].iloc[0] == table["chance"].iloc[0] == 1
    assert table[["mean", "low_80", "chance"]].iloc[1].isna().all()


def test_what_cannot_be_asked() -> None:
    """A target date that is past, shapes that do not fit, a strength of nothing."""
    one, dates = np.ones((2, 1)), pd.DatetimeIndex([START])
    with pytest.raises(InputError, match="must be after 2025-03-31"):
        path_to_target(one, one, dates, target=0.7, target_date=START, shown=True)
    with pytest.raises(InputError, match="1 dates"):
        path_to_target(one, np.ones((2, 2)), dates, target=0.7, target_date=TARGET_DATE, shown=True)
    with pytest.raises(InputError, match="above 0"):
        change_needed(share_at, START, target=0.7, most=0)


def test_a_target_date_is_a_day_of_the_calendar() -> None:
    """A 30 February is refused with the setting's name before anything runs; so is an end of the returns."""
    with pytest.raises(SettingsError, match="no such day") as caught:
        Settings.read(target_date="2028-02-30", returns_end="2025-13-01")
    assert len(caught.value.problems) == 2
    assert "'target_date' = '2028-02-30'" in str(caught.value)
    assert Settings.read(target_date="2028-02-29", returns_end="").returns_end == ""

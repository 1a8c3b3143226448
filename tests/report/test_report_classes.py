"""Classes are round, cover everything and stay the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.report import rounded_classes
from cfwlib.report.classes import NO_DATA, YLGNBU

MINUTES = pd.Series(np.linspace(2, 38, 60))


def test_limits_are_numbers_a_person_would_choose():
    """Sixty even drive times fall into five classes at multiples of a round step, the unit left to the legend."""
    classes = rounded_classes(MINUTES, unit="min")
    assert classes.labels == ("under 10", "10 to under 15", "15 to under 25", "25 to under 30", "30 or more")
    assert len(set(classes.colours)) == 5


def test_whole_numbers_get_labels_without_overlap():
    """Counts are labelled so that every count belongs to exactly one label."""
    assert rounded_classes(pd.Series(range(100)), breaks=[5, 6, 20]).labels == ("under 5", "5", "6 to 19", "20 or more")


def test_shares_are_labelled_in_per_cent():
    """A share of 0.065 is spoken of as 6.5 per cent."""
    assert rounded_classes(pd.Series([0.05, 0.3]), unit="share", breaks=[0.065, 0.1]).labels[1] == "6.5 to under 10.0"


def test_a_value_on_a_limit_belongs_to_the_class_above_and_missing_is_grey():
    """The label 'under 15' is kept to the letter, and a missing value has no class."""
    classes = rounded_classes(MINUTES, unit="min", breaks=[15, 30])
    values = pd.Series([14.99, 15, 30, -5, 1e9, np.nan])
    assert classes.index(values).tolist() == [0, 1, 2, 0, 2, -1]
    assert classes.colour(values).iloc[-1] == NO_DATA


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60))
def test_any_numbers_are_covered_in_any_order(values: list[float]):
    """No class is empty at either end, limits rise, and the order of rows changes nothing."""
    series = pd.Series(values)
    classes = rounded_classes(series)
    assert list(classes.breaks) == sorted(set(classes.breaks))
    assert len(classes.labels) == len(classes.colours) == len(classes.breaks) + 1 <= 5
    assert rounded_classes(series[::-1]) == classes
    if classes.breaks:
        assert min(values) < classes.breaks[0]
        assert classes.breaks[-1] <= max(values)


@pytest.mark.parametrize("breaks", [[3, 2], [1, float("nan")], [1, 2, 3, 4, 5]])
def test_limits_that_make_no_classes_are_refused(breaks: list[float]):
    """Falling, missing or too many limits are an error with the limits in it."""
    with pytest.raises(InputError, match="rising"):
        rounded_classes(MINUTES, breaks=breaks)


def test_constant_and_empty_columns_have_one_class():
    """A column that does not differ is one class, not a failure."""
    assert rounded_classes(pd.Series([4.0, 4.0])).labels == ("all values",)
    assert rounded_classes(pd.Series([np.nan, np.nan])).breaks == ()


def test_classes_are_told_apart_without_seeing_hue():
    """Each colour is clearly darker than the one before, so that grey print and any colour vision keep the order."""
    linear = [[(int(c[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)] for c in YLGNBU]
    lightness = 116 * np.cbrt(np.array(linear) @ [0.2126, 0.7152, 0.0722]) - 16
    assert (np.diff(lightness) < -10).all()

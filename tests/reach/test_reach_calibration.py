from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cfwlib.errors import InputError
from cfwlib.reach.calibration import YARDSTICK, YARDSTICK_KM, calibrate, fit_line

HILLY = ["aberdeenshire", "angus", "perth_and_kinross", "shropshire", "wrexham", "librariesni"]


def pairs() -> tuple[np.ndarray, np.ndarray]:
    km = np.linspace(0.3, 20, 60)
    return km, YARDSTICK.minutes(km)


def test_roads_that_agree_need_no_factor() -> None:
    """Minutes on the yardstick give its own line back, a factor of 1 and a table without difference."""
    found = calibrate(*pairs())
    assert found.speed_factor == pytest.approx(1)
    assert found.slope_factor == pytest.approx(1)
    assert (found.ours.intercept_min, found.ours.slope_min_per_km) == pytest.approx((1.87, 1.413))
    assert found.ours.r_squared == pytest.approx(1)
    assert found.table["yardstick_min"].tolist() == pytest.approx([4.696, 8.935, 16.0, 23.065])
    assert found.table["ratio"].tolist() == pytest.approx([1, 1, 1, 1])


def test_the_factor_makes_slow_roads_agree() -> None:
    """If all drives take a quarter longer, and then parking, speeds have to rise by a quarter: parking is not speed."""
    km, minutes = pairs()
    found = calibrate(km, 1.25 * minutes + 1.8, terminal_min=1.8)
    assert found.speed_factor == pytest.approx(1.25)
    assert calibrate(km, (1.25 * minutes) / found.speed_factor).speed_factor == pytest.approx(1)
    assert calibrate(km, 1.25 * minutes + 1.8).speed_factor > 1.3


def test_only_reachable_pairs_in_the_range_count() -> None:
    """Longer journeys than the yardstick's and those without a road change nothing; the ends of the range count."""
    km, minutes = pairs()
    more = calibrate(np.append(km, [35, 5, np.nan]), np.append(minutes, [500, np.nan, 4]))
    assert more.ours == calibrate(km, minutes).ours
    assert more.ours.pairs == 60
    assert calibrate(km, minutes, range_km=(0.3, 10)).ours.pairs == (km <= 10).sum()


def test_too_little_to_compare_is_refused() -> None:
    """Two journeys make no line, columns must match, and terminal minutes cannot be all there is."""
    km, minutes = pairs()
    with pytest.raises(InputError, match="2 journeys are too few"):
        calibrate(km[:2], minutes[:2])
    with pytest.raises(InputError, match="60 and 59"):
        calibrate(km, minutes[1:])
    with pytest.raises(InputError, match="terminal_min"):
        calibrate(km, minutes, terminal_min=90)


@pytest.mark.real
def test_the_yardstick_is_what_its_description_says(open_data: Path) -> None:
    """Line, number of legs, authorities, range and speeds are those of the published legs."""
    legs = pd.read_csv(open_data / "mobile-libraries" / "legs_all.csv")
    hilly = legs[legs["la"].isin(HILLY) & (legs["km"] < 60)]
    found = fit_line(hilly["crow"], hilly["min"])
    assert (round(found.intercept_min, 2), round(found.slope_min_per_km, 3)) == (1.87, 1.413)
    assert (round(found.r_squared, 2), found.pairs) == (YARDSTICK.r_squared, YARDSTICK.pairs)
    assert (len(legs), legs["la"].nunique()) == (4_073, 29)
    every = fit_line(legs["crow"], legs["min"])
    assert (round(every.intercept_min, 2), round(every.slope_min_per_km, 3)) == (1.93, 1.499)
    assert hilly["crow"].between(*YARDSTICK_KM).mean() == pytest.approx(0.98, abs=0.005)
    assert round(hilly["crow"].median(), 1) == 3.1
    assert 76 < (hilly["km"] / hilly["min"] * 60).max() <= 77.4
    for low, high in ((0.3, 2), (2, 5), (5, 10), (10, 20)):  # the line holds all along the range, to a minute
        some = hilly[hilly["crow"].between(low, high)]
        assert (some["min"] - YARDSTICK.minutes(some["crow"])).mean() == pytest.approx(0, abs=1)

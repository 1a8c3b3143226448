"""Calibration: drive times of our road model against a yardstick of times that others have modelled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.reach.network import Network
from cfwlib.reach.travel import minutes_matrix
from cfwlib.settings import ReachSettings

TABLE_KM = (2.0, 5.0, 10.0, 15.0)


@dataclass(frozen=True)
class Fit:
    """A straight line: minutes = `intercept_min` + `slope_min_per_km` × crow km, over `pairs` journeys."""

    intercept_min: float
    slope_min_per_km: float
    r_squared: float
    pairs: int

    def minutes(self, crow_km: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the line's minutes at distances in km as the crow flies."""
        return self.intercept_min + self.slope_min_per_km * np.asarray(crow_km, dtype=float)


YARDSTICK = Fit(1.87, 1.413, 0.92, 825)
"""Minutes of mobile library lorries between stops, routed on OpenStreetMap for timetables published 2018 to 2024.

It holds for six hilly authorities (Aberdeenshire, Angus, Perth and Kinross, Shropshire, Wrexham, Northern Ireland): 825
legs of under 60 km by road, out of 4,073 legs in 29 authorities. Half of them are shorter than 3.1 km as the crow
flies, 98% lie between 0.3 and 20 km. The times are wheels turning, without parking or setting off; the intercept is the
slow roads at each end. No lorry averages more than 77 km/h, so a car may gain a little on the few fast main roads.
Over all 4,073 legs, flat country and towns included, the line is 1.93 + 1.499 × km.
"""
YARDSTICK_KM = (0.3, 20.0)


@dataclass(frozen=True)
class Calibration:
    """How our minutes compare with the yardstick.

    Attributes
    ----------
    ours
        The line through our own minutes, terminal minutes taken off.
    yardstick
        The line they are held against.
    speed_factor
        What to multiply every class speed by, so that our mean minutes agree with the yardstick's over the same
        distances; more than 1 = our roads are too slow.
    slope_factor
        The same from the two slopes: what long journeys alone would ask for.
    table
        `crow_km`, `ours_min`, `yardstick_min`, `ratio` (ours over yardstick) at 2, 5, 10 and 15 km.
    """

    ours: Fit
    yardstick: Fit
    speed_factor: float
    slope_factor: float
    table: pd.DataFrame


def fit_line(crow_km: npt.ArrayLike, minutes: npt.ArrayLike) -> Fit:
    """Return the least-squares line of minutes on distance.

    Parameters
    ----------
    crow_km
        Distance of each journey as the crow flies, in km.
    minutes
        Its minutes; same length.

    Returns
    -------
    fit
        With the share of the variance it explains.

    Raises
    ------
    InputError
        With fewer than three journeys, or all of one distance.
    """
    x, y = np.asarray(crow_km, dtype=float), np.asarray(minutes, dtype=float)
    if len(x) < 3 or np.ptp(x) == 0:
        raise InputError(
            f"{len(x)} journeys are too few for a line, or all have one length. Give more pairs of places."
        )
    spread = x - x.mean()
    slope = spread @ y / (spread @ spread)
    rest = y - y.mean() - slope * spread
    total = (y - y.mean()) @ (y - y.mean())
    r_squared = 1 - rest @ rest / total if total > 0 else float("nan")
    return Fit(float(y.mean() - slope * x.mean()), float(slope), float(r_squared), len(x))


def calibrate(
    crow_km: npt.ArrayLike,
    minutes: npt.ArrayLike,
    *,
    terminal_min: float = 0,
    yardstick: Fit = YARDSTICK,
    range_km: tuple[float, float] = YARDSTICK_KM,
) -> Calibration:
    """Return our drive times held against a yardstick over the same range of distances.

    Give pairs like the journeys in question: homes and the places families go to. Terminal minutes (parking, setting
    off) are in our door-to-door times but not in the yardstick's; they are taken off first, and no speed should be
    raised to make up for them. The factor assumes that all of the rest shrinks with speed.

    Parameters
    ----------
    crow_km
        Distance of each pair of places as the crow flies, in km.
    minutes
        Our minutes by car; same length, NaN = unreachable, left out.
    terminal_min
        Terminal minutes contained in `minutes`.
    yardstick
        The line to compare with.
    range_km
        Shortest and longest distance compared; the ends count.

    Returns
    -------
    calibration
        The two lines, the factor, and a table.

    Raises
    ------
    InputError
        If the lengths differ, fewer than three journeys lie in the range, or terminal minutes exceed the mean journey.
    """
    x, y = np.asarray(crow_km, dtype=float), np.asarray(minutes, dtype=float) - terminal_min
    if x.shape != y.shape:
        raise InputError(f"crow_km and minutes differ in length: {x.size} and {y.size}.")
    use = np.isfinite(y) & (x >= range_km[0]) & (x <= range_km[1])
    ours = fit_line(x[use], y[use])
    if y[use].mean() <= 0:
        raise InputError(f"terminal_min: {terminal_min} minutes are more than the journeys take. Are they contained?")
    table = pd.DataFrame({"crow_km": TABLE_KM, "ours_min": ours.minutes(TABLE_KM)})
    table["yardstick_min"] = yardstick.minutes(TABLE_KM)
    table["ratio"] = table["ours_min"] / table["yardstick_min"]
    factor = y[use].mean() / yardstick.minutes(x[use]).mean()
    return Calibration(ours, yardstick, float(factor), ours.slope_min_per_km / yardstick.slope_min_per_km, table)


def sample_journeys(
    points: pd.DataFrame, network: Network, settings: ReachSettings, *, most_points: int = 300
) -> pd.DataFrame:
    """Return journeys by car between an even selection of demand points, to be held against the yardstick.

    Parameters
    ----------
    points
        `point`, `easting`, `northing` (m).
    network
        Roads with the points joined on.
    settings
        Terminal minutes.
    most_points
        Most points taken, in the order given.

    Returns
    -------
    journeys
        `crow_km` and `minutes` (terminal minutes included), one row per pair and direction within `YARDSTICK_KM`.
    """
    chosen = points.iloc[:: max(1, -(-len(points) // most_points))]
    names, places = list(chosen["point"]), chosen[["easting", "northing"]].to_numpy(float)
    crow_km = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) / 1000
    minutes = minutes_matrix(network, names, names, settings).to_numpy()
    journeys = pd.DataFrame({"crow_km": crow_km.ravel(), "minutes": minutes.ravel()}).dropna()
    return journeys[journeys["crow_km"].between(*YARDSTICK_KM)].reset_index(drop=True)

"""Choose, among invented histories, those that together have the published counts of Cumberland on 31 March 2025."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError
from tools.sample.rates import AGE_NAMES, AGES_YEARS, KINDS

Rows = npt.NDArray[np.bool_]


class Home(NamedTuple):
    """Children of one kind in one sort of home: PLACE code, who provides it, and how many on the last day."""

    kind: str
    place: str
    provider: str
    children: int


# Rows and columns that the department publishes add up to its figures (fostering 336, secure and children's homes 61,
# supported 22, parents 18, adoption 8; own 211, other authority 61, private 144, voluntary 17; in the area 269). How
# they cross, and the split of the counts that it hides, is invented.
HOMES = (
    Home("fostering, in area", "U4", "PR1", 90), Home("fostering, in area", "U6", "PR1", 60),
    Home("fostering, in area", "U1", "PR1", 30), Home("fostering, in area", "U4", "PR4", 24),
    Home("fostering, in area", "U6", "PR5", 6), Home("fostering, in area", "U6", "PR2", 5),
    Home("fostering, outside", "U4", "PR1", 10), Home("fostering, outside", "U4", "PR2", 54),
    Home("fostering, outside", "U4", "PR4", 30), Home("fostering, outside", "U6", "PR4", 20),
    Home("fostering, outside", "U6", "PR5", 7),
    Home("residential, in area", "K2", "PR1", 6), Home("residential, in area", "K2", "PR4", 14),
    Home("residential, outside", "K2", "PR4", 37), Home("residential, outside", "K2", "PR2", 2),
    Home("residential, outside", "K2", "PR5", 2),
    Home("supported, in area", "H5", "PR1", 4), Home("supported, in area", "H5", "PR4", 4),
    Home("supported, in area", "H5", "PR5", 1), Home("supported, outside", "H5", "PR4", 12),
    Home("supported, outside", "H5", "PR5", 1),
    Home("other, in area", "A4", "PR1", 5), Home("other, in area", "P1", "PR0", 14),
    Home("other, in area", "R3", "PR3", 1), Home("other, in area", "Z1", "PR1", 3), Home("other, in area", "Z1", "", 2),
    Home("other, outside", "A4", "PR1", 3), Home("other, outside", "P1", "PR0", 4),
    Home("other, outside", "R3", "PR4", 3), Home("other, outside", "R3", "PR3", 2), Home("other, outside", "Z1", "", 2),
)  # fmt: skip
DISTANCES = ("near", "far", "not known")  # up to 20 miles from home, over 20 miles, the home not being known
DISTANCE_COUNTS = {"in area": (191, 72, 6), "outside": (18, 158, 13)}
STOCK = sum(home.children for home in HOMES)
AGES = dict(zip(AGE_NAMES, (22, 52, 83, 187, 114), strict=True))
UASC, STARTS, CEASED = 15, 182, 207
YEAR_BEFORE = {"fostering": 309, "residential": 69}
_USUAL_STARTS, _USUAL_STOCK = (165, 195), (460, 500)  # of the earlier years, of which little is published


def choose_histories(stays: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, rng: np.random.Generator) -> Rows:
    """Return which stays to keep so that the counts are met; who entered together is kept together.

    Parameters
    ----------
    stays
        Of about twice the children, with `group` and `uasc`.
    start, end
        Window of the stays; the counts hold on the last day and in the year up to it.
    rng
        Source of chance: among all choices that meet the counts, one with nearly the highest sum of random weights.

    Raises
    ------
    InputError
        When no choice meets the counts.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # slow to import, and real returns need none

    unit, groups = pd.factorize(stays["group"])
    rules = [*_rules(stays, end), *_usual(stays, start, end)]
    counts = np.array([np.bincount(unit[rows], minlength=len(groups)) for rows, _, _ in rules])
    chosen = milp(
        0.5 - rng.random(len(groups)),  # as many histories are worth having as not: no pull to more or fewer
        constraints=LinearConstraint(counts, [low for _, low, _ in rules], [high for _, _, high in rules]),
        integrality=np.ones(len(groups)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.05},
    )
    if chosen.x is None:
        raise InputError("synthetic returns: these histories cannot meet the published counts. Give another seed.")
    return np.asarray(chosen.x > 0.5)[unit]


def present(stays: pd.DataFrame, day: pd.Timestamp) -> Rows:
    """Return the stays that hold on the night of a day."""
    return ((stays["start"] <= day) & ~(stays["end"] <= day)).to_numpy()


def _rules(stays: pd.DataFrame, end: pd.Timestamp) -> list[tuple[Rows, int, int]]:
    """Return stays to count, with the fewest and the most."""
    last, before = present(stays, end), present(stays, end - pd.DateOffset(years=1))
    year = end - pd.DateOffset(years=1)
    inside = stays["kind"].str.endswith("in area").to_numpy()
    uasc = stays["uasc"].to_numpy()
    rules: list[tuple[Rows, int, int]] = []
    for name, low, high in zip(AGE_NAMES, AGES_YEARS, AGES_YEARS[1:], strict=False):
        born = stays["born"]
        band = (born <= end - pd.DateOffset(years=low)) & (born > end - pd.DateOffset(years=high))
        rules.append((last & band.to_numpy(), AGES[name], AGES[name]))
    rules += [(last & (stays["kind"] == kind).to_numpy(), many, many) for kind, many in kind_counts().items()]
    known = DISTANCE_COUNTS["in area"][2]  # the homes of unaccompanied children are not known
    rules += [(last & uasc, UASC, UASC), (last & uasc & inside, UASC - DISTANCE_COUNTS["outside"][2], known)]
    for placement, many in YEAR_BEFORE.items():
        rules.append((before & stays["kind"].str.startswith(placement).to_numpy(), many, many))
    rules.append(((stays["began"] & (stays["start"] > year)).to_numpy(), STARTS, STARTS))
    rules.append(((stays["left"] & (stays["end"] > year)).to_numpy(), CEASED, CEASED))
    return rules


def _usual(stays: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> list[tuple[Rows, int, int]]:
    """Return bounds on the earlier years, so that the choice does not bear on some of them only."""
    rules: list[tuple[Rows, int, int]] = []
    day = end - pd.DateOffset(years=2)
    while day >= start:
        began = stays["began"] & (stays["start"] > day) & (stays["start"] <= day + pd.DateOffset(years=1))
        rules += [(began.to_numpy(), *_USUAL_STARTS), (present(stays, day), *_USUAL_STOCK)]
        day -= pd.DateOffset(years=1)
    return rules


def kind_counts() -> Mapping[str, int]:
    """Return the children of each kind on the last day."""
    return {kind: sum(home.children for home in HOMES if home.kind == kind) for kind in KINDS}

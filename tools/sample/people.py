"""The people of the modelled county: residents by age, households and cars, deprivation, made to meet published totals.

Whole numbers are shared out by largest remainders in integer arithmetic, so the totals hold exactly on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.sample.land import Dice, Link, Neighbourhood, apart, homes, links, neighbourhoods
from tools.sample.places import Place, Point, places

RESIDENTS, RURAL_RESIDENTS, RESIDENTS_0_25 = 273_300, 144_849, 72_313
HOUSEHOLDS, NO_CAR_HOUSEHOLDS, OUTPUT_AREAS = 125_404, 25_483, 925
MOST_DEPRIVED_TENTH = 14

# Scores at shares of England's ranking (0 = most deprived), for a straight line between.
_SHARES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 0.8, 1.0)
_SCORES = {
    "imd": (92.0, 66.0, 48.0, 40.0, 31.0, 17.5, 9.0, 0.6),
    "income": (0.6, 0.4, 0.29, 0.24, 0.18, 0.095, 0.05, 0.005),
    "idaci": (0.7, 0.48, 0.37, 0.31, 0.24, 0.125, 0.06, 0.005),
}


@dataclass(frozen=True)
class People:
    """One neighbourhood's residents by single year of age (0 to 90+), households and rural-urban classes."""

    ages: tuple[int, ...]
    in_households: int
    cars: tuple[int, int, int, int]  # households with none, one, two, three or more
    points: int  # Output Areas
    ruc11: str
    ruc21: str

    @property
    def residents(self) -> int:
        """All usual residents."""
        return sum(self.ages)

    @property
    def rural(self) -> bool:
        """Whether both classifications call it rural."""
        return self.ruc21.startswith("R")


@dataclass(frozen=True)
class County:
    """The whole modelled county; `people` and `homes` (Output Area positions, metres) go by neighbourhood."""

    places: list[Place]
    areas: list[Neighbourhood]
    people: list[People]
    network: list[Link]
    homes: list[list[Point]]


def make_county() -> County:
    """Return the modelled county, the same every time."""
    everywhere = places()
    areas = neighbourhoods(everywhere)
    residents = people(areas, everywhere)
    network = links(areas, everywhere)
    return County(
        everywhere, areas, residents, network, homes(areas, everywhere, network, [g.points for g in residents])
    )


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share a whole total in proportion to whole weights: largest remainders first, then the earlier.

    Parameters
    ----------
    total
        What to share, a whole number of people, households, pupils...
    weights
        Whole, not negative, not all zero.

    Returns
    -------
    shares
        Whole numbers that add up to `total`, one per weight.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda k: (-remainders[k], k))
    for k in order[: total - sum(shares)]:
        shares[k] += 1
    return shares


def people(areas: list[Neighbourhood], everywhere: list[Place]) -> list[People]:
    """Return the people of each neighbourhood, in the same order."""
    dice = Dice(5)
    weights = [1000 + round(1000 * dice.share()) for _ in areas]
    totals = _in_two(areas, weights)
    young = share_out(RESIDENTS_0_25, [n * _youth(a, dice) for a, n in zip(areas, totals, strict=True)])
    ages = [_ages(a, n, y) for a, n, y in zip(areas, totals, young, strict=True)]
    communal = [n * dice.pick(24) // 1000 for n in totals]
    households = share_out(HOUSEHOLDS, [n * (95 + dice.pick(12)) for n in totals])
    no_car = share_out(NO_CAR_HOUSEHOLDS, [h * _carless(a, dice) for a, h in zip(areas, households, strict=True)])
    points = [4 + k for k in share_out(OUTPUT_AREAS - 4 * len(areas), totals)]
    found = []
    for k, area in enumerate(areas):
        ruc11, ruc21 = _rural_urban(area, everywhere)
        rest = share_out(households[k] - no_car[k], [54, 35, 11] if area.place.urban else [45, 38, 17])
        cars = (no_car[k], rest[0], rest[1], rest[2])
        found.append(People(ages[k], totals[k] - communal[k], cars, points[k], ruc11, ruc21))
    return found


def _in_two(areas: list[Neighbourhood], weights: list[int]) -> list[int]:
    """Return residents per neighbourhood, the rural and the urban ones each to their own total."""
    totals = [0] * len(areas)
    for urban, total in ((True, RESIDENTS - RURAL_RESIDENTS), (False, RURAL_RESIDENTS)):
        mine = [k for k, area in enumerate(areas) if area.place.urban is urban]
        for k, share in zip(mine, share_out(total, [weights[k] for k in mine]), strict=True):
            totals[k] = share
    return totals


def _youth(area: Neighbourhood, dice: Dice) -> int:
    """Return how young a neighbourhood is: poorer and urban ones more so, the remote fells less."""
    remote = 8 if area.place.kind == "Hamlet" else 0
    return 100 + (50 - area.place.percentile) // 4 + (8 if area.place.urban else 0) - remote + dice.pick(17) - 8


def _ages(area: Neighbourhood, residents: int, young: int) -> tuple[int, ...]:
    """Return residents by single year of age, 0 to 89 and 90+."""
    leavers = 95 if area.place.urban else 85  # many leave villages for work or study at 18
    to_25 = [96 + age if age < 16 else (108 if age < 18 else leavers) for age in range(26)]
    grey = 0 if area.place.urban else 1
    from_26 = [_older(age) * (100 + grey * (age - 50)) for age in range(26, 91)]
    return tuple(share_out(young, to_25) + share_out(residents - young, from_26))


def _older(age: int) -> int:
    """Return the relative number of people of an age from 26: most in their fifties, few past 80; 90+ together."""
    if age == 90:
        return 80
    return min(100 + age - 26, 128) if age <= 60 else max(128 - 4 * (age - 60), 20)


def _carless(area: Neighbourhood, dice: Dice) -> int:
    """Return the relative rate of households without a car."""
    rate = 8 + max(0, 75 - area.place.percentile) * 4 // 10 + dice.pick(7)
    return rate * (5 if area.place.urban else 4 if area.place.kind == "Town" else 3)


def _rural_urban(area: Neighbourhood, everywhere: list[Place]) -> tuple[str, str]:
    """Return the 2011 and 2021 class codes, "near" and "sparse" judged by straight distance from Carlisle or a town."""
    carlisle = next(place for place in everywhere if place.kind == "City")
    near = "N" if apart(area.heart, carlisle.middle) < 24_000 else "F"
    if area.place.urban:
        return "C1", f"U{near}1"
    if area.place.kind in ("Town", "Suburb"):
        return "D1", f"RL{near}1"
    return ("E2" if _to_town(area, everywhere) > 9_000 else "E1"), f"RS{near}1"


def _to_town(area: Neighbourhood, everywhere: list[Place]) -> int:
    """Return the straight distance in metres to the nearest town or city."""
    towns = [place for place in everywhere if place.kind in ("City", "Suburb", "Town")]
    return round(min(apart(area.heart, town.middle) for town in towns))


def deprivation(county: County, england: int, *, stream: int) -> list[dict[str, int]]:
    """Return each neighbourhood's ranks among England's, 1 = most deprived: imd, income, idaci, children, barriers.

    Parameters
    ----------
    county
        Its areas and places are used.
    england
        Number of neighbourhoods ranked: 32,844 (2011) or 33,755 (2021).
    stream
        Which stream of draws to use, one per vintage.

    Returns
    -------
    ranks
        One dictionary per neighbourhood, in the county's order.
    """
    dice, areas, everywhere = Dice(stream), county.areas, county.places
    luck = [round(1000 * area.place.percentile + 9000 * dice.spread(1)) for area in areas]
    remote = [-_to_town(area, everywhere) - 100 * dice.pick(20) - (0 if area.place.urban else 1200) for area in areas]
    columns = {"imd": _ranks(luck, england, dice, tenth=MOST_DEPRIVED_TENTH)}
    for name in ("income", "idaci", "children"):
        columns[name] = _ranks([value + round(9000 * dice.spread(1)) for value in luck], england, dice, tenth=17)
    columns["barriers"] = _ranks(remote, england, dice, tenth=47)
    return [{name: ranks[k] for name, ranks in columns.items()} for k in range(len(areas))]


def _ranks(values: list[int], england: int, dice: Dice, *, tenth: int) -> list[int]:
    """Return distinct ranks in the order of the values, exactly `tenth` of them in England's most deprived tenth."""
    order = sorted(range(len(values)), key=lambda k: (values[k], k))
    ranks = [0] * len(values)
    cut = england // 10
    for low, high, mine in ((60, cut, order[:tenth]), (cut + 1, england - 1500, order[tenth:])):
        step = (high - low) // len(mine)
        for position, k in enumerate(mine):
            ranks[k] = low + position * step + dice.pick(step)
    return ranks


def decile(rank: int, england: int) -> int:
    """Return the tenth of England a rank falls in: 1 = most deprived."""
    return -(-rank * 10 // england)


def score(kind: str, rank: int, england: int) -> float:
    """Return the score that goes with a rank: an IMD score, or an income or IDACI rate from 0 to 1."""
    share = rank / england
    levels = _SCORES[kind]
    for (left, right), (top, bottom) in zip(pairwise(_SHARES), pairwise(levels), strict=True):
        if share <= right:
            return top + (bottom - top) * (share - left) / (right - left)
    return levels[-1]

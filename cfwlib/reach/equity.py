"""Equity: how evenly a good or a burden is spread over people, and whether the most deprived have more or less of it.

Every measure counts people, not places. Amounts are per person (hours a week, minutes). Whoever has no people counts
for nothing; a missing amount of somebody is refused, because leaving out the unreachable flatters: `equity_table`
leaves them out and says how many they are.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError, refuse

Floats = npt.NDArray[np.float64]
Worst = Literal["most", "least"]


def concentration_curve(amount: npt.ArrayLike, people: npt.ArrayLike, rank: npt.ArrayLike) -> pd.DataFrame:
    """Return the share of all amounts that goes to each share of people, taken from the most deprived on.

    Parameters
    ----------
    amount
        Amount per person, 0 or more, one per place, such as hours a week or minutes.
    people
        People at each place.
    rank
        Deprivation rank of each place, 1 = most deprived. Places of equal rank are taken together, so that the order of
        rows makes no difference.

    Returns
    -------
    curve
        `people_share`, `amount_share`, both from 0 to 1, one row per rank after the starting point (0, 0). On the
        diagonal everybody has the same. The amounts' shares are NaN if there is nothing to share.

    Raises
    ------
    InputError
        If the lengths differ, or a place with people has no amount or rank, or a negative one.
    """
    _check(amount=amount, people=people, rank=rank)
    each, count, place = (np.asarray(values, dtype=float) for values in (amount, people, rank))
    there = count > 0
    held = pd.DataFrame({"people_share": count[there], "amount_share": each[there] * count[there]})
    steps = held.groupby(place[there]).sum().cumsum()
    steps = steps if len(steps) else pd.DataFrame(np.nan, [0], held.columns)
    total = steps.iloc[-1]
    start = pd.DataFrame(0.0, [0], held.columns)
    return pd.concat([start, steps / total.where(total > 0)], ignore_index=True)


def concentration_index(amount: npt.ArrayLike, people: npt.ArrayLike, rank: npt.ArrayLike) -> float:
    """Return twice the area between the diagonal and the concentration curve.

    Negative: the more deprived have more. So for hours a negative index favours the deprived, and for minutes it means
    that the deprived travel longer.

    Parameters
    ----------
    amount, people, rank
        As for `concentration_curve`.

    Returns
    -------
    index
        −1 to 1, 0 if the amount does not go with deprivation; NaN if there is nothing to share.

    Raises
    ------
    InputError
        As for `concentration_curve`.
    """
    curve = concentration_curve(amount, people, rank)
    return float(1 - 2 * np.trapezoid(curve["amount_share"], curve["people_share"]))


def gini(amount: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return the Gini coefficient: the concentration index of an amount ranked by itself.

    Parameters
    ----------
    amount, people
        As for `concentration_curve`.

    Returns
    -------
    gini
        0 = everybody has the same, near 1 = one person has all; NaN if there is nothing to share.

    Raises
    ------
    InputError
        As for `concentration_curve`.
    """
    return concentration_index(amount, people, amount)


def palma(amount: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return what the tenth of people who have most hold together, over what the four tenths who have least hold.

    Places at a cut are divided between the two sides.

    Parameters
    ----------
    amount, people
        As for `concentration_curve`.

    Returns
    -------
    palma
        0.25 if everybody has the same; infinite if the four tenths have nothing; NaN if there is nothing to share.

    Raises
    ------
    InputError
        As for `concentration_curve`.
    """
    poorest, all_but_top, total = _held_by_least(amount, people, np.array([0.4, 0.9, 1.0]))
    if not total > 0:
        return float("nan")
    return float((total - all_but_top) / poorest) if poorest > 0 else float("inf")


def worst_decile_mean(amount: npt.ArrayLike, people: npt.ArrayLike, *, worst: Worst) -> float:
    """Return the mean amount of the tenth of people who are worst off.

    The place at the cut counts with the part of its people that fills the tenth.

    Parameters
    ----------
    amount, people
        As for `concentration_curve`.
    worst
        `most` for a burden such as minutes, `least` for a good such as hours.

    Returns
    -------
    mean
        In the unit of the amount; NaN if there is nobody.

    Raises
    ------
    InputError
        As for `concentration_curve`.
    """
    bottom, all_but_top, total = _held_by_least(amount, people, np.array([0.1, 0.9, 1.0]))
    tenth = 0.1 * np.asarray(people, dtype=float).sum()
    held = {"most": total - all_but_top, "least": bottom}
    return float(held[worst] / tenth) if tenth > 0 else float("nan")


def equity_table(points: pd.DataFrame, measures: Mapping[str, Worst]) -> pd.DataFrame:
    """Return every measure of equity for several amounts, one row each.

    Parameters
    ----------
    points
        One row per place: the amounts per person, `children_0_17` and `imd_rank` (1 = most deprived).
    measures
        Column of an amount to which end of it is worst: `most` (minutes) or `least` (hours).

    Returns
    -------
    table
        `measure`, `people` counted, `people_left_out` (amount or rank missing, such as minutes where no road leads to
        a service), `mean`, `worst_decile_mean`, `concentration_index` (negative: the more deprived have more, so that
        for minutes they travel longer), `gini`, `palma`.

    Raises
    ------
    InputError
        If a column is missing or holds a negative number.
    """
    refuse([f"points: there is no column '{name}'." for name in measures if name not in points.columns])
    rows = []
    for name, worst in measures.items():
        known = points[points[name].notna() & points["imd_rank"].notna()]
        values, count = known[name].to_numpy(float), known["children_0_17"].to_numpy(float)
        rows.append(
            {
                "measure": name,
                "people": count.sum(),
                "people_left_out": points["children_0_17"].sum() - count.sum(),
                "mean": float(values @ count / count.sum()) if count.sum() > 0 else float("nan"),
                "worst_decile_mean": worst_decile_mean(values, count, worst=worst),
                "concentration_index": concentration_index(values, count, known["imd_rank"]),
                "gini": gini(values, count),
                "palma": palma(values, count),
            }
        )
    return pd.DataFrame(rows)


def _held_by_least(amount: npt.ArrayLike, people: npt.ArrayLike, shares: Floats) -> Floats:
    """Return the total that the given shares of people hold, counted from those who have least."""
    _check(amount=amount, people=people)
    each, count = np.asarray(amount, dtype=float), np.asarray(people, dtype=float)
    order = np.argsort(each[count > 0], kind="stable")
    each, count = each[count > 0][order], count[count > 0][order]
    at = np.append(0, np.cumsum(count))
    return np.interp(shares * at[-1], at, np.append(0, np.cumsum(each * count)))


def _check(**columns: npt.ArrayLike) -> None:
    values = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    sizes = {name: len(column) for name, column in values.items()}
    if len(set(sizes.values())) > 1:
        raise InputError(f"The lengths differ: {', '.join(f'{name} {size}' for name, size in sizes.items())}.")
    people = values["people"]
    problems = []
    if not ((people >= 0) & np.isfinite(people)).all():
        problems.append("people: a number is negative or missing. Set it to 0 where nobody lives.")
    problems += [
        f"{name}: {bad} places with people have a negative, infinite or missing number. Leave them out and say how "
        "many people they are, or give what they have."
        for name, column in values.items()
        if name != "people" and (bad := int((~((column >= 0) & np.isfinite(column)) & (people > 0)).sum()))
    ]
    refuse(problems)

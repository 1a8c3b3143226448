"""The path to a target share of children who live in the area: where it is heading, and what has to change by when.

The changes are worked out by the forecast itself. A caller hands in a function that forecasts the share on the target
date when a change of some strength begins on some day; it must use the same seed each time, so that two strengths
differ by the change and not by luck. Two levers bring placements into the area: of the new ones that would be outside a
share is made in the area instead; and children placed outside move back.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.stockflow import Ages, Change, Evidence, Forecast, Scenario, forecast
from cfwlib.sufficiency.homes.beds import band
from cfwlib.words import draws_words, share_words

_TINY = 1e-9
IN_AREA, OUTSIDE = ", in area", ", outside"
WORDS = {
    "share": "{:.0%} of the new placements outside made in the area instead",
    "back_per_month": "{:.1f} children a month moving back",
}
SUPPLY = ("fostering", "residential", "supported")  # what an area can offer more of


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return the share of each draw, part / whole, of any shape; NaN where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def path_to_target(
    in_area: np.ndarray, total: np.ndarray, dates: pd.DatetimeIndex, *, target: float, target_date: pd.Timestamp,
    shown: bool,
) -> pd.DataFrame:  # fmt: skip
    """Return the share of children in the area by date, beside the path that would reach the target on time.

    Parameters
    ----------
    in_area, total
        Children who live in the area, and all children (where it is not known included), (draws, dates).
    dates
        Ascending dates, the first of them the start of the path.
    target
        Share wanted, 0 to 1.
    target_date
        Day by which.
    shown
        Whether the back-test lets the spread of both be shown, `not test.failed(what)`; if not, intervals and chances
        are NaN.

    Returns
    -------
    table
        `date`; `mean`, `median`, `low_50` ... `high_95` (share, 0 to 1; draws without a child in care left out);
        `path` (a straight line from the first date's mean to the target, then level); `chance` (share at or above the
        target); `children_short` (more children who would have to live in the area for the target, on average).

    Raises
    ------
    InputError
        There is no date or draw, shapes do not fit, or the target date is not after the first date.
    """
    parts, wholes = np.asarray(in_area), np.asarray(total)
    if parts.shape != wholes.shape or parts.shape[1:] != (len(dates),) or not parts.size:
        raise InputError(f"in_area {parts.shape} and total {wholes.shape} must both be (draws, {len(dates)} dates).")
    if target_date <= dates[0]:
        raise InputError(
            f"target_date = {target_date:%Y-%m-%d}: must be after {dates[0]:%Y-%m-%d}, where the path starts."
        )
    shares = share_of(parts, wholes)
    table = pd.concat([_known_band(share, shown) for share in shares.T], ignore_index=True)
    table.insert(0, "date", dates)
    gone = np.clip((dates - dates[0]) / (target_date - dates[0]), 0, 1)
    first = table["mean"].iloc[0]
    short = np.maximum(0, np.ceil(target * wholes - _TINY) - parts).mean(axis=0)
    reached = [_reached(share, target) for share in shares.T]
    return table.assign(path=first + (target - first) * gone, chance=reached if shown else np.nan, children_short=short)


@dataclass(frozen=True)
class ChangeNeeded:
    """How strong a change has to be for the target, if it begins on a day.

    Attributes
    ----------
    starts
        The day it begins.
    strength
        The least strength that reaches the target, to the tolerance asked for; 0 = nothing has to change, None = no
        strength up to the greatest reaches it.
    mean
        Share on the target date with that strength (with the greatest, where none reaches it), on average.
    chance
        Chance of the target then, 0 to 1.
    why
        One sentence.
    """

    starts: pd.Timestamp
    strength: float | None
    mean: float
    chance: float
    why: str


def change_needed(
    share_at: Callable[[float, pd.Timestamp], np.ndarray], starts: pd.Timestamp, *, target: float, most: float,
    probability: float | None = None, tolerance: float = 0.01, words: str = "a strength of {:.3g}",
) -> ChangeNeeded:  # fmt: skip
    """Return the least strength of a change that reaches the target, found by halving.

    Parameters
    ----------
    share_at
        Draws of the share on the target date, given a strength and the day the change begins. Must rise with the
        strength, and be 0 change at strength 0.
    starts
        The day the change begins.
    target
        Share wanted, 0 to 1.
    most
        The greatest strength that is possible.
    probability
        Chance wanted that the share reaches the target; None = the share reaches it on average.
    tolerance
        How close the strength is found, in its own unit.
    words
        What a strength is called in the sentence, such as "{:.0%} of new placements"; see `towards_area.WORDS`.

    Raises
    ------
    InputError
        The greatest strength or the tolerance is not above 0.
    """
    if not (most > 0 and tolerance > 0):
        raise InputError(f"most = {most}, tolerance = {tolerance}: both must be above 0.")

    def tried(strength: float) -> tuple[bool, float, float]:
        share = np.asarray(share_at(strength, starts), float)
        mean, chance = float(np.nanmean(share)), _reached(share, target)
        enough = mean >= target - _TINY if probability is None else chance >= probability - _TINY
        return enough, mean, chance

    enough, mean, chance = tried(0.0)
    if enough:
        why = f"As things go, {share_words(mean, 1)} live in the area on average: nothing has to change."
        return ChangeNeeded(starts, 0.0, mean, chance, why)
    today, low, high, found = mean, 0.0, most, tried(most)
    if not found[0]:
        lead = f"Even with {words.format(most)}"
        return ChangeNeeded(starts, None, *found[1:], _told(lead, starts, today, *found[1:], target))
    while high - low > tolerance:
        middle = (low + high) / 2
        answer = tried(middle)
        low, high, found = (low, middle, answer) if answer[0] else (middle, high, found)
    lead = f"With {words.format(high)}"
    return ChangeNeeded(starts, high, *found[1:], _told(lead, starts, today, *found[1:], target))


def _told(lead: str, starts: pd.Timestamp, today: float, mean: float, chance: float, target: float) -> str:
    """Say what a change brings: the share on average, and in how many of the futures drawn the target is reached."""
    shares = f"{share_words(mean, 1)} on average, not {share_words(today, 1)}"
    reached = f"{share_words(target)} or more {draws_words(chance)}"
    return f"{lead} from {starts:%d %B %Y} the share would be {shares}: {reached}."


def changes_by_start(
    share_at: Callable[[float, pd.Timestamp], np.ndarray], starts: Sequence[pd.Timestamp], *, target: float,
    most: float, probability: float | None = None, tolerance: float = 0.01, words: str = "a strength of {:.3g}",
) -> pd.DataFrame:  # fmt: skip
    """Return what has to change if it begins on each of several days.

    Parameters
    ----------
    share_at, target, most, probability, tolerance, words
        As `change_needed`.
    starts
        Days on which the change might begin.

    Returns
    -------
    table
        `starts`, `strength` (NaN = no strength reaches the target), `mean`, `chance`, `why`, as `ChangeNeeded`.
    """
    need = partial(
        change_needed, share_at, target=target, most=most, probability=probability, tolerance=tolerance, words=words
    )
    found = [need(starts=day) for day in starts]
    table = pd.DataFrame([vars(change) for change in found], columns=["starts", "strength", "mean", "chance", "why"])
    return table.astype({"strength": float})


def _known_band(share: np.ndarray, shown: bool) -> pd.DataFrame:
    """Return the bands of one date's draws that have a share, one row; NaN where none has."""
    known = share[~np.isnan(share)]
    return band(known[:, None] if known.size else np.full((1, 1), np.nan), shown=shown)


def _reached(share: np.ndarray, target: float) -> float:
    """Return the share of draws at or above the target, of those with a child in care."""
    known = share[~np.isnan(share)]
    return float((known >= target - _TINY).mean()) if known.size else np.nan


def kinds_where(kinds: Sequence[str], where: str) -> list[str]:
    """Return the forecast's kinds that are in a place, such as every "..., in area"."""
    return [kind for kind in kinds if kind.endswith(where)]


def towards_area(
    made: Forecast, starts: pd.Timestamp, *, share: float = 0.0, back_per_month: float = 0.0,
    placements: Collection[str] = SUPPLY, phase_in_days: int = 0,
) -> Scenario:  # fmt: skip
    """Return the scenario in which more children are placed in the area.

    Parameters
    ----------
    made
        The base forecast: its kinds, and how the children outside on its first date divide among placements.
    starts
        First day of the change.
    share
        Share of the new placements outside that are made in the area instead, 0 to 1: children who come into care
        begin there, and those who would move from the area to outside stay.
    back_per_month
        Children who move back a month while there are as many outside as on the night the forecast starts; as they
        become fewer, so do those who move.
    placements
        Placements changed, where the forecast has them both in the area and outside.
    phase_in_days
        Days over which the change grows to its full size.

    Raises
    ------
    InputError
        No placement is both in the area and outside, or nobody is outside to move back.
    """
    pairs = _pairs(made, placements)
    away = [float(made.select(kinds=[outside])[:, 0].mean()) for outside, _ in pairs]
    if not pairs or (back_per_month and not sum(away)):
        raise InputError(f"towards_area: nobody is placed outside in {', '.join(placements)}; nothing can be changed.")
    here = tuple(kinds_where(made.kinds, IN_AREA))
    change = partial(Change, from_date=starts.date(), phase_in_days=phase_in_days)
    changes: list[Change] = []
    for (outside, inside), number in zip(pairs, away, strict=True):
        if share:
            changes.append(change("redirect", (outside,), (inside,), share=share))
            changes.append(change("move", here, (outside,), factor=1 - share))
        if back_per_month and number:
            changes.append(change("move", (outside,), (inside,), add_per_month=back_per_month * number / sum(away)))
    return Scenario(f"towards the area from {starts.date()}", tuple(changes))


def _pairs(made: Forecast, placements: Collection[str]) -> list[tuple[str, str]]:
    """Return the kinds outside and in the area of each placement that is in both."""
    pairs = [(placement + OUTSIDE, placement + IN_AREA) for placement in placements]
    return [pair for pair in pairs if {*pair} <= {*made.kinds}]


def in_area_share(made: Forecast) -> np.ndarray:
    """Return draws of the share of all children who live in the area, (draws, dates), those not known in the whole."""
    return share_of(made.select(kinds=kinds_where(made.kinds, IN_AREA)), made.select())


def share_function(
    stays: pd.DataFrame, evidence: Evidence, ages: Ages, *, at: pd.Timestamp, target_date: pd.Timestamp, draws: int,
    seed: int, lever: Literal["share", "back_per_month"] = "share", phase_in_days: int = 0,
) -> Callable[[float, pd.Timestamp], np.ndarray]:  # fmt: skip
    """Return the function `change_needed` asks for: draws of the share on the target date, by strength and start.

    Parameters
    ----------
    stays, evidence, ages, at, draws, seed
        As the engine's `forecast`; 200 draws find a strength well enough.
    target_date
        The night the share is wanted on, after `at`.
    lever
        "share" or "back_per_month", as `towards_area`.
    phase_in_days
        As `towards_area`.

    Returns
    -------
    share_at
        Where no placement is both in the area and outside there is nothing to change: the same share at any strength.
        It raises as `towards_area` where nobody is outside to move back.
    """

    def run(scenario: Scenario | None) -> Forecast:
        dates = [at, target_date]
        return forecast(stays, evidence, ages, at=at, dates=dates, draws=draws, seed=seed, scenario=scenario)

    base = run(None)

    def share_at(strength: float, starts: pd.Timestamp) -> np.ndarray:
        if not strength or not _pairs(base, SUPPLY):
            return in_area_share(base)[:, -1]
        share, back = (strength, 0.0) if lever == "share" else (0.0, strength)
        scenario = towards_area(base, starts, share=share, back_per_month=back, phase_in_days=phase_in_days)
        return in_area_share(run(scenario))[:, -1]

    return share_at

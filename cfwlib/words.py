"""Numbers in words that stay true at their ends: nothing, one, all, not known, and what only rounds to one of them."""

import math
from datetime import date
from typing import Any

NOT_KNOWN = "not known"
_SAME = 1e-9  # shares nearer than this to 0 or 1 differ from them by arithmetic only


def day_words(day: date) -> str:
    """Return a date as people say it: Tuesday 8 September 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def known(number: Any) -> bool:
    """Say whether a number is there: not missing, not infinite."""
    return number is not None and math.isfinite(number)


def per_cent(share: float, decimals: int = 0, *, under: str = "under ", over: str = "over ") -> str:
    """Return a share (0 to 1) in per cent, without the sign: 12, "under 1", "over 99"; 0 and 100 only if it is so.

    Parameters
    ----------
    share
        Any finite number; outside 0 to 1 it is a change, and only rounded.
    decimals
        Digits after the point.
    under, over
        What stands before the least and the greatest that can be told from nothing and from all.
    """
    least = 10.0**-decimals
    number = 100 * share
    if number > 100 * _SAME and round(number, decimals) <= 0:
        return f"{under}{least:.{decimals}f}"
    if number < 100 * (1 - _SAME) and round(number, decimals) >= 100:
        return f"{over}{100 - least:.{decimals}f}"
    return f"{number:,.{decimals}f}"


def share_words(share: Any, decimals: int = 0) -> str:
    """Return a share (0 to 1) as a sentence says it: 0%, under 1%, 12%, over 99%, 100%, or that it is not known."""
    return f"{per_cent(float(share), decimals)}%" if known(share) else NOT_KNOWN


def number_words(number: Any, decimals: int = 0) -> str:
    """Return a number of 0 or more as a sentence says it: what is more than nothing is never told as 0."""
    if not known(number):
        return NOT_KNOWN
    least = 10.0**-decimals
    if number > _SAME and round(float(number), decimals) == 0:
        return f"under {least:.{decimals}f}"
    return f"{number:,.{decimals}f}"


def count_words(number: Any, one: str, several: str = "") -> str:
    """Return how many there are of a thing: no stops, 1 stop, 2 stops, an unknown number of stops.

    Parameters
    ----------
    number
        Whole, or an expected number, which is rounded.
    one, several
        The thing; its plural, by default with an s.
    """
    several = several or f"{one}s"
    if not known(number):
        return f"an unknown number of {several}"
    told = number_words(number)
    return f"no {several}" if told == "0" else f"{told} {one if told in {'1', 'under 1'} else several}"


def part_words(part: Any, whole: Any, one: str, several: str = "") -> str:
    """Return how many of how many: all 4 stops, none of the 4 stops, 3 of the 4 stops; no stops where there is none.

    Parameters
    ----------
    part, whole
        Numbers, the first no more than the second; expected ones are rounded.
    one, several
        The thing; its plural, by default with an s.
    """
    several = several or f"{one}s"
    if not known(part) or not known(whole):
        return f"an unknown number of {several}"
    some, every = number_words(part), number_words(whole)
    if every in {"0", "1", "under 1"}:
        return count_words(whole, one, several) if every == "0" else f"{some} of {every} {one}"
    if some == "0":
        return f"none of the {every} {several}"
    if abs(part - whole) <= _SAME * max(1.0, abs(whole)):
        return f"all {every} {several}"
    return f"nearly all of the {every} {several}" if some == every else f"{some} of the {every} {several}"


def shown_difference(new: Any, old: Any, decimals: int = 0) -> Any:
    """Return new − old as a reader takes the one shown from the other: of the rounded numbers.

    Parameters
    ----------
    new, old
        Two numbers, or columns of them; missing stays missing.
    decimals
        Digits after the point that are shown of both.
    """
    return round(round(new, decimals) - round(old, decimals), decimals)


def at_most(bound: Any, decimals: int = 0) -> str:
    """Return a bound that nothing exceeds, rounded up: 967.2 is 968, for 967 can be exceeded."""
    if not known(bound):
        return NOT_KNOWN
    scale = 10.0**decimals
    return f"{math.ceil(float(bound) * scale - 1e-6) / scale + 0.0:,.{decimals}f}"


def draws_words(share: Any) -> str:
    """Return in how many of a forecast's draws something happens: it is a share of draws, and no more than that."""
    if not known(share):
        return "in a share of the futures drawn that is not shown"
    if share <= _SAME:
        return "in none of the futures drawn"
    if share >= 1 - _SAME:
        return "in all of the futures drawn"
    return f"in {share_words(share)} of the futures drawn"


def capital(text: str) -> str:
    """Return a sentence with its first letter in capitals."""
    return text[:1].upper() + text[1:]

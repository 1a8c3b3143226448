"""The pieces of sentences on the page of homes: dates, settings, shares of the futures drawn, ranges."""

import pandas as pd

from cfwlib.disclosure import Number, Public, Said, say
from cfwlib.words import draws_words, number_words, share_words


def day(date: pd.Timestamp) -> Public:
    """Return a date in words."""
    return Public(f"{date.day} {date:%B %Y}", "a date")


def setting(value: float, form: str = "{:g}") -> Public:
    """Return a setting in words."""
    return Public(form.format(value), "a setting")


def share_set(value: float) -> Public:
    """Return a setting that is a share, in words."""
    return Public(share_words(value), "a setting")


def draws(number: Number) -> Said:
    """Return in how many of the futures drawn something happens: a share of draws, and not the chance of the world."""
    return say("{told}", told=Public(draws_words(number.value), "a share of draws of a forecast"))


def span(number: Number, level: str = "95%", decimals: int = 0) -> Said:
    """Return the interval of a released number in brackets; nothing where it has none."""
    if number.low is None or number.high is None:
        return say("")
    ends = {"low": number.low, "high": number.high}
    shown = {name: Public(number_words(end, decimals), "released with its number") for name, end in ends.items()}
    return say(" ({level} range {low} to {high})", level=Public(level, "a level"), **shown)


def children(number: Number) -> Said:
    """Return how many children, at the beginning of a sentence: No child, One child, 12 children."""
    if number.value == 0:
        return say("No child")
    return say("One child") if number.value == 1 else say("{n} children", n=number)

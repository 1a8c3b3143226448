"""Numbers as a reader expects them: thousands separators, few decimals, units in words, a dash for missing."""

import datetime
import math
import re
import tomllib
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import pandas as pd

from cfwlib.words import per_cent

MISSING = "–"
_WORDS = tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))
UNITS: dict[str, str] = _WORDS["units"]
PEOPLE = {"beds", "children", "families", "households", "people", "residents"}
NAMES: dict[str, list[str]] = _WORDS["columns"]
SUFFIXES = ("hours_per_week", "per_week", "sq_km", "share", "min", "km", "gbp")


def plain_number(value: Any, *, unit: str = "", decimals: int | None = None) -> str:
    """Write one number without its unit.

    Parameters
    ----------
    value
        A number, text (returned as it is), a truth value (yes or no), or missing (an en dash).
    unit
        Unit of `value`; a `share` (0 to 1) is written in per cent, as 0 or 100 only where it is nothing or all.
    decimals
        Digits after the point; by default none for whole numbers, else fewer the larger the number.

    Returns
    -------
    text
        Not escaped.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return MISSING
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):  # pandas' Timestamps are
        return f"{value.day} {value:%b %Y}"
    if not isinstance(value, Real):
        return str(value)
    number = float(value) * (100 if unit == "share" else 1)
    if not math.isfinite(number):
        return MISSING
    if decimals is None:
        decimals = 0 if isinstance(value, Integral) and unit != "share" else default_decimals(number, unit=unit)
    shown = per_cent(float(value), decimals, under="<", over=">") if unit == "share" else f"{number:,.{decimals}f}"
    text = shown.lstrip("-") if shown.strip("-0.") == "" else shown  # never a minus zero
    return text.replace("-", "−")


def default_decimals(largest: float, *, unit: str = "") -> int:
    """Return how many decimals numbers of a size deserve.

    Parameters
    ----------
    largest
        Largest absolute value to be shown, in `unit` (per cent for a share).
    unit
        A `share` and minutes get one decimal; people none; money none from 100 pounds.

    Returns
    -------
    decimals
        0 to 2.
    """
    size = abs(largest)
    if size >= 1000 or unit in PEOPLE or (unit == "gbp" and size >= 100):
        return 0
    return 1 if unit in {"share", "min"} or size >= 100 else 2


def unit_words(unit: str) -> str:
    """Return a unit as a reader says it: `min` is minutes, `share` is %, `visits_per_cycle` is visits per cycle.

    Parameters
    ----------
    unit
        Unit as in column names.
    """
    return UNITS.get(unit, unit.replace("_", " "))


def with_unit(value: Any, unit: str = "", *, decimals: int | None = None) -> str:
    """Write one number with its unit: 12.5 minutes, 79.0%, £1,200.

    Parameters
    ----------
    value
        As in [plain_number][cfwlib.report.numbers.plain_number].
    unit
        Unit of `value`.
    decimals
        Digits after the point; chosen by size if not given.
    """
    text, words = plain_number(value, unit=unit, decimals=decimals), unit_words(unit)
    if text == MISSING or not isinstance(value, Real):
        return text
    if words == "£":
        return f"−£{text[1:]}" if text.startswith("−") else f"£{text}"
    return f"{text}{words if words == '%' else ' ' + words}".strip()


def heading(column: str) -> tuple[str, str]:
    """Split a column name into words and the unit that stands in it.

    Parameters
    ----------
    column
        For example `drive_before_min`.

    Returns
    -------
    label, unit
        For example `Drive before` and `min`; the unit is empty if the name holds none. Ages 0_17 become 0–17.
    """
    if column in NAMES:
        label, unit = NAMES[column]
        return label, unit
    for unit in SUFFIXES:
        if column.endswith("_" + unit):
            column = column[: -len(unit) - 1]
            break
    else:
        unit = ""
    label = re.sub(r"\b(\d+) (\d+)\b", r"\1–\2", column.replace("_", " ").strip())
    label = re.sub(r"\b(lsoa|imd|gp|id)\b", lambda word: word[0].upper(), label)
    return label[:1].upper() + label[1:], unit

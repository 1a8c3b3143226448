"""Numbers as a reader expects them: thousands separators, few decimals, units in words, a dash for missing."""

import datetime
import math
import re
from numbers import Integral, Real
from typing import Any

import pandas as pd

from cfwlib.words import per_cent

MISSING = "–"
UNITS = {
    "min": "minutes",
    "km": "km",
    "gbp": "£",
    "share": "%",
    "per_week": "a week",
    "hours_per_week": "hours a week",
    "sq_km": "sq km",
    "rank": "",
}
PEOPLE = {"beds", "children", "families", "households", "people", "residents"}
NAMES = {  # columns whose names are terms of the field -> heading and unit
    "lsoa_name": ("Neighbourhood", ""),
    "ward_name": ("Ward", ""),
    "imd_decile": ("Deprivation tenth", ""),
    "need_count": ("Children likely to need help", ""),
    "rate_share": ("Rate of need", "share"),
    "drive_min": ("By car", "min"),
    "walk_min": ("On foot", "min"),
    "household_min": ("Household average", "min"),
    "no_car_share": ("Households without a car", "share"),
    "no_car_min": ("Without a car", "min"),
    "with_car_share": ("With a car", "share"),
    "without_car_share": ("Without a car", "share"),
    "household_share": ("As households are", "share"),
    "worst_decile_mean": ("Mean of the worst-off tenth", ""),
    "crow_km": ("Distance as the crow flies", "km"),
    "children_0_17": ("Children aged 0–17", ""),
    "children_beyond": ("of these beyond the limit", ""),
    "children_per_hour_after": ("Children per session hour, after", ""),
    "need_in_reach": ("Children likely to need help in reach", ""),
    "by_car": ("Best stop for, by car", "children"),
    "on_foot": ("and on foot, without a car", "children"),
    "shortfall_before": ("Hours missing before", "per_week"),
    "shortfall_after": ("Hours missing after", "per_week"),
    "hours_before": ("Hours before", "a week per 1,000 children"),
    "hours_after": ("Hours after", "a week per 1,000 children"),
    "within_20_km": ("Within 20 km outside", ""),
    "share": ("Share", "share"),
    "median": ("Middle", ""),
    "low_80": ("80% range from", ""),
    "high_80": ("to", ""),
    "low_95": ("95% range from", ""),
    "high_95": ("to", ""),
    "beds_for_occupancy": ("Beds at the planned occupancy", ""),
    "beds_for_chance": ("Beds enough with the chance set", ""),
    "beds_if_poisson": ("By chance alone (Poisson)", ""),
    "chance_short": ("Chance that a child has no bed or place", "share"),
    "without_bed": ("Without a bed, on average", "children"),
    "without_place": ("Without a place", "children"),
    "in_use": ("Beds in use", "share"),
    "beds_then": ("Beds then", ""),
    "strength_share": ("Of new placements outside, to be made in the area", "share"),
    "mean_share": ("Share in the area then", "share"),
    "chance_share": ("Chance of the target", "share"),
    "in_80_range_share": ("Truth within the 80% range", "share"),
    "in_95_range_share": ("Truth within the 95% range", "share"),
    "mean_error_share": ("Mean error", "share"),
    "rank_from_highest": ("Rank from the highest", ""),
    "more_or_fewer": ("More or fewer than as things go", "children"),
    "in_homes": ("In children's homes", "children"),
    "demand": ("Need a place", "children"),
    "own_places": ("Own carers can take", "children"),
    "with_own": ("With own carers", "children"),
    "with_agency": ("With agencies", "children"),
    "children_short": ("Missing in the area", "children"),
    "cared_for": ("Children in care", ""),
    "started": ("Started in the year", ""),
    "ceased": ("Ceased in the year", ""),
    "rate": ("Rate of those aged 0 to 17", "per 10,000"),
    "region_rate": ("Region", "per 10,000"),
    "england_rate": ("England", "per 10,000"),
    "places_per_100": ("Places per 100 such children", ""),
    "england_places_per_100": ("in England", ""),
}
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
        return NAMES[column]
    for unit in SUFFIXES:
        if column.endswith("_" + unit):
            column = column[: -len(unit) - 1]
            break
    else:
        unit = ""
    label = re.sub(r"\b(\d+) (\d+)\b", r"\1–\2", column.replace("_", " ").strip())
    label = re.sub(r"\b(lsoa|imd|gp|id)\b", lambda word: word[0].upper(), label)
    return label[:1].upper() + label[1:], unit

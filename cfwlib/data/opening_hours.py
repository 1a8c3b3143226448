"""Opening hours as text, such as "Mo-Fr 09:00-17:00; Sa closed": as much of OpenStreetMap's form as a hall needs."""

import re

from cfwlib.errors import InputError

Week = dict[int, list[tuple[float, float]]]  # weekday, 1 = Monday ... 7 = Sunday -> (from, to) in minutes of the day

ATTRIBUTES: dict[str, str | float] = {  # of a venue on a list, and what stands where one is not known
    "opening_hours": "", "parking": "", "step_free": "", "hire_gbp": float("nan"), "district": "",
    "dwell_min": float("nan"),
}  # fmt: skip
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RULE = re.compile(r"(?P<days>[a-z]+(?:[-,][a-z]+)*)? ?(?P<times>closed|off|24/7|\d[\d:,-]*)")
_SPAN = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")


def opening_hours(text: str) -> Week | None:
    """Return when a place is open on each weekday.

    Rules stand between semicolons: weekdays, then hours or `closed`; of two rules for one weekday the later counts. A
    weekday without a rule is closed. A rule without weekdays is for all seven; `PH closed` (public holidays) is passed
    over, for the timetable has holidays of its own.

    Parameters
    ----------
    text
        Such as `Mo-Fr 09:00-17:00`, `Mo,We 9:00-12:00,13:00-16:30; Sa closed`, `24/7`; blank = not known.

    Returns
    -------
    week
        Spans in minutes after midnight by weekday, 1 = Monday ... 7 = Sunday; None where the hours are not known.

    Raises
    ------
    InputError
        When the text is not of this form, or a place would close before it opens.
    """
    if not text.strip():
        return None
    week: Week = {day: [] for day in range(1, 8)}
    for raw in filter(None, (part.strip() for part in text.split(";"))):
        rule = re.sub(r"\s*([-,])\s*", r"\1", re.sub(r"[–—]", "-", raw.lower()))
        found = _RULE.fullmatch(rule)
        if not found:
            raise InputError(f"is not of the form 'Mo-Fr 09:00-17:00; Sa closed' ('{raw[:40]}')")
        if found["days"] == "ph" and found["times"] in ("closed", "off"):
            continue
        spans = _spans(found["times"], raw)
        week |= dict.fromkeys(_days(found["days"], raw), spans)
    return week


def _days(text: str | None, raw: str) -> list[int]:
    """Weekdays of a list of days and ranges, such as mo-we,fr; a range may run over the weekend."""
    found: list[int] = []
    for part in text.split(",") if text else ["mo-su"]:
        ends = [
            next((day for day, name in enumerate(_NAMES) if len(end) > 1 and name.startswith(end)), None)
            for end in part.split("-")
        ]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:
            raise InputError(f"has an unknown weekday ('{raw[:40]}')")
        found += [1 + (first + step) % 7 for step in range((last - first) % 7 + 1)]
    return found


def _spans(text: str, raw: str) -> list[tuple[float, float]]:
    """Spans of a day in order, those that touch joined."""
    if text in ("closed", "off"):
        return []
    spans = []
    for part in ["00:00-24:00"] if text == "24/7" else text.split(","):
        found = _SPAN.fullmatch(part)
        hour, minute, to_hour, to_minute = (int(number) for number in found.groups()) if found else (99,) * 4
        start, end = 60 * hour + minute, 60 * to_hour + to_minute
        if max(minute, to_minute) > 59 or end > 1440 or start > 1440:
            raise InputError(f"has no such time of day ('{raw[:40]}')")
        if end <= start:
            raise InputError(f"closes before it opens ('{raw[:40]}')")
        spans.append((start, end))
    joined: list[tuple[float, float]] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined

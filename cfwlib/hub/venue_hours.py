"""When a venue can be used: the planner's one window for several weekdays, from hours that differ between them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cfwlib.data.opening_hours import DAYS
from cfwlib.hub.day import clock

Span = tuple[float, float]
STEP_MIN = 15  # starts this far apart are counted when windows are compared
TOLERANCE_MIN = 1e-6


class Window(NamedTuple):
    """Weekdays as digits, one window that is open on each of them, and the hours of a duty day that it leaves out."""

    weekdays: str
    open_min: float
    close_min: float
    lost: str


def common_window(
    week: Mapping[int, Sequence[Span]], *, weekdays: str, dwell_min: float, from_min: float, to_min: float
) -> Window | None:
    """Return the window and weekdays that keep most of the possible sessions.

    Of all windows that begin when some span begins and close when some span closes, the one with the most starts of a
    session, a quarter of an hour apart, summed over the weekdays on which the venue is open throughout it; of equal
    ones that with more weekdays, then the earlier. A session inside it is always inside the real hours.

    Parameters
    ----------
    week
        Open spans in minutes after midnight, by weekday (1 = Monday).
    weekdays
        Weekdays on which the hub works, as digits.
    dwell_min
        Length of a session, in minutes.
    from_min, to_min
        Earliest start and latest end of a session in a duty day, in minutes after midnight.

    Returns
    -------
    window
        None when no session fits on any weekday.
    """
    spans = {day: list(week.get(int(day), ())) for day in sorted(weekdays)}
    every = [span for listed in spans.values() for span in listed]
    best: tuple[tuple[float, int, float], Window] | None = None
    for start, end in {(a, b) for a, _ in every for _, b in every}:
        room = min(end, to_min) - max(start, from_min) - dwell_min
        days = [day for day, listed in spans.items() if any(a <= start and end <= b for a, b in listed)]
        if room < -TOLERANCE_MIN or not days:
            continue
        rank = (len(days) * (1 + (room + TOLERANCE_MIN) // STEP_MIN), len(days), -start)
        if best is None or (rank, -end) > (best[0], -best[1].close_min):
            best = rank, Window("".join(days), start, end, "")
    if best is None:
        return None
    window = best[1]
    return window._replace(lost=_lost(spans, window, from_min, to_min))


def _lost(spans: Mapping[str, Sequence[Span]], window: Window, from_min: float, to_min: float) -> str:
    """Say which hours of a duty day, on which weekdays, the window leaves out."""
    days: dict[Span, list[str]] = {}
    for day, listed in spans.items():
        inside = day in window.weekdays
        for start, end in listed:
            held = inside and start <= window.open_min and window.close_min <= end
            parts = [(start, window.open_min), (window.close_min, end)] if held else [(start, end)]
            for a, b in parts:
                if (a := max(a, from_min)) < (b := min(b, to_min)):
                    days.setdefault((a, b), []).append(day)
    return "; ".join(f"{_named(on)} {clock(a)}-{clock(b)}" for (a, b), on in days.items())


def _named(weekdays: Iterable[str]) -> str:
    return ",".join(DAYS[int(day) - 1] for day in weekdays)

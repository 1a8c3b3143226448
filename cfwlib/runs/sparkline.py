"""A figure's course over runs as a small drawing that also says in words what it shows."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from cfwlib.runs.compare_page import change_words, value_words

_WIDTH, _HEIGHT, _EDGE = 120.0, 32.0, 4.0


@dataclass(frozen=True)
class Point:
    """A figure in one run: its value and range, and whether data or settings differ from the run before it."""

    value: float
    low: float | None = None
    high: float | None = None
    moved: bool = False


def sparkline(points: Sequence[Point], *, unit: str, label: str) -> str:
    """Return the course of a figure as inline SVG; empty for fewer than two runs.

    Each run is as far from the next as any other. A thin upright line is the run's range; a dashed one with a ring
    marks a run with other data or settings than the one before.

    Parameters
    ----------
    points
        Oldest first.
    unit
        Unit of the values.
    label
        What the figure is, plain text.
    """
    if len(points) < 2:
        return ""
    ends = [end for p in points for end in (p.value, p.low, p.high) if end is not None]
    least, most = min(ends), max(ends)
    step, scale = (_WIDTH - 2 * _EDGE) / (len(points) - 1), (_HEIGHT - 2 * _EDGE) / (most - least or 1.0)

    def height(value: float) -> float:
        return _HEIGHT / 2 if most == least else _HEIGHT - _EDGE - (value - least) * scale

    places = [(_EDGE + step * number, height(p.value)) for number, p in enumerate(points)]
    drawn = []
    for (x, y), p in zip(places, points, strict=True):
        if p.moved:
            drawn.append(f'<line class="moved" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT:g}"/>')
        if p.low is not None and p.high is not None:
            drawn.append(
                f'<line class="range" x1="{x:.1f}" x2="{x:.1f}" y1="{height(p.low):.1f}" y2="{height(p.high):.1f}"/>'
            )
        if p.moved:
            drawn.append(f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>')
    (x, y), line = places[-1], " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    words = html.escape(_words(points, unit, label), quote=True)
    return (
        f'<svg class="spark" role="img" aria-label="{words}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f"<title>{words}</title>"
        f'<polyline points="{line}"/>{"".join(drawn)}<circle class="last" cx="{x:.1f}" cy="{y:.1f}" r="2"/></svg>'
    )


def _words(points: Sequence[Point], unit: str, label: str) -> str:
    first, last = points[0], points[-1]
    change = last.value - first.value
    course = f"change {change_words(change, unit)}" if change else "no change"
    moved = sum(p.moved for p in points)
    other = f"; other data or settings from {moved} of these runs on" if moved else ""
    ends = f"first {value_words(first.value, unit)}, last {value_words(last.value, unit)}"
    return f"{label} over {len(points)} runs: {ends}, {course}{other}"

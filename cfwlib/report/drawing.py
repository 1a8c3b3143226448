"""Draw with matplotlib: the canvas, the look, and an SVG that has the same bytes for the same data."""

import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cfwlib.report.numbers import plain_number, unit_words
from cfwlib.report.offline import ASSETS

INK = "#1a1a1a"
WIDTH_IN, NARROW_IN = 7.8, 4.1  # at 72 units an inch about 560 px, and 295 px for a telephone: the letters stay legible


def drawings(words: str, paint: Callable[[bool], Figure]) -> tuple[str, str]:
    """Return a chart as SVG for a page and for a telephone, in our settings whatever the notebook has set.

    `words` are its own, and keep its identifiers apart from other charts'; `paint` draws it, narrow if told so.
    """
    drawn = []
    for narrow in (False, True):
        with style(words + " (narrow)" * narrow):
            drawn.append(svg(paint(narrow)))
    return drawn[0], drawn[1]


@contextmanager
def style(salt: str) -> Iterator[None]:
    """Draw in our settings, whatever the notebook has set; `salt` keeps a drawing's identifiers apart from others'."""
    with rc_context({"svg.hashsalt": salt}, fname=ASSETS / "charts.mplstyle"), warnings.catch_warnings():
        # The browser draws the letters; matplotlib only measures them, and need not know every script.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def canvas(height_in: float, narrow: bool) -> tuple[Figure, Axes]:
    """Return an empty drawing of a page's or a telephone's width and a height in inches."""
    figure = Figure(figsize=(NARROW_IN if narrow else WIDTH_IN, height_in), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def finish(axes: Axes, unit: str, narrow: bool) -> None:
    """Name the horizontal axis with its unit and give it a quiet grid."""
    words = axis_words(unit)
    words = words[:1].upper() + words[1:]
    words = wrap(words, 24, 2) if narrow else words  # the names beside the bars leave the axis little width
    finish_axis(axes, axes.xaxis, words, unit, narrow)


def finish_axis(axes: Axes, axis: Axis, label: str, unit: str, narrow: bool) -> None:
    """Name one axis, write its numbers as a reader expects them, and give it a quiet grid."""
    axis.set_label_text(label if "\n" in label else wrap(label, 36 if narrow else 60, 2))
    if narrow:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: plain_number(x, unit=unit, decimals=_tick_decimals(x, unit))))
    axis.grid(True, color="#dee2e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def key(figure: Figure, columns: int, **look: Any) -> None:
    """Put the key of a drawing above it."""
    figure.legend(loc="outside upper left", ncols=columns, frameon=False, borderaxespad=0.2, **look)


def wrap(text: str, width: int, most: int) -> str:
    """Break a label over a few lines of `width` letters, and cut what is still too long."""
    lines = textwrap.wrap(text, width)
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: width - 1] + "…"])


def axis_words(unit: str) -> str:
    """Return a unit as an axis names it: `share` is per cent."""
    return "per cent" if unit == "share" else unit_words(unit) or unit


def _tick_decimals(x: float, unit: str) -> int:
    number = x * 100 if unit == "share" else x
    return next((d for d in range(3) if abs(number - round(number, d)) < 1e-9), 3)


def svg(figure: Figure) -> str:
    """Return the drawing without dates and without identifiers that two charts of a page would share.

    Those left are matplotlib's own, salted with the chart's words by `style`.
    """
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    drawn = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", buffer.getvalue())  # XML has no place for them
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'<g id="[^"]*"', "<g", drawn)
    drawn = drawn.replace("'DejaVu Sans'", "system-ui, 'Segoe UI', Roboto, Arial, 'DejaVu Sans'")
    return re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", re.sub(r'height="[\d.]+pt" ', "", drawn, count=1), count=1)

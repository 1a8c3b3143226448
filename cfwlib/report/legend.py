"""What the colours, symbols and lines of a map mean, and the switches of its layers."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

Place = tuple[float, float, str, int, str]


@dataclass(frozen=True)
class LegendGroup:
    """One block of a legend: a title, its unit and what each symbol means.

    Attributes
    ----------
    title, unit
        Plain text.
    entries
        Symbol (SVG from `symbols`) and its plain-text meaning.
    layer_ids
        The layers that this block switches on and off together, if any.
    show
        Whether those layers are on at first.
    """

    title: str
    unit: str
    entries: tuple[tuple[str, str], ...]
    layer_ids: tuple[str, ...] = ()
    show: bool = True

    def joined(self, layer_id: str) -> LegendGroup:
        """Return the block for a further layer of the same name, such as a round's stops: one symbol, one switch.

        Parameters
        ----------
        layer_id
            The further layer.
        """
        return replace(self, layer_ids=(*self.layer_ids, layer_id))

    def render(self) -> str:
        """Return the block as HTML, every text escaped."""
        words = html.escape(self.title)
        if self.unit:
            words += f' <span class="cfw-unit">({html.escape(self.unit)})</span>'
        symbol, rows, one = "", "", len(self.entries) == 1
        if one:  # a single symbol stands before its title, and its meaning after it
            symbol, text = self.entries[0]
            words += f' <span class="cfw-unit">{html.escape(text)}</span>' if text else ""
        else:
            rows = "".join(f"<li>{svg}<span>{html.escape(text)}</span></li>" for svg, text in self.entries)
        heading = f"{symbol}<span>{words}</span>"
        if self.layer_ids:
            tick, ids = " checked" if self.show else "", " ".join(self.layer_ids)
            heading = f'<label><input type="checkbox" data-layer="{ids}"{tick}>{heading}</label>'
        else:
            heading = f'<div class="cfw-title">{heading}</div>'
        return f'<div class="cfw-group{" cfw-one" * one}">{heading}{f"<ul>{rows}</ul>" if rows else ""}</div>'

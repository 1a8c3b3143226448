"""A folium map that asks nothing of the network: Leaflet and our few lines of script travel inside it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Figure
from folium.map import Layer
from folium.template import Template

ASSETS = Path(__file__).parent / "assets"
LEAFLET = ASSETS / "leaflet-1.9.4"
MODELLED = "Modelled data – not official"


@cache
def map_styles() -> str:
    """Return the style sheets of a map: Leaflet's, without the pictures we never show, and ours."""
    leaflet = (LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    leaflet = re.sub(r"[^;{}]*url\([^)]*\)[^;}]*;?", "", leaflet)
    return leaflet + (ASSETS / "map.css").read_text(encoding="utf-8")


@cache
def map_script() -> str:
    """Return the scripts of a map: Leaflet 1.9.4 as published, less the pointer to its source map, and ours."""
    leaflet = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    leaflet = re.sub(r"//# sourceMappingURL=\S*", "", leaflet)
    return leaflet + "\n" + (ASSETS / "map.js").read_text(encoding="utf-8")


def map_runtime() -> str:
    """Return the part of a map's page that is the same in every map; a report holds it once."""
    return f"<style>{map_styles()}</style>\n<script>{map_script()}</script>"


@dataclass(frozen=True)
class LegendGroup:
    """One block of a legend: a title, its unit and what each symbol means.

    Attributes
    ----------
    title, unit
        Plain text.
    entries
        Symbol (SVG from `symbols.symbol`) and its plain-text meaning.
    layer_id
        The layer that this block switches on and off, if any.
    show
        Whether that layer is on at first.
    """

    title: str
    unit: str
    entries: tuple[tuple[str, str], ...]
    layer_id: str = ""
    show: bool = True

    def render(self) -> str:
        """Return the block as HTML, every text escaped."""
        words = html.escape(self.title)
        if self.unit:
            words += f' <span class="cfw-unit">({html.escape(self.unit)})</span>'
        one = len(self.entries) == 1
        if one:  # a single symbol stands before its title, and its meaning after it
            symbol, text = self.entries[0]
            words += f' <span class="cfw-unit">{html.escape(text)}</span>'
        rows = "" if one else "".join(f"<li>{svg}<span>{html.escape(text)}</span></li>" for svg, text in self.entries)
        heading = f"{symbol if one else ''}<span>{words}</span>"
        if self.layer_id:
            tick = " checked" if self.show else ""
            heading = f'<label><input type="checkbox" data-layer="{self.layer_id}"{tick}>{heading}</label>'
        shape = ' class="cfw-one"' if one else ""
        return f"<fieldset{shape}><legend>{heading}</legend>{f'<ul>{rows}</ul>' if rows else ''}</fieldset>"


class _Page(Figure):
    """The small document around a map."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title }}</title>\n{{ this.runtime }}\n</head>\n"
        '<body data-height="{{ this.height_px }}">\n{{ this.html.render(**kwargs) }}\n'
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, title: str, height_px: int) -> None:
        super().__init__(title=html.escape(title))
        self.height_px = height_px
        self.runtime = map_runtime()


class OfflineMap(folium.Map):
    """A folium map without tiles and without any outside file; its title and legend are part of it.

    folium's own Popup, Marker, Choropleth and LayerControl would ask the network for more: use the functions of
    `maps`, which take frames in EPSG:27700 and escape every label.

    Parameters
    ----------
    title
        What the map shows, in plain text; read out by screen readers.
    bounds
        South-west and north-east corner as (latitude, longitude) in degrees; the map always fits them.
    height_px
        Height of the frame, in pixels; it grows if the legend needs more.
    modelled
        Whether to say on the map that the data are modelled.
    credit
        Attribution line, plain text.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium declares them so; see __init__
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="cfw-mapbox">
        {% if this.modelled %}<p class="cfw-modelled"><span>{{ this.modelled }}</span></p>{% endif %}
        <div class="folium-map" id="{{ this.get_name() }}" role="region" tabindex="0"
          aria-label="{{ this.label }}"></div>
        </div>
        <div class="cfw-panel">{% for group in this.legend %}{{ group.render() }}{% endfor %}
        {% if this.credit %}<p class="cfw-credit">{{ this.credit }}</p>{% endif %}</div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = cfw.start("{{ this.get_name() }}", {{ this.bounds|tojson }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        *,
        title: str,
        bounds: tuple[tuple[float, float], tuple[float, float]],
        height_px: int = 640,
        modelled: bool = False,
        credit: str = "",
    ) -> None:
        super().__init__(tiles=None)
        # folium's add_js_link appends to these: give each map its own, or one map would change them all.
        self.default_js, self.default_css = [], []
        self._id = "0"  # the frame isolates the map, so a plain name will do, and the page stays the same every run
        self.title, self.height_px = title, height_px
        self.bounds = [list(corner) for corner in bounds]
        self.label = html.escape(f"Map: {title}. Move with the arrow keys, zoom with plus and minus.")
        self.modelled = MODELLED if modelled else ""
        self.credit = html.escape(credit)
        self.legend: list[LegendGroup] = []
        _Page(title, height_px).add_child(self)

    def next_id(self) -> str:
        """Return a short identifier for the next layer, the same on every run."""
        return str(len(self._children))

    def _repr_html_(self, **kwargs: Any) -> str:
        return map_html(self)


class VectorLayer(Layer):
    """Shapes of one kind, styled by index, drawn by the `layer` function of assets/map.js.

    Parameters
    ----------
    layer_id
        From `OfflineMap.next_id`.
    name
        Plain text.
    data
        GeoJSON features whose properties are `s`, an index into the styles, and `t`, an escaped tooltip.
    spec
        Options of that function: pane, styles or icons, interactive, keyboard, size, show.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cfw.layer({{ this._parent.get_name() }}, "{{ this._id }}", {{ this.data }}, {{ this.spec }});
        {% endmacro %}
        """
    )

    def __init__(self, layer_id: str, name: str, data: dict[str, Any], spec: dict[str, Any]) -> None:
        super().__init__(name=name, overlay=True, show=False)  # map.js adds it to the map, not folium
        self._name, self._id = "VectorLayer", layer_id
        self.data, self.spec = script_json(data), script_json(spec)


class PlaceNames(Layer):
    """Names of places, the more important first; drawn by the `labels` function of assets/map.js.

    Parameters
    ----------
    layer_id
        From `OfflineMap.next_id`.
    places
        Latitude and longitude in degrees, escaped name, rank (0 city, 1 town, 2 smaller).
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cfw.labels({{ this._parent.get_name() }}, {{ this.places }});
        {% endmacro %}
        """
    )

    def __init__(self, layer_id: str, places: list[tuple[float, float, str, int]]) -> None:
        super().__init__(name="Place names", overlay=True, show=False)
        self._name, self._id = "PlaceNames", layer_id
        self.places = script_json(places)


def script_json(value: Any) -> str:
    """Return JSON that may stand inside a script element, whatever text it holds.

    Parameters
    ----------
    value
        Lists, dicts, text, finite numbers.
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return (
        text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )


def map_html(offline_map: OfflineMap) -> str:
    """Return a map as one `iframe` element that holds everything it needs.

    Parameters
    ----------
    offline_map
        The map.
    """
    page = offline_map.get_root().render()
    source = page.replace("&", "&amp;").replace('"', "&quot;")
    return (
        f'<iframe class="cfw-map" title="{html.escape("Map: " + offline_map.title)}" loading="eager" '
        f'style="display:block;width:100%;height:{offline_map.height_px}px;border:0" srcdoc="{source}"></iframe>'
    )

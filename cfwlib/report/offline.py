"""A folium map that asks nothing of the network: Leaflet and our few lines of script travel inside it."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Figure
from folium.map import Layer
from folium.template import Template

from cfwlib.report.legend import LegendGroup
from cfwlib.report.static import static_svg

ASSETS = Path(__file__).parent / "assets"
LEAFLET = ASSETS / "leaflet-1.9.4"
SCRIPTS = ("map.js", "map_tidy.js", "map_search.js")
Place = tuple[float, float, str, int, str]
MODELLED = "Modelled data – not official"
HELP = (
    "Arrow keys move the map, plus and minus zoom. The next stop of the Tab key is its places: arrow keys go from one "
    "to the next, Enter chooses, Escape comes back. The search finds places and neighbourhoods by name and reads out "
    "their facts; the table after the map holds the same facts."
)
# A map moves and answers on a screen; on paper stands its drawing.
SCREEN_OR_PAPER = (
    "<style>.cfw-print{display:none}"
    "@media print{.cfw-map{display:none!important}.cfw-print{display:block;break-inside:avoid}}</style>"
)


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
    return "\n".join([leaflet, *((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)])


def map_runtime() -> str:
    """Return the part of a map's page that is the same in every map; a report holds it once."""
    return f"<style>{map_styles()}</style>\n<script>{map_script()}</script>"


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
        <section aria-label="Map, search and legend: {{ this.title|e }}"><div class="cfw-mapbox">
        {% if this.swipe %}<div class="cfw-swipe"><span>{{ this.swipe[0]|e }}</span><span>{{ this.swipe[1]|e }}</span>
        <input type="range" min="0" max="100" value="50" aria-label="Share of the map for: {{ this.swipe[0]|e }}"></div>
        {% endif %}
        {% if this.modelled %}<p class="cfw-modelled"><span>{{ this.modelled }}</span></p>{% endif %}
        <div class="folium-map" id="{{ this.get_name() }}" role="region" tabindex="0" aria-label="{{ this.label }}"
          aria-describedby="cfw-help"></div>
        <p class="cfw-hidden" id="cfw-help">{{ this.help }}</p>
        </div>
        <div class="cfw-panel">
        <div class="cfw-search"><label for="cfw-find">Find a place</label>
        <input type="search" id="cfw-find" role="combobox" aria-expanded="false" aria-controls="cfw-found"
          aria-autocomplete="list" autocomplete="off" spellcheck="false">
        <ul role="listbox" id="cfw-found" aria-label="Places found" hidden></ul><p role="status"></p></div>
        <p class="cfw-touch">Two fingers move the map.</p>
        <div role="group" aria-label="Layers of the map and what their symbols mean">
        {% for group in this.legend %}{{ group.render() }}{% endfor %}</div>
        {% if this.credit %}<p class="cfw-credit">{{ this.credit|e }}</p>{% endif %}</div></section>
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
        self.label, self.help = html.escape(f"Map: {title}"), HELP
        self.modelled = MODELLED if modelled else ""
        self.credit = credit
        self.legend: list[LegendGroup] = []
        self.swipe: tuple[str, str] | None = None  # what the left and the right of the slider show
        self.layers: list[tuple[dict[str, Any], dict[str, Any]]] = []  # GeoJSON and options, as drawn on paper too
        self.names: list[Place] = []
        _Page(title, height_px).add_child(self)

    def add_layer(self, data: dict[str, Any], spec: dict[str, Any]) -> str:
        """Draw shapes of one kind above those there are, and return the layer's identifier, the same on every run.

        Parameters
        ----------
        data
            GeoJSON features whose properties are `s`, an index into the styles, and perhaps `t`, an escaped tooltip,
            `n`, the plain name to find it by, and `v`, its venue.
        spec
            Options of the `layer` function of assets/map.js: pane, styles or icons, interactive, size, spread, front,
            rim, kind, show.
        """
        layer_id = str(len(self._children))
        self.layers.append((data, spec))
        self.add_child(_Call("layer", layer_id, data, spec))
        return layer_id

    def name_places(self, places: list[Place]) -> None:
        """Name places, the more important first.

        Parameters
        ----------
        places
            Latitude and longitude in degrees, plain name, rank (0 city, 1 town, 2 smaller), kind in words.
        """
        self.names += places
        self.add_child(_Call("labels", places))

    def _repr_html_(self, **kwargs: Any) -> str:
        return map_html(self)


class _Call(Layer):
    """A call of one of our functions of assets/map*.js, with the map and what is to be drawn on it."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cfw.{{ this.function }}({{ this._parent.get_name() }}, {{ this.arguments }});
        {% endmacro %}
        """
    )

    def __init__(self, function: str, *arguments: Any) -> None:
        super().__init__(name=function, overlay=True, show=False)  # map.js adds it to the map, not folium
        self._name, self.function = "Call", function
        self.arguments = ", ".join(script_json(argument) for argument in arguments)


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
    """Return a map as one `iframe` element that holds everything it needs, and its drawing for paper.

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
        f'{SCREEN_OR_PAPER}<div class="cfw-print">{static_svg(offline_map)}</div>'
    )

"""A folium map that asks nothing of the network: Leaflet and our few lines of script travel inside it."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure

from cfwlib.errors import InputError
from cfwlib.report.legend import LegendGroup, Place
from cfwlib.report.static import static_svg

ASSETS = Path(__file__).parent / "assets"
LEAFLET = ASSETS / "leaflet-1.9.4"
SCRIPTS = ("map.js", "map_tidy.js", "map_search.js")
MAP_START = "cfw.draw();"  # the same in every map, so that a page's policy can name it
MODELLED = "Modelled data – not official"
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
    """The small document around a map, put together here: branca would read it, names and all, as a template."""

    def __init__(self, drawn: OfflineMap) -> None:
        super().__init__()
        self.drawn = drawn
        self.add_child(drawn)

    def render(self, **kwargs: Any) -> str:
        """Return the document; what the map holds stands in it as data, beside scripts that are always the same."""
        drawn = self.drawn
        title, data = html.escape(drawn.title), script_json(drawn.data())
        return (
            '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n{map_runtime()}\n</head>\n"
            f'<body data-height="{drawn.height_px}">\n{drawn.markup()}\n'
            f'<script type="application/json" id="cfw-data">{data}</script>\n<script>{MAP_START}</script>\n'
            "</body>\n</html>\n"
        )


class OfflineMap(folium.Map):
    """A folium map without tiles and without any outside file; its title and legend are part of it.

    No text of a map passes a template engine: branca, which draws folium's own elements, renders what they hold a
    second time, as a template. Popup, Marker, GeoJson and the like are therefore refused; they would also ask the
    network for more. Use the functions of `maps`, which take frames in EPSG:27700 and escape every label.

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
        self.modelled = MODELLED if modelled else ""
        self.credit = credit
        self.legend: list[LegendGroup] = []
        self.swipe: tuple[str, str] | None = None  # what the left and the right of the slider show
        self.layers: list[tuple[dict[str, Any], dict[str, Any]]] = []  # GeoJSON and options, as drawn on paper too
        self.names: list[Place] = []
        _Page(self)

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Element:
        """Refuse what folium draws by itself.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            f"an OfflineMap cannot hold folium's {type(child).__name__}: folium would read its text as a template, and "
            "the report's page would refuse its script. Use add_areas, add_points or add_lines of cfwlib.report."
        )

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
        self.layers.append((data, spec))
        return str(len(self.layers) - 1)

    def name_places(self, places: list[Place]) -> None:
        """Name places, the more important first.

        Parameters
        ----------
        places
            Latitude and longitude in degrees, plain name, rank (0 city, 1 town, 2 smaller), kind in words.
        """
        self.names += places

    def data(self) -> dict[str, Any]:
        """Return what map.js draws: the map's id and bounds, its names, and each layer's shapes and options."""
        return {"id": self.get_name(), "bounds": self.bounds, "names": self.names, "layers": self.layers}

    def markup(self) -> str:
        """Return the map's frame, search and legend as HTML, every text escaped."""
        title, slider = html.escape(self.title), ""
        if self.swipe:
            before, after = (html.escape(words) for words in self.swipe)
            slider = (
                f'<div class="cfw-swipe"><span>{before}</span><span>{after}</span>\n<input type="range" min="0" '
                f'max="100" value="50" aria-label="Share of the map for: {before}"></div>'
            )
        banner = f'<p class="cfw-modelled"><span>{self.modelled}</span></p>' if self.modelled else ""
        credit = f'<p class="cfw-credit">{html.escape(self.credit)}</p>' if self.credit else ""
        legend = "".join(group.render() for group in self.legend)
        page = (ASSETS / "map.html").read_text(encoding="utf-8").rstrip("\n")
        return page.format(title=title, id=self.get_name(), slider=slider, banner=banner, legend=legend, credit=credit)

    def _repr_html_(self, **kwargs: Any) -> str:
        return map_html(self)


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


def attribute(text: str) -> str:
    """Escape text that stands inside srcdoc."""
    return text.replace("&", "&amp;").replace('"', "&quot;")


def map_html(offline_map: OfflineMap) -> str:
    """Return a map as one `iframe` element that holds everything it needs, and its drawing for paper.

    Parameters
    ----------
    offline_map
        The map.
    """
    source = attribute(offline_map.get_root().render())
    return (
        f'<iframe class="cfw-map" title="{html.escape("Map: " + offline_map.title)}" loading="eager" '
        f'style="display:block;width:100%;height:{offline_map.height_px}px;border:0" srcdoc="{source}"></iframe>'
        f'{SCREEN_OR_PAPER}<div class="cfw-print mathjax_ignore">{static_svg(offline_map)}</div>'
    )

"""Small SVG symbols: the same drawing on the map and in its legend."""

import html

CATEGORIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe-Ito
DASHES = ("", "9 5", "2 6", "12 5 2 5", "5 5", "14 4 2 4 2 4", "1 4")
SHAPES = {
    "circle": '<circle cx="10" cy="10" r="8.2"/>',
    "square": '<rect x="2.4" y="2.4" width="15.2" height="15.2" rx="1.5"/>',
    "diamond": '<path d="M10 .6 19.4 10 10 19.4 .6 10z"/>',
    "triangle": '<path d="M10 1.2 19.4 18.2H.6z"/>',
}


def point_symbol(colour: str, *, shape: str = "circle", letter: str = "", size_px: int = 18) -> str:
    """Return a point as SVG: a filled shape with a white rim and perhaps a letter.

    Parameters
    ----------
    colour
        Fill, as CSS writes it.
    shape
        circle, square, diamond or triangle.
    letter
        One or two characters, any text: escaped here.
    size_px
        Width and height, in pixels.
    """
    ink = "#000" if colour.lower() in {"#e69f00", "#56b4e9", "#cc79a7", "#f0e442", "#ffffff"} else "#fff"
    text = ""
    if letter:
        down, size = (15 if shape == "triangle" else 14), (11 if len(letter) < 2 else 9)
        text = (
            f'<text x="10" y="{down}" text-anchor="middle" font-size="{size}" font-weight="700"'
            f' font-family="Arial, sans-serif" fill="{ink}" stroke="none">{html.escape(letter)}</text>'
        )
    return (
        f'<svg width="{size_px}" height="{size_px}" viewBox="0 0 20 20" aria-hidden="true">'
        f'<g fill="{html.escape(colour)}" stroke="#fff" stroke-width="1.6">{SHAPES[shape]}</g>{text}</svg>'
    )


def line_symbol(colour: str, *, dash: str = "", letter: str = "", width_px: float = 3.5) -> str:
    """Return a line sample as SVG.

    Parameters
    ----------
    colour
        Stroke, as CSS writes it.
    dash
        Dash pattern, lengths in pixels; empty for a full line.
    letter
        The letter that stands on the line, if any: escaped here.
    width_px
        Stroke width, in pixels.
    """
    badge = f'<g transform="translate(12 0) scale(.9)">{point_symbol(colour, letter=letter)}</g>' if letter else ""
    return (
        '<svg width="42" height="18" viewBox="0 0 42 18" aria-hidden="true">'
        f'<path d="M1 9H41" fill="none" stroke="{html.escape(colour)}" stroke-width="{width_px}"'
        f' stroke-dasharray="{html.escape(dash)}"/>{badge}</svg>'
    )


def area_symbol(colour: str, *, dash: str = "") -> str:
    """Return a filled box as SVG.

    Parameters
    ----------
    colour
        Fill, as CSS writes it.
    dash
        Dash pattern of the rim, lengths in pixels; marks "no data".
    """
    return (
        '<svg width="24" height="16" viewBox="0 0 24 16" aria-hidden="true">'
        f'<rect x=".75" y=".75" width="22.5" height="14.5" fill="{html.escape(colour)}" stroke="#6f777b"'
        f' stroke-dasharray="{html.escape(dash)}"/></svg>'
    )

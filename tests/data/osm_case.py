"""Write tiny OpenStreetMap files: places on a grid of about 100 m near Carlisle, ways through them, with their tags."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

WEST, SOUTH = -2.95, 54.89


def write_osm(path: Path, ways: list[tuple[str, dict[str, str]]]) -> Path:
    """Write ways such as ("00 10 20", tags): each place is two digits, east and north of the corner in 0.001 degrees.

    A letter after the digits makes another node at the same place.
    """
    names = sorted({name for places, _ in ways for name in places.split()})
    number = {name: index for index, name in enumerate(names, start=1)}
    lines = [
        f'<node id="{number[name]}" lat="{SOUTH + int(name[1]) / 1000:.4f}" lon="{WEST + int(name[0]) / 1000:.4f}"/>'
        for name in names
    ]
    for index, (places, tags) in enumerate(ways, start=1):
        refs = "".join(f'<nd ref="{number[name]}"/>' for name in places.split())
        texts = "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
        lines.append(f'<way id="{index}">{refs}{texts}</way>')
    path.write_text('<?xml version="1.0"?>\n<osm version="0.6">' + "\n".join(lines) + "</osm>\n", encoding="utf-8")
    return path

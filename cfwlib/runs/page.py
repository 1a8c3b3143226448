"""The frame of the pages a run leaves beside its reports: the look of a report, and no scripts."""

import datetime
import html
import re
from pathlib import Path
from urllib.parse import quote

from cfwlib.report.offline import ASSETS
from cfwlib.report.write import write_text

_HERE = Path(__file__).parent


def write_page(path: Path, *, title: str, body: str) -> Path:
    """Write a page, whole or not at all, and return its path.

    Parameters
    ----------
    path
        The file to make or replace.
    title
        Title and first heading, plain text.
    body
        The rest as HTML, with every text in it escaped.
    """
    styles = [ASSETS / "parts.css", ASSETS / "page.css", _HERE / "page.css"]
    filled = {"title": html.escape(title), "style": "\n".join(style.read_text(encoding="utf-8") for style in styles)}
    filled["body"] = body
    frame = (_HERE / "page.html").read_text(encoding="utf-8")
    # in one go: what is put in, such as a title with braces, is not looked at again
    write_text(path, re.sub(r"\{\{(\w+)\}\}", lambda place: filled[place[1]], frame))
    return path


def link(href: str, text: str) -> str:
    """Return a link as HTML.

    Parameters
    ----------
    href, text
        Path relative to the page, and words; both plain. The path stays one, whatever signs are in its names.
    """
    return f'<a href="{quote(href)}">{html.escape(text)}</a>'


def area_words(area: str) -> str:
    """Return an area file's name as a reader says it: `westmorland_and_furness` is Westmorland And Furness."""
    return area.replace("_", " ").replace("-", " ").title()


def when_words(started: str) -> str:
    """Return when a run began as a reader says it, in local time (1 March 2026, 02:15); as it stands if no date."""
    try:
        local = datetime.datetime.fromisoformat(started).astimezone()
    except ValueError:
        return started
    return f"{local.day} {local:%B %Y, %H:%M}"

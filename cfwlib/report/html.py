"""Turn an executed notebook into one HTML file that needs nothing else: no network, no folder beside it."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbformat import NotebookNode
from traitlets.config import Config

from cfwlib.report.offline import ASSETS, MAP_START, attribute, map_runtime, map_script, map_styles
from cfwlib.report.write import safe_name, write_text

# Shown outputs, best first; scripts and widgets never.
SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
# In a report the maps take Leaflet from the page around them: one copy, however many maps.
BORROW = (ASSETS / "borrow.js").read_text(encoding="utf-8")


def export_html(
    notebook_path: str | Path, html_path: str | Path, *, title: str, run: Mapping[str, str] | None = None
) -> Path:
    """Write the report of an executed notebook.

    Parameters
    ----------
    notebook_path
        The executed notebook.
    html_path
        The file to make or replace, whole or not at all.
    title
        Title of the page, plain text.
    run
        What the page's first and last lines tell: `area_name`, `run_id`, `finished`, and the links `index_href` (all
        runs) and `notebook_href` (the executed notebook, for analysts). Each may be missing; area and date are then
        what papermill noted.

    Returns
    -------
    path
        The file written.
    """
    notebook = nbformat.read(notebook_path, as_version=4)
    banner = _prepare(notebook)
    told = {name: quote(text) if name.endswith("_href") else text for name, text in (run or {}).items()}
    maps = '<iframe class="cfw-map"' in str(notebook)
    page = {"title": title, "run": _noted(notebook) | told, "banner": banner, "maps": maps}
    body, _ = _exporter().from_notebook_node(notebook, {"cfw": page})
    body = body.replace(attribute(map_runtime()), attribute(f"<script>{BORROW}</script>"))
    write_text(html_path, _with_contents(body))
    return Path(html_path)


class _ReportExporter(HTMLExporter):
    """HTMLExporter with our template, without its second parse that labels pictures with a placeholder."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        return TemplateExporter.from_notebook_node(self, nb, self._init_resources(resources), **kw)


@cache
def _exporter() -> _ReportExporter:
    """Return the one exporter of this process: its templates are compiled once."""
    config = Config({"NbConvertBase": {"display_data_priority": SHOWN}})
    exporter = _ReportExporter(
        config=config,
        template_name="report",
        extra_template_basedirs=[str(ASSETS / "template")],
        exclude_input=True,
        exclude_anchor_links=True,
    )
    exporter.environment.globals.update(
        page_css=(ASSETS / "page.css").read_text(encoding="utf-8"),
        parts_css=(ASSETS / "parts.css").read_text(encoding="utf-8"),
        page_script=(ASSETS / "page.js").read_text(encoding="utf-8"),
        allowed_scripts=_allowed(),
        map_script=map_script(),
        map_styles=map_styles(),
    )
    return exporter


def _prepare(notebook: NotebookNode) -> str:
    """Drop what a reader must not see, name pictures after their section, and return the banners, which go first."""
    banner, section = "", "this report"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,4} +(.+)$", cell.source, flags=re.MULTILINE)
            section = headings[-1].strip() if headings else section
        kept = []
        for output in cell.get("outputs", []):
            shown = str(output.get("data", {}).get("text/html", ""))
            if 'data-cfw="banner"' in shown:
                banner += shown
            elif 'data-cfw="style"' not in shown:
                for kind in {"image/svg+xml", "image/png", "image/jpeg"} & set(output.get("data", {})):
                    output.metadata.setdefault(kind, {}).setdefault("alt", f"Picture in the section “{section}”")
                kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept
    return banner


def _noted(notebook: NotebookNode) -> dict[str, str]:
    """Return the area, from its file's name, and the day as papermill noted them in the notebook."""
    made = notebook.metadata.get("papermill", {})
    area, ended = (str(text or "") for text in (made.get("parameters", {}).get("area"), made.get("end_time")))
    words = " ".join(word if word in {"and", "of", "upon", "with"} else word.capitalize() for word in area.split("_"))
    day = datetime.fromisoformat(ended) if ended else None
    return {"area_name": words, "finished": f"{day.day} {day:%B %Y}" if day else ""}


def _allowed() -> str:
    """Return which scripts may run, each by its hash: files of this package, never anything that came with the data.

    The maps inherit the page's policy.
    """
    ours = [(ASSETS / name).read_text(encoding="utf-8") for name in ("page.js", "review.js")]
    scripts = [*ours, BORROW, map_script(), MAP_START]
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)


def _with_contents(page: str) -> str:
    """Give each second-level heading an anchor, and put a list of them before the first."""
    entries: list[str] = []

    def anchored(match: re.Match[str]) -> str:
        text = html.unescape(re.sub("<[^>]+>", "", match[1]))
        anchor = f"{safe_name(text).lower()}-{len(entries) + 1}"
        entries.append(f'<li><a href="#{anchor}">{html.escape(text)}</a></li>')
        return f'<h2 id="{anchor}">{match[1]}</h2>'

    page = re.sub("<h2>(.*?)</h2>", anchored, page, flags=re.DOTALL)
    if len(entries) < 2:
        return page
    contents = f'<nav class="contents" aria-label="Contents"><ol>{"".join(entries)}</ol></nav>'
    answer = max(page.rfind('class="cfw-answer"'), page.rfind('class="cfw-cards"'), 0)
    heading = page.find("<h2 id=", answer)  # the answer comes first, then the way around the page
    if heading < 0:
        return page
    start = page.rindex("<section", 0, heading)
    return f"{page[:start]}{contents}\n{page[start:]}"

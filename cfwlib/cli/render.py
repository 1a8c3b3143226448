"""`cfw render`: the page of a notebook that was run by hand, or by papermill."""

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfwlib.cli.console import out
from cfwlib.errors import CfwError
from cfwlib.reading import reading

if TYPE_CHECKING:
    from nbformat import NotebookNode

READS_CHILDREN = re.compile(r"\bdata\.(returns|carers)\b|\b(find|read)_(returns|carers)\b")


def render(
    notebook: Annotated[Path, typer.Argument(help="A notebook that was run and saved.")],
    page: Annotated[Path | None, typer.Option("--out", help="The page to write; default beside the notebook.")] = None,
) -> None:
    """Write the page of a notebook that was run by hand, or by papermill, from beginning to end."""
    import nbformat

    from cfwlib.report.html import export_html
    from cfwlib.runs.jobs import notebook_title

    with reading(notebook, "Save it anew, or copy it again.", how="is not a notebook, or is damaged", tell=False):
        book = nbformat.read(notebook, as_version=4)
    problems = _problems(book)
    if page is None and (notebook.parent / "run.json").exists():
        problems.append("belongs to a run, which has its page. Name another page with --out.")
    if problems:
        raise CfwError([f"{notebook}: {problem}" for problem in problems])
    saved = datetime.datetime.fromtimestamp(notebook.stat().st_mtime)
    run = {} if "papermill" in book.metadata else {"finished": f"run by hand, saved {saved.day} {saved:%B %Y}"}
    made = export_html(notebook, page or notebook.with_suffix(".html"), title=notebook_title(notebook), run=run)
    out.print(f"Page: {made}", soft_wrap=True)


def _problems(book: "NotebookNode") -> list[str]:
    """Return why no page can be made of a notebook; nothing of what it shows is quoted."""
    from cfwlib.report.recorder import IS_PRIVATE, NOT_CLAIMED, SHOWN

    numbered = enumerate(book.cells, start=1)
    cells = {number: cell for number, cell in numbered if cell.cell_type == "code" and cell.source}
    outputs = [(number, one) for number, cell in cells.items() for one in cell.outputs]
    if not outputs:
        return ["has no outputs. Run all its cells, save it, and render it then."]
    if failed := [number for number, one in outputs if one.output_type == "error"]:
        return [f"cell {failed[0]} failed. Put it right, run all cells, and save it."]
    order = [cell.execution_count or 0 for cell in cells.values()]
    if 0 in order or order != sorted(order):
        return ["not every cell was run, in order. Restart the kernel, run all cells, and save it."]
    shown = [(number, str(one.get("data", {}).get("text/html", ""))) for number, one in outputs]
    private = any(IS_PRIVATE in text for _, text in shown)
    if not private and not any(READS_CHILDREN.search(cell.source) for cell in cells.values()):
        return []
    if not private or any(NOT_CLAIMED in text for _, text in shown):
        return [
            "is about single children, and nobody has held it against what earlier pages tell of them. "
            "Make its page with cfw run 06."
        ]
    return [
        f"is about single children, and cell {number} shows what did not go through disclosure. Take it out, run again."
        for (number, text), (_, one) in zip(shown, outputs, strict=True)
        if not text.startswith(SHOWN) and one.get("name") != "stderr"  # which no page shows
    ]

"""`cfw render` makes the page of a notebook that was run by hand; what has no answer, or no protection, is refused."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from project import ROOT
from runs.run_cases import command

from cfwlib.cli.render import READS_CHILDREN
from cfwlib.report.recorder import IS_PRIVATE, NOT_CLAIMED, SHOWN
from cfwlib.runs.jobs import notebook_source


def shown(markup: str) -> Any:
    return nbformat.v4.new_output("display_data", data={"text/html": markup})


def style(mark: str = "") -> Any:
    return shown(f'{SHOWN}<style data-cfw="style"{mark}>a</style></div>')


def stream(name: str) -> Any:
    return nbformat.v4.new_output("stream", name=name, text="seen in passing")


ANSWER = shown(f'{SHOWN}<p class="cfw-answer">Yes, 5 of 6 families.</p></div>')
FAILED = nbformat.v4.new_output("error", ename="ValueError", evalue="child 4711", traceback=["child 4711"])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Write a notebook whose cells have shown something, render it, and return exit code, page and message."""

    def make(*outputs: Any, order: tuple[int | None, ...] | None = None, code: str = "show()") -> tuple[int, str, str]:
        book, order = nbformat.v4.new_notebook(), order or tuple(range(1, len(outputs) + 1))
        book.cells = [nbformat.v4.new_markdown_cell("# Is help near?")]
        for one, count in zip(outputs, order, strict=True):
            cell = nbformat.v4.new_code_cell(code, execution_count=count, outputs=[one] if one else [])
            book.cells.append(cell)
        book.cells.append(nbformat.v4.new_code_cell(""))  # JupyterLab leaves one at the end
        nbformat.write(book, tmp_path / "mine.ipynb")
        done = command(monkeypatch, "render", str(tmp_path / "mine.ipynb"))
        page = tmp_path / "mine.html"
        return done, page.read_text(encoding="utf-8") if page.exists() else "", capsys.readouterr().err

    return make


def test_only_the_page_about_children_reads_them() -> None:
    """What a page without protection is refused by is in the code of 06, and of no other notebook."""
    found = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb") if READS_CHILDREN.search(notebook_source(path))]
    assert found == ["06_homes"]


def test_a_page_is_made_beside_the_notebook(made) -> None:  # type: ignore[no-untyped-def]
    """Its title is the notebook's question, and it says that it was run by hand."""
    code, page, _ = made(style(), ANSWER)
    assert code == 0
    assert "<title>Is help near?</title>" in page
    assert "Yes, 5 of 6 families." in page
    assert "run by hand, saved " in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


@pytest.mark.parametrize(
    ("outputs", "order", "told"),
    [
        ([None, None], (1, 2), "has no outputs"),
        ([ANSWER, FAILED], (1, 2), "cell 3 failed"),
        ([ANSWER, ANSWER], (1, None), "not every cell was run, in order"),
        ([ANSWER, ANSWER], (7, 3), "not every cell was run, in order"),
        ([style(f" {NOT_CLAIMED}"), ANSWER], (1, 2), "Make its page with cfw run"),
        ([style(f" {IS_PRIVATE}"), shown("<table>of children</table>")], (1, 2), "cell 3 shows what did not go"),
        ([style(f" {IS_PRIVATE}"), stream("stdout")], (1, 2), "cell 3 shows what did not go"),
    ],
)  # fmt: skip
def test_what_would_mislead_or_tell_of_children_is_refused(made, outputs, order, told) -> None:  # type: ignore[no-untyped-def]
    """Exit code 2, no page, and the message says what to do without quoting what was shown."""
    code, page, message = made(*outputs, order=order)
    assert (code, page) == (2, "")
    assert told in message
    assert "4711" not in message


def test_returns_shown_without_a_report_are_refused(made) -> None:  # type: ignore[no-untyped-def]
    """An analyst's own notebook on returns, which opens no report of children, gets no page."""
    code, page, message = made(style(), shown("<table>of children</table>"), code="from cfwlib.data.returns import x")
    assert (code, page) == (2, "")
    assert "Make its page with cfw run 06" in message


def test_a_private_page_of_a_run_is_made(made) -> None:  # type: ignore[no-untyped-def]
    """All that it shows went through the report; a warning, which may quote a child, is not on the page."""
    code, page, _ = made(style(f" {IS_PRIVATE}"), stream("stderr"), ANSWER)
    assert code == 0
    assert "seen in passing" not in page


def test_damaged_missing_and_taken_names_are_told(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """What is no notebook, is not there, or belongs to a run, which has its page, is refused in words."""
    (tmp_path / "cut.ipynb").write_text('{"cells": [')
    assert command(monkeypatch, "render", str(tmp_path / "cut.ipynb")) == 2
    assert command(monkeypatch, "render", str(tmp_path / "none.ipynb")) == 2
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a", execution_count=1, outputs=[ANSWER])])
    nbformat.write(book, tmp_path / "run.ipynb")
    (tmp_path / "run.json").write_text("{}")
    assert command(monkeypatch, "render", str(tmp_path / "run.ipynb")) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "cut.ipynb: is not a notebook, or is damaged" in told
    assert "none.ipynb" in told
    assert "Name another page with --out" in told
    assert command(monkeypatch, "render", str(tmp_path / "run.ipynb"), "--out", str(tmp_path / "page.html")) == 0
    assert (tmp_path / "page.html").is_file()

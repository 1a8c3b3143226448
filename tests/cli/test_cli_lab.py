"""`cfw lab` opens copies: the project's notebooks stay as they are, and so does what an analyst has made of one."""

import json
import subprocess

import pandas as pd
import pytest
from project import ROOT
from runs.run_cases import command

from cfwlib.cli.lab import copy_notebooks
from cfwlib.report.recorder import Report


def test_options_are_passed_on(home, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """JupyterLab is given the folder of copies, the options, and the project's folder for its kernels."""
    called = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr(subprocess, "call", lambda words, env: called.append((words[1:], env["CFW_HOME"])) or 7)
    assert command(monkeypatch, "lab", "--no-browser", "--port", "8890", "--allow-root") == 7
    words = ["-m", "jupyterlab", str(home / "work"), "--no-browser", "--port", "8890", "--allow-root"]
    assert called == [(words, str(home))]


def test_without_jupyterlab_the_remedy_is_named(home, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """Exit code 2, and nothing is copied."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert command(monkeypatch, "lab") == 2
    assert "make lab" in capsys.readouterr().err
    assert not (home / "work").exists()


def test_copies_are_kept_and_told_when_the_notebook_has_moved_on(home) -> None:  # type: ignore[no-untyped-def]
    """A second time nothing is copied or told; a copy is told of when the project's notebook is another one."""
    before = {path: path.read_bytes() for path in (home / "notebooks").glob("*.ipynb")}
    assert copy_notebooks(home) == []
    assert {path.name for path in (home / "work").iterdir()} == {path.name for path in before}
    mine = home / "work" / "01_need.ipynb"
    edited = json.loads(mine.read_text(encoding="utf-8"))
    edited["cells"][0]["source"] = ["# Mine?"]
    mine.write_text(json.dumps(edited))
    assert copy_notebooks(home) == []
    project = home / "notebooks" / "01_need.ipynb"
    project.write_text(project.read_text(encoding="utf-8").replace("family help", "help"), encoding="utf-8")
    (told,) = copy_notebooks(home)
    assert told.startswith("work/01_need.ipynb is not made of today's notebooks/01_need.ipynb")
    assert json.loads(mine.read_text()) == edited
    assert all(path.read_bytes() == text for path, text in before.items() if path != project)


def test_git_ignores_the_copies_and_the_environments() -> None:
    """What `make lab` makes cannot be committed by mistake."""
    names = ["work/01_need.ipynb", ".venv-lab/bin/cfw", ".venv-lowest/bin/cfw"]
    done = subprocess.run(["git", "check-ignore", *names], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == names


# the rules, shortened, by which JupyterLab lays out any table in an output
JUPYTERLAB = """
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon table { table-layout: fixed; margin-left: auto; font-size: 13px; }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td, :not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th {
  vertical-align: middle; padding: 0.5em; max-width: none; text-align: right; border: none; }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: red; }
"""


@pytest.mark.browser
def test_tables_look_in_jupyterlab_as_in_the_report(browser, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Words stand left and at the top, numbers right; columns take the width they need."""
    shown: list[str] = []
    monkeypatch.setattr("cfwlib.report.recorder.display", lambda one: shown.append(one.data))
    report = Report("01_need", None, title="t", area_name="A", modelled=False, sources=[], parameters={})
    report.table(pd.DataFrame({"name": ["a place with a long name", "b"], "families": [1, 2]}), "t", "Families")
    outputs = "".join(f'<div class="jp-RenderedHTMLCommon jp-RenderedHTML">{one}</div>' for one in shown)
    page = browser.new_page()
    page.set_content(f"<style>{JUPYTERLAB}</style>{outputs}")
    look = "(e, names) => names.map(name => getComputedStyle(e)[name])"
    first, number = (page.locator(f"tbody tr:first-child > :nth-child({n})") for n in (1, 2))
    assert first.evaluate(look, ["textAlign", "verticalAlign", "maxWidth"]) == ["left", "top", "384px"]
    assert number.evaluate(look, ["textAlign"]) == ["right"]
    assert page.locator("table").evaluate(look, ["tableLayout", "marginLeft"]) == ["auto", "0px"]
    assert page.locator("tbody tr:first-child").evaluate(look, ["backgroundColor"]) == ["rgba(0, 0, 0, 0)"]
    page.close()

"""The notebooks are for reading: one question each, thin cells, parameters that mean what the library means."""

import ast
import json
from pathlib import Path

import papermill
import pytest
from project import ROOT

from cfwlib.runs.jobs import settings_name
from cfwlib.settings.order import USES, used

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_all_seven_are_there() -> None:
    """Nothing below passes by finding no notebook."""
    assert [path.stem for path in NOTEBOOKS] == [
        "00_data_check", "01_need", "02_reach", "03_mobile_hub", "04_hub_access", "05_next_fixed_site",
        "06_homes",
    ]  # fmt: skip


@each
def test_the_title_is_a_question(path: Path) -> None:
    """The first line asks what the notebook answers."""
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith("?")


@each
def test_no_output_is_stored(path: Path) -> None:
    """Outputs belong in outputs/, not in git."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@each
def test_parameters_are_the_library_s(path: Path) -> None:
    """A dozen lines: area, data, out, the knobs that its reader turns, each as the library has it, and all others."""
    source = next(text for text in code_cells(path) if text.startswith("area: str"))
    listed = papermill.inspect_notebook(str(path))
    assigned = [node.target.id for node in ast.parse(source).body if isinstance(node, ast.AnnAssign)]  # type: ignore[union-attr]
    assert list(listed) == assigned  # papermill's parser has understood every line
    assert len(assigned) <= 12
    assert (assigned[:3], assigned[-1]) == (["area", "data", "out"], "more")
    assert (listed["more"]["default"], listed["more"]["inferred_type_name"]) == ("{}", "dict")
    for name in assigned[:-1]:
        entry, field = listed[name], used(path.stem)[name]
        assert ast.literal_eval(entry["default"]) == field.default, name
        assert entry["help"], name
        plain = field.annotation if isinstance(field.annotation, type) else type(field.default)  # a Literal has no name
        assert entry["inferred_type_name"] == plain.__name__, name


@each
def test_settings_are_asked_for_once_and_read_from_there(path: Path) -> None:
    """Each asks under its own name, and no other cell takes a knob, which an area file may have overruled, as it is."""
    assert settings_name(path) == path.stem
    assert path.stem in USES
    for text in code_cells(path):
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert text.startswith("area: str") or not names & set(used(path.stem)), text


@each
def test_cells_are_thin(path: Path) -> None:
    """Logic lives in the package: no def, no loop, no path, no long cell."""
    for text in code_cells(path):
        if text.startswith("area: str"):
            continue
        body = [node for node in ast.parse(text).body if not isinstance(node, ast.ImportFrom)]
        assert sum((node.end_lineno or 0) - node.lineno + 1 for node in body) <= 22, text
        for node in ast.walk(ast.parse(text)):
            assert not isinstance(node, ast.FunctionDef | ast.For | ast.While), text
        assert "open(" not in text.replace("open_report(", "")
        assert "Path" not in text


@each
def test_it_ends_with_what_to_do_and_what_it_rests_on(path: Path) -> None:
    """Every report says so what, what it cannot tell, and what the run was."""
    headings = "".join(path.read_text(encoding="utf-8"))
    order = [
        headings.index(f"## {title}")
        for title in ("The answer", "So what", "What this cannot tell you", "About this run")
    ]
    assert order == sorted(order)

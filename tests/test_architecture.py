"""The picture in docs/architecture.md is that of today's imports."""

import runpy
from pathlib import Path

import pytest
from project import ROOT

TOOL = runpy.run_path(str(ROOT / "tools" / "architecture.py"))


def test_the_picture_is_that_of_todays_imports(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever moves a module draws the picture again: python tools/architecture.py."""
    assert TOOL["main"](["--check"]) == 0, capsys.readouterr().out


def test_arrows_that_longer_ways_imply_are_left_out() -> None:
    """a is below b and b below c: that a is below c need not be drawn."""
    uses = {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": {"a"}}
    assert TOOL["reduced"](uses) == {"a": set(), "b": {"a"}, "c": {"b"}, "d": {"a"}}


def test_a_circle_is_named() -> None:
    """Rooms that import each other are told, not drawn."""
    with pytest.raises(SystemExit, match=r"in a circle: a -> b -> a\. Move"):
        TOOL["reduced"]({"a": {"b"}, "b": {"a"}})


def test_every_way_of_importing_counts(tmp_path: Path) -> None:
    """Also imports inside functions, of the package's own rooms by name, and in the cells of a notebook."""
    code = "import cfwlib.a\nfrom cfwlib import b\ndef f():\n    from cfwlib.c.d import e\nimport pandas\n"
    assert TOOL["imported"](code) == {"a", "b", "c"}
    library, notebooks = tmp_path / "cfwlib", tmp_path / "notebooks"
    (library / "b").mkdir(parents=True)
    notebooks.mkdir()
    (library / "__init__.py").write_text("from cfwlib import a\n", "utf-8")
    (library / "a.py").write_text('"""First.\n\nMore."""\n', "utf-8")
    (library / "b" / "__init__.py").write_text('"""Second."""\nfrom cfwlib.a import x\n', "utf-8")
    cells = '{"cells": [{"cell_type": "code", "source": ["from cfwlib import b"]}]}'
    (notebooks / "n.ipynb").write_text(cells, "utf-8")
    told = TOOL["drawing"](tmp_path)
    assert "    a --> b\n    b --> notebooks\n" in told
    assert "| `a` | First. |\n| `b` | Second. |" in told

"""`cfw new` lays out a project folder; an installed wheel needs no checkout."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from project import ROOT
from runs.run_cases import command

from cfwlib.areas import project_root
from cfwlib.cli.new import IGNORED, PARTS
from cfwlib.errors import SettingsError


def test_the_folder_holds_what_a_run_needs(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """Notebooks, area files, modelled data and documents; git would keep no imported file."""
    assert command(monkeypatch, "new", str(tmp_path / "deep" / "here")) == 0
    made = tmp_path / "deep" / "here"
    for part in PARTS:
        assert (made / part).exists(), part
    assert (made / "notebooks" / "areas" / "cumberland.toml").is_file()
    assert (made / ".gitignore").read_text() == IGNORED
    assert "cfw run" in capsys.readouterr().out


def test_git_keeps_nothing_that_was_brought_in_or_made(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """In the folder's own repository, returns, stores, outputs and copies of notebooks are ignored."""
    command(monkeypatch, "new", str(tmp_path))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    kept = {
        path: subprocess.run(["git", "check-ignore", "-q", path], cwd=tmp_path).returncode == 1
        for path in ("data/sample/a.csv", "outputs/README.md", "notebooks/01_need.ipynb", "data/returns/x/a.csv",
                     "data/store/a.parquet", "outputs/cumberland/run.json", "work/01_need.ipynb")
    }  # fmt: skip
    assert [path for path, keep in kept.items() if keep] == list(kept)[:3]


def test_a_folder_in_use_is_left_alone(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """Nothing is written into a folder that holds something, or over a file."""
    (tmp_path / "mine.txt").write_text("mine")
    assert command(monkeypatch, "new", str(tmp_path)) == 2
    assert command(monkeypatch, "new", str(tmp_path / "mine.txt")) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert "is no empty folder" in capsys.readouterr().err


def test_a_project_is_laid_out_whole_or_not_at_all(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """A disk that is full half-way leaves nothing behind; the folder one stands in will do as well."""
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", lambda *paths: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert command(patch, "new", ".") == 2
    assert "disk is full" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert command(monkeypatch, "new", ".") == 0
    assert {path.name for path in tmp_path.iterdir()} == {".gitignore", "data", "docs", "notebooks", "outputs"}


def test_outside_a_project_the_remedy_is_named(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Where no folder holds notebooks/areas, the message says how to get one."""
    monkeypatch.delenv("CFW_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cfwlib.areas.__file__", str(tmp_path / "site-packages" / "cfwlib" / "areas.py"))
    with pytest.raises(SettingsError, match="cfw new FOLDER"):
        project_root()


def test_the_wheel_packs_what_is_laid_out() -> None:
    """pyproject.toml packs the same parts, each where `cfw new` looks for it."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["only-include"]) == {"cfwlib", *PARTS}
    tops = {part.partition("/")[0] for part in PARTS}
    assert wheel["sources"] == {top: f"cfwlib/project/{top}" for top in tops}


@pytest.mark.siege
def test_the_built_wheel_makes_the_report(tmp_path: Path) -> None:
    """In an environment of its own and an empty folder: the wheel, cfw new, cfw run, and every page is there."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CFW_", "PYTHON"))}

    def call(*words: str | Path, folder: Path = tmp_path) -> None:
        subprocess.run([str(word) for word in words], cwd=folder, env=outside, check=True)

    uv, venv = (sys.executable, "-m", "uv"), tmp_path / "venv"
    python, cfw = (venv / ("Scripts" if os.name == "nt" else "bin") / name for name in ("python", "cfw"))
    call(*uv, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", ROOT)
    call(*uv, "venv", "--quiet", "--python", sys.executable, venv)
    wheel = next((tmp_path / "dist").glob("*.whl"))
    call(*uv, "pip", "install", "--quiet", "--python", python, "--constraint", ROOT / "requirements.lock", wheel)
    call(cfw, "new", "here")
    call(cfw, "run", "--quiet", folder=tmp_path / "here")
    outputs = tmp_path / "here" / "outputs"
    record = json.loads(next(outputs.glob("cumberland/*/run.json")).read_text(encoding="utf-8"))
    assert [entry["status"] for entry in record["notebooks"]] == ["ok"] * len([*(ROOT / "notebooks").glob("*.ipynb")])
    assert (outputs / "index.html").is_file()

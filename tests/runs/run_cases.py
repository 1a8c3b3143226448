"""Small notebooks that run in a second, and runs made by hand."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from cfwlib.cli import main
from cfwlib.runs import Run

PARAMETERS = 'area: str = "cumberland"  # area\ndata: str = "sample"  # data\nout: str = ""  # folder\n'


def notebook(home: Path, name: str, *cells: str, parameters: str = "vehicles: int = 1  # vehicles") -> None:
    """Write a small notebook into the project folder."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_markdown_cell(f"# Is {name} well?")]
    made.cells += [nbformat.v4.new_code_cell(PARAMETERS + parameters, metadata={"tags": ["parameters"]})]
    made.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(made, home / "notebooks" / f"{name}.ipynb")


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["cfw", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def figure(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return a figure as figures.json holds it."""
    blank = {"label": name.replace("_", " "), "unit": "children", "low": None, "high": None, "disclosure": "none"}
    return {"name": name, "value": value, "notebook": "01_need", **blank, **more}


def made_run(outputs: Path, run_id: str, /, *figures: dict[str, Any], area: str = "here", **more: Any) -> Run:
    """Write the folder of a run that never was, and return it."""
    folder = outputs / area / run_id
    folder.mkdir(parents=True)
    day = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T10:00:{run_id[13:15] or '00'}+00:00"
    record = {
        "run_id": run_id, "area": area, "data": "store", "modelled": False, "status": "ok", "problems": [],
        "started": day, "finished": day, "seconds": 61.0, "parameters": {"01_need": {"lsoa_vintage": 2021, "seed": 1}},
        "notebooks": [{"name": "01_need", "title": "Who needs help?", "status": "ok", "html": "01_need.html",
                       "error": "", "pdf": "", "reused_from": ""}],
        "inputs": [{"id": "imd", "title": "Deprivation", "sha256": "a" * 64, "vintage": "2025"}],
        "versions": {"pandas": "3.0"}, "commit": "abc", **more,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "figures.json").write_text(json.dumps(figures))
    return Run(folder, record)

"""The record of a run (`run.json`) and its merged figures."""

import datetime
import functools
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfwlib
from cfwlib.areas import project_root
from cfwlib.errors import CfwError
from cfwlib.report.files import write_text
from cfwlib.runs.execute import Result
from cfwlib.runs.jobs import Job

_VERSIONS = ("pandas", "geopandas", "numpy", "scipy", "highspy", "folium", "papermill", "nbconvert")


def area_folder(outputs: Path, area: str) -> Path:
    """Make and return `<outputs>/<area>`.

    Raises
    ------
    CfwError
        When it cannot be made.
    """
    try:
        (outputs / area).mkdir(parents=True, exist_ok=True)
        if os.access(outputs / area, os.W_OK):
            return outputs / area
        why = "Permission denied"
    except (FileExistsError, NotADirectoryError):
        raise CfwError(f"--out {outputs}: is a file, not a folder.") from None
    except OSError as error:
        why = str(error.strerror)
    raise CfwError(f"--out {outputs}: cannot be written to ({why}). Choose another folder.")


def new_run_folder(outputs: Path, area: str) -> Path:
    """Make and return `<outputs>/<area>/<run id>`; the id is the local time, made unique."""
    stamp, parent = datetime.datetime.now().strftime("%Y%m%d-%H%M%S"), area_folder(outputs, area)
    for number in range(1, 1000):
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(parent / stamp)


def write_record(
    folder: Path,
    *,
    area: str,
    data: str,
    jobs: Sequence[Job],
    results: Sequence[Result],
    started: datetime.datetime,
    inputs: Sequence[Mapping[str, Any]],
    modelled: bool,
    status: str = "",
    fingerprints: Mapping[str, Mapping[str, str]] | None = None,
    reused_from: str = "",
) -> dict[str, Any]:
    """Merge the notebooks' figures, write `figures.json` and `run.json`, and return the record.

    Parameters
    ----------
    folder
        Folder of the run.
    area, data
        Name of the area file, and `sample` or `store`.
    jobs, results
        The notebooks of the run, and how those went that are done; the others are told as `not run`.
    started
        When the run began, with its time zone.
    inputs
        The data sets: id, title, sha256, vintage and so on.
    modelled
        Whether the data are modelled.
    status
        `running` or `stopped`; empty = `ok` or `failed`, as the results tell.
    fingerprints
        Notebook to checksums of what it rests on.
    reused_from
        The run from which unchanged notebooks were taken over; empty = none.

    Returns
    -------
    record
        As written to `run.json`.
    """
    figures, clashes = merge_figures(folder)
    by_name = {result.name: result for result in results}
    notebooks = [by_name.get(job.name, Result(job.name, job.title, "not run", 0.0)) for job in jobs]
    failed = clashes or any(result.status != "ok" for result in notebooks)
    now = datetime.datetime.now(datetime.UTC)
    record = {
        "run_id": folder.name,
        "area": area,
        "data": data,
        "modelled": modelled,
        "status": status or ("failed" if failed else "ok"),
        "reused_from": reused_from,
        "problems": clashes,
        "started": started.isoformat(timespec="seconds"),
        "finished": now.isoformat(timespec="seconds"),
        "seconds": round((now - started).total_seconds(), 2),
        "notebooks": [asdict(result) for result in notebooks],
        "parameters": {job.name: {k: v for k, v in job.parameters.items() if k != "out"} for job in jobs},
        "inputs": [dict(entry) for entry in inputs],
        "fingerprints": {name: dict(checksums) for name, checksums in (fingerprints or {}).items()},
        "versions": versions(),
        "commit": commit(),
    }
    write_text(folder / "figures.json", json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    write_text(folder / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return record


def merge_figures(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the figures of all notebooks of a run, one per name, and a problem for each on which two disagree."""
    merged: dict[str, dict[str, Any]] = {}
    clashes = []
    for path in sorted((folder / "figures").glob("*.json")):
        for figure in json.loads(path.read_text(encoding="utf-8")):
            known = merged.setdefault(figure["name"], figure)
            if known["value"] != figure["value"]:
                clashes.append(
                    f"figure '{figure['name']}' is {known['value']} in {known['notebook']} but {figure['value']} in "
                    f"{figure['notebook']}: were they run with different parameters?"
                )
    return list(merged.values()), clashes


def versions() -> dict[str, str]:
    """Return the versions of Python, this library, and the packages that results depend on."""
    packages = {name: version(name) for name in _VERSIONS}
    return {"python": platform.python_version(), "cfwlib": cfwlib.__version__, **packages}


@functools.cache
def commit() -> str:
    """Return the project's git commit, with a + when files differ from it; empty outside a checkout."""
    try:
        text = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            cwd=project_root(), capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return text.strip()


def outputs_folder(out: str) -> Path:
    """Return the folder for outputs: the one given, else `outputs/` of the project."""
    return Path(out).resolve() if out else Path(os.environ.get("CFW_OUTPUTS", project_root() / "outputs")).resolve()

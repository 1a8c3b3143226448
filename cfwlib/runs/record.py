"""The record of a run (`run.json`) and its merged figures."""

import contextlib
import datetime
import functools
import json
import os
import platform
import subprocess
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfwlib
from cfwlib.areas import project_root
from cfwlib.errors import CfwError, InputError, fault_words, os_words
from cfwlib.reading import read_json
from cfwlib.report.write import write_text
from cfwlib.runs.execute import Result
from cfwlib.runs.jobs import Job

RESERVE = ".reserve"
_RESERVE_BYTES = 131_072  # more than run.json of all notebooks has
_VERSIONS = ("pandas", "geopandas", "numpy", "scipy", "highspy", "folium", "papermill", "nbconvert")


class RecordError(CfwError):
    """Notebooks ran, and the record of it could not be written; the command ends with exit code 1."""

    exit_code = 1


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
        why = "permission denied. Let this account write it, or choose another folder."
    except (FileExistsError, NotADirectoryError):
        raise CfwError(f"--out {outputs}: is a file, not a folder. Choose another folder.") from None
    except OSError as error:
        why = os_words(error)
    raise CfwError(f"--out {outputs}: cannot be written to: {why}")


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
    raise CfwError(f"{parent} has a thousand runs of {stamp}. Is the clock standing still? Set it, and run again.")


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
    sequence: int = 0,
    problems: Sequence[str] = (),
    began_s: float | None = None,
) -> dict[str, Any]:
    """Merge the notebooks' figures, write `figures.json` and `run.json`, and return the record.

    The record is written even where the figures cannot be, and says so; on a full disk, in the space that
    `keep_space` has kept.

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
    sequence
        Number of the run among all of the outputs folder: its place in their order, whatever the clock says.
    problems
        Of the run as a whole, besides those found here: it has failed.
    began_s
        When the run began, by `time.monotonic`, which no change of the clock moves.

    Returns
    -------
    record
        As written to `run.json`.

    Raises
    ------
    CfwError
        When `run.json` cannot be written; exit code 1.
    """
    figures, clashes = merge_figures(folder)
    clashes += problems
    try:
        write_text(folder / "figures.json", json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        clashes.append(f"figures.json could not be written: {fault_words(error)}")
    by_name = {result.name: result for result in results}
    notebooks = [by_name.get(job.name, Result(job.name, job.title, "not run", 0.0)) for job in jobs]
    failed = clashes or any(result.status != "ok" for result in notebooks)
    now = datetime.datetime.now(datetime.UTC)
    seconds = max(0, (now - started).total_seconds()) if began_s is None else time.monotonic() - began_s
    finished = started + datetime.timedelta(seconds=seconds)
    record = {
        "run_id": folder.name,
        "sequence": sequence,
        "area": area,
        "data": data,
        "modelled": modelled,
        "status": status or ("failed" if failed else "ok"),
        "reused_from": reused_from,
        "problems": clashes,
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "notebooks": [asdict(result) for result in notebooks],
        "parameters": {job.name: {k: v for k, v in job.parameters.items() if k != "out"} for job in jobs},
        "given": {job.name: dict(job.origins) for job in jobs},
        "inputs": [dict(entry) for entry in inputs],
        "fingerprints": {name: dict(checksums) for name, checksums in (fingerprints or {}).items()},
        "versions": versions(),
        "commit": commit(),
    }
    _write_record(folder, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return record


def _write_record(folder: Path, text: str) -> None:
    try:
        write_text(folder / "run.json", text, durable=True)
    except OSError as first:
        (folder / RESERVE).unlink(missing_ok=True)
        try:
            write_text(folder / "run.json", text, durable=True)
        except OSError:
            raise RecordError(f"run.json of {folder.name} could not be written: {fault_words(first)}") from None


def keep_space(folder: Path) -> None:
    """Keep room on the disk for the record of a run, so that a disk that fills up does not take it.

    Parameters
    ----------
    folder
        Folder of the run.
    """
    (folder / RESERVE).write_bytes(os.urandom(_RESERVE_BYTES))  # no file system makes this smaller


def free_space(folder: Path) -> None:
    """Give the room back that `keep_space` has kept."""
    with contextlib.suppress(OSError):
        (folder / RESERVE).unlink(missing_ok=True)


def merge_figures(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the figures of all notebooks of a run, one per name, and a problem for each on which two disagree."""
    merged: dict[str, dict[str, Any]] = {}
    clashes = []
    for path in sorted((folder / "figures").glob("*.json")):
        try:
            for figure in read_json(path):
                known = merged.setdefault(figure["name"], figure)
                if known["value"] != figure["value"]:
                    clashes.append(
                        f"figure '{figure['name']}' is {known['value']} in {known['notebook']} but {figure['value']} "
                        f"in {figure['notebook']}: were they run with different parameters?"
                    )
        except (InputError, KeyError, TypeError):
            clashes.append(f"figures/{path.name} is damaged: its figures are not among those of the run. Run again.")
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
    """Return the folder for outputs: the one given, else `outputs/` of the project.

    Raises
    ------
    CfwError
        When its name is no text: no page could name it.
    """
    if {"Cc", "Cs"} & {unicodedata.category(sign) for sign in out or os.environ.get("CFW_OUTPUTS", "")}:
        raise CfwError("--out: the folder's name holds signs that are no text. Choose another folder.")
    return Path(out or os.environ.get("CFW_OUTPUTS") or project_root() / "outputs").resolve()

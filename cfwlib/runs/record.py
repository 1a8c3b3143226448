"""The record of a run (`run.json`) and its merged figures."""

import contextlib
import datetime
import functools
import json
import os
import platform
import subprocess
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfwlib
from cfwlib.areas import project_root
from cfwlib.errors import CfwError, InputError, fault_words, os_words
from cfwlib.reading import read_json
from cfwlib.report.write import write_text

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


def write_record(folder: Path, told: Mapping[str, Any], problems: Sequence[str], status: str = "") -> dict[str, Any]:
    """Merge the notebooks' figures, write `figures.json` and `run.json`, and return the record.

    The record is written even where the figures cannot be, and says so; on a full disk, in the space that
    `keep_space` has kept.

    Parameters
    ----------
    folder
        Folder of the run.
    told
        What the record tells besides, with `notebooks`: how each of the run went, `not run` among them.
    problems
        Of the run as a whole, besides those found here: it has failed.
    status
        `running` or `stopped`; empty = `ok` or `failed`, as the notebooks tell.

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
    failed = clashes or any(entry["status"] != "ok" for entry in told["notebooks"])
    record = {"run_id": folder.name, "status": status or ("failed" if failed else "ok"), "problems": clashes, **told}
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    try:
        write_text(folder / "run.json", text, durable=True)
    except OSError as first:
        (folder / RESERVE).unlink(missing_ok=True)
        try:
            write_text(folder / "run.json", text, durable=True)
        except OSError:
            raise RecordError(f"run.json of {folder.name} could not be written: {fault_words(first)}") from None
    return record


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

"""Retention: keep the newest runs of each area, and never lose the last good one."""

import shutil
from pathlib import Path

from cfwlib.errors import CfwError
from cfwlib.runs.history import RUN_ID, read_run, read_runs
from cfwlib.runs.lock import hold_area


def old_runs(outputs: Path, area: str, *, keep: int) -> list[Path]:
    """Return the run folders of an area that may go, oldest last.

    The newest `keep` stay, unfinished ones included. So does, whatever its age, the last good run: for each notebook,
    kind of data and neighbourhood codes, the newest run with it that went well as a whole.
    A folder that is neither a run nor named as one is never listed, nor is a link.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    area
        Name of the area.
    keep
        Runs to keep, 1 or more.

    Raises
    ------
    CfwError
        When `keep` is less than 1.
    """
    if keep < 1:
        raise CfwError(f"--keep {keep}: keep 1 run or more.")
    good: dict[object, Path] = {}
    for run in read_runs(outputs, area):
        for entry in run.notebooks if run.status == "ok" else ():
            good.setdefault((run.series, entry["name"]), run.folder)
    kept = set(good.values())
    folders = [path for path in (outputs / area).iterdir() if _is_run(path)] if (outputs / area).is_dir() else []
    return [path for path in sorted(folders, key=_age, reverse=True)[keep:] if path not in kept]


def prune(outputs: Path, area: str, *, keep: int) -> list[Path]:
    """Delete the run folders that `old_runs` lists, and return them.

    Parameters
    ----------
    outputs, area, keep
        As in `old_runs`.

    Raises
    ------
    AreaBusyError
        When a run of the area is going on: then nothing is deleted.
    """
    if not (outputs / area).is_dir():
        return []
    with hold_area(outputs, area):
        going = old_runs(outputs, area, keep=keep)
        for folder in going:
            shutil.rmtree(folder)  # a link inside is removed, not what it leads to
    return going


def areas(outputs: Path) -> list[str]:
    """Return the names of the areas that have runs in an outputs folder."""
    return sorted({path.parent.name for path in outputs.glob("*/*") if _is_run(path)})


def _is_run(path: Path) -> bool:
    if path.is_symlink() or path.parent.is_symlink() or not path.is_dir():
        return False
    return RUN_ID.fullmatch(path.name) is not None or read_run(path) is not None


def _age(path: Path) -> str:
    """When a run began, as digits of its name, which is the local time, else of its record."""
    run = None if RUN_ID.fullmatch(path.name) else read_run(path)
    return "".join(sign for sign in (str(run.record["started"])[:19] if run else path.name) if sign.isdigit())

"""Retention: keep the newest runs of each area, and never lose the last good one."""

import os
import re
import shutil
from pathlib import Path

from cfwlib.areas import AREA_NAME
from cfwlib.errors import CfwError
from cfwlib.runs.history import RUN_ID, check_area, read_run, read_runs
from cfwlib.runs.lock import hold_area

GOING = ".going-"


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
        When `keep` is less than 1, or there is no such name of an area.
    """
    check_area(area)
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
    check_area(area)
    if not (outputs / area).is_dir():
        return []
    with hold_area(outputs, area):
        clear_going(outputs / area)
        going = old_runs(outputs, area, keep=keep)
        for folder in going:
            os.replace(folder, folder.with_name(f"{GOING}{folder.name}"))  # whole or gone, also when we are killed
            clear_going(folder.parent)
    return going


def clear_going(folder: Path) -> None:
    """Remove what is being deleted in an area's folder, also by a command that was killed at it."""
    for path in folder.glob(f"{GOING}*"):
        shutil.rmtree(path)  # a link inside is removed, not what it leads to


def areas(outputs: Path) -> list[str]:
    """Return the names of the areas that have runs in an outputs folder."""
    names = {path.parent.name for path in outputs.glob("*/*") if _is_run(path)}
    return sorted(name for name in names if re.fullmatch(AREA_NAME, name))


def _is_run(path: Path) -> bool:
    if path.is_symlink() or path.parent.is_symlink() or not path.is_dir():
        return False
    return RUN_ID.fullmatch(path.name) is not None or read_run(path) is not None


def _age(path: Path) -> tuple[int, str]:
    """Place of a run among all: its number, then when it began, as digits of its name, else of its record."""
    run = read_run(path)
    dated = run is not None and not RUN_ID.fullmatch(path.name)
    text = str(run.record["started"])[:19] if run and dated else path.name
    return run.order[0] if run else 0, "".join(sign for sign in text if sign.isdigit())

"""One run of an area at a time."""

from contextlib import AbstractContextManager
from pathlib import Path

from cfwlib.locks import Lock, hold, holder
from cfwlib.runs.record import area_folder

LOCK = ".lock.json"


def hold_area(outputs: Path, area: str, *, wait_s: float = 0) -> AbstractContextManager[Lock]:
    """Hold an area's lock in an outputs folder while the block runs; it is given back however the block ends.

    Parameters
    ----------
    outputs
        Folder of all outputs; the lock is a file in its sub-folder of the area.
    area
        Name of the area.
    wait_s
        Longest time to wait for another run to end, in seconds.

    Raises
    ------
    AreaBusyError
        When another run still holds the lock after `wait_s`.
    """
    return hold(area_folder(outputs, area) / LOCK, f"run of {area}", wait_s=wait_s)


def going_on(outputs: Path, area: str) -> str:
    """Return the identifier of the run of an area that is going on; empty where none is."""
    return str((holder(outputs / area / LOCK) or {}).get("run", ""))

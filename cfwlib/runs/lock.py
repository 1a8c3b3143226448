"""One run of an area at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cfwlib.locks import AreaBusyError, Lock, hold, holder
from cfwlib.runs.record import area_folder

__all__ = ["LOCK", "AreaBusyError", "going_on", "hold_area"]

LOCK = ".lock.json"


@contextmanager
def hold_area(outputs: Path, area: str, *, wait_s: float = 0) -> Iterator[Lock]:
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
    with hold(area_folder(outputs, area) / LOCK, f"run of {area}", wait_s=wait_s) as lock:
        yield lock


def going_on(outputs: Path, area: str) -> str:
    """Return the identifier of the run of an area that is going on; empty where none is."""
    return str((holder(outputs / area / LOCK) or {}).get("run", ""))

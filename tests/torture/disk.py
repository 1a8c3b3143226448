"""Cases of a disk that is full, or that may only be read."""

import ctypes
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torture import aftermath
from torture.aftermath import Found
from torture.damage import Stage, tree
from torture.stand_in import quick
from torture.tally import Verdict
from torture.watch import watched

_BLOCK = 4096
_NEW_MOUNTS = 0x20000  # CLONE_NEWNS


def disk_case(stage: Stage, seed: int, number: int) -> Verdict:
    """Import or run on a disk with a little room, or none to write: a message, nothing half, and then all is well."""
    r = random.Random(f"{seed} disk {number}")
    aftermath.begin(stage)
    what, locked = ("import", "run")[number % 2], number % 5 == 4
    if not can_mount():
        return _by_quota(stage, number, what, r)
    room = r.randrange(0, 40 if what == "import" else 60) * _BLOCK
    how = f"{what} {'where nothing may be written' if locked else f'with {room:,} bytes of room'}"
    ended = watched(lambda: vars(_on_small_disk(stage, what, room, locked)), stage.home / "scratch", memory=0)
    value = ended.value if ended.how == "done" else {"columns": ["traceback"], "said": [ended.said]}
    return Verdict(
        f"disk:{number}", "disk full or locked", tuple(_list(value["columns"])), how, "\n".join(value["said"])
    )


def can_mount() -> bool:
    """Return whether this process may give itself a disk of its own: only root of a usual Linux may."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


def _list(value: Any) -> list[str]:
    return sorted(value) if isinstance(value, list | set) else [value]


def _on_small_disk(stage: Stage, what: str, room: int, locked: bool) -> Found:
    """Mount a small disk that only this process sees, and that is gone with it; act on it."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "no mounts of its own")
    place = stage.home / ("data/store" if what == "import" else "outputs")
    held = {path.name for path in place.iterdir()}
    aside = Path(shutil.copytree(place, stage.home / "aside", dirs_exist_ok=True))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], check=True)
    for name in held:
        shutil.move(aside / name, place / name)
    shutil.rmtree(aside)
    ballast = place / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        file.write(bytes(max(0, free - room)))
    if locked:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    found = _acted(stage, what, lambda words: quick(words))
    if locked:
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
    ballast.unlink()
    return _after(stage, found)


def _acted(stage: Stage, what: str, command: Callable[[list[str]], Callable[[], int]]) -> Found:
    folder, found = aftermath.folders(stage, 1)[0], Found()
    before = tree(stage.home / "data" / "store")
    ended = watched(
        command(aftermath.words(folder) if what == "import" else aftermath.RUN), stage.home / "scratch", memory=0
    )
    found.ended(ended, *((0, 2) if what == "import" else (0, 1, 2)))
    if ended.value and tree(stage.home / "data" / "store") != before:
        found.note("store changed", "the command failed, and the store is not as it was")
    if ended.value and not ended.said.strip():
        found.note("traceback", f"exit code {ended.value} without a word")
    return found


def _after(stage: Stage, found: Found) -> Found:
    folder = aftermath.folders(stage, 1)[0]
    aftermath.look_at_store(stage, aftermath.marks(stage, [folder]), found)
    aftermath.look_at_next(stage, folder, found)
    found.columns = list(found.columns)  # type: ignore[assignment]  # goes back as JSON
    return found


def _by_quota(stage: Stage, number: int, what: str, r: random.Random) -> Verdict:
    """Where no disk can be mounted: no file may grow beyond a few kilobytes."""
    most = r.randrange(1, 60) * 512

    def limited(words: list[str]) -> Callable[[], int]:
        def act() -> int:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            return quick(words)()

        return act

    found = _after(stage, _acted(stage, what, limited))
    how = f"{what} where no file may exceed {most:,} bytes"
    return Verdict(f"disk:{number}", "disk full or locked", tuple(_list(found.columns)), how, "\n".join(found.said))

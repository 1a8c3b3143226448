"""One run of an area at a time: a lock file that tells who holds it, and that outlives no crash."""

import contextlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cfwlib.errors import CfwError
from cfwlib.runs.record import area_folder

LOCK = ".lock.json"
_HALF_WRITTEN_S = 60  # a lock that cannot be read and is older than this was left by a crash
_POLL_S = 0.2


class AreaBusyError(CfwError):
    """Another run of the area is going on; the command ends with exit code 3."""

    exit_code = 3


@contextmanager
def hold_area(outputs: Path, area: str, *, wait_s: float = 0) -> Iterator[None]:
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
    path, until = area_folder(outputs, area) / LOCK, time.monotonic() + wait_s
    mine = json.dumps(
        {"pid": os.getpid(), "host": platform.node(), "began": _began(os.getpid()),
         "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    )  # fmt: skip
    while not _take(path, mine):
        if time.monotonic() >= until:
            raise AreaBusyError(_who(path, area))
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        if _read(path) == mine:
            path.unlink(missing_ok=True)


def is_held(outputs: Path, area: str) -> bool:
    """Return whether a run of the area is going on."""
    path = outputs / area / LOCK
    return path.is_file() and not _left_behind(path, _read(path))


def _take(path: Path, mine: str) -> bool:
    """Make the lock file, which only one process can; first clear away one that a crash has left."""
    held = _read(path)
    if held is not None and _left_behind(path, held):
        _clear(path, held)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except (FileExistsError, PermissionError):  # Windows: the other is just deleting it
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(mine)
    return True


def _clear(path: Path, held: str) -> None:
    """Remove a lock that was judged to be left behind, one process at a time: it may be another's by now."""
    guard = path.with_name(f"{LOCK}-clearing")
    try:
        os.close(os.open(guard, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError:  # another is at it, or died at it
        with contextlib.suppress(OSError):
            if time.time() - guard.stat().st_mtime > _HALF_WRITTEN_S:
                guard.unlink()
        return
    try:
        if _read(path) == held:
            path.unlink(missing_ok=True)
    finally:
        guard.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _holder(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
        return found if {"pid", "host", "began", "since"} <= set(found) else {}
    except (json.JSONDecodeError, TypeError):
        return {}


def _left_behind(path: Path, text: str | None) -> bool:
    """True when the lock's process is gone, or its number now belongs to another; unknown on another machine."""
    holder = _holder(text)
    if not holder:
        with contextlib.suppress(OSError):
            return time.time() - path.stat().st_mtime > _HALF_WRITTEN_S
        return False
    return bool(holder["host"] == platform.node()) and _began(int(holder["pid"])) not in {holder["began"], "?"}


def _who(path: Path, area: str) -> str:
    holder = _holder(_read(path))
    if not holder:
        return f"another run of {area} is going on: {path}. Wait for it (--wait SECONDS)."
    who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    remedy = "Wait for it (--wait SECONDS), or stop it."
    if holder["host"] != platform.node():
        remedy += f" If that machine no longer runs it, delete {path}."
    return f"another run of {area} is going on: {who}. {remedy}"


def _began(pid: int) -> str:
    """Return when a process began, as its system tells it: empty = no such process, `?` = there is one, not ours."""
    if sys.platform == "win32":
        return _began_windows(pid)
    if sys.platform == "linux":
        try:
            state, *rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
            return "" if state in "ZX" else f"{boot} {rest[18]}"
        except OSError:  # gone, or hidden from this user
            return _seen(pid)
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return " ".join(told.stdout.split())


def _seen(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "?"


def _began_windows(pid: int) -> str:
    """As `_began`: `os.kill` would end the process there."""
    import ctypes

    kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = kernel.OpenProcess(0x1000, False, pid)  # may be asked for its times
    if not process:
        return "?" if kernel.GetLastError() == 5 else ""  # 5: there is one, of another user
    times = (ctypes.c_uint64 * 4)()
    code, handle = ctypes.c_uint32(), ctypes.c_void_p(process)
    places = [ctypes.byref(times, 8 * place) for place in range(4)]
    told = kernel.GetProcessTimes(handle, *places) and kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return str(times[0]) if told and code.value == 259 else ""  # 259: still running

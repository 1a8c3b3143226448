"""One at a time: a lock file that tells who holds it, and that outlives no crash."""

import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cfwlib.errors import CfwError

_HALF_WRITTEN_S = 60  # a lock that cannot be read and is older than this was left by a crash
_POLL_S = 0.2


class AreaBusyError(CfwError):
    """Another run or import of the area is going on; the command ends with exit code 3."""

    exit_code = 3


class Lock:
    """A lock that this process holds, or is about to.

    Parameters
    ----------
    path
        The lock file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[str, Any] = {
            "pid": os.getpid(), "host": platform.node(), "began": _began(os.getpid()),
            "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        self.text = json.dumps(self._told)

    def tell(self, **more: str) -> None:
        """Add to what the lock file tells, in one step: a reader sees the old or the new."""
        text = json.dumps(self._told | more)
        scratch = self._path.with_name(f"{self._path.name}-{os.getpid()}")
        with contextlib.suppress(OSError):  # the lock stands without it
            scratch.write_text(text, encoding="utf-8")
            os.replace(scratch, self._path)
            self.text = text
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


@contextmanager
def hold(path: Path, what: str, *, wait_s: float = 0, remedy: str = "Wait for it (--wait SECONDS)") -> Iterator[Lock]:
    """Hold a lock file while the block runs; it is given back however the block ends.

    Parameters
    ----------
    path
        The lock file; its folder is there.
    what
        What holds it, in words: "run of cumberland".
    wait_s
        Longest time to wait for another to end, in seconds.
    remedy
        What to do when it is held, in words.

    Yields
    ------
    lock
        To add what others may read.

    Raises
    ------
    AreaBusyError
        When another still holds the lock after `wait_s`.
    """
    until, lock = time.monotonic() + wait_s, Lock(path)
    while not _take(path, lock.text):
        if time.monotonic() >= until:
            raise AreaBusyError(_who(path, what, remedy))
        time.sleep(_POLL_S)
    try:
        yield lock
    finally:
        with contextlib.suppress(OSError):  # one that cannot be removed is noticed as left behind
            if _read(path) == lock.text:
                path.unlink(missing_ok=True)


def holder(path: Path) -> dict[str, Any] | None:
    """Return what a lock file tells of its living holder; None where nobody holds it."""
    text = _read(path)
    return None if text is None or _left_behind(path, text) else _holder(text)


def alive(pid: int) -> bool:
    """Return whether this machine has a process of that number."""
    return _began(pid) != ""


def _take(path: Path, mine: str) -> bool:
    """Make the lock file, which only one process can; first clear away one that a crash has left."""
    held = _read(path)
    if held is not None and _left_behind(path, held):
        _clear(path, held)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except (FileExistsError, PermissionError):  # Windows: the other is just deleting it
        return False
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(mine)
    except OSError:  # a full disk: half a lock would hold up the next one
        path.unlink(missing_ok=True)
        raise
    return True


def _clear(path: Path, held: str) -> None:
    """Remove a lock that was judged to be left behind, one process at a time: it may be another's by now."""
    guard = path.with_name(f"{path.name}-clearing")
    try:
        os.close(os.open(guard, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError:  # another is at it, or died at it
        with contextlib.suppress(OSError):
            if abs(time.time() - guard.stat().st_mtime) > _HALF_WRITTEN_S:
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
    except (OSError, ValueError):  # gone, or no text
        return "" if path.exists() else None


def _holder(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    whole = isinstance(found, dict) and {"pid", "host", "began", "since"} <= set(found)
    return found if whole and isinstance(found["pid"], int) and 0 < found["pid"] < 2**31 else {}


def _left_behind(path: Path, text: str | None) -> bool:
    """True when the lock's process is gone, or its number now belongs to another; unknown on another machine."""
    holder = _holder(text)
    if not holder:
        with contextlib.suppress(OSError):
            return abs(time.time() - path.stat().st_mtime) > _HALF_WRITTEN_S
        return False
    return bool(holder["host"] == platform.node()) and _began(holder["pid"]) not in {holder["began"], "?"}


def _who(path: Path, what: str, remedy: str) -> str:
    holder = _holder(_read(path))
    if not holder:
        return f"another {what} is going on: {path}. {remedy}."
    who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    remedy += ", or stop it."
    if holder["host"] != platform.node():
        remedy += f" If that machine no longer runs it, delete {path}."
    return f"another {what} is going on: {who}. {remedy}"


def _began(pid: int) -> str:
    """Return when a process began, as its system tells it: empty = no such process, `?` = there is one, not ours."""
    if sys.platform == "linux":  # where psutil's answer would move with the clock
        try:
            state, *rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
            return "" if state in "ZX" else f"{boot} {rest[18]}"
        except OSError:  # gone, or hidden from this user
            return _seen(pid)
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error as error:  # there is none, or it is of another user
        return "?" * isinstance(error, psutil.AccessDenied)


def _seen(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "?"

"""Run one case in a process of its own, under limits, and see how it ended."""

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 1_500_000_000  # bytes beyond what the worker has
CPU_S, WALL_S = 15, 150  # wall time: a case may wait for other work of the machine, never for ever


@dataclass(frozen=True)
class Ended:
    """How a case ended: `done` (`value` is what it returned), `refused`, `traceback`, `time`, `memory` or `killed`.

    `said` is everything it told: messages, and what it wrote to the terminal.
    """

    how: str
    said: str = ""
    value: Any = None


def watched(action: Callable[[], Any], scratch: Path, *, memory: int = MEMORY) -> Ended:
    """Run an action in a fork of this process, in a folder of its own, and return how it ended."""
    return finish(start([action], scratch, memory=memory))[0]


def watched_each(actions: Sequence[Callable[[], Any]], scratch: Path) -> list[Ended]:
    """Run actions one after the other in one fork, which is quicker; one that ends it is told apart from the rest.

    An action in the fork of others has used their time and memory: where it does not end by itself it is tried alone.
    """
    ended: list[Ended] = []
    while len(ended) < len(actions):
        alone = bool(ended) and ended[-1].how not in ("done", "refused", "traceback")
        if alone:
            ended[-1] = watched(actions[len(ended) - 1], scratch)
        ended += finish(start(actions[len(ended) :], scratch))
    if ended and ended[-1].how not in ("done", "refused", "traceback"):
        ended[-1] = watched(actions[-1], scratch)
    return ended


@dataclass(frozen=True)
class Begun:
    """Actions under way: the process, the pipe by which it tells, the file of what it says, and when it began."""

    pid: int
    pipe: int
    log: Path
    began: float


def start(actions: Sequence[Callable[[], Any]], scratch: Path, *, memory: int = MEMORY) -> Begun:
    """Begin actions in a fork, under limits of time and memory."""
    scratch.mkdir(parents=True, exist_ok=True)
    log = scratch / f".said-{time.monotonic_ns()}"
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        os.close(writing)
        return Begun(pid, reading, log, time.monotonic())
    try:
        os.setpgid(0, 0)
        os.close(reading)
        terminal = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(terminal, 1)
        os.dup2(terminal, 2)
        os.chdir(scratch)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        if memory:
            have = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (have + memory, have + memory))
        for action in actions:
            told = {**_tried(action), "upto": os.fstat(terminal).st_size}
            text = json.dumps(told, default=str).encode("utf-8", "replace") + b"\n"
            while text:
                text = text[os.write(writing, text) :]
    finally:
        os._exit(0)


def _tried(action: Callable[[], Any]) -> dict[str, Any]:
    from cfwlib.errors import CfwError

    try:
        out = {"how": "done", "value": action()}
    except CfwError as error:
        out = {"how": "refused", "said": str(error)}
    except MemoryError:
        out = {"how": "memory", "said": traceback.format_exc()}
    except BaseException:
        text = traceback.format_exc()
        out = {"how": "memory" if "MemoryError" in text or "bad_alloc" in text else "traceback", "said": text}
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    return out


def finish(begun: Begun) -> list[Ended]:
    """Wait for actions that were begun; where they take too long they are killed. Those never come to are left out."""
    parts, late = [], False
    while True:
        ready, _, _ = select.select([begun.pipe], [], [], max(0.0, begun.began + WALL_S - time.monotonic()))
        if not ready:
            late = True
            os.kill(begun.pid, signal.SIGKILL)
            break
        if not (part := os.read(begun.pipe, 1 << 20)):
            break
        parts.append(part)
    os.close(begun.pipe)
    _, status = os.waitpid(begun.pid, 0)
    said = begun.log.read_bytes() if begun.log.is_file() else b""
    begun.log.unlink(missing_ok=True)
    ended, at = [], 0
    for line in b"".join(parts).splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        told = json.loads(line)
        text = said[at : told["upto"]].decode("utf-8", "replace")
        ended.append(Ended(told["how"], f"{told.get('said', '')}\n{text}", told.get("value")))
        at = told["upto"]
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if late or number:
        text = said[at:].decode("utf-8", "replace")
        short = number == signal.SIGABRT and ("bad_alloc" in text or "memory" in text.lower())
        slow = late or number == signal.SIGXCPU
        how = "time" if slow else "memory" if short else "killed" if number == signal.SIGKILL else "traceback"
        ended.append(Ended(how, f"{text}\nended by signal {number}"))
    elif not ended:
        ended.append(Ended("traceback", said.decode("utf-8", "replace") + "\nended without a word"))
    return ended


def command(words: list[str]) -> Callable[[], int]:
    """Return an action that runs the `cfw` command in this process, and gives its exit code."""

    def act() -> int:
        from cfwlib.cli import main

        sys.argv = ["cfw", *words]
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0) if isinstance(stop.code, int | None) else 1
        return 0

    return act

"""Cases of kills: an import or a run that is killed at a step (before a rename, a new folder, ...) or at any moment."""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from torture import aftermath
from torture.aftermath import Found
from torture.damage import Stage
from torture.stand_in import quick
from torture.tally import Verdict
from torture.watch import Ended, command, finish, start, watched

STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "os.chmod"}
_totals: dict[str, int] = {}


def kill_case(stage: Stage, seed: int, number: int) -> Verdict:
    """Kill an import (even numbers) or a run (odd ones), and see what is left: two of three at a step."""
    r = random.Random(f"{seed} kill {number}")
    aftermath.begin(stage)
    folder, *_ = made = aftermath.folders(stage, 1)
    what = ("import", "run")[number % 2]
    words = aftermath.words(folder) if what == "import" else aftermath.RUN
    found, step = Found(), number // 2
    if step % 3 < 2:
        total = _total(stage, what, words)
        at = r.randrange(total)
        ended = watched(_dying(words, at), stage.home / "scratch")
        how = f"{what} killed at step {at} of {total}"
        if ended.how not in ("killed", "done"):
            found.ended(ended, 0)
    else:
        after = r.uniform(0.0, 1.5 if what == "import" else 6.0)
        how = f"{what} killed after {after:.3f} s"
        _killed_after(partial(_alive, words, what), after, stage)
    aftermath.look_at_store(stage, aftermath.marks(stage, made), found)
    aftermath.look_at_next(stage, folder, found)
    return Verdict(f"kill:{number}", f"kill of {what}", tuple(sorted(found.columns - {"refused"})), how,
                   "\n".join(found.said))  # fmt: skip


def _total(stage: Stage, what: str, words: list[str]) -> int:
    """Return how many steps there are, counted once."""
    if what not in _totals:
        ended: Ended = watched(_dying(words, -1), stage.home / "scratch")
        _totals[what] = int(ended.value) if ended.how == "done" else 1
        aftermath.begin(stage)
    return _totals[what]


def _dying(words: list[str], at: int) -> Callable[[], int]:
    """Return an action that kills itself before one of its steps; at -1 it lives, and counts them."""

    def act() -> int:
        done = 0

        def step(event: str, arguments: Any) -> None:
            nonlocal done
            if event in STEPS:
                if done == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                done += 1

        sys.addaudithook(step)
        code = quick(words)()
        return done if at < 0 else code

    return act


def _alive(words: list[str], what: str) -> int:
    """Run the command as it is, its kernels too."""
    return (command if what == "run" else quick)(words)()


def _killed_after(action: Callable[[], int], seconds: float, stage: Stage) -> None:
    begun = start([action], stage.home / "scratch")
    time.sleep(seconds)
    os.kill(begun.pid, signal.SIGKILL)
    finish(begun)

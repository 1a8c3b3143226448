"""The families of cases, each a function of seed and numbers."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from torture.crowd import crowd_case
from torture.damage import Stage, file_cases, make_stage
from torture.disk import disk_case
from torture.kills import kill_case
from torture.names import draw, name_case
from torture.tally import Verdict
from torture.worker import Family

Case = Callable[[Stage, int, int], Verdict | None]

FAMILIES = ("file", "name", "kill", "crowd", "disk")


def make_families(folder: Path, keep: Path) -> dict[str, Family]:
    """Return every family, at work in a folder of its own; what fails is kept in another."""
    stage = make_stage(folder, keep)
    draw(folder / "drawn", "Plain")  # imports what draws pages, so that a fork need not
    one_by_one = {"name": name_case, "kill": kill_case, "crowd": crowd_case, "disk": disk_case}
    return {"file": partial(file_cases, stage)} | {
        name: partial(_each, stage, case) for name, case in one_by_one.items()
    }


def _each(stage: Stage, case: Case, seed: int, numbers: Sequence[int]) -> list[Verdict]:
    verdicts = [case(stage, seed, number) for number in numbers]
    return [verdict for verdict in verdicts if verdict is not None]

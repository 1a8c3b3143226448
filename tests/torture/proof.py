"""`python -m torture.proof`: faults planted on purpose, to prove that each of them is seen."""

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from torture import watch
from torture.damage import Stage, file_cases
from torture.kinds import Kind, Loaded
from torture.watch import watched_each

SECRET = "ZQX1234567"


def main() -> None:
    """Plant each fault, and print which columns it counts in."""
    warnings.simplefilter("ignore", DeprecationWarning)
    watch.CPU_S = 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        found = {name: sorted(_columns(home, fault)) for name, fault in _faults().items()}
        among = watched_each([lambda: 1, _loops, lambda: 3], home / "scratch")
        found["among others"] = [f"{one.how} {one.value}" for one in among]
    print(json.dumps(found))


def _columns(home: Path, fault: Callable[[Path], Loaded]) -> set[str]:
    """Return the columns of a damage of a file whose loader has a fault."""
    kind = Kind("planted", "in/planted.txt", b"sound", fault, secret=frozenset({SECRET}))
    stage = Stage(home, None, [kind], {"planted": Loaded("sound", 1)}, home / "keep")
    return {column for verdict in file_cases(stage, 1, range(1)) for column in verdict.columns}


def _faults() -> dict[str, Callable[[Path], Loaded]]:
    def breaks(path: Path) -> Loaded:
        raise KeyError("column")

    def hangs(path: Path) -> Loaded:
        _loops()
        return Loaded("sound", 1)

    def swells(path: Path) -> Loaded:
        return Loaded("sound", len(bytearray(2 * watch.MEMORY)))

    def tells(path: Path) -> Loaded:
        print(f"row 3: {SECRET} is not a number")
        return Loaded("sound", 1)

    def runs(path: Path) -> Loaded:
        Path("PWNED").mkdir(exist_ok=True)
        return Loaded("sound", 1)

    def dies(path: Path) -> Loaded:
        os.abort()

    def takes(path: Path) -> Loaded:
        return Loaded(path.read_text(errors="replace"), 1, "some rows were left out")

    return {
        "breaks": breaks,
        "hangs": hangs,
        "swells": swells,
        "tells": tells,
        "runs": runs,
        "dies": dies,
        "takes": takes,
    }


def _loops() -> None:
    while True:
        pass


if __name__ == "__main__":
    sys.exit(main())

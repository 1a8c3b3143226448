"""What must hold after a kill, a crowd or a full disk: the store is old or new and whole, nothing is lost or left."""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torture import county, forms, kinds_more
from torture.damage import Stage, tree
from torture.kinds import digest
from torture.stand_in import quick
from torture.watch import Ended, watched

RUN_ID = re.compile(r"\d{8}-\d{6}(-\d+)?")
CARS = "census2021-ts045-lsoa.csv"
IMPORT = ["data", "import", "{folder}", "--area", county.AREA]
RUN = ["run", "00", "01", "--area", county.AREA, "--data", "sample", "--quiet"]


@dataclass
class Found:
    """The columns a case counts in, and what was said on the way."""

    columns: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def note(self, column: str, why: str) -> None:
        """Count a column, and say why."""
        self.columns.add(column)
        self.said.append(f"{column}: {why}")

    def ended(self, ended: Ended, *codes: int) -> None:
        """Look at how a command ended: it may be refused, and must not break down."""
        self.said.append(ended.said.strip())
        if ended.how in ("time", "memory"):
            self.columns.add(f"over {ended.how}")
        elif ended.how != "done":
            self.note("traceback", f"ended as {ended.how}")
        elif ended.value not in codes:
            self.note("traceback", f"exit code {ended.value}, not {' or '.join(map(str, codes))}")
        elif ended.value:
            self.columns.add("refused")


def folders(stage: Stage, many: int) -> list[Path]:
    """Return folders to import, each with other counts of cars, so that it can be told whose the store is."""
    made = []
    table = forms.parse(next(kind.data for kind in stage.kinds if kind.name == CARS))
    at = table[0].index("Number of cars or vans: No cars or vans in household")
    for number in range(many):
        folder = stage.home / "in" / f"other-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        row = [*table[1][:at], str(int(table[1][at]) - 1 - number), *table[1][at + 1 :]]
        (folder / CARS).write_bytes(forms.as_csv([table[0], row, *table[2:]]))
        made.append(folder)
    return made


def words(folder: Path) -> list[str]:
    """Return the words of the command that imports a folder."""
    return [word.format(folder=folder) for word in IMPORT]


def begin(stage: Stage) -> None:
    """Put the store back, take the runs away."""
    kinds_more.fresh(stage.home, stage.base)
    for path in (stage.home / "data" / "store").iterdir():
        if path.name not in {county.AREA, "sample", "spoilt"}:
            shutil.rmtree(path, ignore_errors=True)
    for path in (stage.home / "outputs").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def marks(stage: Stage, made: list[Path]) -> set[str]:
    """Return the checksums of the stores that there may be: the one before, and that of each folder."""
    from cfwlib.data.importer import read_folder

    return {_mark(stage.base), *(_mark(read_folder(one, county.CODE, into=stage.base)[0]) for one in made)}


def _mark(store: Any) -> str:
    return digest(store.frames[key] for key in sorted(store.frames))[0]


def look_at_store(stage: Stage, allowed: set[str], found: Found) -> None:
    """See that the store is whole, and one of those allowed."""
    from cfwlib.data.store import read_store

    ended = watched(lambda: _mark(read_store(stage.home / "data" / "store" / county.AREA)), stage.home / "scratch")
    if ended.how != "done":
        found.note("store changed", f"it cannot be read: {ended.said.strip()[:300]}")
    elif ended.value not in allowed:
        found.note("store changed", "it is neither the old one nor a new one")


def look_at_next(stage: Stage, folder: Path, found: Found) -> None:
    """See that the next commands work, that every run is listed, and that nothing is left lying about."""
    scratch = stage.home / "scratch"
    found.ended(watched(quick(words(folder)), scratch), 0)
    found.ended(watched(quick(RUN), scratch), 0)
    listed = watched(quick(["runs", "--area", county.AREA]), scratch)
    found.ended(listed, 0)
    own = stage.home / "outputs" / county.AREA
    for run in sorted(path.name for path in own.iterdir() if RUN_ID.fullmatch(path.name)):
        if run not in listed.said:
            found.note("lost or left", f"the run {run} is not listed")
    left = [name for name in tree(own) if Path(name).name.startswith(".") or ".tmp" in name]
    store = stage.home / "data" / "store"
    left += [path.name for path in store.rglob("*") if path.name.startswith(".")]
    held = json.loads((store / county.AREA / "manifest.json").read_text("utf-8"))["datasets"]
    if len(list((store / county.AREA).glob("*.parquet"))) != len(held):
        left.append("files that the store's manifest does not name")
    if left:
        found.note("lost or left", f"left behind: {', '.join(left[:5])}")
    index = stage.home / "outputs" / "index.html"
    if not index.is_file() or "</html>" not in index.read_text("utf-8"):
        found.note("lost or left", "the index is not whole")

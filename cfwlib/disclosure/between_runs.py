"""Who has been counted in an outputs folder: later runs about the same children and day say the same, or nothing.

What two runs show is one puzzle to whoever reads both. A count that changed by one tells of one child, and so does
which counts changed: nothing but the same tables again is safe beside them. So the first run about a day says what it
rests on, and a later one that rests on something else is refused before anything of it is shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cfwlib.disclosure.cells import is_small
from cfwlib.disclosure.difference import LAYOUTS, Released, difference, read_released
from cfwlib.disclosure.released import Protected
from cfwlib.errors import InputError
from cfwlib.reading import read_json, reading

CLAIM = "released.json"
KEY = ".released.key"
APART_DAYS = 28  # days closer than this are about the same day: few children come and go between them


@dataclass(frozen=True)
class Claim:
    """What a run has shown of children on a day, and what that rests on; no child can be known from it.

    Attributes
    ----------
    authority
        Code of the authority whose children they are.
    modelled
        Whether they are invented.
    day
        The day they are counted on.
    children
        Checksum of all that the counts rest on, with the `secret` of the outputs folder: the children, and the settings
        by which they were counted.
    hidden
        Checksum of which counts are hidden.
    nights
        Children on that day and on earlier nights, as shown.
    run
        Identifier of the run, once it is read back.
    """

    authority: str
    modelled: bool
    day: str
    children: str
    hidden: str = ""
    nights: Mapping[str, int] = field(default_factory=dict)
    run: str = ""

    def write(self, exports: Path) -> None:
        """Write the claim beside the exported tables, whole or not at all."""
        exports.mkdir(parents=True, exist_ok=True)
        values = {name: value for name, value in vars(self).items() if name != "run"}
        part = exports / f".{CLAIM}.part"  # there whole or not at all
        part.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        part.replace(exports / CLAIM)

    def beside(self, other: Claim) -> bool:
        """Say whether another claim is about the same children on about the same day."""
        return (self.authority, self.modelled) == (other.authority, other.modelled) and near(self.day, other.day)


def near(one: str | pd.Timestamp, other: str | pd.Timestamp) -> bool:
    """Return whether two days are about the same day: so close that few children come and go between them."""
    return bool(abs((pd.Timestamp(one) - pd.Timestamp(other)).days) < APART_DAYS)


def secret(outputs: Path, *, make: bool = False) -> str:
    """Return the key of an outputs folder's checksums: without it nobody can try out who is in them.

    It stays in the folder and belongs to no run. Where it is lost, later runs are refused, as if they rested on other
    children.

    Parameters
    ----------
    outputs
        Folder of all outputs.
    make
        Whether to make one where there is none; an empty text is returned otherwise.
    """
    path = outputs / KEY
    if make and not path.exists():
        outputs.mkdir(parents=True, exist_ok=True)
        part = outputs / f"{KEY}.{secrets.token_hex(4)}"  # there whole or not at all
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            part.rename(path) if os.name == "nt" else os.link(part, path)  # the first to make one has made it
        part.unlink(missing_ok=True)
    key = path.read_text(encoding="utf-8") if path.exists() else ""
    if make and not key:
        raise InputError(f"{path}: is empty. Delete it, and the runs that show children, or put the file back.")
    return key


def checksum(*frames: pd.DataFrame | str) -> str:
    """Return a checksum of frames and texts."""
    parts = [one if isinstance(one, str) else one.to_csv(index=False) for one in frames]
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def hidden_checksum(tables: Mapping[str, Protected]) -> str:
    """Return a checksum of which cells of tables are shown and which are hidden."""
    cells = {
        repr(table.layout.name(column, row)): symbol
        for table in tables.values()
        for column in table.layout.counts
        for row, symbol in zip(table.layout.rows(table.frame), table.status[column], strict=True)
    }
    return checksum(json.dumps(sorted(cells.items())))


def read_claims(outputs: Path, *, but: Path | None = None) -> list[Claim]:
    """Return what the runs of an outputs folder have shown of children, oldest first.

    Parameters
    ----------
    outputs
        Folder of all outputs; every area's runs are looked at.
    but
        Folder of a run that is not.

    Raises
    ------
    InputError
        If a claim cannot be read: then nothing can be shown beside its run.
    """
    found = []
    for path in sorted(outputs.glob(f"*/*/exports/*/{CLAIM}"), key=lambda path: (path.parts[-4], path)):
        if but is None or path.parents[2].resolve() != but.resolve():
            found.append(_read(path))
    return found


def check_claim(mine: Claim, earlier: Iterable[Claim]) -> None:
    """Check that what a run is about to show of children can stand beside what earlier runs have shown.

    Parameters
    ----------
    mine
        What it is about to show; without `hidden` only the children are looked at.
    earlier
        From `read_claims`.

    Raises
    ------
    InputError
        If another run is about other children, or the same counted otherwise, on about the same day, or hides others.
        It does not say what differs, nor by how many: that is the small number itself.
    """
    if clashing := [one for one in earlier if _clash(mine, one)]:
        raise InputError(refusal([one.run for one in clashing], clashing[0].day))
    if other := [
        one for one in earlier if mine.beside(one) and "" not in (mine.hidden, one.hidden) and mine.hidden != one.hidden
    ]:
        raise InputError(refusal([one.run for one in other], other[0].day, _OTHERS))


_COUNTED = (
    "these returns, or the settings by which they are counted (returns, returns_end, short_breaks, history_years), "
    "count about the same day otherwise"
)
_OTHERS = "this version, or the published tables that were imported since, hide other numbers of the same children"


def refusal(runs: Sequence[str], day: str, why: str = _COUNTED) -> str:
    """Return why a run cannot be made beside earlier ones, and what to do."""
    return (
        f"Run {', '.join(runs)}: shows the children in care on {day}, and {why}: who reads both could tell single "
        "children. Nothing of them was shown. If what is there was given to nobody, delete its folder and run again: "
        "this run then takes its place. If it was, keep to it: the same returns may be run again with any other "
        "setting. A mere trial goes to an outputs folder of its own (--out) that nobody else reads."
    )


def check_tables(tables: Mapping[str, Protected], outputs: Path, mine: Claim, *, but: Path) -> None:
    """Check tables against those of runs that made no claim, such as those of an earlier version.

    Parameters
    ----------
    tables
        The tables about to be shown.
    outputs
        Folder of all outputs.
    mine
        What is claimed of them.
    but
        Folder of the run that shows them. Such a run of modelled data may have shown real children all the same:
        invented ones are held against it only where `mine` are invented too.

    Raises
    ------
    InputError
        If both together tell more than either, or count the same children otherwise.
    """
    new = {name: Released(table.frame, table.layout) for name, table in tables.items() if len(table.frame)}
    same = {table.layout.of for table in new.values()}
    for path in sorted(outputs.glob(f"*/*/exports/*/{LAYOUTS}")):
        folder = path.parents[2]
        if (path.parent / CLAIM).exists() or folder.resolve() == but.resolve():
            continue
        if mine.modelled and not _modelled(folder):
            continue
        old = {name: table for name, table in read_released(folder).items() if table.layout.of in same}
        if old and not difference(old, new).empty:
            raise InputError(refusal([folder.name], mine.day))


def told_nights(mine: Claim, earlier: Sequence[Claim]) -> dict[pd.Timestamp, int]:
    """Return the children in care on nights that earlier runs have told of, as the first of them did."""
    told: dict[pd.Timestamp, int] = {}
    for one in earlier:
        if (one.authority, one.modelled) == (mine.authority, mine.modelled):
            told = {pd.Timestamp(night): count for night, count in one.nights.items()} | told
    return told


def _clash(mine: Claim, other: Claim) -> bool:
    if (mine.authority, mine.modelled) != (other.authority, other.modelled):
        return False
    if mine.beside(other):
        return (mine.day, mine.children) != (other.day, other.children)
    return any(
        is_small(abs(count - told))
        for night, count in mine.nights.items()
        for earlier, told in other.nights.items()
        if near(night, earlier)
    )


def _read(path: Path) -> Claim:
    name = "/".join(path.parts[-5:])
    remedy = "Delete the run's folder if it was given to nobody, or put the file back."
    with reading(name, remedy, how="what the run has shown of children cannot be read"):
        return Claim(**read_json(path, remedy, name=name), run=path.parts[-4])


def _modelled(folder: Path) -> bool:
    try:
        return bool(read_json(folder / "run.json")["modelled"])
    except (InputError, TypeError, KeyError):
        return False

"""What child-level returns look like once read: frames without identifiers, and an account of every row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pandas as pd

from cfwlib.data.returns.recognise import GUIDE

CODE_COLUMNS: dict[str, str] = GUIDE["frame"]
EPISODE_COLUMNS = [
    "child", "file", "row", "year", "start", "end", *CODE_COLUMNS,
    "placement_location", "placement_miles", "placement_authority",
]  # fmt: skip
POSTCODE_COLUMNS = ["postcode", "easting", "northing", "authority"]


class Identifiers:
    """The CHILD codes of returns, in the order of the children; never shown, never pickled."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<{len(self)} identifiers, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("identifiers of children are not written or sent anywhere")

    def look_up(self, child: int) -> str:
        """Return one CHILD code."""
        return str(self._values[child])


@dataclass(frozen=True, eq=False, repr=False)
class Returns:
    """Child-level returns (SSDA903) as frames; children are numbers given at reading.

    Attributes
    ----------
    children
        One row per child: `child`, `born` (NaT = not known), `sex`, `uasc`, `uasc_ceased`, `has_header`.
    episodes
        One row per distinct episode, by child, start and year: `child`, `file` (position in `files`), `row` (in that
        file), `year` (of the return, as named there), `start`, `end` (NaT = open), codes in capitals ("" = blank),
        postcodes in capitals without spaces, `placement_location` ("in", "out", ""), `placement_miles` (NaN = not
        given), `placement_authority` (ONS code or "").
    account
        `step`, `rule`, `rows`. The rows of the steps "episodes", "header", "UASC" and "other files" add up to the rows
        of the files; the steps that begin with "seen" count what was noticed, and may overlap.
    files
        One row per table found: `file` (its place in the alphabetical listing, never its name), `table` (episodes,
        header, UASC, postcodes, other), `year`, `rows`.
    start, end
        First and last day that the returns cover.
    modelled
        True where the children are invented by this project.
    postcodes
        Points of the postcodes in the episodes, metres (EPSG:27700), and the authority they lie in; may be empty.
    doubts
        Sentences for the top of a page: what makes the whole of the returns doubtful.
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    account: pd.DataFrame
    files: pd.DataFrame
    start: pd.Timestamp
    end: pd.Timestamp
    modelled: bool
    postcodes: pd.DataFrame
    _identifiers: Identifiers = field(repr=False)
    doubts: tuple[str, ...] = ()
    _authorities: Identifiers = field(default_factory=lambda: Identifiers(()), repr=False)

    def of_authority(self, names: Collection[str]) -> bool:
        """Say whether the column LA, where there is one, has no other text than these, whatever their case."""
        known = {name.strip().upper() for name in names}
        return all(self._authorities.look_up(place) in known for place in range(len(self._authorities)))

    def authorities(self) -> int:
        """Return the number of authorities in the column LA; 0 where no table has it."""
        return len(self._authorities)

    def identifier(self, child: int) -> str:
        """Return the CHILD code of a child, for the caller's own worklist; never print, log or publish it."""
        return self._identifiers.look_up(child)

    def __repr__(self) -> str:
        return (
            f"Returns({len(self.children)} children, {len(self.episodes)} episodes, "
            f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}{', modelled' if self.modelled else ''})"
        )

    def __getstate__(self) -> NoReturn:
        raise TypeError("child-level returns are not written or sent anywhere; pass on counts made from them")


def empty_postcodes() -> pd.DataFrame:
    """Return the frame of postcode points without a row."""
    kinds: dict[str, Any] = {"postcode": "str", "easting": "float64", "northing": "float64", "authority": "str"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})

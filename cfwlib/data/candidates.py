"""Read the files that could supply a data set, and choose one: never one that loses rows the others have."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cfwlib.data import complete, plausible, read, replacing
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.complete import CodeList
from cfwlib.data.read import OtherDatasetError
from cfwlib.data.recognise import Outcome
from cfwlib.data.replacing import Version
from cfwlib.data.store import StoredDataset, sha256_of
from cfwlib.data.trim import Area, Trimmed
from cfwlib.errors import CfwError, printable


@dataclass
class Candidate:
    """One file read as one data set: what was kept of it for the area, and every neighbourhood code it has."""

    path: Path
    file: str
    dataset: Dataset
    layout: Layout
    vintage: str
    sha256: str
    rows_in_file: int
    kept: Trimmed
    lists: list[CodeList]

    @property
    def version(self) -> Version:
        """Itself, to be held against another."""
        return Version(self.kept.frame, self.kept.rows, self.path.name, self.vintage)

    def problems(self, area: Area) -> list[str]:
        """Return everything wrong with the rows that were kept, as sentences with file, row and column."""
        frame, not_numbers = self.kept.frame, self.kept.not_numbers
        told = {(row, column) for row, column, _ in not_numbers}  # a text in a number is not also a blank
        found = read.check(frame, self.dataset, self.layout) + plausible.problems_within(frame, self.dataset)
        described = read.describe([*not_numbers, *(one for one in found if one[:2] not in told)], self.path)
        if self.dataset.needed and frame.empty:
            described.append(f"{self.path.name}: no row of it lies in or near {area.code}. Does it cover the area?")
        return described

    def entry(self, notes: Collection[str], *, accepted: bool) -> StoredDataset:
        """Return what the store is to know of it."""
        terms = ("publisher", "licence", "attribution")
        return StoredDataset(
            id=self.dataset.id,
            title=self.dataset.title,
            file=self.file,
            layout=self.layout.name,
            sha256=self.sha256,
            vintage=self.vintage,
            rows=self.kept.rows,
            rows_in_file=self.rows_in_file,
            left_out=self.kept.left_out,
            **{name: getattr(self.layout, name) or getattr(self.dataset, name) for name in terms},
            notes=list(notes),
            accepted=accepted,
        )


def read_candidates(
    dataset: Dataset, files: list[tuple[Path, Layout]], area: Area, folder: Path
) -> tuple[list[Candidate], list[Outcome], list[str]]:
    """Return the files that have rows of a data set for the area, what became of the others, and every problem.

    Parameters
    ----------
    dataset
        What the files are read as.
    files
        Each with the layout it follows.
    area
        What is known of the area so far.
    folder
        The files' own, for their names.
    """
    candidates, outcomes, problems = list[Candidate](), list[Outcome](), list[str]()
    for path, layout in files:
        file = printable(str(path.relative_to(folder)))
        try:
            within = area.bounds if dataset.area == "buffer" else None
            reading = read.read_file(path, layout, within=within)
            kept, found = area.trim(reading.frame, dataset, layout, path)
        except OtherDatasetError as error:
            outcomes.append(Outcome(file, dataset.id, why=str(error)))
            continue
        except CfwError as error:
            problems += error.problems
            continue
        kept.left_out |= reading.left_out
        if unread := reading.rows_in_file - len(reading.frame) - sum(reading.left_out.values()):
            kept.left_out["outside the area, or without a shape"] = unread
        sha256 = sha256_of(path)
        vintage = dataset.vintage_of(path, sha256)
        if dataset.period and kept.rows:  # a table of several years is as old as its last, whatever it is called
            vintage = str(kept.frame[dataset.period].max())
        lists = complete.code_lists(reading.frame, dataset, path.name)
        if dataset.area == "lookup":
            found += read.describe(complete.shape_problems(reading.frame, area.lsoa21), path)
        if caution := complete.cut_short(lists):
            kept.notes.append(caution)
        problems += found
        candidates.append(Candidate(path, file, dataset, layout, vintage, sha256, reading.rows_in_file, kept, lists))
    near = [one for one in candidates if one.kept.rows]
    if candidates and not near and dataset.needed:  # to be told that it covers another area
        return candidates, outcomes, problems
    for one in candidates:
        if not one.kept.rows:
            why = "no row of it lies in or near the area"
            outcomes.append(Outcome(one.file, dataset.id, False, 0, one.rows_in_file, one.vintage, why))
    return near, outcomes, problems


def choose(
    candidates: list[Candidate], shapes: pd.DataFrame | None, codes: Collection[str]
) -> tuple[Candidate, list[Outcome], list[str]]:
    """Return the file to use, what becomes of every one, and why the choice would lose rows that another file has.

    The user's own layout first, then the newest vintage; where one is unknown, the preferred layout, most rows.

    Parameters
    ----------
    candidates
        At least one.
    shapes
        The area's neighbourhoods, where they are known.
    codes
        Codes of the area's authorities.
    """
    dated = all(one.vintage != "unknown" for one in candidates)

    def rank(one: Candidate) -> tuple[bool, str, int, int, str]:
        place = list(one.dataset.layouts).index(one.layout)
        return one.layout.own, one.vintage if dated else "", -place, one.kept.rows, one.file

    ranked = sorted(candidates, key=rank, reverse=True)
    chosen, outcomes, losses = ranked[0], list[Outcome](), list[str]()
    for one in ranked:
        older = dated and one.vintage < chosen.vintage
        why = f"older than {chosen.path.name}" if older else f"{chosen.path.name} is preferred or covers more"
        if chosen.layout.own and not one.layout.own:
            why = f"{chosen.path.name} fits your own layout"
        if one is chosen:
            told = [f"{rows:,} {reason}" for reason, rows in one.kept.left_out.items()]
            told += filter(None, [one.dataset.changed_copy(one.vintage, one.sha256)])
            if one.layout.kind == "osm" and len(one.kept.frame) > one.kept.rows:
                told.append(f"those kept were cut at junctions into {len(one.kept.frame):,} links")
            why = "; ".join(told)
        elif one.dataset.geography != "line" or one.layout is chosen.layout:  # kinds of roads: one is preferred
            share, what = replacing.loss(one.version, chosen.version, shapes, codes)
            losses += replacing.refusal(one.dataset, one.version, chosen.version, share, what, in_folder=True)
        outcomes.append(
            Outcome(one.file, one.dataset.id, one is chosen, one.kept.rows, one.rows_in_file, one.vintage, why)
        )
    return chosen, outcomes, losses

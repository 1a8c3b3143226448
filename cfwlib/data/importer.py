"""Turn a folder of published files into the store: recognise, choose, trim to the area, check, then write."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cfwlib.data import catalogue, read, tables
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.layouts import with_layouts
from cfwlib.data.read import OtherDatasetError
from cfwlib.data.store import Store, StoredDataset, sha256_of
from cfwlib.data.trim import Area, Trimmed
from cfwlib.errors import CfwError, InputError, printable
from cfwlib.reading import files_in

_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".md", ".txt", ".toml"}
_PACKED = (".zip", ".7z", ".osm.gz", ".osm.bz2")


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the data set it supplied (`why`: the rows left out), or why it was not used.

    `rows` were kept of the `rows_in_file`.
    """

    file: str
    dataset: str = ""
    used: bool = False
    rows: int = 0
    rows_in_file: int = 0
    vintage: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        for name in ("file", "why"):  # a file's name may hold what no terminal can print
            object.__setattr__(self, name, printable(getattr(self, name)))


@dataclass
class _Candidate:
    path: Path
    dataset: Dataset
    layout: Layout
    vintage: str
    sha256: str
    rows_in_file: int
    kept: Trimmed


def read_folder(
    folder: Path, area_code: str, *, into: Store | None = None, layouts: Path | None = None
) -> tuple[Store, list[Outcome]]:
    """Return a store made from the files of a folder, and what became of every file.

    Parameters
    ----------
    folder
        Searched with its sub-folders; files are known by their columns.
    area_code
        Code of the authority to keep (district, unitary or upper-tier).
    into
        An existing store: data sets found here replace its own, the others stay.
    layouts
        A file of the user's own layouts, tried before the registered ones; a file that fits one of them wins.

    Raises
    ------
    InputError
        Every problem found in any file; nothing is written.
    """
    if not os.path.isdir(folder):  # unlike Path.is_dir it answers for every name
        raise InputError(f"'{folder}' is not a folder. Give the folder that holds the downloaded files.")
    if into and into.area_code != area_code:
        raise InputError(f"the store holds {into.area_code}, not {area_code}. Remove its folder in data/store first.")
    store = Store(area_code, dict(into.datasets), dict(into.frames)) if into else Store(area_code)
    registry = with_layouts(layouts) if layouts else catalogue.datasets()
    recognised, outcomes, problems = _recognise(folder, registry)
    area, read_now = Area(area_code, {area_code}), {}
    for dataset in registry.values():
        candidates = _read_candidates(dataset, recognised.get(dataset.id, []), area, folder, outcomes, problems)
        if candidates:
            chosen = _choose(candidates, folder, outcomes)
            problems += _problems_of(chosen, area)
            store.frames[dataset.id] = chosen.kept.frame
            store.datasets[dataset.id] = _entry(chosen, folder)
            read_now[dataset.id] = chosen.layout
        if dataset.id in store.frames:
            area.learn(dataset.id, store.frames[dataset.id])
    if not recognised and not problems:
        problems.append(
            f"'{folder.name}': none of its files has the columns of a known data set. "
            "See `cfw data list` for what is needed and where to download it."
        )
    problems += _unknown_area(area, store)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    store.modelled = any(code.startswith("X") for code in area.lsoa21)
    for key, layout in read_now.items():  # nobody must take a publisher's name for modelled numbers
        if store.modelled and not layout.licence:
            store.datasets[key] = _as_modelled(store.datasets[key])
    if into and into.frames and into.modelled != store.modelled:
        raise InputError(
            "the store and the folder mix modelled and official data. Remove data/store/<area> and import again."
        )
    return store, sorted(outcomes, key=lambda outcome: (not outcome.used, outcome.file))


def _files(folder: Path) -> tuple[list[Path], list[Outcome]]:
    files, others = files_in(folder)
    dead = [
        Outcome(str(path.relative_to(folder)), why="no file: a link that leads nowhere, or a pipe") for path in others
    ]
    return [one for one in files if one.suffix.lower() not in _SIDECARS and not one.name.startswith(".")], dead


def _recognise(
    folder: Path, registry: Mapping[str, Dataset]
) -> tuple[dict[str, list[tuple[Path, Layout]]], list[Outcome], list[str]]:
    recognised: dict[str, list[tuple[Path, Layout]]] = {}
    outcomes: list[Outcome] = []
    problems: list[str] = []
    near: list[tuple[Path, Dataset, Layout, list[str]]] = []
    files, others = _files(folder)
    outcomes += others
    for path in files:
        name, suffix = str(path.relative_to(folder)), path.suffix.lower()
        packed = name.lower().endswith(_PACKED)
        if packed or suffix not in catalogue.GEO_SUFFIXES | tables.SUFFIXES or name == "MANIFEST.csv":
            why = "an archive: unpack it and import again" if packed else "not a kind of file the loader reads"
            outcomes.append(Outcome(name, why=why))
            continue
        try:
            heading = catalogue.header(path)
        except InputError as error:
            if suffix == ".json":  # many things are JSON
                outcomes.append(Outcome(name, why="not a geographical file"))
            else:
                problems += error.problems
            continue
        found, misses = catalogue.matches(heading, registry), catalogue.near_misses(heading, registry)
        for dataset, layout in found:
            recognised.setdefault(dataset.id, []).append((path, layout))
        near += [(path, *miss) for miss in misses]
        if not found:
            nearest = f"nearest: {misses[0][0].id}, but it lacks '{misses[0][2][0]}'" if misses else ""
            outcomes.append(Outcome(name, why=nearest or "its columns are of no known data set"))
    fitted = {layout.name for files in recognised.values() for _, layout in files}
    for dataset in registry.values():
        spare = [layout for layout in dataset.layouts if layout.own and layout.name not in fitted]
        outcomes += [Outcome(f"layout {one.name}", dataset.id, why="fits no file of the folder") for one in spare]
    return recognised, outcomes, problems + _lacking(near, recognised)


def _lacking(
    near: list[tuple[Path, Dataset, Layout, list[str]]], recognised: dict[str, list[tuple[Path, Layout]]]
) -> list[str]:
    """Name the files that would be a needed data set but for a column or two, where no other file is it."""
    told: dict[tuple[str, str], str] = {}
    for path, dataset, layout, missing in near:
        if dataset.id not in recognised and dataset.needed:
            columns = ", ".join(f"'{name}'" for name in missing[:3]) + (" ..." if len(missing) > 3 else "")
            told.setdefault(
                (path.name, dataset.id),
                f"{path.name}: looks like {dataset.title} ({layout.name}) but lacks the column {columns}. "
                "Download the file again, or give its columns their published names.",
            )
    return list(told.values())


def _read_candidates(
    dataset: Dataset,
    files: list[tuple[Path, Layout]],
    area: Area,
    folder: Path,
    outcomes: list[Outcome],
    problems: list[str],
) -> list[_Candidate]:
    candidates = []
    for path, layout in files:
        try:
            within = area.bounds if dataset.area == "buffer" else None
            reading = read.read_file(path, layout, within=within)
            kept, found = area.trim(reading.frame, dataset, layout, path)
        except OtherDatasetError as error:
            outcomes.append(Outcome(str(path.relative_to(folder)), dataset.id, why=str(error)))
            continue
        except CfwError as error:
            problems += error.problems
            continue
        problems += found
        kept.left_out |= reading.left_out
        if unread := reading.rows_in_file - len(reading.frame) - sum(reading.left_out.values()):
            kept.left_out["outside the area, or without a shape"] = unread
        sha256 = sha256_of(path)
        vintage = dataset.vintage_of(path, sha256)
        if dataset.period and kept.rows:  # a table of several years is as old as its last, whatever it is called
            vintage = str(kept.frame[dataset.period].max())
        candidates.append(_Candidate(path, dataset, layout, vintage, sha256, reading.rows_in_file, kept))
    return _near(candidates, folder, outcomes)


def _near(candidates: list[_Candidate], folder: Path, outcomes: list[Outcome]) -> list[_Candidate]:
    """Set aside the files without a row in or near the area; where a needed data set has no other, keep them."""
    near = [one for one in candidates if one.kept.rows]
    if candidates and not near and candidates[0].dataset.needed:
        return candidates
    for one in candidates:
        if not one.kept.rows:
            name, why = str(one.path.relative_to(folder)), "no row of it lies in or near the area"
            outcomes.append(Outcome(name, one.dataset.id, False, 0, one.rows_in_file, one.vintage, why))
    return near


def _choose(candidates: list[_Candidate], folder: Path, outcomes: list[Outcome]) -> _Candidate:
    """The user's own layout first, then the newest vintage; where one is unknown, the preferred layout, most rows."""
    dated = all(one.vintage != "unknown" for one in candidates)

    def rank(one: _Candidate) -> tuple[bool, str, int, int]:
        place = list(one.dataset.layouts).index(one.layout)
        return one.layout.own, one.vintage if dated else "", -place, one.kept.rows

    ranked = sorted(candidates, key=rank, reverse=True)
    chosen = ranked[0]
    for one in ranked:
        older = dated and one.vintage < chosen.vintage
        why = f"older than {chosen.path.name}" if older else f"{chosen.path.name} is preferred or covers more"
        if chosen.layout.own and not one.layout.own:
            why = f"{chosen.path.name} fits your own layout"
        if one is chosen:
            told = [f"{rows:,} {reason}" for reason, rows in one.kept.left_out.items()]
            told += filter(None, [one.dataset.changed_copy(one.vintage, one.sha256)])
            if len(one.kept.frame) > one.kept.rows:
                told.append(f"those kept were cut at junctions into {len(one.kept.frame):,} links")
            why = "; ".join(told)
        name, rows = str(one.path.relative_to(folder)), one.kept.rows
        outcomes.append(Outcome(name, one.dataset.id, one is chosen, rows, one.rows_in_file, one.vintage, why))
    return chosen


def _problems_of(chosen: _Candidate, area: Area) -> list[str]:
    frame, not_numbers = chosen.kept.frame, chosen.kept.not_numbers
    told = {(row, column) for row, column, _ in not_numbers}  # a text in a number is not also a blank
    found = [one for one in read.check(frame, chosen.dataset, chosen.layout) if one[:2] not in told]
    described = read.describe([*not_numbers, *found], chosen.path)
    return described + area.coverage_problems(frame, chosen.dataset, chosen.path)


def _unknown_area(area: Area, store: Store) -> list[str]:
    if "lsoa_wards" not in store.frames:
        return ["no file gives the area's neighbourhoods. Add the ONS lookup 'LSOA (2021) to ward to local authority'."]
    if not area.lsoa21:
        return [f"no neighbourhood belongs to the authority '{area.code}'. Check [area] code in the area file."]
    return []


def _entry(chosen: _Candidate, folder: Path) -> StoredDataset:
    dataset, layout = chosen.dataset, chosen.layout
    return StoredDataset(
        id=dataset.id,
        title=dataset.title,
        file=printable(str(chosen.path.relative_to(folder))),
        layout=layout.name,
        sha256=chosen.sha256,
        vintage=chosen.vintage,
        rows=chosen.kept.rows,
        rows_in_file=chosen.rows_in_file,
        left_out=chosen.kept.left_out,
        publisher=layout.publisher or dataset.publisher,
        licence=layout.licence or dataset.licence,
        attribution=layout.attribution or dataset.attribution,
    )


def _as_modelled(entry: StoredDataset) -> StoredDataset:
    return replace(
        entry,
        title=f"Modelled: {entry.title}",
        publisher="made for demonstration, in the layout of the publisher's file",
        licence="MIT",
        attribution="Modelled data, made for demonstration; not official",
    )

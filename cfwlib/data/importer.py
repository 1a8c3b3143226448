"""Turn a folder of published files into the store: recognise, choose, trim to the area, check, then write."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cfwlib.data import catalogue, read
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.read import OtherDatasetError
from cfwlib.data.store import Store, StoredDataset, sha256_of
from cfwlib.data.trim import Area, Trimmed
from cfwlib.errors import CfwError, InputError

_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".md", ".txt", ".toml"}


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


@dataclass
class _Candidate:
    path: Path
    dataset: Dataset
    layout: Layout
    vintage: str
    sha256: str
    rows_in_file: int
    kept: Trimmed


def read_folder(folder: Path, area_code: str, *, into: Store | None = None) -> tuple[Store, list[Outcome]]:
    """Return a store made from the files of a folder, and what became of every file.

    Parameters
    ----------
    folder
        Searched with its sub-folders; files are known by their columns.
    area_code
        Code of the authority to keep (district, unitary or upper-tier).
    into
        An existing store: data sets found here replace its own, the others stay.

    Raises
    ------
    InputError
        Every problem found in any file; nothing is written.
    """
    if not folder.is_dir():
        raise InputError(f"'{folder}' is not a folder. Give the folder that holds the downloaded files.")
    if into and into.area_code != area_code:
        raise InputError(f"the store holds {into.area_code}, not {area_code}. Remove its folder in data/store first.")
    store = Store(area_code, dict(into.datasets), dict(into.frames)) if into else Store(area_code)
    recognised, outcomes, problems = _recognise(folder)
    area = Area(area_code, {area_code})
    for dataset in catalogue.datasets().values():
        candidates = _read_candidates(dataset, recognised.get(dataset.id, []), area, folder, outcomes, problems)
        if candidates:
            chosen = _choose(candidates, folder, outcomes)
            problems += _problems_of(chosen, area)
            store.frames[dataset.id] = chosen.kept.frame
            store.datasets[dataset.id] = _entry(chosen, folder)
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
    if store.modelled:  # nobody must take a publisher's name for these numbers
        store.datasets = {key: _as_modelled(entry) for key, entry in store.datasets.items()}
    if into and into.frames and into.modelled != store.modelled:
        raise InputError(
            "the store and the folder mix modelled and official data. Remove data/store/<area> and import again."
        )
    return store, sorted(outcomes, key=lambda outcome: (not outcome.used, outcome.file))


def _files(folder: Path) -> Iterable[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() not in _SIDECARS and not path.name.startswith(".")
    )


def _recognise(folder: Path) -> tuple[dict[str, list[tuple[Path, Layout]]], list[Outcome], list[str]]:
    recognised: dict[str, list[tuple[Path, Layout]]] = {}
    outcomes: list[Outcome] = []
    problems: list[str] = []
    near: list[tuple[Path, Dataset, Layout, list[str]]] = []
    for path in _files(folder):
        name, suffix = str(path.relative_to(folder)), path.suffix.lower()
        if suffix not in catalogue.GEO_SUFFIXES | catalogue.TABLE_SUFFIXES or name == "MANIFEST.csv":
            why = (
                "an archive: unpack it and import again" if suffix == ".zip" else "not a kind of file the loader reads"
            )
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
        found, misses = catalogue.matches(heading), catalogue.near_misses(heading)
        for dataset, layout in found:
            recognised.setdefault(dataset.id, []).append((path, layout))
        near += [(path, *miss) for miss in misses]
        if not found:
            nearest = f"nearest: {misses[0][0].id}, but it lacks '{misses[0][2][0]}'" if misses else ""
            outcomes.append(Outcome(name, why=nearest or "its columns are of no known data set"))
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
            source, rows_in_file = read.read_file(path, layout, within=within)
            kept, found = area.trim(source, dataset, layout, path)
        except OtherDatasetError as error:
            outcomes.append(Outcome(str(path.relative_to(folder)), dataset.id, why=str(error)))
            continue
        except CfwError as error:
            problems += error.problems
            continue
        if kept.frame.empty and not dataset.needed:
            why = "no row of it lies in or near the area"
            outcomes.append(Outcome(str(path.relative_to(folder)), dataset.id, rows_in_file=rows_in_file, why=why))
            continue
        problems += found
        if unread := rows_in_file - len(source):
            kept.left_out["outside the area"] = kept.left_out.get("outside the area", 0) + unread
        sha256 = sha256_of(path)
        vintage = dataset.vintage_of(path, sha256)
        candidates.append(_Candidate(path, dataset, layout, vintage, sha256, rows_in_file, kept))
    return candidates


def _choose(candidates: list[_Candidate], folder: Path, outcomes: list[Outcome]) -> _Candidate:
    """Newest vintage first; where a vintage is unknown or equal, the preferred layout, then the most rows kept."""
    dated = all(one.vintage != "unknown" for one in candidates)

    def rank(one: _Candidate) -> tuple[str, int, int]:
        return one.vintage if dated else "", -list(one.dataset.layouts).index(one.layout), len(one.kept.frame)

    ranked = sorted(candidates, key=rank, reverse=True)
    chosen = ranked[0]
    for one in ranked:
        older = dated and one.vintage < chosen.vintage
        why = f"older than {chosen.path.name}" if older else f"{chosen.path.name} is preferred or covers more"
        if one is chosen:
            why = "; ".join(f"{rows:,} {reason}" for reason, rows in one.kept.left_out.items())
        name, rows = str(one.path.relative_to(folder)), len(one.kept.frame)
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
        file=str(chosen.path.relative_to(folder)),
        layout=layout.name,
        sha256=chosen.sha256,
        vintage=chosen.vintage,
        rows=len(chosen.kept.frame),
        rows_in_file=chosen.rows_in_file,
        left_out=chosen.kept.left_out,
        publisher=dataset.publisher,
        licence=layout.licence or dataset.licence,
        attribution=dataset.attribution,
    )


def _as_modelled(entry: StoredDataset) -> StoredDataset:
    return replace(
        entry,
        title=f"Modelled: {entry.title}",
        publisher="made for demonstration, in the layout of the publisher's file",
        licence="MIT",
        attribution="Modelled data, made for demonstration; not official",
    )

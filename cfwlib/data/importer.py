"""Turn a folder of published files into the store: recognise, choose, trim to the area, check, then write."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from cfwlib.data import catalogue, read, schemas
from cfwlib.data.catalogue import Dataset, Layout
from cfwlib.data.read import OtherDatasetError
from cfwlib.data.store import Store, StoredDataset, sha256_of
from cfwlib.errors import CfwError, InputError

BUFFER_M = 20_000  # services and roads this far outside the area are kept: families cross the border
_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".md", ".txt", ".toml"}
_LSOA_AREAS = {"lsoa11", "lsoa21"}


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the data set it supplied, or why it was not used."""

    file: str
    dataset: str
    used: bool
    rows: int
    vintage: str
    why: str


@dataclass
class _Candidate:
    path: Path
    dataset: Dataset
    layout: Layout
    vintage: str
    sha256: str
    frame: pd.DataFrame
    not_numbers: list[schemas.Problem]


@dataclass
class _Area:
    code: str
    authorities: set[str] = field(default_factory=set)
    lsoa21: set[str] = field(default_factory=set)
    lsoa11: set[str] = field(default_factory=set)
    bounds: tuple[float, float, float, float] | None = None

    def learn(self, dataset: str, frame: pd.DataFrame) -> None:
        """Take from a data set what the trimming of later ones needs."""
        if dataset == "upper_tier" and len(frame):
            self.authorities = set(frame["authority"])
        elif dataset == "lsoa_wards":
            self.lsoa21 = set(frame["lsoa"])
        elif dataset == "lsoa_lookup":
            self.lsoa11 = set(frame["lsoa11"])
        elif dataset.startswith("lsoa_boundaries") and isinstance(frame, gpd.GeoDataFrame):
            west, south, east, north = frame.total_bounds
            self.bounds = (west - BUFFER_M, south - BUFFER_M, east + BUFFER_M, north + BUFFER_M)


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
    store = Store(area_code, dict(into.datasets), dict(into.frames)) if into else Store(area_code)
    recognised, outcomes, problems = _recognise(folder)
    area = _Area(area_code, {area_code})
    for dataset in catalogue.datasets().values():
        candidates = _read_candidates(dataset, recognised.get(dataset.id, []), area, folder, outcomes, problems)
        if candidates:
            chosen = _choose(candidates, folder, outcomes)
            problems += _problems_of(chosen) + _coverage(chosen, area)
            store.frames[dataset.id] = chosen.frame
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
        name = str(path.relative_to(folder))
        if path.suffix.lower() not in catalogue.GEO_SUFFIXES | catalogue.TABLE_SUFFIXES or name == "MANIFEST.csv":
            outcomes.append(Outcome(name, "", False, 0, "", "not a kind of file the loader reads"))
            continue
        try:
            heading = catalogue.header(path)
        except InputError as error:
            problems += error.problems
            continue
        found = catalogue.matches(heading)
        for dataset, layout in found:
            recognised.setdefault(dataset.id, []).append((path, layout))
        if not found:
            miss = catalogue.near_miss(heading)
            if miss:
                near.append((path, *miss))
            why = (
                f"nearest: {miss[0].id}, but it lacks '{miss[2][0]}'"
                if miss
                else "its columns are of no known data set"
            )
            outcomes.append(Outcome(name, "", False, 0, "", why))
    for path, dataset, layout, missing in near:
        if dataset.id not in recognised and (dataset.needed or len(missing) == 1):
            columns_text = ", ".join(f"'{name}'" for name in missing[:3]) + (" ..." if len(missing) > 3 else "")
            problems.append(
                f"{path.name}: looks like {dataset.title} ({layout.name}) but lacks the column {columns_text}. "
                "Download the file again, or give its columns their published names."
            )
    return recognised, outcomes, problems


def _read_candidates(
    dataset: Dataset,
    files: list[tuple[Path, Layout]],
    area: _Area,
    folder: Path,
    outcomes: list[Outcome],
    problems: list[str],
) -> list[_Candidate]:
    candidates = []
    for path, layout in files:
        try:
            frame = read.read_file(path, layout)
            problems += _bad_codes(frame, dataset, path)
            frame, not_numbers = read.to_numbers(_keep_area(frame, dataset, area, path, problems))
            frame = _keep_surroundings(frame, dataset, area)
        except OtherDatasetError as error:
            outcomes.append(Outcome(str(path.relative_to(folder)), dataset.id, False, 0, "", str(error)))
            continue
        except CfwError as error:
            problems += error.problems
            continue
        sha256 = sha256_of(path)
        candidates.append(
            _Candidate(path, dataset, layout, dataset.vintage_of(path, sha256), sha256, frame, not_numbers)
        )
    return candidates


def _bad_codes(frame: pd.DataFrame, dataset: Dataset, path: Path) -> list[str]:
    if dataset.area not in _LSOA_AREAS:
        return []
    valid = frame["lsoa"].str.match(schemas.LSOA_CODE)
    if not valid.any():  # a bulk download holds one file per geography, all with the same columns
        raise OtherDatasetError(f"holds no LSOA code ('{frame['lsoa'].iloc[0][:20]}' first)")
    bad = frame.loc[~valid, "lsoa"]
    return read.describe([(row, "lsoa", f"is not a valid code ({str(code)[:20]})") for row, code in bad.items()], path)


def _keep_area(frame: pd.DataFrame, dataset: Dataset, area: _Area, path: Path, problems: list[str]) -> pd.DataFrame:
    if dataset.area == "upper_tier":
        return frame[frame["upper_tier"] == area.code]
    if dataset.area == "authority":
        return frame[frame["authority"].isin(area.authorities)]
    if dataset.area == "lookup":
        return frame[frame["lsoa21"].isin(area.lsoa21)]
    if dataset.area in _LSOA_AREAS:
        inside = area.lsoa21 if dataset.area == "lsoa21" else area.lsoa11
        problems += _wrong_vintage(frame, dataset, (area.lsoa11 | area.lsoa21) - inside, path)
        return frame[frame["lsoa"].isin(inside)]
    return frame


def _keep_surroundings(frame: pd.DataFrame, dataset: Dataset, area: _Area) -> pd.DataFrame:
    if dataset.area != "buffer" or area.bounds is None:
        return frame
    west, south, east, north = area.bounds
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.cx[west:east, south:north]
    return frame[frame["easting"].between(west, east) & frame["northing"].between(south, north)]


def _problems_of(chosen: _Candidate) -> list[str]:
    told = {(row, column) for row, column, _ in chosen.not_numbers}  # a text in a number is not also a blank
    found = read.check(chosen.frame, chosen.dataset, chosen.layout)
    return read.describe([*chosen.not_numbers, *(one for one in found if one[:2] not in told)], chosen.path)


def _wrong_vintage(frame: pd.DataFrame, dataset: Dataset, other: set[str], path: Path) -> list[str]:
    expected = "2021" if dataset.area == "lsoa21" else "2011"
    wrong = frame.loc[frame["lsoa"].isin(other), "lsoa"]
    if wrong.empty:
        return []
    return [
        f"{path.name}, row {wrong.index[0]}: LSOA '{wrong.iloc[0]}' is not a {expected} code, and {dataset.title} is "
        f"read as {expected} codes ({len(wrong)} such rows). Did you mix vintages? Import the {expected} file; "
        f"to plan on the other vintage set lsoa_vintage = {2011 if expected == '2021' else 2021}."
    ]


def _choose(candidates: list[_Candidate], folder: Path, outcomes: list[Outcome]) -> _Candidate:
    """Newest vintage first; of equal ones the file that covers most of the area and its surroundings."""
    ranked = sorted(candidates, key=lambda c: (c.vintage != "unknown", c.vintage, len(c.frame)), reverse=True)
    chosen = ranked[0]
    for one in ranked:
        older = one.vintage < chosen.vintage
        why = f"older than {chosen.path.name}" if older else f"{chosen.path.name} covers as much or more"
        name, used = str(one.path.relative_to(folder)), one is chosen
        outcomes.append(Outcome(name, one.dataset.id, used, len(one.frame), one.vintage, "" if used else why))
    return chosen


def _coverage(chosen: _Candidate, area: _Area) -> list[str]:
    dataset, frame, name = chosen.dataset, chosen.frame, chosen.path.name
    if dataset.area in _LSOA_AREAS and dataset.whole_area:
        inside = area.lsoa21 if dataset.area == "lsoa21" else area.lsoa11
        missing = sorted(inside - set(frame["lsoa"]))
        if missing:
            return [
                f"{name}: {len(missing)} of the area's {len(inside)} neighbourhoods (20{dataset.area[-2:]} codes) are "
                f"not in it, '{missing[0]}' first. Download the whole file for England; is it of the right vintage?"
            ]
    if dataset.needed and frame.empty:
        return [f"{name}: no row of it lies in or near {area.code}. Does it cover the area?"]
    return []


def _unknown_area(area: _Area, store: Store) -> list[str]:
    if "lsoa_wards" not in store.frames:
        return ["no file gives the area's neighbourhoods. Add the ONS lookup 'LSOA (2021) to ward to local authority'."]
    if not area.lsoa21:
        return [f"no neighbourhood belongs to the authority '{area.code}'. Check [area] code in the area file."]
    return []


def _entry(chosen: _Candidate, folder: Path) -> StoredDataset:
    dataset, layout = chosen.dataset, chosen.layout
    return StoredDataset(
        dataset.id,
        dataset.title,
        str(chosen.path.relative_to(folder)),
        layout.name,
        chosen.sha256,
        chosen.vintage,
        len(chosen.frame),
        dataset.publisher,
        layout.licence or dataset.licence,
        dataset.attribution,
    )

"""Turn a folder of published files into the store: recognise, choose, trim to the area, check, then write."""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cfwlib.data import authorities, catalogue, complete, plausible, replacing
from cfwlib.data.candidates import Candidate, choose, read_candidates
from cfwlib.data.codes import did_you_mean
from cfwlib.data.layouts import with_layouts
from cfwlib.data.recognise import Outcome, recognise
from cfwlib.data.replacing import Version
from cfwlib.data.store import Store, StoredDataset
from cfwlib.data.trim import Area
from cfwlib.errors import InputError

_OF_OTHERS = {"census_residents", "census_age_bands", "postcodes"}


def read_folder(
    folder: Path,
    area_code: str,
    *,
    into: Store | None = None,
    layouts: Path | None = None,
    accept: Collection[str] = (),
) -> tuple[Store, list[Outcome]]:
    """Return a store made from the files of a folder, and what became of every file.

    Parameters
    ----------
    folder
        Searched with its sub-folders; files are known by their columns.
    area_code
        Code of the authority to keep (district, unitary or upper-tier).
    into
        An existing store: data sets found here replace its own, the others stay. A loss of more than a tenth of a data
        set's rows is refused, and so is an older file in place of a newer one.
    layouts
        A file of the user's own layouts, tried before the registered ones; a file that fits one of them wins.
    accept
        Data sets that may lose rows, or be older than what is there.

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
    recognised, outcomes, problems = recognise(folder, registry)
    unknown = [f"--replace {name}: there is no such data set. {did_you_mean(name, registry)}See `cfw data list`."
               for name in accept if name not in registry]  # fmt: skip
    problems = unknown + problems
    area, read_now = Area(area_code, {area_code}), dict[str, Candidate]()
    for dataset in registry.values():
        candidates, unused, wrong = read_candidates(dataset, recognised.get(dataset.id, []), area, folder)
        outcomes, problems = outcomes + unused, problems + wrong
        if candidates:
            shapes = _shapes(store)
            chosen, became, losses = choose(candidates, shapes, area.codes)
            problems += chosen.problems(area)
            notes, lost = _against_store(chosen, into, shapes, area.codes)
            problems += [] if dataset.id in accept else losses + lost
            notes = [*chosen.kept.notes, *notes]
            outcomes += became
            same = bool(into and dataset.id in into.datasets and into.datasets[dataset.id].sha256 == chosen.sha256)
            accepted = dataset.id in accept or bool(same and into and into.datasets[dataset.id].accepted)
            store.frames[dataset.id] = chosen.kept.frame
            store.datasets[dataset.id] = chosen.entry(notes, accepted=accepted)
            read_now[dataset.id] = chosen
        if dataset.id in store.frames:
            area.learn(dataset.id, store.frames[dataset.id])
    if not recognised and not problems:
        problems.append(
            f"'{folder.name}': none of its files has the columns of a known data set. "
            "See `cfw data list` for what is needed and where to download it."
        )
    problems += _unknown_area(area, store) + _gaps(area, into, read_now)
    if not problems:
        problems += _held_together(store, read_now, accept)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    store.modelled = any(code.startswith("X") for code in area.lsoa21)
    for key, chosen in read_now.items():  # nobody must take a publisher's name for modelled numbers
        if store.modelled and not chosen.layout.licence:
            store.datasets[key] = _as_modelled(store.datasets[key])
    if into and into.frames and into.modelled != store.modelled:
        raise InputError(
            "the store and the folder mix modelled and official data. Remove data/store/<area> and import again."
        )
    outcomes = [replace(one, notes=tuple(store.datasets[one.dataset].notes)) if one.used else one for one in outcomes]
    return store, sorted(outcomes, key=lambda outcome: (not outcome.used, outcome.file))


def _shapes(store: Store) -> pd.DataFrame | None:
    keys = ("lsoa_boundaries_2021", "lsoa_boundaries_2011")
    return next((store.frames[key] for key in keys if key in store.frames and len(store.frames[key])), None)


def _against_store(
    chosen: Candidate, into: Store | None, shapes: pd.DataFrame | None, codes: Collection[str]
) -> tuple[list[str], list[str]]:
    """What a file replaces in the store, and why that is refused; the same file again replaces nothing."""
    if into is None or chosen.dataset.id not in into.datasets or not chosen.kept.rows:  # none in the area: told already
        return [], []
    entry, frame = into.datasets[chosen.dataset.id], into.frames[chosen.dataset.id]
    old = Version(frame, entry.rows, Path(entry.file).name, entry.vintage)
    share, what = replacing.loss(old, chosen.version, shapes, codes)
    refused = replacing.refusal(chosen.dataset, old, chosen.version, share, what)
    same = (entry.sha256, entry.layout, entry.rows) == (chosen.sha256, chosen.layout.name, chosen.kept.rows)
    return ([] if same else [replacing.sentence(old, chosen.version)]), refused


def _gaps(area: Area, into: Store | None, read_now: dict[str, Candidate]) -> list[str]:
    """Hold the neighbourhoods of every file, and of the store, against each other."""
    lists = [one for chosen in read_now.values() for one in chosen.lists]
    for key, frame in (into.frames if into else {}).items():
        if key in catalogue.datasets() and into:
            stored = complete.code_lists(frame, catalogue.datasets()[key], Path(into.datasets[key].file).name, own=True)
            lists += [replace(one, whole=one.whole and key not in read_now) for one in stored]
    if not any(one.dataset == "lsoa_wards" for one in lists):
        return []
    return complete.gaps(lists, area.codes)


def _held_together(store: Store, read_now: dict[str, Candidate], accept: Collection[str]) -> list[str]:
    """What the data sets read now say that others make impossible; the merely unlikely becomes a note of theirs."""
    files = {key: Path(entry.file).name for key, entry in store.datasets.items()}
    problems = []
    for one in plausible.findings_between(store.frames, files):
        if one.refused and one.dataset not in accept and (one.dataset in read_now or _OF_OTHERS & set(read_now)):
            hint = f"If this is right, import with --replace {one.dataset}."
            problems.append(f"{files[one.dataset]}: {one.what} {hint}")
        elif one.dataset in read_now:
            entry = store.datasets[one.dataset]
            store.datasets[one.dataset] = replace(entry, notes=[*entry.notes, f"caution: {one.what.rstrip('.')}"])
    return problems


def _unknown_area(area: Area, store: Store) -> list[str]:
    if "lsoa_wards" not in store.frames:
        return ["no file gives the area's neighbourhoods. Add the ONS lookup 'LSOA (2021) to ward to local authority'."]
    if not area.lsoa21:
        now = authorities.successor(area.code)
        since = f"Its code is {now} now; set that as" if now else "Check"
        return [f"no neighbourhood belongs to the authority '{area.code}'. {since} [area] code in the area file."]
    districts = authorities.DISTRICTS.get(area.code, 0)
    if "upper_tier" in store.frames and len(area.authorities) < districts:
        file = store.datasets["upper_tier"].file
        return [f"{file}: has {len(area.authorities)} districts of {area.code}, which has {districts}. "
                "Download the whole file again."]  # fmt: skip
    return []


def _as_modelled(entry: StoredDataset) -> StoredDataset:
    return replace(
        entry,
        title=f"Modelled: {entry.title}",
        publisher="made for demonstration, in the layout of the publisher's file",
        licence="MIT",
        attribution="Modelled data, made for demonstration; not official",
    )

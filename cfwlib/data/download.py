"""Fetch the files that have a direct address, with progress, retry and checksum."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pooch

from cfwlib.data.catalogue import Dataset, datasets
from cfwlib.errors import InputError


def download(
    folder: Path, names: Sequence[str] = (), *, addresses: Mapping[str, str] | None = None, retries: int = 3
) -> list[str]:
    """Download data sets into a folder and return one line for each: what was fetched, or why not.

    An archive is unpacked beside itself. A file already there with the right checksum is not fetched again, and a
    broken download never takes the place of a good file.

    Parameters
    ----------
    folder
        Made if need be.
    names
        Data set ids; none = all with a direct address.
    addresses
        Other addresses to use instead, by data set id (a mirror).
    retries
        Further tries after a failed one.

    Raises
    ------
    InputError
        For every unknown name, data set without an address, failed download and wrong checksum, after all were tried.
    """
    known = datasets()
    links = {key: entry.download for key, entry in known.items() if entry.download} | dict(addresses or {})
    problems = [f"data set '{name}' is unknown. See `cfw data list`." for name in names if name not in known]
    problems += [
        f"data set '{name}' has no direct address. Download it from {known[name].landing_page}."
        for name in names if name in known and name not in links
    ]  # fmt: skip
    lines = []
    for name in (name for name in (names or links) if name in links):
        try:
            lines.append(f"{name}: {_fetch(known[name], links[name], folder, retries)}")
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            problems.append(
                f"{name}: could not be downloaded from {links[name]} ({error}). Try again, or fetch it by hand."
            )
    if problems:
        raise InputError(problems)
    return lines


def _fetch(dataset: Dataset, address: str, folder: Path, retries: int) -> str:
    file_name = address.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    if "." not in file_name:
        file_name = f"{dataset.id}.zip"
    # a file whose checksums are registered must have one of them; a newer edition is taken as it is and named so
    known_hash = f"sha256:{dataset.sha256}" if dataset.sha256 else None
    path = Path(
        pooch.Pooch(
            path=folder,
            base_url="",
            registry={file_name: known_hash},
            urls={file_name: address},
            retry_if_failed=retries,
        ).fetch(file_name, progressbar=True)
    )
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder / path.stem)
            return f"{path.name}, {len(archive.namelist())} files unpacked"
    return f"{path.name}, {path.stat().st_size:,} bytes" + ("" if known_hash else ", no checksum registered")

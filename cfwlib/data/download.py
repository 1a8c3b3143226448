"""Fetch the files that have a direct address, with progress, retry, limits and checksum."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pooch

from cfwlib.data.catalogue import Dataset, datasets
from cfwlib.data.genuine import refuse_stand_in
from cfwlib.data.packed import open_zip
from cfwlib.data.transfer import transfer
from cfwlib.errors import CfwError, InputError
from cfwlib.reading import AGAIN, is_file, reading


def download(
    folder: Path, names: Sequence[str] = (), *, addresses: Mapping[str, str] | None = None, retries: int = 3
) -> list[str]:
    """Download data sets into a folder and return one line for each: what was fetched, or why not.

    An archive is unpacked beside itself. A file already there with the right checksum is not fetched again, and a
    broken download, or an error page in its stead, never takes the place of a good file.

    Parameters
    ----------
    folder
        Made if need be.
    names
        Data set ids; none = all with a direct address.
    addresses
        Other addresses to use instead, by data set id (a mirror).
    retries
        Further tries after a failed one; what has come by then is kept, and the rest asked for.

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
    for name in dict.fromkeys(name for name in (names or links) if name in links):
        try:
            lines.append(f"{name}: {_fetch(known[name], links[name], folder, retries)}")
        except CfwError as error:
            problems += [f"{name}: could not be downloaded from {links[name]}: {line}" for line in error.problems]
        except (OSError, ValueError) as error:
            problems.append(
                f"{name}: could not be downloaded from {links[name]} ({error}). Try again, or fetch it by hand."
            )
    if problems:
        raise InputError(problems)
    return lines


def _fetch(dataset: Dataset, address: str, folder: Path, retries: int) -> str:
    file_name = address.split("?")[0].rstrip("/").rsplit("/", 1)[-1].lstrip(".")
    if "." not in file_name:
        file_name = f"{dataset.id}.zip"
    # a file whose checksums are registered must have one of them; a newer edition is taken as it is and named so
    known_hash = f"sha256:{dataset.sha256}" if dataset.sha256 else None
    if is_file(folder / file_name):
        refuse_stand_in(folder / file_name)

    def get(url: str, target: str, _: object) -> None:
        transfer(url, Path(target), retries=retries)
        refuse_stand_in(Path(target), Path(file_name).suffix)

    known = pooch.Pooch(path=folder, base_url="", registry={file_name: known_hash}, urls={file_name: address})
    path = Path(known.fetch(file_name, downloader=get))
    if path.suffix.lower() == ".zip":
        return f"{path.name}, {_unpack(path)} files unpacked"
    return f"{path.name}, {path.stat().st_size:,} bytes" + ("" if known_hash else ", no checksum registered")


def _unpack(path: Path) -> int:
    """Unpack an archive into a folder of its name, whole or not at all, and return how many files it held."""
    target = path.with_suffix("")
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=path.parent) as scratch, open_zip(path) as archive:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        with reading(path, f"Remove it and download it again. {AGAIN}", how="cannot be unpacked"):
            archive.extractall(whole)
        shutil.rmtree(target, ignore_errors=True)
        whole.rename(target)
        return len(archive.namelist())

"""The store: the Parquet files of an area and the manifest that names them, replaced whole or not at all."""

import contextlib
import datetime
import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.areas import project_root
from cfwlib.errors import CfwError, InputError, os_words
from cfwlib.locks import hold
from cfwlib.reading import reading

CRS = "EPSG:27700"
FORMAT = 3  # of the manifest
PINNED = "CFW_PINNED_STORE"  # the content that the run going on began with, for its notebooks
_LOCK, _WAIT_S, _TRIES = ".lock.json", 120, 50
_OWN_FILE = re.compile(r".+\.parquet|\.manifest-\d+|\.lock\.json-\d+")
_held: ContextVar[frozenset[Path]] = ContextVar("_held", default=frozenset())


@dataclass(frozen=True)
class StoredDataset:
    """What the store knows of one data set; `rows` kept and those in `left_out` add up to `rows_in_file`."""

    id: str
    title: str
    file: str
    layout: str
    sha256: str
    vintage: str
    rows: int
    rows_in_file: int
    left_out: dict[str, int]
    publisher: str
    licence: str
    attribution: str
    notes: list[str] = field(default_factory=list)  # what it replaced, and cautions about its rows
    accepted: bool = False  # the user asked for it although it has less than what was there


@dataclass
class Store:
    """The data sets of one area: frames by id, and where each came from.

    `modelled` is true when the neighbourhood codes are invented ones (they begin with X). `content` is a checksum of
    all of it: two stores with the same one hold the same.
    """

    area_code: str
    datasets: dict[str, StoredDataset] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    modelled: bool = False
    imported: str = ""
    content: str = ""

    def frame(self, dataset: str) -> pd.DataFrame:
        """Return a data set's frame.

        Raises
        ------
        InputError
            When it was never imported.
        """
        if dataset not in self.frames:
            raise InputError(f"the store has no '{dataset}'. See `cfw data check`, then import it.")
        return self.frames[dataset].copy()


def store_folder(name: str) -> Path:
    """Return the folder of an area's store (`sample` for the modelled data)."""
    return project_root() / "data" / "store" / name


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return a store's manifest, or None where there is no store, or none that this version of cfwlib can read.

    Raises
    ------
    InputError
        When the manifest is there and the machine does not let it be read.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return manifest if manifest["format"] == FORMAT and manifest["datasets"] and manifest["files"] else None
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, RecursionError):
        return None
    except OSError as error:
        raise InputError(f"data/store/{folder.name}: {os_words(error)}") from None


def read_store(folder: Path) -> Store:
    """Return the store in a folder, every frame read.

    Inside a run, whose process holds in `PINNED` what the store held when the run began, nothing else is returned.

    Raises
    ------
    InputError
        When there is no store there, a file of it is missing or damaged, or it is not the one the run began with.
    """
    for attempt in range(_TRIES):
        manifest = read_manifest(folder)
        if manifest is None:
            why = "is damaged, or was made by another version of cfwlib" if folder.exists() else "is not there yet"
            raise InputError(f"data/store/{folder.name} {why}. Run `cfw data import FOLDER --area AREA`.")
        try:
            check_pinned(folder, manifest)
            entries = {key: StoredDataset(**value) for key, value in manifest["datasets"].items()}
            frames = {key: _read_parquet(folder / manifest["files"][key], manifest["sha256"][key]) for key in entries}
            return Store(
                manifest["area_code"], entries, frames, manifest["modelled"], manifest["imported"], manifest["content"]
            )
        except InputError:
            raise
        except Exception as error:  # whatever damage does to Parquet, which has many errors of its own
            if read_manifest(folder) != manifest and attempt < _TRIES - 1:
                continue  # another process has put its store there meanwhile
            what = str(error) if isinstance(error, _DamageError) else type(error).__name__
            raise InputError(
                f"data/store/{folder.name} is damaged ({what}). Run `cfw data import FOLDER --area AREA` again."
            ) from None
    raise AssertionError  # the last attempt returns or raises


def check_pinned(folder: Path, manifest: dict[str, Any] | None = None) -> None:
    """Raise InputError when the store is not the one that the run going on in this process began with."""
    pinned = json.loads(os.environ.get(PINNED, "{}"))
    told = manifest or read_manifest(folder) or {}
    if str(folder) in pinned and told.get("content") != pinned[str(folder)]:
        raise InputError(
            f"data/store/{folder.name} was imported again while this run was going on: its pages would mix two "
            "imports. Run again."
        )


class _DamageError(Exception):
    """A file of the store that is not what the manifest says."""


def _read_parquet(path: Path, sha256: str) -> pd.DataFrame:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _DamageError(f"{path.name}: {(error.strerror or '').lower()}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _DamageError(f"{path.name} is not as it was written")
    try:
        return gpd.read_parquet(io.BytesIO(content))
    except ValueError:  # no geometry: a plain table
        return pd.read_parquet(io.BytesIO(content))


@contextlib.contextmanager
def hold_store(folder: Path, *, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Keep other imports of an area waiting while the block reads its store, adds to it and writes it.

    Parameters
    ----------
    folder
        The store; made if need be, and taken away again when the block leaves it empty.
    wait_s
        Longest time to wait for another import to end, in seconds.

    Raises
    ------
    AreaBusyError
        When another import of the area is still going on after `wait_s`.
    CfwError
        When the folder cannot be made or written to.
    """
    if folder in _held.get():
        yield
        return
    with contextlib.ExitStack() as stack:
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            stack.callback(_remove_empty, folder)
            stack.enter_context(
                hold(folder / _LOCK, f"import of {folder.name}", wait_s=wait_s, remedy="Try again when it has ended")
            )
        stack.callback(_held.reset, _held.set(_held.get() | {folder}))
        yield


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty
        folder.rmdir()


def write_store(store: Store, folder: Path, *, fingerprint: str = "") -> None:
    """Write a store's files beside those of the old one, then have the manifest name them, which is one step.

    A reader sees the old store or the new one, never half and never none. What an import that was killed has left is
    cleared away.

    Parameters
    ----------
    store
        What to write.
    folder
        Where: `store_folder`.
    fingerprint
        Of what the sample was made from.

    Raises
    ------
    AreaBusyError
        When another import of the area does not end.
    CfwError
        When the disk is full or does not take it; the old store stays as it was.
    """
    with hold_store(folder), _told(folder):
        files = {key: f"{key}.{secrets.token_hex(6)}.parquet" for key in store.frames}
        datasets = {key: asdict(value) for key, value in store.datasets.items()}
        try:
            for key, frame in store.frames.items():
                frame.reset_index(drop=True).to_parquet(folder / files[key])
                _to_disk(folder / files[key])
            sums = {key: sha256_of(folder / name) for key, name in files.items()}
            whole = json.dumps([store.area_code, datasets, sums, fingerprint], sort_keys=True)
            manifest = {
                "format": FORMAT,
                "area_code": store.area_code,
                "modelled": store.modelled,
                "fingerprint": fingerprint,
                "imported": store.imported or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "content": hashlib.sha256(whole.encode()).hexdigest(),
                "files": files,
                "sha256": sums,
                "datasets": datasets,
            }
            scratch = folder / f".manifest-{os.getpid()}"
            scratch.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
            _to_disk(scratch)
            os.replace(scratch, folder / "manifest.json")
            _to_disk(folder)
        finally:
            tidy_store(folder)


def tidy_store(folder: Path) -> None:
    """Clear away what no manifest names: files of the store before, and of an import that failed or was killed.

    Parameters
    ----------
    folder
        The store; nothing is done while another process is importing, or where it may not be written to.
    """
    with contextlib.suppress(CfwError, OSError):
        with hold_store(folder, wait_s=0) if folder.is_dir() else contextlib.nullcontext():
            try:
                named = set(json.loads((folder / "manifest.json").read_bytes())["files"].values())
            except FileNotFoundError:
                named = set()
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return  # damaged: what it names is not known, and an import will replace it
            for path in folder.iterdir():
                if _OWN_FILE.fullmatch(path.name) and path.name not in named:
                    path.unlink(missing_ok=True)
        for path in folder.parent.glob(f".{folder.name}-*"):  # of versions before this one
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in words what the machine did not do."""
    try:
        yield
    except OSError as error:
        raise CfwError(f"data/store/{folder.name}: {os_words(error)} What was stored before is unchanged.") from None


def _to_disk(path: Path) -> None:
    """Have the system write a file, or a folder's entries, to the disk: a power cut must not undo it."""
    with contextlib.suppress(PermissionError):  # Windows does not open folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

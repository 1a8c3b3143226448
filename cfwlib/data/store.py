"""The store: one folder of Parquet files per area with a manifest, replaced whole or not at all."""

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.areas import project_root
from cfwlib.errors import InputError

CRS = "EPSG:27700"
FORMAT = 2  # of the manifest


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

    `modelled` is true when the neighbourhood codes are invented ones (they begin with X).
    """

    area_code: str
    datasets: dict[str, StoredDataset] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    modelled: bool = False
    imported: str = ""

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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return a store's manifest, or None where there is no store, or none that this version of cfwlib can read."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return manifest if manifest["format"] == FORMAT and manifest["datasets"] else None
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return None


def read_store(folder: Path) -> Store:
    """Return the store in a folder, every frame read.

    Raises
    ------
    InputError
        When there is no store there, or a file of it is missing or damaged.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        why = "is damaged, or was made by another version of cfwlib" if folder.exists() else "is not there yet"
        raise InputError(f"data/store/{folder.name} {why}. Run `cfw data import FOLDER --area AREA`.")
    try:
        entries = {key: StoredDataset(**value) for key, value in manifest["datasets"].items()}
        frames = {key: _read_parquet(folder / f"{key}.parquet") for key in entries}
        return Store(manifest["area_code"], entries, frames, manifest["modelled"], manifest["imported"])
    except (OSError, ValueError, KeyError, TypeError) as error:  # pyarrow's errors are ValueErrors
        raise InputError(
            f"data/store/{folder.name} is damaged ({error}). Run `cfw data import FOLDER --area AREA` again."
        ) from None


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return gpd.read_parquet(path)
    except ValueError:  # no geometry: a plain table
        return pd.read_parquet(path)


def write_store(store: Store, folder: Path, *, fingerprint: str = "") -> None:
    """Write a store beside its place, then swap it in: a reader sees the old one or the new one, never half."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for key, frame in store.frames.items():
            frame.reset_index(drop=True).to_parquet(incoming / f"{key}.parquet")
        manifest = {
            "format": FORMAT,
            "area_code": store.area_code,
            "modelled": store.modelled,
            "fingerprint": fingerprint,
            "imported": store.imported or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "datasets": {key: asdict(value) for key, value in store.datasets.items()},
        }
        incoming.chmod(0o755)  # a scheduler under another account reads it too
        (incoming / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        _swap(incoming, folder)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _swap(incoming: Path, folder: Path, tries: int = 5) -> None:
    outgoing = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    for attempt in range(tries):
        old = outgoing / str(attempt)
        with contextlib.suppress(FileNotFoundError):
            os.replace(folder, old)
        try:
            os.replace(incoming, folder)
        except OSError:
            if folder.exists() and attempt < tries - 1:
                continue  # another process has put its store there meanwhile: the last one wins
            if old.exists():
                os.replace(old, folder)
            raise
        break
    shutil.rmtree(outgoing, ignore_errors=True)

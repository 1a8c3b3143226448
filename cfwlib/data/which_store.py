"""Open the store of a run: what was imported, or the modelled sample's."""

from importlib.metadata import version
from pathlib import Path

from cfwlib.areas import project_root, read_area
from cfwlib.data import store as stores
from cfwlib.data.store import Store
from cfwlib.errors import InputError
from cfwlib.settings import DataSettings

SAMPLE_AREA = "E06000063"


def open_store(settings: DataSettings) -> Store:
    """Return the imported store, or the sample's, which is made afresh when its files have changed."""
    code = read_area(settings.area)["area"]["code"]
    if settings.data == "store":
        store = stores.read_store(stores.store_folder(settings.area))
        if store.area_code != code:
            raise InputError(
                f"data/store/{settings.area} holds {store.area_code}, but {settings.area}.toml says {code}. "
                "Correct the code, or remove that folder and import again."
            )
        return store
    folder, sample = stores.store_folder("sample"), project_root() / "data" / "sample"
    if code != SAMPLE_AREA:
        raise InputError(
            f"the modelled sample is of {SAMPLE_AREA} only, not of {code}. Use data = store (--data store)."
        )
    if not _is_of(folder, sample):
        from cfwlib.data.importer import read_folder  # here: its checks take a second to import

        with stores.hold_store(folder):
            if not _is_of(folder, sample):  # another process has not made it meanwhile
                store, _ = read_folder(sample, code)
                stores.write_store(store, folder, fingerprint=_fingerprint(sample))
    return stores.read_store(folder)


def _is_of(folder: Path, sample: Path) -> bool:
    manifest = stores.read_manifest(folder)
    return manifest is not None and manifest.get("fingerprint") == _fingerprint(sample)


def _fingerprint(sample: Path) -> str:
    files = sorted(path for path in sample.rglob("*") if path.is_file())
    catalogue = Path(__file__).with_name("sources.toml")
    packages = [version(name) for name in ("pandas", "pyarrow")]  # older ones may not read what newer ones wrote
    return " ".join([*(stores.sha256_of(path)[:16] for path in [*files, catalogue]), *packages])

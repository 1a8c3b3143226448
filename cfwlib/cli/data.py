"""`cfw data`: import, download, list and check the data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cfwlib.cli.console import Area, err, new_table, out, visible
from cfwlib.errors import CfwError

if TYPE_CHECKING:
    from cfwlib.data import Store

data_app = typer.Typer(no_args_is_help=True, help="Import, download, list and check the data.")


@data_app.command("import")
def data_import(
    folder: Annotated[Path, typer.Argument(help="Folder with the downloaded files, and its sub-folders.")],
    area: Area = "cumberland",
    layouts: Annotated[Path | None, typer.Option(help="Your own file layouts (TOML, see data/README.md).")] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option(help="Data set that may lose rows, or be older than the one there (repeatable)."),
    ] = None,
) -> None:
    """Recognise, check and trim the files of a folder, and put them in the store."""
    from cfwlib import data
    from cfwlib.areas import read_area
    from cfwlib.data.importer import read_folder
    from cfwlib.data.store import read_manifest

    code, target = read_area(area)["area"]["code"], data.store_folder(area)
    with data.hold_store(target), out.status(Text(visible(f"Reading {folder} ..."))):
        try:
            before = data.read_store(target) if read_manifest(target) else None
        except CfwError as error:
            before = None
            err.print(f"{error} It is replaced now.", soft_wrap=True)
        store, outcomes = read_folder(folder, code, into=before, layouts=layouts, accept=replace or [])
        data.write_store(store, target)
    used_table = new_table("Used", "Data set", "File", "Rows kept", "Vintage", "Left out")
    unused_table = new_table("Not used", "File", "Why")
    for one in outcomes:
        if one.used:
            rows = f"{one.rows:,} of {one.rows_in_file:,}"
            used_table.add_row(one.dataset, Path(one.file).name, rows, one.vintage, one.why)
        else:
            unused_table.add_row(one.file, one.why)
    for table in (used_table, unused_table):
        if table.row_count:
            out.print(table)
    for one in outcomes:
        for note in one.notes:
            out.print(f"{one.dataset}: {note}.", soft_wrap=True)
    read = len({one.dataset for one in outcomes if one.used})
    out.print(f"{read} data sets read; data/store/{area} now holds {len(store.datasets)}.")
    if _tell_gaps(store):
        out.print(f"Next: cfw run --area {area} --data store")


@data_app.command("list")
def data_list(area: Area = "cumberland") -> None:
    """Show every known data set, where it comes from, and what the store holds."""
    from cfwlib import data
    from cfwlib.data.catalogue import datasets
    from cfwlib.data.store import read_manifest

    held = (read_manifest(data.store_folder(area)) or {"datasets": {}})["datasets"]
    table = new_table(f"Data sets; store of {area}", "Data set", "Title", "Needed for", "In store", "Where to get it")
    for key, entry in datasets().items():
        needed = " and ".join(str(year) for year in entry.needed) or "optional"
        state = f"{held[key]['vintage']}, {held[key]['rows']:,} rows" if key in held else "–"
        table.add_row(key, entry.title, needed, state, entry.download or entry.landing_page)
    out.print(table)


@data_app.command("check")
def data_check(area: Area = "cumberland") -> None:
    """Say which LSOA vintages can be run from the store, and what is missing. Exit code 2 when none can."""
    from cfwlib import data
    from cfwlib.data.catalogue import datasets

    store = data.read_store(data.store_folder(area))
    out.print(f"data/store/{area}: {len(store.datasets)} data sets, imported {store.imported}"
              + (" (modelled, not official)" if store.modelled else ""))  # fmt: skip
    table = new_table("Held", "Data set", "Rows", "Of the file's", "Vintage", "File")
    for key, entry in store.datasets.items():
        table.add_row(key, f"{entry.rows:,}", f"{entry.rows_in_file:,}", entry.vintage, Path(entry.file).name)
    out.print(table)
    for key, entry in store.datasets.items():
        for note in entry.notes:
            out.print(f"{key}: {note}.", soft_wrap=True)
    ready = _tell_gaps(store)
    optional = [key for key, entry in datasets().items() if not entry.needed and key not in store.frames]
    if optional:
        out.print(f"Optional and not there: {', '.join(optional)}", soft_wrap=True)
    if not ready:
        raise typer.Exit(2)


@data_app.command("download")
def data_download(
    folder: Annotated[Path, typer.Argument(help="Folder to download into.")],
    datasets: Annotated[list[str] | None, typer.Option("--dataset", help="Only these data sets (repeatable).")] = None,
) -> None:
    """Fetch the files that have a direct address into a folder; then `cfw data import` that folder."""
    from cfwlib.data.download import download

    for line in download(folder, datasets or []):
        out.print(line, soft_wrap=True)
    out.print(f"Next: add the files that have no direct address (cfw data list), then cfw data import {folder}")


def _tell_gaps(store: "Store") -> bool:
    """Say what each LSOA vintage still lacks; true when at least one can be run."""
    from cfwlib.data.catalogue import datasets
    from cfwlib.data.places import missing_datasets, none_of_its_own

    ready = False
    for vintage in (2021, 2011):
        missing, none = missing_datasets(store, vintage), none_of_its_own(store, vintage)
        ready = ready or not missing
        out.print(f"lsoa_vintage = {vintage}: " + (f"lacks {len(missing)}:" if missing else "complete, can be run"))
        for key in missing:
            lacking = f"{none[key]}. " if key in none else ""
            where = f"{lacking}{datasets()[key].title}. From {datasets()[key].landing_page}"
            out.print(f"  - {key}: {where}", soft_wrap=True)
    return ready

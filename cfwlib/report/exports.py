"""Write tables as CSV and XLSX and layers as GeoPackage, safe to open in a spreadsheet."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from cfwlib.errors import refuse
from cfwlib.report.write import atomic, safe_name, sound

# What a spreadsheet may run; also behind blanks, and in the wide letters of East Asia.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
BREAKS = re.compile(r"\r\n?")


def export_tables(tables: Mapping[str, pd.DataFrame], folder: str | Path, *, workbook: str = "tables") -> list[Path]:
    """Write each table as CSV, and all of them as one workbook.

    Parameters
    ----------
    tables
        Name to table; the index is not written.
    folder
        Where the files go; existing ones of the same name are replaced whole.
    workbook
        Name of the XLSX file, without its ending.

    Returns
    -------
    paths
        The files written, the workbook last; empty if there is no table.
    """
    if not tables:
        return []
    paths = []
    for name, stem in zip(tables, _unique([safe_name(n) for n in tables], 80), strict=True):
        path = Path(folder) / f"{stem}.csv"
        with atomic(path) as scratch:
            table = tables[name].map(_defuse).rename(columns=_defuse)
            table.to_csv(scratch, index=False, encoding="utf-8", lineterminator="\n")
        paths.append(path)
    path = Path(folder) / f"{safe_name(workbook)}.xlsx"
    with atomic(path) as scratch:
        _workbook(tables).save(scratch)
    return [*paths, path]


def export_layers(layers: Mapping[str, gpd.GeoDataFrame], path: str | Path) -> Path | None:
    """Write layers into one GeoPackage in EPSG:27700.

    Parameters
    ----------
    layers
        Layer name to frame, in any known coordinate system.
    path
        The `.gpkg` file to make or replace whole.

    Returns
    -------
    path
        The file, or None if there is no layer.

    Raises
    ------
    InputError
        If a layer does not say what its coordinates are.
    """
    unknown = [name for name, layer in layers.items() if layer.crs is None]
    refuse([f"Layer '{name}' has no coordinate system: set it, for example .set_crs(27700)." for name in unknown])
    if not layers:
        return None
    with atomic(path) as scratch:
        for (_, layer), stem in zip(layers.items(), _unique([safe_name(n) for n in layers], 60), strict=True):
            layer.to_crs(27700).to_file(scratch, layer=stem, driver="GPKG", engine="pyogrio")
    return Path(path)


def _workbook(tables: Mapping[str, pd.DataFrame]) -> Workbook:
    book = Workbook(write_only=True)
    titles = [re.sub(r"[\[\]:*?/\\]+", "-", name).strip("'") or "table" for name in tables]
    for table, title in zip(tables.values(), _unique(titles, 31), strict=True):
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, str(name)) for name in table.columns])
        for row in table.astype(object).itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
    return book


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    """Return a cell; text is always text, even where it looks like a formula."""
    if not isinstance(value, str):
        empty = not pd.api.types.is_scalar(value) or pd.isna(value)
        return WriteOnlyCell(sheet, None if empty else value)
    cell = WriteOnlyCell(sheet, _printable(value))
    cell.data_type = "s"
    return cell


def _defuse(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    if not isinstance(value, str):
        return value
    text = _printable(value)
    return f"'{text}" if FORMULA.match(text) else text


def _printable(text: str) -> str:
    """Return text without control characters; a break of line is a line feed, which stays within its cell."""
    return ILLEGAL_CHARACTERS_RE.sub("", BREAKS.sub("\n", sound(text)))


def _unique(names: list[str], longest: int) -> list[str]:
    """Cut names to a length and number those that come out the same (in any case of letters)."""
    seen: set[str] = set()
    result = []
    for name in names:
        short, number = name[:longest], 2
        while short.casefold() in seen:
            tail = f"-{number}"
            short, number = name[: longest - len(tail)] + tail, number + 1
        seen.add(short.casefold())
        result.append(short)
    return result

"""The forms a table comes in: the bytes of a file from its rows, and its rows from the bytes."""

import csv
import gzip
import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torture.mutators import Table


@dataclass(frozen=True)
class Form:
    """How the bytes of a file are made of its table; `text` when they are text that may be damaged as such."""

    pack: Callable[[Table], bytes]
    text: bool = False


def parse(data: bytes) -> Table:
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_csv(table: Table) -> bytes:
    """Return a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode("utf-8", "replace")  # half a surrogate pair cannot be in a file


def as_gzip(table: Table) -> bytes:
    """Return a CSV file, compressed."""
    return gzip.compress(as_csv(table), mtime=0)


def as_zip(name: str, others: dict[str, bytes] | None = None) -> Callable[[Table], bytes]:
    """Return what packs a CSV file under a name into a zip file, with others beside it."""

    def pack(table: Table) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for member, data in {**(others or {}), name: as_csv(table)}.items():
                packed.writestr(zipfile.ZipInfo(member), data)
        return out.getvalue()

    return pack


def as_workbook(sheet: str, others: dict[str, Table] | None = None) -> Callable[[Table], bytes]:
    """Return what makes a workbook with the table as one sheet, and other sheets beside it."""

    def pack(table: Table) -> bytes:
        import openpyxl

        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in {**(others or {}), sheet: table}.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append([text[:32_000].replace("\0", "") for text in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return pack


def as_parquet(table: Table) -> bytes:
    """Return a Parquet file of text columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    width = len(table[0])
    rows = [(row + [""] * width)[:width] for row in table[1:]]
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(width)]
    out = io.BytesIO()
    pq.write_table(pa.table(columns, names=table[0]), out)
    return out.getvalue()


def features(data: bytes) -> tuple[Table, dict[str, Any]]:
    """Return a GeoJSON file's features as a table whose last column is the geometry, and the rest of the file."""
    content = json.loads(data)
    names = list(content["features"][0]["properties"])
    rows = [
        [*[_said(one["properties"].get(name)) for name in names], json.dumps(one["geometry"])]
        for one in content["features"]
    ]
    return [[*names, "geometry"], *rows], {key: value for key, value in content.items() if key != "features"}


def as_geojson(rest: dict[str, Any]) -> Callable[[Table], bytes]:
    """Return what makes a GeoJSON file."""

    def pack(table: Table) -> bytes:
        return json.dumps({**rest, "features": _features(table)}).encode()

    return pack


def as_layer(suffix: str, rest: dict[str, Any]) -> Callable[[Table], bytes]:
    """Return what makes a GeoPackage, or the .shp, .dbf, .shx and .prj of a shapefile, one after the other in a zip."""

    def pack(table: Table) -> bytes:
        import geopandas as gpd

        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names of a shapefile's columns are cut
            source, target = Path(folder) / "in.geojson", Path(folder) / "out" / f"layer{suffix}"
            source.write_bytes(as_geojson(rest)(table))
            target.parent.mkdir()
            gpd.read_file(source).to_file(target)
            if suffix == ".gpkg":
                return target.read_bytes()
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as packed:
                for part in sorted(target.parent.iterdir()):
                    packed.writestr(zipfile.ZipInfo(part.name), part.read_bytes())
            return out.getvalue()

    return pack


def _features(table: Table) -> list[dict[str, Any]]:
    names = table[0][: table[0].index("geometry")] if "geometry" in table[0] else table[0]
    out = []
    for row in table[1:]:
        cells = dict(zip(table[0], row, strict=False))
        try:
            shape = json.loads(cells.get("geometry") or "null")
        except (ValueError, RecursionError):
            shape = None
        out.append({"type": "Feature", "properties": {name: cells.get(name) for name in names}, "geometry": shape})
    return out


def _said(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)

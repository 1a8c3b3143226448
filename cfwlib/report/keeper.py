"""What a notebook leaves behind: figures, tables, layers and files, written together when it is done."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.disclosure import Protected, Public
from cfwlib.disclosure.difference import LAYOUTS
from cfwlib.disclosure.gate import check_together, passed
from cfwlib.reading import read_text
from cfwlib.report.exports import export_layers, export_tables
from cfwlib.report.files import safe_name, write_bytes, write_text

MODELLED = "modelled, not official"


class Keeper:
    """Keep one notebook's results until they are written.

    Parameters
    ----------
    notebook
        Name of the notebook without its ending, such as `02_reach`.
    out
        Folder of the run; None or empty when exploring: nothing is written.
    modelled
        Whether the data are modelled: every exported table and layer then says so in a column of its own.
    private
        Whether it is about single children: then only what has gone through disclosure is taken.
    """

    def __init__(self, notebook: str, out: str | Path | None, *, modelled: bool, private: bool = False) -> None:
        self.notebook, self.modelled, self.private = notebook, modelled, private
        self.out = Path(out) if out else None
        self.figures: dict[str, dict[str, Any]] = {}
        self.tables: dict[str, pd.DataFrame] = {}
        self.layers: dict[str, gpd.GeoDataFrame] = {}
        self.files: dict[str, str | bytes] = {}
        self.protected: dict[str, Protected] = {}

    def earlier(self, name: str) -> str | None:
        """Return a text file that an earlier notebook of this run left, or None when there is none.

        Parameters
        ----------
        name
            File name without folders.
        """
        path = self.out / safe_name(name) if self.out else None
        return read_text(path) if path and path.is_file() else None

    def export(self, table: pd.DataFrame | Protected | Public, name: str) -> None:
        """Export a table without showing it."""
        self.tables[name] = self._take(table, f"Table '{name}'", name)

    def layer(self, layer: gpd.GeoDataFrame | Protected | Public, name: str) -> None:
        """Keep a layer for the GeoPackage.

        Parameters
        ----------
        layer
            In any known coordinate system; written in EPSG:27700.
        name
            Layer name.
        """
        self.layers[name] = self._take(layer, f"Layer '{name}'")

    def file(self, name: str, text: str | Public) -> None:
        """Keep a text file for the run's folder, such as plan.json.

        Parameters
        ----------
        name
            File name without folders.
        text
            Its content.
        """
        self.files[safe_name(name)] = self._take(text, f"File '{name}'")

    def keep(self, files: Mapping[str, str | bytes | Public]) -> None:
        """Keep files for the notebook's exports, such as calendars.

        Parameters
        ----------
        files
            Path below the exports, its parts safe names, to content.
        """
        taken = {path: self._take(content, f"File '{path}'") for path, content in files.items()}
        self.files |= {f"exports/{self.notebook}/{path}": content for path, content in taken.items()}

    def _take(self, thing: Any, what: str, table: str = "") -> Any:
        """Return what may be shown of a thing; refuse a table that, beside those taken so far, gives children away."""
        shown = passed(thing, what, private=self.private)
        if isinstance(thing, Protected):
            check_together([*self.protected.values(), thing])
            self.protected[table or what] = thing
        return shown

    def close(self) -> None:
        """Write figures, tables, layers and files under the run's folder; each file whole or not at all."""
        if self.out is None:
            return
        exports = self.out / "exports" / self.notebook
        if self.modelled:  # a table that has left the page must still say what it is
            self.tables = {name: table.assign(data=MODELLED) for name, table in self.tables.items()}
            self.layers = {name: layer.assign(data=MODELLED) for name, layer in self.layers.items()}
        export_tables(self.tables, exports, workbook=self.notebook)
        self._write_layouts(exports)
        export_layers(self.layers, exports / f"{self.notebook}.gpkg")
        for name, content in self.files.items():
            if isinstance(content, bytes):
                write_bytes(self.out / name, content)
            else:
                write_text(self.out / name, content)
        rows = json.dumps(list(self.figures.values()), indent=1, ensure_ascii=False, allow_nan=False)
        write_text(self.out / "figures" / f"{self.notebook}.json", rows + "\n")

    def _write_layouts(self, exports: Path) -> None:
        """Say beside the exported tables what their cells are, so that two runs can be laid side by side."""
        tables = {name: table.layout for name, table in self.protected.items() if name in self.tables}
        layouts = {safe_name(name): layout.to_json() for name, layout in tables.items() if layout.counts}
        if layouts:
            write_text(exports / LAYOUTS, json.dumps(layouts, indent=1, ensure_ascii=False) + "\n")

"""Read the registry of data sets and tell which of them a file is, by its columns."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyogrio

from cfwlib.data import open_table, osm
from cfwlib.data.genuine import refuse_stand_in
from cfwlib.reading import own_toml, reading

SINGLE_YEARS = [*(str(age) for age in range(90)), "90+"]
GEO_SUFFIXES = {".gpkg", ".geojson", ".json", ".shp"} | osm.SUFFIXES
_CUT_SHORT = "It may be cut short, or lack the files that belong to it. Download it again."


@dataclass(frozen=True)
class Layout:
    """One shape in which a data set is published: our column names -> the file's."""

    name: str
    columns: Mapping[str, str]
    kind: str = "table"
    optional: Mapping[str, str] = field(default_factory=dict)  # read where the file has them
    blanks: Sequence[str] = ()
    keep: Mapping[str, Sequence[str]] = field(default_factory=dict)
    drop: Mapping[str, Sequence[str]] = field(default_factory=dict)  # rows of another data set in the same file
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)  # every value there can be, beside those kept
    refuse: Mapping[str, Sequence[str]] = field(default_factory=dict)
    without: Sequence[str] = ()
    road_class: Sequence[Sequence[str]] = ()  # (pattern, class)
    direction: Sequence[Sequence[str]] = ()  # (pattern, direction)
    units: Mapping[str, str] = field(default_factory=dict)  # of the columns speed_limit and length
    ferries: bool = False
    publisher: str = ""  # these three where they are not the data set's
    licence: str = ""
    attribution: str = ""
    own: bool = False  # the user's: tried first, and preferred


@dataclass(frozen=True)
class Dataset:
    """One entry of sources.toml."""

    id: str
    title: str
    publisher: str
    landing_page: str
    licence: str
    attribution: str
    geography: str
    area: str
    key: Sequence[str]
    needed: Sequence[int]
    layouts: Sequence[Layout]
    vintage: str = ""
    download: str = ""
    sha256: str = ""
    instead_of: str = ""  # a data set that is not needed where this one is there
    areas_ranked: int = 0
    blanks: Sequence[str] = ()
    may_lack: Sequence[str] = ()  # columns that a layout of the user's own need not give
    single_years: bool = False
    statuses: Sequence[str] = ()  # columns of figures that may be symbols (c, z, k, x): each gets a status column
    period: str = ""  # the column whose latest value is the vintage
    whole_area: bool = True
    vintages: Mapping[str, str] = field(default_factory=dict)

    def changed_copy(self, vintage: str, sha256: str) -> str:
        """Return a remark on a file that is called a vintage whose checksum is known, and has another; else nothing."""
        if sha256 in self.vintages or vintage not in self.vintages.values():
            return ""
        return f"called {vintage}, but its checksum is not that of the known file: an extract, or a changed copy"

    def vintage_of(self, path: Path, sha256: str) -> str:
        """Return the vintage of a file: by checksum, else fixed for the data set, else a year in its name."""
        if known := self.vintages.get(sha256) or self.vintage:
            return known
        date = re.search(r"(?<!\d)((?:19|20)\d\d)(?:-?(\d\d)(?:-?(\d\d))?)?(?!\d)", path.stem)
        return "-".join(part for part in date.groups() if part) if date else "unknown"


@functools.cache
def datasets() -> dict[str, Dataset]:
    """Return every registered data set by its id, in the order in which they must be read."""
    return {name: _dataset(name, entry) for name, entry in own_toml("data/sources.toml").items()}


def _dataset(name: str, entry: dict[str, Any]) -> Dataset:
    layouts = []
    for raw in entry.pop("layouts"):
        columns = dict(raw["columns"])
        if entry.get("single_years"):
            columns |= {f"age_{age.rstrip('+')}": age for age in SINGLE_YEARS}
        layouts.append(Layout(**{**raw, "columns": columns}))
    return Dataset(id=name, layouts=layouts, **entry)


@dataclass(frozen=True)
class Header:
    """What can be told of a file without reading its rows: its columns and its kind.

    Kinds are `table`, `polygons`, `lines`, `points`, `mixed` (shapes of several kinds) and `osm` (OpenStreetMap).
    """

    kind: str
    columns: Sequence[str]

    def fits(self, layout: Layout) -> bool:
        """Tell whether a file with this heading follows a layout."""
        return (
            (self.kind == layout.kind or (self.kind == "mixed" and layout.kind not in ("table", "osm")))
            and set(layout.columns.values()) <= set(self.columns)
            and not set(layout.without) & set(self.columns)
        )


def header(path: Path) -> Header:
    """Return the kind and column names of a file.

    Raises
    ------
    InputError
        When the file is empty, cut short or not readable as what its ending says.
    """
    refuse_stand_in(path)
    if path.suffix.lower() in GEO_SUFFIXES:
        with reading(path, _CUT_SHORT, how="cannot be opened as a geographical file", tell=False):
            info = pyogrio.read_info(path, layer=layer_name(path), **osm.open_options(path))
            shapes = str(info["geometry_type"]).lower()
            kind = next((f"{kind}s" for kind in ("polygon", "line", "point") if kind in shapes), "mixed")
            kind = "osm" if path.suffix.lower() in osm.SUFFIXES else kind
            return Header(kind, [str(name) for name in info["fields"]])
    return Header("table", open_table.headings(path))


def layer_name(path: Path) -> str:
    """Return the layer to read: OpenStreetMap's lines, OS Open Roads' link layer where there is one, else the first."""
    if path.suffix.lower() in osm.SUFFIXES:
        return osm.LAYER
    with reading(path, _CUT_SHORT, how="cannot be opened as a geographical file", tell=False):
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        return next((name for name in names if "link" in name.lower()), names[0])


def matches(heading: Header, registry: Mapping[str, Dataset] | None = None) -> list[tuple[Dataset, Layout]]:
    """Return every data set of a registry a file with this heading can supply, with the first layout it follows."""
    found = []
    for dataset in (registry or datasets()).values():
        layout = next((layout for layout in dataset.layouts if heading.fits(layout)), None)
        if layout:
            found.append((dataset, layout))
    return found


def barred(heading: Header, registry: Mapping[str, Dataset] | None = None) -> str:
    """Return the column for which a file that has all others of a layout is not taken for it, else an empty text."""
    layouts = [layout for dataset in (registry or datasets()).values() for layout in dataset.layouts if layout.without]
    open_ones = [layout for layout in layouts if heading.fits(replace(layout, without=()))]
    return next((name for layout in open_ones for name in layout.without if name in heading.columns), "")


def near_misses(
    heading: Header, registry: Mapping[str, Dataset] | None = None
) -> list[tuple[Dataset, Layout, list[str]]]:
    """Return the layouts of which this heading has two thirds of the columns and lacks some, with what it lacks."""
    found = []
    for dataset in (registry or datasets()).values():
        for layout in dataset.layouts:
            wanted = list(layout.columns.values())
            missing = [name for name in wanted if name not in heading.columns]
            present = len(wanted) - len(missing)
            # the first column says what a row is: without it the file is something else
            if layout.kind == heading.kind and missing and wanted[0] not in missing and present >= 2 * len(missing):
                found.append((dataset, layout, missing))
    return sorted(found, key=lambda miss: len(miss[2]))

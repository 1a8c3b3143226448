"""Every kind of file the project reads: a sound one, where it lies, and what reads it."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from torture import county, forms
from torture.forms import Form
from torture.mutators import Table


@dataclass(frozen=True)
class Loaded:
    """What a loader made of a file: a checksum in which the order of rows does not count, rows, and what it said."""

    digest: str
    rows: int
    said: str = ""
    used: bool = True  # False = set aside, and told so


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    `place` is its folder in the project's folder and its name; `data` a sound file; `table` and `form` what it is made
    of, where it is a table; `beside` the other files there. `command` are the words of the command that reads it too.
    """

    name: str
    place: str
    data: bytes
    load: Callable[[Path], Loaded]
    table: Table | None = None
    form: Form | None = None
    beside: dict[str, bytes] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    secret: frozenset[str] = frozenset()

    def put(self, home: Path, data: bytes) -> Path:
        """Write the file and those beside it, and return its path."""
        path = home / self.place
        path.parent.mkdir(parents=True, exist_ok=True)
        for name, other in self.beside.items():
            (path.parent / name).write_bytes(other)
        path.write_bytes(data)
        return path


def digest(frames: Iterable[pd.DataFrame]) -> tuple[str, int]:
    """Return a checksum of frames, whatever the order of their rows, and the number of rows."""
    mark, rows = hashlib.sha256(), 0
    for frame in frames:
        plain = pd.DataFrame({name: _texts(frame[name]) for name in sorted(map(str, frame.columns))})
        lines = sorted("\t".join(row) for row in plain.itertuples(index=False, name=None))
        mark.update("\n".join([*plain.columns, *lines, ""]).encode("utf-8", "surrogatepass"))
        rows += len(frame)
    return mark.hexdigest(), rows


def _texts(column: pd.Series) -> list[str]:
    if column.dtype == "geometry":
        return [str(text) for text in column.to_wkb(hex=True)]
    return [str(text) for text in column.tolist()]


def imported(base: Any, dataset: str) -> Callable[[Path], Loaded]:
    """Return what imports the folder of a file into a store, and tells of one data set."""

    def load(path: Path) -> Loaded:
        from cfwlib.data.importer import read_folder

        store, outcomes = read_folder(path.parent, county.CODE, into=base)
        mark, rows = digest([store.frames[dataset]])
        said = "\n".join(f"{one.file} {one.why}" for one in outcomes)
        return Loaded(mark, rows, said, any(one.used for one in outcomes))

    return load


def sound_store(folder: Path, files: dict[str, bytes]) -> Any:
    """Return the store of the small county."""
    from cfwlib.data.importer import read_folder

    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return read_folder(folder, county.CODE)


def import_kinds(base: Any, outcomes: Sequence[Any], files: dict[str, bytes]) -> list[Kind]:
    """Return the kinds that `cfw data import` reads: the publishers' files, and each packing of some of them."""
    command = ("data", "import", "{folder}", "--area", county.AREA)
    of_file = {one.file: one.dataset for one in outcomes if one.used}

    def kind(file: str, data: bytes, dataset: str, table: Table | None, form: Form | None, **more: Any) -> Kind:
        folder = file.replace(".", "-")
        return Kind(file, f"in/{folder}/{file}", data, imported(base, dataset), table, form, command=command, **more)

    made = []
    for file, dataset in sorted(of_file.items()):
        if file.endswith(".geojson"):
            table, rest = forms.features(files[file])
            form = Form(forms.as_geojson(rest), text=True)
        else:
            table, form = forms.parse(files[file]), Form(forms.as_csv, text=True)
        made.append(kind(file, form.pack(table), dataset, table, form))
    cars, roads = "census2021-ts045-lsoa.csv", "road_link.geojson"
    table, dataset = forms.parse(files[cars]), of_file[cars]
    packings = {"cars.csv.gz": forms.as_gzip, "cars.zip": forms.as_zip("cars.csv"), "cars.parquet": forms.as_parquet,
                "cars.xlsx": forms.as_workbook("cars")}  # fmt: skip
    made += [kind(name, pack(table), dataset, table, Form(pack)) for name, pack in packings.items()]
    table, rest = forms.features(files[roads])
    table = [[name[:10] for name in table[0]], *table[1:]]
    layer = forms.as_layer(".gpkg", rest)
    made.append(kind("road_link.gpkg", layer(forms.features(files[roads])[0]), of_file[roads],
                     forms.features(files[roads])[0], Form(layer)))  # fmt: skip
    made += _shapefile(kind, *forms.features(files["LSOA_2021_Boundaries.geojson"]), of_file)
    made.append(kind("roads.osm", _osm(), of_file[roads], None, Form(forms.as_csv, text=True)))
    return made


def _shapefile(kind: Callable[..., Kind], table: Table, rest: dict[str, Any], of_file: dict[str, str]) -> list[Kind]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(forms.as_layer(".shp", rest)(table))) as packed:
        parts = {f"LSOA_2021{Path(name).suffix}": packed.read(name) for name in packed.namelist()}
    made = []
    for name, data in parts.items():
        beside = {other: rest for other, rest in parts.items() if other != name}
        made.append(kind(name, data, of_file["LSOA_2021_Boundaries.geojson"], None, None, beside=beside))
    return made


def _osm() -> bytes:
    nodes = "".join(f'<node id="{n}" lat="{54.89 + n / 1000:.4f}" lon="-2.9400"/>' for n in range(1, 30))
    refs = [f'<nd ref="{n}"/><nd ref="{n + 1}"/><nd ref="{n + 2}"/>' for n in range(1, 28, 2)]
    tags = '<tag k="highway" v="residential"/><tag k="maxspeed" v="30 mph"/><tag k="name" v="High Street"/>'
    ways = "".join(f'<way id="{n}">{text}{tags}</way>' for n, text in enumerate(refs, 1))
    return f'<?xml version="1.0"?>\n<osm version="0.6">{nodes}{ways}</osm>\n'.encode()


def own_layout(base: Any) -> Kind:
    """Return the kind of a user's own layouts, which a file of libraries needs to be read."""
    table = [["Where", "Of", "Shut", "E", "N"]]
    table += [[f"Library {n}", "Cumberland", "", str(340000 + n), str(555900 + n)] for n in range(8)]
    text = '[[libraries.layouts]]\nname = "Our libraries"\n'
    text += 'columns = { name = "Where", authority_name = "Of", closed = "Shut", easting = "E", northing = "N" }\n'
    text += 'blanks = ["closed"]\nlicence = "OGL-3.0"\n'

    def load(path: Path) -> Loaded:
        from cfwlib.data.importer import read_folder

        store, outcomes = read_folder(path.parent, county.CODE, into=base, layouts=path)
        mark, rows = digest([store.frames["libraries"]])
        return Loaded(mark, rows, "\n".join(one.why for one in outcomes), any(one.used for one in outcomes))

    words = ("data", "import", "{folder}", "--area", county.AREA, "--layouts", "{file}")
    return Kind("layouts.toml", "in/own/layouts.toml", text.encode(), load, None, Form(forms.as_csv, text=True),
                {"ours.csv": forms.as_csv(table)}, words)  # fmt: skip


def told(value: Any) -> str:
    """Return a value as text that is the same for equal values."""
    return json.dumps(value, sort_keys=True, default=str)


def of(value: Any, said: str = "") -> Loaded:
    """Return what a loader made of a file that is no table."""
    text = told(value)
    return Loaded(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), text.count("{") or 1, said)

"""Where a setting's value comes from: one order, the same in JupyterLab, under papermill and in `cfw run`."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cfwlib.areas import AREA_NAME, WHERE, project_root, read_area
from cfwlib.errors import CfwError, SettingsError
from cfwlib.reading import is_file, parse_toml, read_text
from cfwlib.settings.analysis import (
    AccessSettings,
    NeedSettings,
    ReachSettings,
    RoadSettings,
    RuralSettings,
    SiteSettings,
)
from cfwlib.settings.base import AreaSettings, DataSettings
from cfwlib.settings.help import COMMAND, DATED, no_setting
from cfwlib.settings.homes import HomesSettings
from cfwlib.settings.hub import CalendarSettings, HubSettings, VenueSettings

_Layer = tuple[str, Mapping[str, Any]]  # where values come from, and the values by name

OWN = ("area", "data", "out")  # chosen in the parameters cell or by --area, --data and --out, never in a file
PLANNED = "CFW_PLANNED"  # variable of a run's kernels: the settings as they were planned, by name
CELL, PAPERMILL, CHOSEN = "notebook's cell", "papermill", "chosen for this run"

PARTS: tuple[type[BaseModel], ...] = (
    DataSettings, NeedSettings, ReachSettings, HubSettings, VenueSettings, CalendarSettings, SiteSettings,
    AccessSettings, HomesSettings,
)  # fmt: skip
USES: dict[str, tuple[type[BaseModel], ...]] = {  # notebook -> what it reads; one that is not here may read everything
    "00_data_check": (AreaSettings,),
    "01_need": (AreaSettings, NeedSettings),
    "02_reach": (DataSettings, NeedSettings, ReachSettings, AccessSettings),
    "03_mobile_hub": (DataSettings, NeedSettings, ReachSettings, HubSettings, VenueSettings, CalendarSettings),
    "04_hub_access": (DataSettings, NeedSettings, ReachSettings, HubSettings, VenueSettings, AccessSettings),
    "05_next_fixed_site": (AreaSettings, NeedSettings, RuralSettings, SiteSettings),
    "06_homes": (AreaSettings, RoadSettings, HomesSettings),
}


def used(notebook: str) -> dict[str, FieldInfo]:
    """Return the settings that a notebook uses, by name; all of them for a notebook that is not in `USES`."""
    return {name: field for part in USES.get(notebook, PARTS) for name, field in part.model_fields.items()}


def lines_of(source: str) -> list[ast.stmt]:
    """Return the outermost lines of a cell; none where it is no Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def assigned(lines: Sequence[ast.stmt], *, typed: bool = False) -> dict[str, ast.expr]:
    """Return what lines give to names, the last where there are several; `typed`: only those with their type beside."""
    pairs = list[tuple[ast.expr, ast.expr]]()
    for line in lines:
        if isinstance(line, ast.AnnAssign) and line.value:
            pairs.append((line.target, line.value))
        elif isinstance(line, ast.Assign) and not typed:
            pairs += [(target, line.value) for target in line.targets]
    return {target.id: value for target, value in pairs if isinstance(target, ast.Name)}


def cell_values(namespace: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return what the parameters cell says, and which names papermill has given in a cell of its own.

    The parameters cell writes settings with their types: the newest that so writes `area`, and where it was split, what
    follows; one without types is known by `area`, `data` and `more`. Papermill's is headed `# Parameters`, and has no
    types.

    Parameters
    ----------
    namespace
        `globals()` of a notebook: its `In` holds the cells that were run. Where none of them is a parameters cell,
        every name of a setting counts.

    Raises
    ------
    SettingsError
        When a cell has overwritten what papermill gave.
    """
    known, own, given, lost = {*used(""), "more"}, set[str](), set[str](), set[str]()
    for lines, text in ((lines_of(text), text) for text in namespace.get("In", ())):
        names, typed = assigned(lines).keys(), assigned(lines, typed=True).keys()
        if text.partition("\n")[0] == "# Parameters" and not typed:
            given, lost = given | names, lost - names
            continue
        lost |= given & names
        if typed & known or {"area", "data", "more"} <= names:
            own = set(names) if "area" in typed else own | names
    if lost:
        told = "given by papermill, and overwritten by a later cell. Leave one parameters cell, tagged parameters."
        raise SettingsError(f"{', '.join(sorted(lost))}: {told}")
    return {name: namespace[name] for name in given | (own or known) if name in namespace}, given


def read_scenario(path: Path) -> dict[str, Any]:
    """Return a scenario file: values by name, at its top or in `[parameters]`, and `[notebooks.<name>]`.

    Raises
    ------
    SettingsError
        When it cannot be read, or has another form.
    """
    if path.suffix.lower() != ".toml":
        raise SettingsError(f"-f {path}: is no TOML file. Give one that is, with the ending .toml.")
    if not is_file(path):
        raise SettingsError(f"-f {path.name}: there is no such file. Check the path.")
    content = parse_toml(read_text(path, raises=SettingsError), path.name, raises=SettingsError)
    parameters, notebooks = content.pop("parameters", {}), content.pop("notebooks", {})
    tables = [parameters, notebooks, *(notebooks.values() if isinstance(notebooks, dict) else ())]
    if not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{path.name}: write [parameters] and [notebooks.<name>] as tables.")
    if not (content or parameters or any(notebooks.values())):
        raise SettingsError(f"-f {path.name}: sets nothing. Write name = value into it, or leave it out.")
    return {"parameters": {**content, **parameters}, "notebooks": notebooks}


def settle(
    notebook: str, cell: Mapping[str, Any], *, given: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """Return the value of every setting that a notebook uses, where those come from that somebody has given, and what
    is wrong with the names; the values are not checked here.

    Weakest first: the field's default; the area file's `[parameters]`, then its `[notebooks.<name>]`; the notebook's
    cell where it differs from the default, then its `more`; what papermill is given by name; the scenario files; the
    command line. `cfw run` hands the last two on inside `more`, each as a table under a file's name or `command line`.

    Parameters
    ----------
    notebook
        Its name, such as `02_reach`.
    cell
        Names and values of its parameters cell, with `area`, `data`, `out` and `more`.
    given
        Names that count even where their value is the default.

    Raises
    ------
    SettingsError
        When the area file or `more` cannot be read.
    """
    fields = used(notebook)
    default = {name: field.get_default() for name, field in fields.items()}
    area = str(cell.get("area", default["area"]))
    content, more = read_area(area), more_of(cell)
    tables = {name: value for name, value in more.items() if isinstance(value, dict) and _is_origin(name)}
    knobs = {name: value for name, value in cell.items() if name not in {*OWN, "more"}}
    layers = [
        *file_layers(f"{area}.toml", content, notebook),
        (CELL, {name: value for name, value in knobs.items() if name not in given and value != default.get(name, ...)}),
        (f"{CELL}, more", {name: value for name, value in more.items() if name not in tables}),
        (PAPERMILL, {name: value for name, value in knobs.items() if name in given}),
        *tables.items(),
    ]
    problems = [*no_notebooks(f"{area}.toml", content.get("notebooks", {})), *unknown(layers, notebook)]
    chosen = {name: cell[name] for name in OWN if name in cell}
    base = default if notebook in USES else {name: value for name, value in default.items() if name in {*cell, *OWN}}
    values = {**base, **chosen}
    origins = {name: CHOSEN for name in ("area", "data") if chosen.get(name, default[name]) != default[name]}
    for origin, layer in layers:
        known = {name: value for name, value in layer.items() if name in default and name not in OWN}
        values |= {n: None if default[n] is None and v in ("none", "None") else v for n, v in known.items()}
        origins |= dict.fromkeys(known, origin)
    return values, origins, problems


def area_values(area: str) -> dict[str, Any]:
    """Return `[parameters]` of an area file; nothing where there is no project or no such file.

    Raises
    ------
    SettingsError
        When the file is there and cannot be read.
    """
    try:
        there = re.fullmatch(AREA_NAME, area) and is_file(project_root() / "notebooks" / "areas" / f"{area}.toml")
    except SettingsError:  # no project: the settings are those of the values alone
        return {}
    return dict(read_area(area).get("parameters", {})) if there else {}


def more_of(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of what a parameters cell says under `more`.

    Raises
    ------
    SettingsError
        When that is not names and values.
    """
    more = cell.get("more", {})
    if isinstance(more, dict) and all(isinstance(name, str) for name in more):
        return dict(more)
    raise SettingsError(f"{CELL}: more = {more!r:.80}. Write names and values, as in more = {{'seed': 2}}.")


def _is_origin(name: str) -> bool:
    return name in (COMMAND, DATED) or name.lower().endswith(".toml")


def file_layers(name: str, content: Mapping[str, Any], notebook: str) -> list[_Layer]:
    """Return what an area or scenario file says to a notebook, the weaker first, each under what it may be called.

    Settings of other notebooks are left out of `[parameters]`; names that are no settings are not.

    Parameters
    ----------
    name
        The file's name.
    content
        Its `parameters` and `notebooks`.
    notebook
        The notebook's name.
    """
    others = used("").keys() - used(notebook).keys()
    everywhere = {key: value for key, value in content.get("parameters", {}).items() if key not in others}
    own = content.get("notebooks", {}).get(notebook, {})
    layers = ((name, everywhere), (f"{name} [notebooks.{notebook}]", own))
    return [(told, {key: str(v) if isinstance(v, date) else v for key, v in said.items()}) for told, said in layers]


def asks_as(code: str) -> str:
    """Return the name under which code, or the file of a notebook, asks for settings; empty where it does not."""
    return next(iter(re.findall(r"""\bfrom_cell\(\s*globals\(\),\s*\\?["']([^"'\\]+)""", code)), "")


def _text(path: Path) -> str:
    """Return a notebook's text, empty where it cannot be read: a run says so of those it is to run."""
    with suppress(CfwError):
        return read_text(path)
    return ""


def no_notebooks(file: str, tables: Collection[str]) -> list[str]:
    """Return a sentence on each table of an area or scenario file that is of no notebook."""
    files = [path for path in (project_root() / "notebooks").glob("*.ipynb") if tables and is_file(path)]
    known = sorted({*USES, *(asks_as(_text(path)) for path in files)} - {""})
    listed = f"(known: {', '.join(known)})"
    return [f"{file}: [notebooks.{name}] is no notebook {listed}." for name in tables if name not in known]


def unknown(layers: Sequence[_Layer], notebook: str) -> Iterator[str]:
    """Yield a sentence on each name that a layer may not give; `notebook` as in `used`."""
    fields, everything = used(notebook), used("")
    for origin, name, value in [(origin, *pair) for origin, values in layers for pair in values.items()]:
        if name in OWN:
            yield f"{origin}: '{name}' is set in the parameters cell, or by --area, --data and --out. Take it out."
        elif name not in everything:
            told = f"[{name}] is read by nothing. {WHERE}" if isinstance(value, dict) else no_setting(name, everything)
            yield f"{origin}: {told}"
        elif name not in fields:
            yield f"{origin}: '{name}' is no setting of {notebook}. See cfw settings {notebook}."

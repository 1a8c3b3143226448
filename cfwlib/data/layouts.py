"""Read a user's own layouts: files that no publisher's layout fits, told column by column."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cfwlib.data.catalogue import SINGLE_YEARS, Dataset, Layout, datasets
from cfwlib.data.codes import did_you_mean
from cfwlib.data.road_files import ENDS, LENGTH_UNITS, SPEED_UNITS
from cfwlib.data.store import sha256_of
from cfwlib.errors import InputError
from cfwlib.reading import is_file, parse_toml, read_text

_ROAD_COLUMNS = {"class", "function", "primary", "number", "direction", "speed_limit", "length"}
_UNSTATED = Layout("", {}, publisher="not stated", licence="not stated: check before passing on")


_RoadClass = Literal["motorway", "primary", "a_road", "b_road", "minor", "narrow", ""]


class _Entry(BaseModel):
    """A layout as the user writes it, in the form of sources.toml."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    columns: dict[str, str] = {}
    kind: Literal["table", "lines", "polygons", "points", "osm"] = "table"
    blanks: list[str] = []
    keep: dict[str, list[str]] = {}
    road_class: list[tuple[re.Pattern[str], _RoadClass]] = []
    direction: list[tuple[re.Pattern[str], Literal["both", "forward", "backward"]]] = []
    units: dict[Literal["speed_limit", "length"], str] = {}
    ferries: bool = False
    publisher: str = ""
    licence: str = ""
    attribution: str = ""


def with_layouts(path: Path) -> dict[str, Dataset]:
    """Return the registry of data sets with the layouts of a file before its own.

    Parameters
    ----------
    path
        TOML: `[[<data set>.layouts]]` entries, as in `sources.toml`.

    Raises
    ------
    InputError
        Every problem of the file: unknown data sets, missing or unknown keys and columns, bad patterns.
    """
    if not is_file(path):
        raise InputError(f"{path.name}: there is no such file. Give the path of your layouts (TOML).")
    content = parse_toml(read_text(path), path.name)
    registry, problems = dict(datasets()), []
    mark = f"{path.name}, sha256 {sha256_of(path)[:12]}"
    for key, value in content.items():
        where = f"{path.name}, [[{key}.layouts]]"
        if key not in registry:
            hint = did_you_mean(key, registry)
            problems.append(f"{path.name}: data set '{key}' is unknown. {hint}See `cfw data list`.")
        elif not isinstance(value, dict) or set(value) != {"layouts"} or not isinstance(value["layouts"], list):
            problems.append(f"{where}: give layouts only, each under its own [[{key}.layouts]].")
        else:
            own = []
            for number, raw in enumerate(value["layouts"], start=1):
                layout, wrong = _layout(raw, registry[key], mark)
                problems += [f"{where} {number}: {sentence}" for sentence in wrong]
                own += [layout] if layout else []
            registry[key] = replace(registry[key], layouts=[*own, *registry[key].layouts])
    if not content:
        problems.append(f"{path.name}: has no layout. Begin with [[roads.layouts]], or another data set's name.")
    if problems:
        raise InputError(problems)
    return registry


def _layout(raw: Mapping[str, Any], dataset: Dataset, mark: str) -> tuple[Layout | None, list[str]]:
    try:
        entry = _Entry.model_validate(raw)
    except ValidationError as error:
        return None, [_explain(item) for item in error.errors()]
    problems = _column_problems(entry, dataset) + (_road_problems(entry) if dataset.geography == "line" else [])
    columns, base = dict(entry.columns), _UNSTATED
    if entry.kind == "osm" and not problems:  # the licence of OpenStreetMap holds whoever reads it
        base = next(layout for layout in dataset.layouts if layout.kind == "osm")
        columns = dict(base.columns)
    if dataset.single_years:
        columns = {f"age_{age.rstrip('+')}": age for age in SINGLE_YEARS} | columns
    whose = {name: getattr(entry, name) or getattr(base, name) for name in ("publisher", "licence", "attribution")}
    whose["attribution"] = whose["attribution"] or f"Source: {entry.name}"
    given = entry.model_dump(mode="json") | whose | {"name": f"{entry.name} ({mark})", "columns": columns}
    return Layout(**given, own=True), problems


def _column_problems(entry: _Entry, dataset: Dataset) -> list[str]:
    roads = dataset.geography == "line"
    built_in = [layout for layout in dataset.layouts if not layout.own]
    known = {name for layout in built_in for name in (*layout.columns, *layout.optional)}
    known |= _ROAD_COLUMNS | set(ENDS) if roads else set()
    wanted = {"class"} if roads else set.intersection(*(set(layout.columns) for layout in built_in))
    wanted -= set(dataset.may_lack)
    kinds = {layout.kind for layout in dataset.layouts} | ({"table"} if roads else set())
    if entry.kind not in kinds:
        return [f"kind '{entry.kind}' cannot be {dataset.id}. Give {' or '.join(sorted(kinds))}."]
    if entry.kind == "osm":
        return ["columns: leave them out; the tags of OpenStreetMap are known."] if entry.columns else []
    problems = []
    for name in sorted(wanted - set(entry.columns)):
        if not (dataset.single_years and name.startswith("age_")):
            problems.append(f"columns lacks '{name}'. Add {name} = \"<the column of the file>\".")
    for name in sorted(set(entry.columns) - known):
        problems.append(f"columns: '{name}' is no column of {dataset.id}. {did_you_mean(name, known)}".strip())
    problems += [f"keep: '{name}' is not among columns." for name in sorted(set(entry.keep) - set(entry.columns))]
    return problems


def _road_problems(entry: _Entry) -> list[str]:
    if entry.kind == "osm":
        return []
    problems = []
    if not entry.road_class:
        problems.append('road_class is missing. Give patterns with their class, such as [["^A", "a_road"]].')
    if ("direction" in entry.columns) != bool(entry.direction):
        problems.append("direction needs both: a column in columns, and patterns in direction = [...].")
    lacking = [name for name in ENDS if name not in entry.columns]
    if entry.kind == "table" and lacking:
        problems.append(f"a table of links needs both ends of each: columns lacks {', '.join(lacking)}.")
    for name, units in (("speed_limit", SPEED_UNITS), ("length", LENGTH_UNITS)):
        given = entry.units.get(name, "" if name == "speed_limit" else "m")  # type: ignore[call-overload]
        if name in entry.columns and given not in units:
            problems.append(f"units: {name} must be in {' or '.join(units)}, not '{given}'.")
    return problems


def _explain(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "missing":
        return f"'{where}' is missing."
    if item["type"] == "extra_forbidden":
        return f"'{where}' is not known here."
    return f"'{where}' {item['msg'][0].lower()}{item['msg'][1:]} (it is {str(item['input'])[:40]!r})."

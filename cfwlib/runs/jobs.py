"""What is to be run: notebooks with their parameters, all checked before anything starts."""

import difflib
import functools
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cfwlib.areas import project_root, read_area
from cfwlib.errors import SettingsError, os_words
from cfwlib.reading import reading
from cfwlib.settings import Settings

_RUN_ONLY = {"area", "data", "out"}  # set by the run itself


@dataclass(frozen=True)
class Job:
    """One notebook to execute: where it is, its title and the value of each of its parameters.

    `makes` are the files it leaves in the run's folder; `after` are the notebooks of the run whose files it takes up.
    `pinned` is the content of the store that the run began with, by its folder: no other is read.
    """

    name: str
    path: Path
    title: str
    parameters: Mapping[str, Any]
    folder: Path
    makes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)


def find_notebooks(names: Sequence[str]) -> list[Path]:
    """Return the notebooks asked for by name or number ("03" is enough), or all of them, in order.

    Raises
    ------
    SettingsError
        For every name that fits no notebook, or more than one.
    """
    folder = project_root() / "notebooks"
    known = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if not known:
        raise SettingsError(
            "there is no notebook in notebooks/. Run cfw inside the project's folder, or set CFW_HOME to it."
        )
    if not names:
        return known
    chosen, problems = [], []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        fitting = [path for path in known if path.stem == stem] or [
            path for path in known if path.stem.startswith(stem)
        ]
        if len(fitting) == 1:
            chosen += fitting
        else:
            listed = ", ".join(path.stem for path in known)
            problems.append(
                f"notebook '{name}': {'no such notebook' if not fitting else 'fits several'} (known: {listed})."
            )
    if problems:
        raise SettingsError(problems)
    return sorted(set(chosen))


def plan_jobs(names: Sequence[str], *, area: str, data: str, parameters: Mapping[str, str], folder: Path) -> list[Job]:
    """Return the jobs of a run, after checking every parameter of every notebook.

    A notebook's values come, weakest first, from its own cell, the area file's `[parameters]`, the area file's
    `[notebooks.<name>]`, and `parameters`.

    Parameters
    ----------
    names
        Notebooks by name or number; none = all.
    area, data
        Area file's name, and `sample` or `store`.
    parameters
        Values given for this run, as text.
    folder
        Folder of the run.

    Raises
    ------
    SettingsError
        Every unknown name, wrong type and out-of-range value, of all notebooks at once.
    """
    paths, content = find_notebooks(names), read_area(area)
    declared = {path.stem: declared_parameters(path) for path in paths}
    problems = _unknown(parameters, declared, content, area)
    jobs = []
    for path in paths:
        own = content.get("notebooks", {}).get(path.stem, {})
        given = {**content.get("parameters", {}), **own, **{key: _value(key, text) for key, text in parameters.items()}}
        wanted = {
            key: value for key, value in given.items() if key in declared[path.stem] and key in Settings.model_fields
        }
        wanted |= {"area": area, "data": data, "out": str(folder)}
        try:
            checked = Settings.read(**wanted)
        except SettingsError as error:
            problems += error.problems
            continue
        values = {key: getattr(checked, key) for key in declared[path.stem] if key in Settings.model_fields}
        makes = tuple(re.findall(r"""\breport\.file\(\s*["']([^"']+)""", notebook_source(path)))
        jobs.append(Job(path.stem, path, notebook_title(path), values, folder, makes))
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return [replace(job, after=_after(job, jobs[:place])) for place, job in enumerate(jobs)]


def _after(job: Job, earlier: Sequence[Job]) -> tuple[str, ...]:
    """The notebooks of the run that make a file this one asks for with `report.earlier`."""
    wanted = set(re.findall(r"""\.earlier\(\s*["']([^"']+)""", notebook_source(job.path)))
    return tuple(other.name for other in earlier if wanted & set(other.makes))


@functools.cache
def declared_parameters(path: Path) -> dict[str, str]:
    """Return the names and default texts in a notebook's parameters cell, as papermill reads them."""
    import papermill  # here, not above: it takes a second, and `cfw data` has no use for it

    _cells(path)
    remedy, how = "Take it from the project again.", "is not a notebook, or is damaged"
    with reading(f"notebooks/{path.name}", remedy, how=how, tell=False, raises=SettingsError):
        found = papermill.inspect_notebook(plain_path(path))
    return {name: str(entry["default"]) for name, entry in found.items()}


def plain_path(path: Path) -> str:
    """Return a path so that papermill, which fills in what stands in braces, takes it as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def notebook_source(path: Path) -> str:
    """Return the code of a notebook, cell after cell, without outputs."""
    return "\n\n".join(text for kind, text in _cells(path) if kind == "code")


def notebook_title(path: Path) -> str:
    """Return a notebook's question: its first heading."""
    lines = [line for kind, text in _cells(path) if kind == "markdown" for line in text.splitlines()]
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), path.stem)


def _cells(path: Path) -> list[tuple[str, str]]:
    """Kind and text of each cell."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [(str(cell["cell_type"]), "".join(cell["source"])) for cell in cells]
    except OSError as error:
        raise SettingsError(f"notebooks/{os_words(error)}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SettingsError(
            f"notebooks/{path.name}: is not a notebook, or is damaged. Take it from the project again."
        ) from None


def _unknown(
    parameters: Mapping[str, str], declared: Mapping[str, Mapping[str, str]], content: Mapping[str, Any], area: str
) -> list[str]:
    everything = {name for names in declared.values() for name in names}
    known = {path.stem: declared_parameters(path) for path in find_notebooks([])}
    everywhere, problems = {name for names in known.values() for name in names}, []
    for name in parameters:
        if name in _RUN_ONLY:
            problems.append(f"parameter '{name}' is set by cfw run itself: use --area, --data or --out.")
        elif name not in everything:
            close = difflib.get_close_matches(name, everything, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else f" Known: {', '.join(sorted(everything - _RUN_ONLY))}."
            problems.append(f"parameter '{name}' is in none of the chosen notebooks.{hint}")
    for name in content.get("parameters", {}):
        if name not in everywhere:
            problems.append(f"{area}.toml: [parameters] '{name}' is a parameter of no notebook.")
    for notebook, values in content.get("notebooks", {}).items():
        if notebook not in known:
            problems.append(f"{area}.toml: [notebooks.{notebook}] is no notebook (known: {', '.join(sorted(known))}).")
        for name in values:
            if notebook in declared and name not in declared[notebook]:
                problems.append(f"{area}.toml: [notebooks.{notebook}] '{name}' is not a parameter of that notebook.")
    return problems


def _value(name: str, text: str) -> Any:
    """Read a value given as text: as text where the parameter is text, else as a TOML number or truth value."""
    entry = Settings.model_fields.get(name)
    if entry is None or entry.annotation is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # not TOML, or thousands of digits or brackets
        return text

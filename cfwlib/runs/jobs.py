"""What is to be run: notebooks with their parameters, all checked before anything starts."""

import ast
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat

from cfwlib.areas import project_root
from cfwlib.errors import SettingsError, os_words
from cfwlib.reading import reading
from cfwlib.settings import Settings, order
from cfwlib.settings.help import COMMAND, no_setting


@dataclass(frozen=True)
class Job:
    """One notebook to execute: where it is, its title and the value of each setting it uses.

    `origins` tells where those come from that somebody has given; `more` is what papermill is given under that name.
    `makes` are the files it leaves in the run's folder;
    `after` are the notebooks of the run whose files it takes up. `pinned` is the content of the store that the run
    began with, by its folder: no other is read.
    """

    name: str
    path: Path
    title: str
    parameters: Mapping[str, Any]
    folder: Path
    origins: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    makes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)

    @property
    def injected(self) -> dict[str, Any]:
        """Return what papermill writes below the notebook's parameters cell."""
        more = json.loads(json.dumps(dict(self.more), default=list))  # papermill would write a tuple as text
        return {name: self.parameters[name] for name in order.OWN if name in self.parameters} | {"more": more}


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
        named = [path for path in known if path.stem.startswith(stem)]
        fitting = [path for path in named if path.stem == stem] or named
        chosen += fitting
        if len(fitting) != 1:
            why, listed = "fits several" if fitting else "no such notebook", ", ".join(path.stem for path in known)
            problems.append(f"notebook '{name}': {why} (known: {listed}).")
    if problems:
        raise SettingsError(problems)
    return sorted(set(chosen))


def plan_jobs(
    names: Sequence[str], *, area: str, data: str, parameters: Mapping[str, str], folder: Path,
    scenarios: Sequence[Path] = (),
) -> list[Job]:  # fmt: skip
    """Return the jobs of a run, after checking every setting of every notebook.

    Each notebook decides its settings itself, by `Settings.from_cell`; here the same is done beforehand.

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
    scenarios
        Scenario files, the weaker first.

    Raises
    ------
    SettingsError
        Every unknown name, wrong type and out-of-range value, of all notebooks at once.
    """
    paths = find_notebooks(names)
    asked = {path: settings_name(path) for path in paths}
    fields = {path: set(order.used(name)) if name else set(order.OWN) for path, name in asked.items()}
    problems, jobs = list(_unknown(parameters, set().union(*fields.values()))), list[Job]()
    said = {path.name: order.read_scenario(path) for path in scenarios}
    if len({f"{area}.toml", *said}) <= len(scenarios):
        problems.append("-f: two files, or one and the area file, have one name. Rename one: pages tell them by it.")
    problems += [
        problem for name, content in said.items() for problem in order.no_notebooks(name, content["notebooks"])
    ]
    unheard = set(said)
    for path, name in asked.items():
        cell = declared_parameters(path) if name else {}
        try:
            more = order.more_of(cell)
            for file, content in said.items() if name else ():
                more[file] = {k: v for _, layer in order.file_layers("", content, name) for k, v in layer.items()}
            unheard -= {file for file in unheard if more.get(file)}
            if values := {k: _value(k, text) for k, text in parameters.items() if k in fields[path] - set(order.OWN)}:
                more[COMMAND] = values
            settings = Settings.settled(name, {**cell, "area": area, "data": data, "out": str(folder), "more": more})
        except SettingsError as error:
            problems += error.problems
            continue
        values = settings.model_dump(mode="json", include=fields[path] & settings.model_fields_set)
        makes = tuple(re.findall(r"""\breport\.file\(\s*["']([^"']+)""", notebook_source(path)))
        jobs.append(Job(path.stem, path, notebook_title(path), values, folder, settings.origins, more, makes))
    problems += [f"-f {file}: none of the chosen notebooks uses what it sets." for file in sorted(unheard)]
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return [replace(job, after=_after(job, jobs[:place])) for place, job in enumerate(jobs)]


def _after(job: Job, earlier: Sequence[Job]) -> tuple[str, ...]:
    """The notebooks of the run that make a file this one asks for with `report.earlier`."""
    wanted = set(re.findall(r"""\.earlier\(\s*["']([^"']+)""", notebook_source(job.path)))
    return tuple(other.name for other in earlier if wanted & set(other.makes))


def settings_name(path: Path) -> str:
    """Return the name under which a notebook asks for its settings; empty where it asks for none."""
    return order.asks_as(notebook_source(path))


def declared_parameters(path: Path) -> dict[str, Any]:
    """Return the names and values in a notebook's parameters cell.

    Raises
    ------
    SettingsError
        When the notebook is damaged, no cell or more than one is tagged, or that holds more than plain values.
    """
    with reading(f"notebooks/{path.name}", "Take it from the project again.", how="is not a notebook, or is damaged",
                 tell=False, raises=SettingsError):  # fmt: skip
        nbformat.read(path, as_version=4)  # as papermill will
    tagged = [order.lines_of(text) for kind, text in _cells(path) if kind == "parameters"]
    told = f"{len(tagged) or 'no'} cells are tagged parameters. Tag one: what a run gives is written below it."
    if len(tagged) == 1:
        told = "the parameters cell holds a value that is worked out, or more than lines of name = value. Write each "
        told += "name once, with plain text, numbers or lists."
        with suppress(ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            values = {name: ast.literal_eval(value) for name, value in order.assigned(tagged[0]).items()}
            if len(values) == len(tagged[0]):
                return values
    raise SettingsError(f"notebooks/{path.name}: {told}")


def plain_path(path: Path) -> str:
    """Return a path so that papermill, which fills in what stands in braces, takes it as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def notebook_source(path: Path) -> str:
    """Return the code of a notebook, cell after cell, without outputs."""
    return "\n\n".join(text for kind, text in _cells(path) if kind != "markdown")


def notebook_title(path: Path) -> str:
    """Return a notebook's question: its first heading."""
    lines = [line for kind, text in _cells(path) if kind == "markdown" for line in text.splitlines()]
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), path.stem)


def _cells(path: Path) -> list[tuple[str, str]]:
    """Kind and text of each cell: markdown, code, or parameters."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [(_kind(cell), "".join(cell["source"])) for cell in cells]
    except OSError as error:
        raise SettingsError(f"notebooks/{os_words(error)}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SettingsError(
            f"notebooks/{path.name}: is not a notebook, or is damaged. Take it from the project again."
        ) from None


def _kind(cell: Mapping[str, Any]) -> str:
    tagged = "parameters" in cell.get("metadata", {}).get("tags", [])
    return "parameters" if tagged else str(cell["cell_type"])


def _unknown(parameters: Mapping[str, str], fields: Collection[str]) -> Iterator[str]:
    for name in parameters:
        if name in order.OWN:
            yield f"parameter '{name}' is set by cfw run itself: use --area, --data or --out."
        elif name in order.used("") and name not in fields:
            yield f"-p {name}: none of the chosen notebooks uses it. Leave it out, or choose others."
        elif name not in fields:
            yield f"-p {name}: {no_setting(name, order.used(''))}"


def _value(name: str, text: str) -> Any:
    """Read a value given as text: as text where the parameter is text, else as a TOML number or truth value."""
    entry = Settings.model_fields.get(name)
    if entry is None or entry.annotation is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # not TOML, or thousands of digits or brackets
        return text

"""Files that a setting names, in the folder of data/ that is kept for their kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfwlib.areas import project_root
from cfwlib.errors import InputError
from cfwlib.reading import is_file, read_text

_UNTOLD = "returns"  # names in it may tell of children: no message repeats them
TEXTS = {  # setting that names a text which a study needs -> its folder of data/, and what to put there
    "decisions": ("decisions", "Put the file that the report's page downloaded there."),
    "baseline": ("decisions", "Put the timetable that is driven today there, as CSV (docs/timetable.md)."),
    "last_plan": ("decisions", "Put the plan.json of the run that is now on the road there."),
    "scenarios": ("scenarios", "Put it there."),
}


def named_path(setting: str, name: str, kind: str, remedy: str, *, folder: bool = False, file: bool = True) -> Path:
    """Return the path of what a setting names.

    Parameters
    ----------
    setting
        Name of the setting, for messages.
    name
        What it names.
    kind
        Folder of data/, such as `scenarios`.
    remedy
        What to put there, as a sentence.
    folder, file
        Whether it may be a folder, and a file.

    Raises
    ------
    InputError
        When it is not there; the message tells what is, but of returns.
    """
    home = project_root() / "data" / kind
    path = home / name
    if (file and is_file(path)) or (folder and path.is_dir()):
        return path
    what = " or ".join(["file"] * file + ["folder"] * folder)
    if kind == _UNTOLD:
        raise InputError(f"{setting}: there is no {what} of that name in data/{kind}. {remedy}")
    there = ", ".join(sorted(one.name for one in home.glob("[!.]*"))) or "none yet"
    raise InputError(f"{setting} '{name}': there is no such {what} in data/{kind} (there: {there}). {remedy}")


def read_named(settings: Any, setting: str) -> str:
    """Return the text of the file that one of `TEXTS` names, empty where it names none.

    Raises
    ------
    InputError
        When there is no such file, it is empty, or it is not text.
    """
    name = getattr(settings, setting, "")
    if not name:
        return ""
    text = read_text(named_path(setting, name, *TEXTS[setting]))
    if not text.strip():
        raise InputError(f"{setting} '{name}': the file is empty. Put another there, or name none.")
    return text


def read_all_named(settings: Any) -> dict[tuple[str, str], str]:
    """Return the texts of all files that the settings name, by setting and name, for `named_text`.

    Raises
    ------
    InputError
        As `read_named`, for all of them at once.
    """
    texts, problems = {}, []
    for setting in TEXTS:
        try:
            texts[setting, getattr(settings, setting, "")] = read_named(settings, setting)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return texts


def named_text(texts: Mapping[tuple[str, str], str], settings: Any, setting: str) -> str:
    """Return the text of what a setting names from those handed in, empty where it names none.

    Raises
    ------
    InputError
        When it names a file that was not handed in: nothing that is set may count for nothing.
    """
    name = getattr(settings, setting, "")
    if name and (setting, name) not in texts:
        raise InputError(f"{setting} '{name}': the area was loaded without it. Call load_area with these settings.")
    return texts.get((setting, name), "")

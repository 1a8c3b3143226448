"""Files that a setting names, in the folder of data/ that is kept for their kind."""

from pathlib import Path

from cfwlib.areas import project_root
from cfwlib.errors import InputError
from cfwlib.reading import is_file, read_text

_UNTOLD = "returns"  # names in it may tell of children: no message repeats them


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


def scenarios_text(name: str) -> str | None:
    """Return the text of a file of data/scenarios; None where none is named.

    Raises
    ------
    InputError
        When there is no such file, it is empty, or it is not text.
    """
    if not name:
        return None
    text = read_text(named_path("scenarios", name, "scenarios", "Put it there."))
    if not text.strip():
        raise InputError(f"scenarios '{name}': the file is empty. Write a scenario into it, or name none.")
    return text

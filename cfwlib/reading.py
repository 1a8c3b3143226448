"""Read what somebody else made: whatever is wrong with a file becomes one sentence with its name and a remedy."""

import contextlib
import importlib.resources
import json
import math
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from cfwlib.errors import CfwError, InputError

MOST_TEXT_BYTES = 64 << 20  # of a text that is read whole: settings, decisions, a plan, closures
AGAIN = "Download it again, or take it out of the folder."
_LARGEST = 2**63 - 1  # a whole number beyond it is no number of this project, and TOML has none
_LONGEST_REASON = 160
_LONE = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def reading(
    path: Path | str,
    remedy: str = AGAIN,
    *,
    how: str = "cannot be read",
    tell: bool = True,
    raises: type[CfwError] = InputError,
) -> Iterator[None]:
    """Turn whatever a parser raises on a file into one error that names the file; put nothing else inside.

    Parameters
    ----------
    path
        The file, or the name that a message gives it.
    remedy
        What to do about a file that is not sound, as sentences.
    how
        What is said of it, such as `is not JSON`.
    tell
        Give the parser's own words; never for a return, whose values they may repeat.
    raises
        The kind of error.

    Raises
    ------
    CfwError
        Of the kind asked for; one that is raised inside passes as it is.
    """
    name = path if isinstance(path, str) else path.name
    try:
        yield
    except CfwError:
        raise
    except Exception as error:  # the one place: parsers raise what they like on a damaged file
        why, better = _why(error, path, tell=tell)
        raise raises(f"{name}: {how}{why}. {better or remedy}") from None


def _why(error: Exception, path: Path | str, *, tell: bool) -> tuple[str, str]:
    """Why a file cannot be read, as part of a sentence; and the remedy where the file itself is not to blame."""
    match error:
        case FileNotFoundError():
            return " (it is not there any more)", "Put it back, and leave the folder alone while it is read."
        case PermissionError():
            return " (permission denied)", "Give yourself the right to read it, or take it out of the folder."
        case IsADirectoryError() | NotADirectoryError():
            return " (it is a folder)", "Give a file."
        case MemoryError():
            return " (it needs more memory than there is)", ""
        case RecursionError():
            return " (it is nested too deeply)", ""
        case UnicodeEncodeError():
            return " (its name is not in UTF-8)", "Give it another name."
        case UnicodeError():
            return " (it is not a text file in UTF-8)" if tell else "", ""
        case OSError(strerror=str(words)):
            return f" ({words.lower()})", ""
    words = " ".join(str(error).replace(str(path), Path(path).name).split())
    if len(words) > _LONGEST_REASON:
        words = words[:_LONGEST_REASON] + " ..."
    return (f" ({words or type(error).__name__})".replace(".)", ")") if tell else ""), ""


def is_file(path: Path) -> bool:
    """Tell whether a path is a file that can be read to its end: no folder, pipe, device, or link that leads nowhere.

    Other than `Path.is_file` it answers for every name, too long or with a NUL in it.
    """
    return os.path.isfile(path)


def files_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files of a folder and its sub-folders in order, and what is neither file nor folder (links, pipes).

    Raises
    ------
    InputError
        Naming every sub-folder that cannot be looked into.
    """
    closed: list[str] = []

    def note(error: OSError) -> None:
        name = Path(error.filename).name
        closed.append(f"{name}: this folder cannot be read ({(error.strerror or '').lower()}). Make it readable.")

    paths = [Path(top, name) for top, _, names in os.walk(folder, onerror=note) for name in names]
    if closed:
        raise InputError(closed)
    files = sorted(path for path in paths if is_file(path))
    return files, sorted(set(paths) - set(files))


def read_bytes(path: Path, *, most: int = MOST_TEXT_BYTES, raises: type[CfwError] = InputError) -> bytes:
    """Return the content of a small file.

    Raises
    ------
    CfwError
        When it is no file, cannot be read, or is larger than the most bytes.
    """
    with reading(path, raises=raises):
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise raises(f"{path.name}: is not a file. Give a file.")
        with path.open("rb") as file:
            content = file.read(most + 1)
    if len(content) > most:
        raise raises(f"{path.name}: is larger than {most >> 20} MB, which no such file is. Is it the right one?")
    return content


def read_text(path: Path, *, most: int = MOST_TEXT_BYTES, raises: type[CfwError] = InputError) -> str:
    """Return the text of a small file in UTF-8, with or without a byte-order mark.

    Raises
    ------
    CfwError
        When it cannot be read, is in another encoding (named, with the line), or is too large.
    """
    return decode(read_bytes(path, most=most, raises=raises), path.name, raises=raises)


def decode(content: bytes, name: str, *, raises: type[CfwError] = InputError) -> str:
    """Return text in UTF-8, with or without a byte-order mark.

    Parameters
    ----------
    content
        The file's bytes.
    name
        Its name, for messages.
    raises
        The kind of error.

    Raises
    ------
    CfwError
        When it is in another encoding or holds a NUL, with the line.
    """
    save = "Save it again as text in UTF-8."
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise raises(f"{name}: is UTF-16 text. {save}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise raises(f"{name}, line {line}: is not UTF-8 text (perhaps ANSI, Windows-1252). {save}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise raises(f"{name}, line {line}: holds a NUL, which no text does. Is it damaged? {save}")
    return text


def parse_json(
    text: str,
    name: str,
    remedy: str = "Give it as it was made.",
    *,
    how: str = "is not JSON",
    raises: type[CfwError] = InputError,
) -> Any:
    """Return what a JSON text holds.

    Parameters
    ----------
    text
        The file's content.
    name
        Its name, for messages.
    remedy
        What to do about a file that is not sound.
    how
        What is said of it.
    raises
        The kind of error.

    Raises
    ------
    CfwError
        When it is not JSON, is nested too deeply, or holds a number that is not finite or beyond 64 bits.
    """

    def no_number(words: str) -> NoReturn:
        raise ValueError(f"{words} is no number")

    with reading(name, remedy, how=how, raises=raises):
        content = json.loads(text.removeprefix("\ufeff"), parse_constant=no_number)
    _refuse_values(content, name, raises=raises)
    return content


def read_json(path: Path, remedy: str = "Give it as it was made.", *, name: str = "") -> Any:
    """Return what a JSON file holds.

    Parameters
    ----------
    path
        The file, in UTF-8.
    remedy
        As in `parse_json`.
    name
        What a message calls it; its file name where empty.

    Raises
    ------
    CfwError
        When it cannot be read, is not JSON, is nested too deeply, or holds a number that is not finite or too large.
    """
    name = name or path.name
    with reading(name, remedy):
        text = decode(path.read_bytes(), name)
    return parse_json(text, name, remedy)


def parse_toml(text: str, name: str, *, raises: type[CfwError] = InputError) -> dict[str, Any]:
    """Return what a TOML text holds.

    Parameters
    ----------
    text, name, raises
        As in `parse_json`.

    Raises
    ------
    CfwError
        When it is not valid TOML, is nested too deeply, or holds a number that is not finite or beyond 64 bits.
    """
    with reading(name, "Correct it.", how="is not valid TOML", raises=raises):
        content = tomllib.loads(text.removeprefix("\ufeff"))
    _refuse_values(content, name, raises=raises)
    return content


def own_toml(name: str) -> dict[str, Any]:
    """Return what a TOML file of the library itself holds, named by its place in cfwlib."""
    return parse_toml((importlib.resources.files("cfwlib") / name).read_text(encoding="utf-8"), name)


def _refuse_values(content: Any, name: str, *, raises: type[CfwError] = InputError) -> None:
    """Refuse what nothing later survives: numbers infinite, not a number or beyond 64 bits; text no file can hold."""
    waiting: list[tuple[str, Any]] = [("", content)]
    problems = []
    while waiting:
        where, value = waiting.pop()
        parts: Iterable[tuple[Any, Any]] = ()
        if isinstance(value, dict):
            parts = [*value.items(), *((str(key), key) for key in value)]
        elif isinstance(value, list):
            parts = enumerate(value, start=1)
        elif isinstance(value, str) and _LONE.search(value):
            problems.append(f"{name}, {where}: holds half a character (a lone surrogate). Correct it.")
        elif isinstance(value, float) and not math.isfinite(value):
            problems.append(f"{name}, {where}: {value} is not a finite number. Correct it.")
        elif isinstance(value, int) and abs(value) > _LARGEST:
            problems.append(f"{name}, {where}: a whole number of {value.bit_length()} bits is too large. Correct it.")
        waiting += [(f"{where}.{key}".lstrip("."), part) for key, part in parts]
    if problems:
        raise raises(sorted(problems)[:20])

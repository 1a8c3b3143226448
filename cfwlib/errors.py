"""The errors cfwlib raises: what is wrong, where, and what to do about it."""

import errno
import re
import traceback
from collections.abc import Sequence
from pathlib import Path

_REMEDIES = {
    errno.ENOSPC: "the disk is full. Free some space, then try again.",
    errno.EDQUOT: "the disk is full (quota). Free some space, then try again.",
    errno.EROFS: "it is read-only. Choose another folder, or have it made writable.",
    errno.EACCES: "permission denied. Let this account read and write it, or choose another folder.",
    errno.EPERM: "permission denied. Let this account read and write it, or choose another folder.",
    errno.ENOENT: "it is not there, or no longer. Check the name and the folder.",
    errno.ENOTDIR: "a file stands where a folder is needed. Choose another folder.",
    errno.EISDIR: "a folder stands where a file is needed. Take it away, or choose another folder.",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter folder.",
    errno.ENOMEM: "the memory is full. End other programs, then try again.",
    errno.EMFILE: "too many files are open. Run fewer notebooks at once (--jobs).",
    errno.EIO: "the disk fails. Check it, or choose another one.",
}

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 2000  # of a sentence: a value of 5,000 digits must not hide what is said of it


def printable(text: str) -> str:
    """Return a text fit for one line of any terminal or page: what a file's name or cell hides is shown as `\\x1b`."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class CfwError(Exception):
    """Something the user can put right; holds every problem found, not only the first.

    Parameters
    ----------
    problems
        One sentence per problem: what, where, what to do. A single string is one problem.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        told = [problems] if isinstance(problems, str) else list(problems)
        short = (one if len(one) <= _LONGEST else f"{one[: _LONGEST // 2]} ... {one[-_LONGEST // 2 :]}" for one in told)
        self.problems = [printable(one) for one in short]
        super().__init__("\n".join(self.problems))


class InputError(CfwError, ValueError):
    """A data file or frame that cannot be used as it is."""


class SettingsError(CfwError, ValueError):
    """A parameter that is unknown, of the wrong type, or out of range."""


class PlanError(CfwError, ValueError):
    """A mobile hub plan that cannot be made, or that breaks a rule."""


def refuse(problems: Sequence[str], kind: type[CfwError] = InputError) -> None:
    """Raise all that is wrong at once; do nothing where nothing is."""
    if problems:
        raise kind(problems)


def os_words(error: OSError, *, whole_path: bool = False) -> str:
    """Return what the machine refused as a sentence: the file, the reason, the remedy.

    Parameters
    ----------
    error
        As the system raised it.
    whole_path
        Whether the file is named with its folders: for the screen, not for a page that is sent to others.
    """
    named = error.filename if isinstance(error.filename, str | bytes) else ""
    path = named.decode(errors="replace") if isinstance(named, bytes) else named
    told = _REMEDIES.get(error.errno or 0, f"{error.strerror or type(error).__name__}. Check it, then try again.")
    where = (path if whole_path else Path(path).name) if path else ""
    return f"{where}: {told}" if where else told[:1].upper() + told[1:]


def fault_words(error: BaseException, *, whole_path: bool = False) -> str:
    """Return what went wrong as a sentence, for any error; never a value that an unexpected one may quote.

    Parameters
    ----------
    error
        As it was raised: what the user or the machine can cause is told with its remedy, anything else with its place.
    whole_path
        As in `os_words`.
    """
    if isinstance(error, CfwError):
        return str(error)
    if isinstance(error, OSError):
        return os_words(error, whole_path=whole_path)
    if isinstance(error, MemoryError):
        return "The memory is full. End other programs or run fewer notebooks at once (--jobs), then try again."
    if isinstance(error, RecursionError):
        return "A file is nested too deeply to be read. Check the file that was given last."
    if isinstance(error, UnicodeError):
        return "A file or a name holds bytes that are not text in UTF-8. Save or name it anew."
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "cfwlib" in Path(frame.filename).parts]
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"Unexpected {type(error).__name__}{place}. This is a fault of cfw: please report this line."

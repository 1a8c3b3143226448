"""The errors cfwlib raises: what is wrong, where, and what to do about it."""

import errno
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


class CfwError(Exception):
    """Something the user can put right; holds every problem found, not only the first.

    Parameters
    ----------
    problems
        One sentence per problem: what, where, what to do. A single string is one problem.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class InputError(CfwError, ValueError):
    """A data file or frame that cannot be used as it is."""


class SettingsError(CfwError, ValueError):
    """A parameter that is unknown, of the wrong type, or out of range."""


class PlanError(CfwError, ValueError):
    """A mobile hub plan that cannot be made, or that breaks a rule."""


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

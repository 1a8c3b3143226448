"""The errors cfwlib raises: what is wrong, where, and what to do about it."""

import re
from collections.abc import Sequence

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

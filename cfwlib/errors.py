"""The errors cfwlib raises: what is wrong, where, and what to do about it."""

from collections.abc import Sequence


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

"""No value of a child-level file in an error: what goes wrong inside is told in a sentence of the project's own."""

import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from cfwlib.errors import CfwError, InputError

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
_PACKAGE = Path(__file__).parents[2]


def private(what: str) -> Callable[[Callable[_Given, _Made]], Callable[_Given, _Made]]:
    """Return a decorator for a function that handles child-level files: no error or warning of it shows what they hold.

    An error of the project is raised afresh with its own sentences; any other becomes an `InputError` that names the
    kind of error and the line of code. Neither carries the first error, whose message, context or local variables
    may hold a value; libraries' warnings, which quote cells, are not shown.

    Parameters
    ----------
    what
        What could not be done, for the sentence: "the returns cannot be read".
    """

    def decorate(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        @wraps(function)
        def guarded(*given: _Given.args, **named: _Given.kwargs) -> _Made:
            told: CfwError
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return function(*given, **named)
            except CfwError as error:
                told = type(error)(error.problems)
            except Exception as error:
                told = InputError(f"{what}: {_unforeseen(error)}")
            raise told  # out here: an error raised above would carry the first one

        return guarded

    return decorate


def _unforeseen(error: Exception) -> str:
    """Return the kind of an error and the project's line that met it, never its message."""
    place, trace = "", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE) and path != Path(__file__):
            place = f" at {path.relative_to(_PACKAGE).as_posix()}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"an unforeseen {type(error).__name__}{place}. Its message is not shown, since it may quote a value. "
        "Look for what is unusual in the files, and report this line of code, not the data."
    )

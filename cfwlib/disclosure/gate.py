"""The gate of a private report: what has not gone through disclosure does not pass."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cfwlib.disclosure.audit import Possible
from cfwlib.disclosure.cells import GUESSING, KNOWING, cell_words, sum_matrix
from cfwlib.disclosure.protect import joined
from cfwlib.disclosure.released import Number, Protected, Public, Said
from cfwlib.errors import InputError

_HOW = (
    "It holds children's data: give what protect(...) returns, or Public(..., why) where nobody can be known from it."
)

_WHY = {"c": "c: too few children to show", "z": "z: not applicable, or withheld", "k": "k: rounds to 0"}


def passed(thing: Any, what: str, *, private: bool) -> Any:
    """Return what may be shown of a table, layer, file or drawing.

    Parameters
    ----------
    thing
        `Protected` (its frame is returned), `Public` (its value), or, in a report that is not private, anything.
    what
        What it is, for the error.
    private
        Whether the report is of children.

    Raises
    ------
    InputError
        If it has not gone through disclosure.
    """
    if isinstance(thing, Protected):
        return thing.frame
    if isinstance(thing, Public):
        return thing.value
    if private:
        raise InputError(f"{what}: this report does not take a plain {type(thing).__name__}. {_HOW}")
    return thing


def words(text: Any, what: str, *, private: bool) -> str:
    """Return text that may be shown: from `say`, public, or without a digit.

    Raises
    ------
    InputError
        If it may hold a number that was not released.
    """
    if isinstance(text, Public):
        return str(text.value)
    if private and not isinstance(text, Said) and any(sign.isdigit() for sign in str(text)):
        raise InputError(
            f"{what}: the text holds digits. Make it with say(...), from released numbers and Public(...)."
        )
    return str(text)


def figure(value: Any, what: str, *, private: bool, **plain: Any) -> dict[str, Any]:
    """Return value, n, low, high and, where something was hidden, disclosure of a figure.

    Parameters
    ----------
    value
        `Number`, `Public`, or, in a report that is not private, a plain one.
    what
        Name of the figure, for the error.
    private
        Whether the report is of children.
    plain
        `n`, `low`, `high` as given beside it.

    Raises
    ------
    InputError
        If a plain number comes to a private report.
    """
    if isinstance(value, Number):
        if any(v is not None for v in plain.values()):
            raise InputError(f"{what}: {', '.join(plain)} of a released number come with it. Leave them out.")
        facts = {"value": value.value, "n": value.n, "low": value.low, "high": value.high}
        return facts | ({"disclosure": _WHY[value.status]} if value.value is None else {})
    if isinstance(value, Public):
        return {"value": value.value, **plain}
    if private:
        raise InputError(
            f"{what}: this report does not take a plain number. Give Protected.number(...), protect_number(...), or "
            "Public(..., why)."
        )
    return {"value": value, **plain}


def drawn(drawing: Any, what: str, *, private: bool, drawn_from: Protected | None) -> Any:
    """Return a chart or map: one made already, or made here from a protected table alone.

    Parameters
    ----------
    drawing
        A finished one (in a private report: wrapped in `Public`), or a function that draws a table without status.
    what
        Its name, for the error.
    private
        Whether the report is of children.
    drawn_from
        The table given to the function.

    Raises
    ------
    InputError
        If a finished drawing comes to a private report, or a function without a protected table.
    """
    if isinstance(drawn_from, Protected) and callable(drawing):
        return drawing(drawn_from.numbers)
    if isinstance(drawing, Public):
        return drawing.value
    if private:
        raise InputError(
            f"{what}: a drawing may show any number. Give a function that draws a table, and the protected table as "
            "drawn_from; or Public(drawing, why)."
        )
    return drawing


def check_together(tables: Sequence[Protected]) -> None:
    """Check that the tables of one report do not give each other away.

    Parameters
    ----------
    tables
        All that the report shows or exports.

    Raises
    ------
    InputError
        If tables contradict each other, or together tell a hidden count to within three.
    """
    known, sums = joined(tables)
    if not known:
        return
    names = list(known)
    matrix = sum_matrix(sums, {name: i for i, name in enumerate(names)})
    asked = [i for i, name in enumerate(names) if known[name].hidden and known[name].needs]
    problems = []
    for attacker in (GUESSING, KNOWING):
        possible = Possible(matrix, np.array([known[name].box[attacker] for name in names]))
        if not possible.feasible():
            raise InputError(
                f"Tables of '{tables[-1].layout.of}' contradict each other. Count them from the same children."
            )
        problems += [cell_words(names[i]) for i in asked if not possible.wide(i)]
    if problems:
        raise InputError(
            [
                f"'{cell}' can be worked out from the report's tables together: give protect the others as `beside`."
                for cell in dict.fromkeys(problems)
            ]
        )

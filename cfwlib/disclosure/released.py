"""What may leave the house: protected tables and numbers, public things, and words made of them."""

from __future__ import annotations

import string
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cfwlib.disclosure.cells import Known, Sum, is_small, rounded
from cfwlib.disclosure.layout import STATUS, Layout
from cfwlib.errors import InputError, refuse
from cfwlib.settings import DisclosureSettings
from cfwlib.words import known, share_words

SYMBOLS = {
    "c": "c: 1 to 5 children, or hidden so that those cannot be worked out; a share or mean: also of too few children",
    "z": "z: not applicable, or withheld",
    "k": "k: not zero, but rounds to 0",
}
NOT_SHOWN = "a number not shown"


@dataclass(frozen=True)
class Public:
    """Something that holds no children: a map of towns, a price, a date.

    Attributes
    ----------
    value
        The thing itself.
    why
        Why nobody can be known from it, in a few words; it is not optional.
    """

    value: Any
    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise InputError("Public(...): say in `why` why nobody can be known from it.")

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


@dataclass(frozen=True)
class Number:
    """One number that has gone through disclosure; as text it never says more than it may.

    Attributes
    ----------
    value
        None where it is hidden.
    status
        Empty = shown; c, z or k.
    n
        Children it rests on, where that may be said.
    low, high
        Ends of its interval, where there is one and it is shown.
    """

    value: float | int | None
    status: str = ""
    n: int | None = None
    low: float | None = None
    high: float | None = None

    def __format__(self, spec: str) -> str:
        if self.value is None:
            return {"z": "not applicable", "k": "close to 0"}.get(self.status, NOT_SHOWN)
        if not known(self.value):
            return NOT_SHOWN
        if spec.endswith("%"):
            return share_words(self.value, int(spec.strip(",.%") or 0))
        return format(self.value, spec or ("," if isinstance(self.value, int) else ",.1f"))

    def __str__(self) -> str:
        return format(self)


class Said(str):
    """A sentence whose every number has been released; only `say` makes it."""

    __slots__ = ()


def say(template: str, /, **values: Number | Public | str) -> Said:
    """Return a sentence made of released numbers.

    Parameters
    ----------
    template
        Text with {names}, each perhaps with a format, such as `{share:.0%} of {children} children`. No digits of its
        own: what is fixed and known to all is given as `Public`, such as a date.
    values
        Numbers from [Protected.number][cfwlib.disclosure.released.Protected.number] or `protect_number`, `Public`
        things, and words without digits.

    Returns
    -------
    sentence
        A hidden number reads "a number not shown".

    Raises
    ------
    InputError
        If a digit or a plain number is in it.
    """
    literal = "".join(text for text, *_ in string.Formatter().parse(template))
    problems = [
        f"say: {n} is neither a released number nor public. Use Protected.number, protect_number or Public."
        for n, v in values.items()
        if not isinstance(v, Number | Public | str)
    ]
    problems += [
        f"say: the words given as {n} hold digits. Give a released number, or Public(...) with a reason."
        for n, v in values.items()
        if isinstance(v, str) and not isinstance(v, Said) and _digits(v)
    ]
    if _digits(literal):
        problems.append(
            "say: the sentence holds digits. Write {name}, and give the number as a released one or Public."
        )
    refuse(problems)
    return Said(template.format(**values))


def _digits(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def protect_number(
    value: float | int | None,
    *,
    n: int,
    count: bool = False,
    low: float | None = None,
    high: float | None = None,
    settings: DisclosureSettings | None = None,
) -> Number:
    """Return a single figure as it may be shown.

    Parameters
    ----------
    value
        A share, mean, rate or cost; or a count that stands in no table of the report. One that does is taken from the
        table, with `Protected.number`, or the two might be set against each other.
    n
        Children it rests on.
    count
        Whether `value` is itself a count of children.
    low, high
        Ends of its interval.
    settings
        Rounding, and the fewest children a share or mean may rest on.

    Returns
    -------
    number
        Hidden (c) where a count is 1 to 5, or a share or mean rests on fewer than `min_denominator`; z with none.
    """
    rules = settings or DisclosureSettings.model_validate({})
    if value is None or value != value or (n == 0 and not count):
        return Number(None, "z")
    few = is_small(n) or (is_small(round(value)) if count else n < rules.min_denominator)
    if few:
        return Number(None, "c")
    shown = rounded(int(value), rules.round_to) if count else value
    return Number(shown, "", rounded(n, rules.round_to), low, high)


@dataclass(frozen=True, eq=False, repr=False)
class Protected:
    """A table that may be shown.

    Attributes
    ----------
    frame
        Number columns (missing where hidden), each followed by its `<column>_status`: empty = shown, c, z or k.
    audit
        `cell`, `lower`, `upper`, `width`: what a well-informed reader can work out of each hidden count.
    layout
        What its cells are.
    min_denominator
        Fewest children of a share or mean.
    known, sums
        What attackers know of each cell, and how cells add up; no hidden count is in it.
    """

    frame: pd.DataFrame
    audit: pd.DataFrame
    layout: Layout
    min_denominator: int = 20
    known: Mapping[Hashable, Known] = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()

    def __repr__(self) -> str:
        return f"Protected({self.layout.of!r}: {len(self.frame)} rows, {len(self.audit)} hidden counts)"

    def _repr_html_(self) -> str:
        return self.frame.to_html(index=False)

    @property
    def numbers(self) -> pd.DataFrame:
        """The table without its status columns."""
        return self.frame.drop(columns=[c for c in self.frame.columns if c.endswith(STATUS)])

    @property
    def status(self) -> dict[str, list[str]]:
        """Column to the symbols of its rows."""
        names = [c for c in self.frame.columns if c.endswith(STATUS)]
        return {c.removesuffix(STATUS): self.frame[c].tolist() for c in names}

    def key(self) -> str:
        """Return the meaning of the symbols the table uses, as one line of text."""
        used = {symbol for column in self.status.values() for symbol in column}
        notes = [words for symbol, words in SYMBOLS.items() if symbol in used]
        few = f" (fewer than {self.min_denominator})"
        return ". ".join(n + few if n.endswith("too few children") else n for n in notes) + "." * bool(notes)

    def part(self, rows: Sequence[int], *, keys: Sequence[str]) -> Protected:
        """Return some rows as a table of its own; what attackers know of each cell stays that of the whole.

        Parameters
        ----------
        rows
            Positions of the rows, in the order wanted.
        keys
            Key columns it keeps; in the others every row must be at its total.

        Raises
        ------
        InputError
            If a row is not at the total of a key that is left out.
        """
        gone = [key for key in self.layout.keys if key not in keys]
        frame = self.frame.iloc[list(rows)].reset_index(drop=True)
        wrong = [key for key in gone if (frame[key].astype(str) != self.layout.total).any()]
        refuse([f"'{key}' tells the rows apart: keep it among the keys." for key in wrong])
        layout = replace(self.layout, keys=tuple(keys)).within(frame, self.frame)
        return replace(self, frame=frame.drop(columns=gone), layout=layout)

    def number(self, column: str, *, low: str = "", high: str = "", n: str = "", **groups: str) -> Number:
        """Return one cell, as it is shown.

        Parameters
        ----------
        column
            Column of numbers.
        low, high
            Columns of the ends of its interval.
        n
            Column of the children it rests on.
        groups
            Key column to label, a date as YYYY-MM-DD; a key not named is at its total.

        Returns
        -------
        number
            Hidden (c) in a table that shows no row at all.

        Raises
        ------
        InputError
            If there is not exactly one such row, or no such column.
        """
        if self.frame.empty:
            return Number(None, "c")
        wanted = {**dict.fromkeys(self.layout.keys, self.layout.total), **groups}
        problems = [
            f"The table has no column '{c}'." for c in [column, low, high, n, *wanted] if c and c not in self.frame
        ]
        refuse(problems)
        match = pd.Series(True, index=self.frame.index)
        for key, label in wanted.items():
            days = pd.api.types.is_datetime64_any_dtype(self.frame[key])
            match &= (self.frame[key].dt.strftime("%Y-%m-%d") if days else self.frame[key].astype(str)) == str(label)
        if match.sum() != 1:
            raise InputError(f"{int(match.sum())} rows of the table are {wanted}: name one.")
        row = self.frame[match].iloc[0]
        if row.get(column + STATUS, ""):
            return Number(None, str(row[column + STATUS]))
        ends = {k: float(row[c]) for k, c in {"low": low, "high": high}.items() if c and pd.notna(row[c])}
        base = int(row[n]) if n and pd.notna(row[n]) else None
        value = float(row[column])
        whole = column in self.layout.counts and value.is_integer()
        return Number(int(value) if whole else value, "", base, **ends)

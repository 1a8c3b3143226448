"""Child numbers that a spreadsheet has damaged: refused where children may have become one, else mended."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from cfwlib.data.returns.codes import Coded
from cfwlib.data.returns.dates import BLANK, named_rows
from cfwlib.data.returns.stack import Rows, Stack

_SHORTENED = re.compile(r"[-+]?(\d+[.,]\d+E[-+]?\d+|\d+E\+\d+)")  # 1.23457E+11, 1,23E11, 1E+11; but 7E10 may be a code
_UNREADABLE = re.compile(r"#+|#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
_EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number, and puts zeros for the rest."""
_LEAST_ZEROS = 3
ZEROS = "CHILD without its leading zeros in one file and with them in another: taken as one child"
_EXPORT = "Export the return again, and open it as text (in Excel: Data, From Text, column type Text), not by a click."


def refuse_shortened(stacks: Sequence[Stack], labels: Sequence[str]) -> list[str]:
    """Return the files and rows of which a spreadsheet has cut the numbers short, so that two children may be one.

    Parameters
    ----------
    stacks
        The tables; words for blank in CHILD become blank.
    labels
        What messages call each file.
    """
    problems: list[str] = []
    for one in stacks:
        texts = one.columns["CHILD"].listed()
        one.columns["CHILD"] = child = _renamed(one.columns["CHILD"], {text: "" for text in texts if text in BLANK})
        texts = child.listed()
        for wrong, what in (
            ([text for text in texts if _SHORTENED.fullmatch(text)], "has shortened the number to a power of ten"),
            ([text for text in texts if _UNREADABLE.fullmatch(text)], "has put signs in place of the number"),
            (_cut(texts), f"has put zeros for all digits after the {_EXACT_DIGITS}th"),
        ):
            rows = np.isin(np.array(texts, dtype=str), wrong)[child.codes]
            problems += _problems(
                one, rows, labels, f"a spreadsheet {what}, so children may have become one. {_EXPORT}"
            )
    return problems


def _cut(texts: Sequence[str]) -> list[str]:
    """Return the numbers that are cut: where all of the longest end in zeros, more than chance would give."""
    long = [text for text in texts if text.isdigit() and len(text) > _EXACT_DIGITS]
    zeros = [text for text in long if not text[_EXACT_DIGITS:].strip("0")]
    cut = len(zeros) == len(long) and sum(len(text) - _EXACT_DIGITS for text in zeros) >= _LEAST_ZEROS
    return zeros if cut else []


def _problems(one: Stack, wrong: Rows, labels: Sequence[str], what: str) -> list[str]:
    if not wrong.any():
        return []
    files = np.unique(one.file[wrong]).tolist()
    rows = {file: named_rows(one.row[wrong & (one.file == file)]) for file in files}
    return [f"{labels[file]}, column CHILD, {named}: {what}" for file, named in rows.items()]


def join_zeros(stacks: Sequence[Stack], labels: Sequence[str]) -> list[str]:
    """Give a child one number where files differ by leading zeros, and count it; return files that have both forms.

    Parameters
    ----------
    stacks
        The tables of one authority; changed in place.
    labels
        What messages call each file.
    """
    forms: dict[str, set[str]] = {}
    for one in stacks:
        for text in one.columns["CHILD"].listed():
            if text.isdigit():
                forms.setdefault(text.lstrip("0"), set()).add(text)
    names = {text: max(found, key=len) for found in forms.values() if len(found) > 1 for text in found}
    problems = []
    for one in stacks if names else ():
        child = one.columns["CHILD"]
        texts = child.listed()
        named = np.array([names.get(text, "") for text in texts], dtype=str)
        for file in np.unique(one.file).tolist():
            here = named[np.unique(child.codes[one.file == file])]
            both, counts = np.unique(here[here != ""], return_counts=True)
            rows = np.isin(named, both[counts > 1])[child.codes] & (one.file == file)
            what = "the same number with and without leading zeros. Are they one child? Write it in one way."
            problems += _problems(one, rows, labels, what)
        changed = np.array([names.get(text, text) != text for text in texts], dtype=np.bool_)
        one.seen |= {ZEROS: int(count)} if (count := np.count_nonzero(changed[child.codes])) else {}
        one.columns["CHILD"] = _renamed(child, names)
    return problems


def _renamed(column: Coded, names: Mapping[str, str]) -> Coded:
    """Return a column with some of its texts changed; texts that become the same are one."""
    if not names:
        return column
    again = pa.array([names.get(text, text) for text in column.listed()], pa.string()).dictionary_encode()
    return Coded(again.indices.to_numpy()[column.codes], again.dictionary)

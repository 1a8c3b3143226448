"""Columns of text as whole numbers and their distinct texts; the codes of the return, and which are not known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cfwlib.data.returns.recognise import GUIDE

Codes = npt.NDArray[np.int32]


KNOWN = {column: frozenset(text.split()) for column, text in GUIDE["codes"].items()}


@dataclass
class Coded:
    """A column: for each row the position of its text among the distinct texts."""

    codes: Codes
    texts: pa.StringArray

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Coded":
        """Return the column of some rows."""
        return Coded(self.codes[rows], self.texts)

    def series(self) -> pd.Series:
        """Return the column as text."""
        return pd.Series(pd.array(self.texts.take(pa.array(self.codes)), dtype="str"))

    def listed(self) -> list[str]:
        """Return the distinct texts."""
        return [str(text) for text in self.texts.to_pylist()]

    def are(self, text: str) -> npt.NDArray[np.bool_]:
        """Return which rows have a text."""
        same: npt.NDArray[np.bool_] = pc.equal(self.texts, text).to_numpy(zero_copy_only=False)
        return same[self.codes]

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each text."""
        return dict(zip(self.listed(), np.bincount(self.codes, minlength=len(self.texts)).tolist(), strict=True))


def same_text(text: str, rows: int) -> Coded:
    """Return a column that has one text in all rows."""
    return Coded(np.zeros(rows, np.int32), pa.array([text], pa.string()))


def trimmed(texts: pa.Array) -> pa.Array:
    """Return texts without blanks around them."""
    return pc.utf8_trim_whitespace(texts)


def tidy(texts: pa.Array) -> pa.Array:
    """Return codes in capitals without blanks around them."""
    return pc.utf8_upper(trimmed(texts))


def tight(texts: pa.Array) -> pa.Array:
    """Return postcodes in capitals without blanks."""
    return pc.replace_substring_regex(pc.utf8_upper(texts), r"[\s\p{Z}]+", "")


def number(texts: pa.Array) -> pa.Array:
    """Return identifiers in capitals, without the .0 that a spreadsheet adds to numbers."""
    return pc.replace_substring_regex(tidy(texts), r"^(\d+)[.,]00?$", r"\1")


def coded(pieces: Sequence[pa.Array], clean: Callable[[pa.Array], pa.Array] = tidy) -> Coded:
    """Return a column given in pieces (one of each file); texts that are the same once cleaned are one."""
    array = pa.chunked_array(list(pieces), type=pa.string()).dictionary_encode().combine_chunks()
    if isinstance(array, pa.ChunkedArray) or not len(array):
        return same_text("", 0)
    again = clean(pc.fill_null(array.dictionary, "")).dictionary_encode()
    return Coded(again.indices.to_numpy()[array.indices.to_numpy()], again.dictionary)


def unknown(column: str, values: Coded) -> dict[str, int]:
    """Return what to say of codes that the guide does not have: in how many rows, never which.

    Parameters
    ----------
    column
        The column of the return.
    values
        Its codes.
    """
    rows = sum(rows for text, rows in values.counts().items() if text and text not in KNOWN[column])
    return {f"{column} has a code that is not known: kept as it is": rows} if rows else {}

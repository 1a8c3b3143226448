"""Columns of text as whole numbers and their distinct texts; the codes of the return, and which are not known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]


def _known(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The codes of the Department for Education's guide to the return, those of earlier years too
KNOWN = {
    "RNE": _known("S L P T B U"),
    "LS": _known("C1 C2 D1 E1 J1 J2 J3 L1 L2 L3 V2 V3 V4"),
    "CIN": _known("N0 N1 N2 N3 N4 N5 N6 N7 N8 N9"),
    "PLACE": _known(
        "A3 A4 A5 A6 H4 H5 K1 K2 K3 M1 M2 M3 P1 P2 P3 R1 R2 R3 R5 S1 T0 T1 T2 T3 T4 U1 U2 U3 U4 U5 U6 Z1"
    ),
    "PLACE_PROVIDER": _known("PR0 PR1 PR2 PR3 PR4 PR5"),
    "REC": _known(
        "X1 E11 E12 E13 E14 E15 E16 E17 E2 E3 E4 E4A E4B E41 E42 E43 E44 E45 E46 E47 E48 E5 E6 E7 E8 E9"
    ),
    "REASON_PLACE_CHANGE": _known(
        "CARPL CLOSE ALLEG STAND APPRR CREQB CREQO CHILD LAREQ PLACE CUSTOD OTHER CHANGE"
    ),
    "SEX": _known("1 2 M F MALE FEMALE"),
    "ETHNIC": _known(
        "WBRI WIRI WOTH WIRT WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH BCRB BAFR BOTH CHNE OOTH REFU NOBT"
    ),
}  # fmt: skip


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

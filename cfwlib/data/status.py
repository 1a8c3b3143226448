"""Part a published figure into its number and its status: what is hidden is neither zero nor a number."""

from collections.abc import Iterable

import pandas as pd

from cfwlib.data.schemas import Problem

STATUSES = {
    "": "shown",
    "c": "hidden to protect children: 1 to 5, or hidden so that another figure cannot be worked out",
    "z": "not applicable",
    "k": "rounds to zero, but is not zero",
    "x": "not available",
    "u": "too few to be reliable",
    "-": "not available or not applicable",
    "blank": "left blank by the publisher",
}
_SAME = {"": "blank", "nan": "blank", "low": "k", ":": "x", "..": "x", "n/a": "z"}  # other spellings of the same


def part(frame: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the frame with numbers as floats and their statuses beside them, and a problem for each other text.

    Parameters
    ----------
    frame
        As read, all text; the index is the row's number in the file.
    columns
        Columns of published figures. Each becomes a number (NaN = not shown) and gets a column `<name>_status`:
        empty where the number is shown, else a key of `STATUSES`.

    Returns
    -------
    frame, problems
        Problems are (row, column, what is wrong).
    """
    frame, found = frame.copy(), list[Problem]()
    for column in columns:
        text = frame[column].astype("str").str.strip().str.replace(r"(?<=\d),(?=\d{3}(?:\D|$))", "", regex=True)
        numbers = pd.to_numeric(text, errors="coerce").astype(float)
        numbers = numbers.where(numbers.abs() < float("inf"))
        words = text.where(numbers.isna(), "shown").str.lower().replace(_SAME)
        wrong = numbers.isna() & ~words.isin(list(STATUSES))
        found += [
            (row, column, f"is neither a number nor a known symbol ('{text[row][:20]}')") for row in frame.index[wrong]
        ]
        frame[column] = numbers
        frame[f"{column}_status"] = words.where(words != "shown", "").astype("str")
    return frame, found

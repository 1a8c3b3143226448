"""Where the return itself says that a child lives: in the area or not, how far, and under which authority."""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cfwlib.data.returns.codes import Coded, same_text
from cfwlib.data.returns.dates import BLANK
from cfwlib.data.returns.stack import Stack

MOST_MILES = 700
"""Land's End to the north of Shetland: a longer distance is a code for "not known" or a slip."""
_SAID = {
    **dict.fromkeys(("I", "IN", "IN AREA", "IN LA", "INSIDE", "INSIDE LA", "INSIDE LA BOUNDARY"), "in"),
    **dict.fromkeys(("O", "OUT", "OUT OF AREA", "OUT OF LA", "OUTSIDE", "OUTSIDE LA", "OUTSIDE LA BOUNDARY"), "out"),
}
_AUTHORITY = re.compile(r"[EWSNLM]\d{8}|WAL|SCO|NIR|NUK|ENG")  # ONS codes, and the department's for other countries


def placed(episodes: Stack) -> dict[str, "pd.Series | npt.NDArray[np.float64]"]:
    """Return `placement_location` (in, out, ""), `placement_miles` (NaN = not given) and `placement_authority`.

    What is none of these is read as blank and counted in `episodes.seen`.
    """
    rows, columns = len(episodes), episodes.columns
    given = {name: columns.get(name, same_text("", rows)) for name in ("PL_LOCATION", "PL_DISTANCE", "PL_LA")}
    where = given["PL_LOCATION"]
    location = [_SAID.get(re.sub(r"[\s_-]+", " ", text), "") for text in where.listed()]
    _count(episodes, where, [not text for text in location], "PL_LOCATION is neither IN nor OUT: read as blank")
    far = given["PL_DISTANCE"]
    numbers = [_miles(text) for text in far.listed()]
    _count(episodes, far, [n != n for n in numbers], "PL_DISTANCE is not a number: read as blank")
    _count(episodes, far, [n < 0 for n in numbers], "PL_DISTANCE is below 0: read as blank")
    _count(episodes, far, [n > MOST_MILES for n in numbers], f"PL_DISTANCE is over {MOST_MILES} miles: read as blank")
    miles = np.array([n if 0 <= n <= MOST_MILES else np.nan for n in numbers], dtype=float)
    under = given["PL_LA"]
    codes = [text if _AUTHORITY.fullmatch(text) else "" for text in under.listed()]
    _count(episodes, under, [not text for text in codes], "PL_LA is not the ONS code of an authority: read as blank")
    return {
        "placement_location": Coded(where.codes, pa.array(location, pa.string())).series(),
        "placement_miles": miles[far.codes],
        "placement_authority": Coded(under.codes, pa.array(codes, pa.string())).series(),
    }


def _miles(text: str) -> float:
    """Return a number of miles, with a point or a comma; NaN where it is none."""
    found = re.fullmatch(r"([-+]?\d{1,9}(?:[.,]\d+)?)\s*(?:MILES|MI)?", text.strip())
    return float(found[1].replace(",", ".")) if found else np.nan


def _count(episodes: Stack, column: Coded, wrong: list[bool], rule: str) -> None:
    """Count the rows of which a text is wrong, those left blank aside."""
    texts = np.array([bad and text not in BLANK for bad, text in zip(wrong, column.listed(), strict=True)], dtype=bool)
    if count := int(texts[column.codes].sum()):
        episodes.seen[rule] = count

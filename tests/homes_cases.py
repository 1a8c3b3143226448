"""Returns made by hand: a few episodes, written as a sentence of codes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.data.returns.frames import CODE_COLUMNS, Identifiers, empty_postcodes

PLAIN = {
    "reason_new": "S", "legal_status": "C2", "need": "N1", "place": "U4", "provider": "PR1", "reason_ended": "X1",
    "reason_change": "", "home_postcode": "XX11AA", "placement_postcode": "XX22BB", "urn": "",
}  # fmt: skip
UNSAID = {"placement_location": "", "placement_miles": float("nan"), "placement_authority": ""}
POINTS = pd.DataFrame(
    {
        "postcode": pd.array(["XX11AA", "XX22BB", "XX33CC"], dtype="str"),
        "easting": [300_000.0, 303_000.0, 300_000.0],
        "northing": [500_000.0, 504_000.0, 560_000.0],
        "authority": pd.array(["E06000063", "E06000063", "X99000001"], dtype="str"),
    }
)


def episode(
    start: str | None, end: str | None, *, child: int = 0, year: int | None = None, **codes: Any
) -> dict[str, Any]:
    """Return one episode: legal status C2, own fosterers five kilometres from home in the area, unless it says."""
    return {"child": child, "start": start, "end": end, "year": year, **PLAIN, **codes}


def returns(
    episodes: Sequence[Mapping[str, Any]],
    *,
    born: Mapping[int, str | None] | None = None,
    uasc: Mapping[int, str | None] | None = None,
    start: str = "2020-04-01",
    end: str = "2023-03-31",
    postcodes: pd.DataFrame = POINTS,
    modelled: bool = True,
    doubts: Sequence[str] = (),
    la: Sequence[str] = (),
) -> Returns:
    """Return returns that hold the episodes; every child is born on 1 January 2012 unless it says."""
    names = ["child", "start", "end", "year", *CODE_COLUMNS]
    extra = sorted({name for row in episodes for name in row} - set(names))
    frame = pd.DataFrame(list(episodes), columns=[*names, *extra])
    frame = frame.astype({"child": "int64", **dict.fromkeys(CODE_COLUMNS, "str")})
    frame = frame.assign(**{name: value for name, value in UNSAID.items() if name not in frame})
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["year"] = frame["year"].astype("Int64")
    count = int(frame["child"].max()) + 1 if len(frame) else 0
    birth = [(born or {}).get(child, "2012-01-01") for child in range(count)]
    children = pd.DataFrame({"child": range(count), "born": pd.to_datetime(pd.Series(birth, dtype="object"))})
    children["child"] = children["child"].astype("int64")
    children["born"] = children["born"].astype("datetime64[s]")
    children["uasc"] = children["child"].isin(list(uasc or {}))
    ceased = pd.Series([(uasc or {}).get(child) for child in range(count)], dtype="object")
    children["uasc_ceased"] = pd.to_datetime(ceased).astype("datetime64[s]")
    children["has_header"] = True
    none = pd.DataFrame()
    return Returns(
        children, frame, none, none, pd.Timestamp(start), pd.Timestamp(end), modelled, postcodes,
        Identifiers(["?"] * count), tuple(doubts), Identifiers(la),
    )  # fmt: skip


__all__ = ["POINTS", "empty_postcodes", "episode", "returns"]

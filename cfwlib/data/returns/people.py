"""One row per child from header, UASC and episodes: numbers for identifiers, the latest return's word for the rest."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.returns.codes import Codes, same_text, unknown
from cfwlib.data.returns.dates import Days
from cfwlib.data.returns.stack import Stack


@dataclass
class Children:
    """The children; `identifiers` in their order, `of_episodes` the child of each episode row."""

    USED: ClassVar[str] = "used: the latest row of each child"
    OLDER: ClassVar[str] = "an older or repeated row of the same child"
    frame: pd.DataFrame
    identifiers: list[str]
    of_episodes: Codes
    born: Days
    older: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)


def children_of(episodes: Stack, header: Stack, uasc: Stack) -> Children:
    """Return the children of three tables.

    Parameters
    ----------
    episodes, header, uasc
        Their rows, all with a CHILD. Where every table that has rows says the authority (LA), two children of two
        authorities who share a number are two.
    """
    given = [one for one in (episodes, header, uasc) if len(one)]
    by_authority = all("LA" in one.columns for one in given)
    order: dict[tuple[str, str], int] = {}
    first = [_positions(one, by_authority, order) for one in (episodes, header, uasc)]
    keys = sorted(order, key=lambda key: (key[1], key[0]))
    rank = np.empty(len(keys), np.int32)
    rank[[order[key] for key in keys]] = np.arange(len(keys), dtype=np.int32)
    of_episodes, of_header, of_uasc = (rank[codes] for codes in first)
    many = len(keys)
    latest, latest_uasc = _latest(header, of_header, many), _latest(uasc, of_uasc, many)
    has_header, is_uasc = latest >= 0, latest_uasc >= 0
    born = np.full(many, "NaT", "datetime64[D]")
    for one, codes in ((header, of_header), (uasc, of_uasc), (episodes, of_episodes)):
        born = np.where(np.isnat(born), _last_known(one, codes, "DOB", many), born)
    frame = pd.DataFrame(
        {
            "child": np.arange(many, dtype=np.int64),
            "born": born.astype("datetime64[s]"),
            "sex": _sex(header, latest),
            "uasc": is_uasc,
            "uasc_ceased": _last_known(uasc, of_uasc, "DUC", many).astype("datetime64[s]"),
            "has_header": has_header,
        }
    )
    people = Children(frame, [child for _, child in keys], of_episodes, born)
    people.older = {"header": len(header) - int(has_header.sum()), "UASC": len(uasc) - int(is_uasc.sum())}
    people.seen = _remarks(frame, people, header, of_header)
    for name in [name for name in ("ETHNIC", "SEX") if name in header.columns]:
        header.seen |= unknown(name, header.columns[name])
    return people


def _positions(one: Stack, by_authority: bool, order: dict[tuple[str, str], int]) -> Codes:
    """Return for each row a number of its child, the same in all tables."""
    child = one.columns["CHILD"]
    authority = one.columns["LA"] if by_authority and len(one) else same_text("", len(one))
    pairs = authority.codes.astype(np.int64) * len(child.texts) + child.codes
    distinct, codes = np.unique(pairs, return_inverse=True)
    authorities, children = authority.listed(), child.listed()
    keys = [(authorities[pair // len(children)], children[pair % len(children)]) for pair in distinct.tolist()]
    numbers = [order.setdefault(key, len(order)) for key in keys]
    return np.array(numbers, dtype=np.int32)[codes] if numbers else np.zeros(0, np.int32)


def _latest(one: Stack, codes: Codes, many: int) -> npt.NDArray[np.int64]:
    """Return the row of each child in the latest return, -1 = none."""
    rows = np.full(many, -1, np.int64)
    order = np.lexsort((one.row, one.file, one.year))
    rows[codes[order]] = order  # of several the last is kept
    return rows


def _last_known(one: Stack, codes: Codes, name: str, many: int) -> Days:
    """Return each child's day in the latest return that gives one."""
    known = np.full(many, "NaT", "datetime64[D]")
    order = np.lexsort((one.row, one.file, one.year))
    order = order[~np.isnat(one.days[name][order])]
    known[codes[order]] = one.days[name][order]
    return known


def _sex(header: Stack, latest: npt.NDArray[np.int64]) -> pd.Series:
    if not len(header):
        return pd.Series([""] * len(latest), dtype="str")
    return header.columns["SEX"].take(np.maximum(latest, 0)).series().where(pd.Series(latest >= 0), "")


def _remarks(frame: pd.DataFrame, people: Children, header: Stack, of_header: Codes) -> dict[str, int]:
    placed = np.zeros(len(frame), bool)
    placed[people.of_episodes] = True
    headless = (frame["uasc"] & ~frame["has_header"]).to_numpy()
    other = ~np.isnat(header.days["DOB"]) & (header.days["DOB"] != people.born[of_header])
    differs = np.isin(frame["child"], of_header[other])
    notes = {
        "children with episodes and no row in the header table": placed & ~frame["has_header"].to_numpy(),
        "children with episodes and no date of birth": placed & frame["born"].isna().to_numpy(),
        "children without episodes": ~placed,
        "children of the UASC table without a row in the header table": placed & headless,
        "children whose date of birth differs between rows of the header: the latest counts": differs,
        "unaccompanied asylum-seeking children (UASC table)": placed & frame["uasc"].to_numpy(),
    }
    seen = {rule: int(np.count_nonzero(rows)) for rule, rows in notes.items() if np.count_nonzero(rows)}
    if not frame["uasc"].any():
        seen["no UASC table, or no row in it: no child counts as unaccompanied"] = 0
    return seen

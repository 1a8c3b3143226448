"""Read child-level returns (SSDA903) from yearly or stacked files, with an account of every row."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cfwlib.data.returns.codes import KNOWN, Coded, Codes, same_text, unknown
from cfwlib.data.returns.dates import Days
from cfwlib.data.returns.folder import Folder, open_folder
from cfwlib.data.returns.frames import CODE_COLUMNS, EPISODE_COLUMNS, Identifiers, Returns
from cfwlib.data.returns.history import one_history
from cfwlib.data.returns.people import Children, children_of
from cfwlib.data.returns.points import needed_points
from cfwlib.data.returns.recognise import EPISODES, HEADER, KINDS, OTHER, UASC
from cfwlib.data.returns.stack import Stack, return_year, stack
from cfwlib.errors import InputError

NO_CHILD, NO_START, ELSEWHERE = "no CHILD", "no start (DECOM)", "of another authority (LA)"
_AUTHORITY = re.compile(r"[A-Z][A-Z .,&'()-]*|[A-Z]\d{8}|\d{3}")  # its name, ONS code or the department's number


def read_returns(folder: Path, *, dates: str = "", end: str = "", authority: str = "") -> Returns:
    """Return the children and episodes of a folder of returns.

    Parameters
    ----------
    folder
        Files and sub-folders; tables are told by their columns, whatever the files are called.
    dates
        "dmy" or "mdy": what 03/04/2025 means where the files do not tell; empty = ask where it matters.
    end
        Last day that the returns cover, as 2025-03-31; empty = 31 March of the last return.
    authority
        Only rows whose column LA says this; empty = all.

    Returns
    -------
    returns
        Episodes are not cleaned: that is for `cfwlib.sufficiency`.

    Raises
    ------
    InputError
        All problems of all files: by file, row and column, without CHILD, UPN or any date.
    """
    found = open_folder(folder)
    stacks, problems = {}, list[str]()
    for kind in KINDS:
        stacks[kind], faults = stack(kind, found.tables.get(kind, []), dates=dates)
        problems += faults
    if problems:
        raise InputError(problems)
    episodes = stacks[EPISODES]
    personal = frozenset(text for one in stacks.values() for text in one.columns["CHILD"].listed())
    _of_one_authority(list(stacks.values()), authority, found.name, personal)
    for kind in KINDS:
        stacks[kind].keep(~stacks[kind].columns["CHILD"].are(""), NO_CHILD)
    episodes.keep(~np.isnat(episodes.days["DECOM"]), NO_START)
    if not len(episodes):
        raise InputError(f"{found.name}: no row of the episodes table has both a CHILD and a start (DECOM).")
    people = children_of(episodes, stacks[HEADER], stacks[UASC])
    child = one_history(episodes, people.of_episodes)
    start, last = _period(episodes, end)
    frame = _episodes(episodes, child)
    _look_at(episodes, people.born[child], last, personal)
    postcodes, remarks = needed_points(found.points, frame)
    return Returns(
        children=people.frame,
        episodes=frame,
        account=_account(found, stacks, people, remarks),
        files=found.listing(),
        start=start,
        end=last,
        modelled=False,
        postcodes=postcodes,
        _identifiers=Identifiers(people.identifiers),
    )


def _of_one_authority(stacks: list[Stack], authority: str, name: str, personal: frozenset[str]) -> None:
    """Keep the rows of one authority; without a choice, say where there are several."""
    given = {text for one in stacks if "LA" in one.columns for text in one.columns["LA"].listed()} - {""}
    wanted = authority.strip().upper()
    if wanted and wanted not in given:
        shown = [text for text in sorted(given - personal) if _AUTHORITY.fullmatch(text)]
        raise InputError(f"{name}: no row is of LA '{authority}' (there: {', '.join(shown[:20]) or 'none'}).")
    for one in stacks:
        if "LA" in one.columns and wanted:
            one.keep(one.columns["LA"].are(wanted), ELSEWHERE)
        elif "LA" in one.columns and len(given) > 1:
            one.seen[f"rows of {len(given)} authorities (LA): all used"] = len(one)


def _period(episodes: Stack, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day that the returns cover.

    A return "of 2017" may end on 31 March 2017 (as the department counts) or 2018: where one episode in 20 starts after
    31 March of its year, years are taken to be named after the April that they begin with.
    """
    starts, known = episodes.days["DECOM"], episodes.year > 0
    begun = int(np.count_nonzero(return_year(starts[known]) > episodes.year[known]) * 20 > np.count_nonzero(known))
    first, last = (int(years) for years in (episodes.year[known].min(initial=9999), episodes.year.max(initial=0)))
    ends = episodes.days["DEC"][~np.isnat(episodes.days["DEC"])]
    if first == last and len(ends):  # one file of several years: episodes that ended before it began are not in it
        first = min(first, int(return_year(ends).min()) - begun)
    final = pd.Timestamp(end) if end else pd.Timestamp(last + begun, 3, 31)
    return min(pd.Timestamp(first - 1 + begun, 4, 1), final), final


def _episodes(episodes: Stack, child: Codes) -> pd.DataFrame:
    columns = episodes.columns
    years = pd.Series(episodes.year, dtype="Int64")
    frame = {
        "child": child.astype(np.int64),
        "file": episodes.file,
        "row": episodes.row,
        "year": years.mask(years == 0),
        "start": episodes.days["DECOM"].astype("datetime64[s]"),
        "end": episodes.days["DEC"].astype("datetime64[s]"),
        **{name: columns[given].series() for name, given in CODE_COLUMNS.items()},
        "placement_location": _location(columns.get("PL_LOCATION"), len(child)),
        "placement_miles": _miles(columns.get("PL_DISTANCE"), len(child)),
        "placement_authority": _filled(columns.get("PL_LA"), len(child)).series(),
    }
    return pd.DataFrame(frame)[EPISODE_COLUMNS]


def _filled(column: Coded | None, rows: int) -> Coded:
    return column if column is not None else same_text("", rows)


def _location(column: Coded | None, rows: int) -> pd.Series:
    given = _filled(column, rows)
    said = {"I": "in", "O": "out"}
    return Coded(given.codes, pa.array([said.get(text[:1], "") for text in given.listed()], pa.string())).series()


def _miles(column: Coded | None, rows: int) -> npt.NDArray[np.float64]:
    given = _filled(column, rows)
    miles = pd.to_numeric(pd.Series(given.listed(), dtype="str"), errors="coerce").to_numpy(float)
    return np.where(miles >= 0, miles, np.nan)[given.codes]


def _look_at(episodes: Stack, born: Days, last: pd.Timestamp, personal: frozenset[str]) -> None:
    """Count what a reader of the account should know of; nothing is changed."""
    for name in KNOWN:
        if name in episodes.columns:
            episodes.seen |= unknown(name, episodes.columns[name], personal=personal)
    start, end = episodes.days["DECOM"], episodes.days["DEC"]
    with np.errstate(invalid="ignore"):
        notes = {
            "REASON_PLACE_CHANGE blank": episodes.columns["REASON_PLACE_CHANGE"].are(""),
            "PLACE blank": episodes.columns["PLACE"].are(""),
            "starts and ends on one day": start == end,
            "ends before it starts": end < start,
            "starts before the child is born": start < born,
            "starts after the last day of the returns": start > np.datetime64(last.date(), "D"),
            "open in an earlier return, and not given again": np.isnat(end) & (episodes.year < episodes.year.max()),
        }
    for rule, rows in notes.items():
        if count := int(np.count_nonzero(rows)):
            episodes.seen[rule] = count
    years = sorted(set(np.unique(episodes.year[episodes.year > 0]).tolist()))
    for year in sorted(set(range(years[0], years[-1])) - set(years)) if years else []:
        episodes.seen[f"no row is of the return of {year}, between others"] = 0


def _account(found: Folder, stacks: dict[str, Stack], people: Children, remarks: dict[str, int]) -> pd.DataFrame:
    rows: list[tuple[str, str, int]] = []
    for kind, one in stacks.items():
        used = {EPISODES: "used", HEADER: people.USED, UASC: people.USED}[kind]
        rows += [(kind, used, len(one) - people.older.get(kind, 0))]
        rows += [(kind, people.OLDER, people.older[kind])] if people.older.get(kind) else []
        rows += [(kind, rule, count) for rule, count in one.left_out.items()]
    if found.tables.get(OTHER):
        rows.append(("other files", "not used", found.rows(OTHER)))
    rows += [("seen in files", rule, count) for rule, count in (found.seen | remarks).items()]
    for kind, one in stacks.items():
        rows += [(f"seen in {kind}", rule, count) for rule, count in one.seen.items()]
    rows += [("seen in children", rule, count) for rule, count in people.seen.items()]
    return pd.DataFrame(rows, columns=["step", "rule", "rows"]).astype({"step": "str", "rule": "str", "rows": "int64"})

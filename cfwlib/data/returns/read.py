"""Read child-level returns (SSDA903) from yearly or stacked files, with an account of every row."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cfwlib.areas import project_root
from cfwlib.data.named_files import named_path
from cfwlib.data.returns.codes import KNOWN, Codes, unknown
from cfwlib.data.returns.dates import Days
from cfwlib.data.returns.folder import Folder, open_folder
from cfwlib.data.returns.frames import CODE_COLUMNS, EPISODE_COLUMNS, Identifiers, Returns
from cfwlib.data.returns.guard import private
from cfwlib.data.returns.history import one_history
from cfwlib.data.returns.identifiers import join_zeros, refuse_shortened
from cfwlib.data.returns.people import Children, children_of
from cfwlib.data.returns.placed import placed
from cfwlib.data.returns.points import needed_points
from cfwlib.data.returns.recognise import EPISODES, HEADER, KINDS, OTHER, UASC
from cfwlib.data.returns.stack import Stack, return_year, stack
from cfwlib.errors import InputError
from cfwlib.settings import Settings

NO_CHILD, NO_START, ELSEWHERE = "no CHILD", "no start (DECOM)", "of another authority (LA)"
_ADULT_MONTHS = 21 * 12


@private("the returns cannot be read")
def find_returns(settings: Settings) -> Returns | None:
    """Return the returns that the settings name; without a name the sample's, which are invented; else None.

    Raises
    ------
    InputError
        When there is no folder of that name in data/returns, or it cannot be read.

    Examples
    --------
    >>> find_returns(Settings(data="sample")).modelled  # else `returns` names a folder
    True
    """
    if not settings.returns:
        invented = project_root() / "data" / "sample" / "returns" / "invented"
        return replace(read_returns(invented), modelled=True) if settings.data == "sample" else None
    remedy = "Put the header, episodes and UASC files in one, and give its name; docs/homes.md tells more."
    return read_returns(
        named_path("returns", settings.returns, "returns", remedy, folder=True, file=False),
        dates=settings.returns_dates,
        end=settings.returns_end,
        authority=settings.returns_authority,
    )


@private("the returns cannot be read")
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
        All problems of all files: by what each was recognised as, its place in the alphabetical listing, row and
        column; without a value, the name of a file or sheet, or a heading that is not known.
    """
    found = open_folder(folder)
    stacks, problems = {}, list[str]()
    for kind in KINDS:
        stacks[kind], faults = stack(kind, found.tables.get(kind, []), dates=dates)
        problems += faults
    problems += refuse_shortened(list(stacks.values()), found.labels())
    if problems:
        raise InputError(problems)
    episodes = stacks[EPISODES]
    authorities = _of_one_authority(list(stacks.values()), authority)
    if len(authorities) < 2 and (problems := join_zeros(list(stacks.values()), found.labels())):
        raise InputError(problems)
    for kind in KINDS:
        stacks[kind].keep(~stacks[kind].columns["CHILD"].are(""), NO_CHILD)
    episodes.keep(~np.isnat(episodes.days["DECOM"]), NO_START)
    if not len(episodes):
        raise InputError("the returns: no row of the episodes table has both a CHILD and a start (DECOM).")
    people = children_of(episodes, stacks[HEADER], stacks[UASC])
    child = one_history(episodes, people.of_episodes)
    start, last = _period(episodes, end)
    frame = _episodes(episodes, child)
    _look_at(episodes, people.born[child], last)
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
        doubts=_doubts(episodes, child, found),
        _identifiers=Identifiers(people.identifiers),
        _authorities=Identifiers(sorted(authorities)),
    )


def _of_one_authority(stacks: list[Stack], authority: str) -> set[str]:
    """Keep the rows of one authority; return what the column LA has then, in capitals."""
    given = {text for one in stacks if "LA" in one.columns for text in one.columns["LA"].listed()} - {""}
    wanted = authority.strip().upper()
    if wanted and wanted not in given:
        there = f"{len(given):,} others are there" if given else "no table has one that is filled"
        raise InputError(
            f"the returns: returns_authority is '{authority}', but no row says so in its column LA ({there}). Write it "
            "as the column does, or leave it empty."
        )
    for one in stacks:
        if "LA" in one.columns and wanted:
            one.keep(one.columns["LA"].are(wanted), ELSEWHERE)
        elif "LA" in one.columns and len(given) > 1:
            one.seen[f"rows of {len(given)} authorities (LA): all used"] = len(one)
    return {wanted} if wanted else given


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
        **placed(episodes),
    }
    return pd.DataFrame(frame)[EPISODE_COLUMNS]


def _look_at(episodes: Stack, born: Days, last: pd.Timestamp) -> None:
    """Count what a reader of the account should know of; nothing is changed."""
    for name in KNOWN:
        if name in episodes.columns:
            episodes.seen |= unknown(name, episodes.columns[name])
    start, end = episodes.days["DECOM"], episodes.days["DEC"]
    with np.errstate(invalid="ignore"):
        notes = {
            "REASON_PLACE_CHANGE blank": episodes.columns["REASON_PLACE_CHANGE"].are(""),
            "PLACE blank": episodes.columns["PLACE"].are(""),
            "starts and ends on one day": start == end,
            "ends before it starts": end < start,
            "starts before the child is born": start < born,
            "starts after the 21st birthday": (start.astype("datetime64[M]") - born.astype("datetime64[M]")).astype(int)
            > _ADULT_MONTHS,
            "ends after the last day of the returns": end > np.datetime64(last.date(), "D"),
            "of a child born after the last day of the returns": born > np.datetime64(last.date(), "D"),
            "starts after the last day of the returns": start > np.datetime64(last.date(), "D"),
            "open in an earlier return, and not given again": np.isnat(end) & (episodes.year < episodes.year.max()),
        }
    for rule, rows in notes.items():
        if count := int(np.count_nonzero(rows)):
            episodes.seen[rule] = count


def _doubts(episodes: Stack, child: Codes, found: Folder) -> tuple[str, ...]:
    """Return what makes the whole of the returns doubtful, in sentences without a value."""
    doubts = []
    years = sorted(set(np.unique(episodes.year[episodes.year > 0]).tolist()))
    gaps = sorted(set(range(years[0], years[-1])) - set(years)) if years else []
    if gaps:
        named = ", ".join(str(year) for year in gaps[:5]) + f" and {len(gaps) - 5} more" * (len(gaps) > 5)
        doubts.append(
            f"Between the years of the returns, none is of {named}: who came and left then is not counted, and rates "
            "of coming and leaving are too low. Add these returns."
        )
    for year in years:
        files = np.unique(episodes.file[episodes.year == year])
        own = [set(child[(episodes.year == year) & (episodes.file == file)].tolist()) for file in files]
        if any(2 * len(one & other) > min(len(one), len(other)) for k, one in enumerate(own) for other in own[:k]):
            doubts.append(
                f"Several tables of episodes are of the return of {year} and have the same children: where they "
                "differ, placements are counted from both. Keep the final one."
            )
    return tuple(doubts)


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

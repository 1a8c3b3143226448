"""Write returns as the files that councils keep, for tests and benchmarks with invented children."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from cfwlib.data.returns.frames import CODE_COLUMNS, Returns

_FORMATS = {"dmy": "%d/%m/%Y", "iso": "%Y-%m-%d", "named": "%d-%b-%Y"}


def write_returns(
    returns: Returns,
    folder: Path,
    *,
    layout: Literal["yearly", "stacked"] = "yearly",
    dates: Literal["dmy", "iso", "named"] = "dmy",
) -> None:
    """Write returns as header, episodes, UASC and postcodes; reading them gives the same returns again.

    Parameters
    ----------
    returns
        Returns of whole years from April to March. The files hold identifiers: only invented children are for this.
    folder
        Where to; made if it is not there.
    layout
        One folder for each year, in which an episode is open if it ended later; or one file with a column YEAR.
    dates
        31/03/2025, 2025-03-31 or 31-Mar-2025.
    """
    parts: dict[str, list[pd.DataFrame]] = {"episodes": [], "header": [], "uasc": []}
    names = [returns.identifier(child) for child in range(len(returns.children))]
    for year in range(returns.start.year + 1, returns.end.year + 1):
        tables = _tables_of(returns, np.array(names, object), year, _FORMATS[dates])
        for table, frame in tables.items():
            parts[table].append(frame.assign(YEAR=year))
            if layout == "yearly":
                (folder / str(year)).mkdir(parents=True, exist_ok=True)
                frame.to_csv(folder / str(year) / f"{table}.csv", index=False)
    folder.mkdir(parents=True, exist_ok=True)
    if layout == "stacked":
        for table, frames in parts.items():
            pd.concat(frames, ignore_index=True).to_csv(folder / f"{table}.csv", index=False)
    if len(returns.postcodes):
        returns.postcodes.to_csv(folder / "postcodes.csv", index=False)


def _tables_of(returns: Returns, names: np.ndarray, year: int, form: str) -> dict[str, pd.DataFrame]:
    """Return the tables of one year, as text."""
    first, last = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
    episodes = returns.episodes
    episodes = episodes[(episodes["start"] <= last) & ~(episodes["end"] < first)]
    ends = episodes["end"].where(episodes["end"] <= last)
    table = pd.DataFrame({"CHILD": names[episodes["child"]], "DECOM": episodes["start"].dt.strftime(form).to_numpy()})
    for own, name in CODE_COLUMNS.items():
        table[name] = episodes[own].to_numpy()
    table.loc[ends.isna().to_numpy(), ["REC", "REASON_PLACE_CHANGE"]] = ""
    table.insert(7, "DEC", ends.dt.strftime(form).fillna("").to_numpy())
    people = returns.children[returns.children["child"].isin(set(episodes["child"]))]
    born = people["born"].dt.strftime(form).fillna("")
    header = pd.DataFrame({"CHILD": names[people["child"]], "SEX": people["sex"], "DOB": born})
    header = header.assign(ETHNIC="NOBT", UPN="UN4", MOTHER="", MC_DOB="")
    unaccompanied = people["uasc"].to_numpy()
    uasc = header.loc[unaccompanied, ["CHILD", "SEX", "DOB"]].assign(
        DUC=people.loc[unaccompanied, "uasc_ceased"].dt.strftime(form).fillna("")
    )
    return {"episodes": table, "header": header[people["has_header"].to_numpy()], "uasc": uasc}

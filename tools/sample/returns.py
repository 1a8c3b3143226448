"""Write returns as the files that councils keep: the sample's, and those of tests with invented children."""

from typing import Literal

import numpy as np
import pandas as pd

from cfwlib.data.returns.frames import CODE_COLUMNS, Returns

_FORMATS = {"dmy": "%d/%m/%Y", "iso": "%Y-%m-%d", "named": "%d-%b-%Y"}


def returns_texts(
    returns: Returns,
    *,
    layout: Literal["yearly", "stacked"] = "yearly",
    dates: Literal["dmy", "iso", "named"] = "dmy",
) -> dict[str, str]:
    """Return header, episodes, UASC and postcodes as texts by the names of their files; read, they give the returns.

    Parameters
    ----------
    returns
        Returns of whole years from April to March. The texts hold identifiers: only invented children are for this.
    layout
        One folder for each year, in which an episode is open if it ended later; or one file with a column YEAR.
    dates
        31/03/2025, 2025-03-31 or 31-Mar-2025.
    """
    names = np.array([returns.identifier(child) for child in range(len(returns.children))], object)
    years = range(returns.start.year + 1, returns.end.year + 1)
    tables = {year: _tables_of(returns, names, year, _FORMATS[dates]) for year in years}
    if layout == "yearly":
        frames = {f"{year}/{name}.csv": frame for year, of in tables.items() for name, frame in of.items()}
    else:
        stacked = {name: [of[name].assign(YEAR=year) for year, of in tables.items()] for name in tables[years[0]]}
        frames = {f"{name}.csv": pd.concat(parts, ignore_index=True) for name, parts in stacked.items()}
    if len(returns.postcodes):
        frames["postcodes.csv"] = returns.postcodes
    return {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in frames.items()}


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

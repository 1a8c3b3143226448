"""Ages move with the calendar, not by chance: birthdays at the edges of age bands."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import SettingsError, refuse

Days = npt.NDArray[np.int64]  # days since 1970-01-01
NEVER = np.int64(2**40)  # a day that does not come


@dataclass(frozen=True)
class Ages:
    """Age bands by whole years of age; who reaches the last edge leaves on that day.

    Attributes
    ----------
    edges_years
        Ages at which a band begins, the first usually 0, and the age at which everyone leaves. Anyone younger than the
        first edge (a place kept for a birth) counts in the first band.
    names
        One name per band, one fewer than edges.

    Raises
    ------
    SettingsError
        If the edges do not rise, or the names do not fit them.
    """

    edges_years: tuple[int, ...] = (0, 1, 5, 10, 16, 18)
    names: tuple[str, ...] = ("under 1", "1 to 4", "5 to 9", "10 to 15", "16 to 17")

    def __post_init__(self) -> None:
        problems = []
        if len(self.edges_years) < 2 or any(np.diff(self.edges_years) <= 0) or self.edges_years[0] < 0:
            problems.append(f"Ages: edges must rise from 0 or more, at least two of them; got {self.edges_years}.")
        if len(self.names) != len(self.edges_years) - 1 or len(set(self.names)) != len(self.names):
            problems.append(f"Ages: {len(self.edges_years)} edges need one fewer names, all different.")
        refuse(problems, SettingsError)

    @property
    def lengths_days(self) -> Days:
        """Days each band lasts, on average over leap years, (bands,)."""
        edges = np.round(np.array(self.edges_years) * 365.2425).astype(np.int64)
        return edges[1:] - edges[:-1]

    def upper_edges(self, born: Days) -> Days:
        """Return the day on which each person leaves each band, (people, bands), in days since 1970.

        Someone born on 29 February comes of age on 1 March in other years.
        """
        day = born.astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        within: Days = (day - month.astype("datetime64[D]")).astype(np.int64)
        years = np.array(self.edges_years[1:], dtype=np.int64) * 12
        then = (month.astype(np.int64)[:, None] + years).astype("datetime64[M]").astype("datetime64[D]")
        return then.astype(np.int64) + within[:, None]


def days_of(dates: pd.Series | pd.DatetimeIndex) -> Days:
    """Return dates as days since 1970, times of day cut off; a missing one is `NEVER`."""
    values = np.asarray(dates.to_numpy(), dtype="datetime64[D]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))


def day_of(date: object) -> int:
    """Return one date as days since 1970, its time of day cut off."""
    return int(pd.Timestamp(date).to_datetime64().astype("datetime64[D]").astype(np.int64))  # type: ignore[arg-type]


def date_of(day: int) -> pd.Timestamp:
    """Return the date of a day since 1970."""
    return pd.Timestamp(np.datetime64(int(day), "D"))

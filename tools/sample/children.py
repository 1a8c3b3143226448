"""Invent child-level returns: nobody is in them, the rates are known, and the last day has the published counts."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.returns.frames import EPISODE_COLUMNS, Identifiers, Returns
from cfwlib.data.returns.stack import return_year
from tools.sample.childrens_homes import give_homes
from tools.sample.margins import choose_histories
from tools.sample.rates import TRUE_RATES, UASC_RATES, Rates, simulate_stays

CHILD_COLUMNS = ["child", "born", "sex", "uasc", "uasc_ceased", "has_header"]
SPARE = 2.0  # histories made for each one that is kept
CHANGES_PER_YEAR = {"fostering": 0.3, "residential": 0.35, "supported": 0.3, "other": 0.15}
_REASONS = ("CARPL", "CREQB", "OTHER", "CREQO", "CHILD", "LAREQ", "CLOSE", "STAND")
_REASON_SHARES = (0.4, 0.2, 0.2, 0.07, 0.05, 0.04, 0.02, 0.02)


def synthetic_returns(
    *,
    seed: int = 458,
    start: str = "2020-04-01",
    end: str = "2025-03-31",
    published: bool = True,
    times: float = 1.0,
    rates: Rates = TRUE_RATES,
) -> Returns:
    """Return invented returns.

    Parameters
    ----------
    seed
        The same seed gives the same returns (with the same versions of numpy and scipy).
    start, end
        First and last day covered.
    published
        True: 458 children on the last day, with the published counts of Cumberland, 31 March 2025. False: as chance
        has it.
    times
        Size of the authority, about 460 children each; other than 1 only without the published counts.
    rates
        True daily rates of children who are not unaccompanied; those of the others are `UASC_RATES`.

    Returns
    -------
    returns
        Exact on the last day: 458 children; five age bands; placements, providers, in the area or not, and each of the
        three with the distance from home; 15 unaccompanied. Exact too: 182 starts and 207 ends in the year up to it,
        309 fostered and 69 in children's homes a year before (483 in all, where 482 are published: one child came in
        twice, and nobody here does). Every history is a draw from the true rates, but which histories are kept depends
        on these counts, so entries and ends of the last two years are not free draws. Approximate, or invented: how the
        counts cross, the earlier years, moves within a kind, legal status, need, reasons and places.

    Raises
    ------
    InputError
        When the histories of a seed cannot meet the counts.
    """
    rng = np.random.default_rng(seed)
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    spare = SPARE if published else times
    stays = _histories(rates.times(spare), UASC_RATES.times(1.2 * spare if published else spare), first, last, rng)
    if published:
        stays = stays[choose_histories(stays, first, last, rng)].reset_index(drop=True)
    stays["child"] = pd.factorize(stays["person"], sort=True)[0]
    children = _children(stays, last, rng)
    episodes = _episodes(stays, last, rng)
    episodes = episodes[~(episodes["end"] < first)].reset_index(drop=True)
    episodes, postcodes = give_homes(episodes, children, last, rng, published=published)
    episodes = _recorded(episodes, children, last, rng)
    many = len(children)
    account = pd.DataFrame({"step": ["episodes"], "rule": ["invented"], "rows": [len(episodes)]})
    files = pd.DataFrame({"file": ["invented"], "table": ["episodes"], "year": [last.year], "rows": [len(episodes)]})
    return Returns(
        children[CHILD_COLUMNS], episodes, account, files.astype({"year": "Int64"}), first, last, True, postcodes,
        Identifiers([f"SYN{number:07d}" for number in range(1, many + 1)]),
    )  # fmt: skip


def _histories(
    rates: Rates, uasc_rates: Rates, start: pd.Timestamp, end: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the stays of all children, the unaccompanied after the others."""
    ours, uasc = simulate_stays(rates, start, end, rng), simulate_stays(uasc_rates, start, end, rng)
    for name in ("person", "group"):
        uasc[name] += ours[name].max() + 1
    return pd.concat([ours.assign(uasc=False), uasc.assign(uasc=True)], ignore_index=True)


def _children(stays: pd.DataFrame, last: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    last_stay = stays.drop_duplicates("child", keep="last").sort_values(
        "child", ignore_index=True
    )  # an open end counts
    people = last_stay[["child", "born", "uasc"]].assign(until=last_stay["end"])
    months = people["born"].dt.to_period("M") + 18 * 12
    day = people["born"].dt.day - 1
    people["eighteen"] = (months.dt.start_time.dt.normalize() + pd.to_timedelta(day, unit="D")).astype("datetime64[s]")
    people["sex"] = np.where(rng.random(len(people)) < np.where(people["uasc"], 0.9, 0.57), "1", "2")
    people["uasc_ceased"] = people["until"].fillna(people["eighteen"]).where(people["uasc"])
    people["has_header"] = True
    people["child"] = people["child"].astype(np.int64)
    return people.astype({"sex": "str", "uasc_ceased": "datetime64[s]", "born": "datetime64[s]"})


def _episodes(stays: pd.DataFrame, last: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Cut stays where the child changes home within a kind, and where its legal status changes."""
    until = stays["end"].fillna(last + pd.Timedelta(days=1))
    nights = (until - stays["start"]).dt.days.to_numpy()
    yearly = stays["kind"].str.split(",").str[0].map(CHANGES_PER_YEAR).to_numpy(float)
    changes = np.repeat(np.arange(len(stays)), rng.poisson(yearly * nights / 365.25))
    offsets = np.ceil(rng.random(len(changes)) * (nights[changes] - 1)).astype(np.int64)
    entered = stays.groupby("child")["start"].transform("min")
    order = rng.exponential(300, len(stays)) + 60  # days until a court's final order
    waits = pd.Series(order).groupby(stays["child"].to_numpy()).transform("first").to_numpy().astype(np.int64)
    legal = waits - (stays["start"] - entered).dt.days.to_numpy()
    ordered = np.flatnonzero((legal > 0) & (legal < nights) & ~stays["uasc"].to_numpy())
    cuts = pd.concat(
        [
            pd.DataFrame({"stay": np.arange(len(stays)), "offset": 0, "why": np.where(stays["began"], "S", "P")}),
            pd.DataFrame({"stay": changes, "offset": offsets, "why": "P"}),
            pd.DataFrame({"stay": ordered, "offset": legal[ordered], "why": "L"}),
        ],
        ignore_index=True,
    )
    cuts = cuts[(cuts["offset"] < nights[cuts["stay"]])].sort_values(["stay", "offset"], kind="stable")
    cuts = cuts.drop_duplicates(["stay", "offset"], ignore_index=True)
    frame = stays.iloc[cuts["stay"]].reset_index(drop=True)
    final = (cuts["stay"] != cuts["stay"].shift(-1)).to_numpy()
    frame["start"] = (frame["start"] + pd.to_timedelta(cuts["offset"], unit="D")).astype("datetime64[s]")
    frame["end"] = frame["end"].where(final, frame["start"].shift(-1))
    frame["reason_new"] = cuts["why"].astype("str")
    frame["left"] = frame["left"] & final
    frame["settled"] = (frame["start"] - entered.iloc[cuts["stay"]].reset_index(drop=True)).dt.days >= waits[
        cuts["stay"]
    ]
    return frame


def _recorded(
    episodes: pd.DataFrame, children: pd.DataFrame, last: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """Fill in what else the return records: legal status, need, reasons, year."""
    frame, rows = episodes.copy(), len(episodes)
    child = frame["child"].to_numpy()
    uasc, adopted = frame["uasc"].to_numpy(), (frame["place"] == "A4").to_numpy()
    voluntary = (rng.random(len(children)) < 0.2)[child]
    early = np.where(voluntary, "V2", "C1")
    frame["legal_status"] = np.select([uasc, adopted, frame["settled"]], ["V2", "E1", "C2"], early)
    needs = rng.choice(["N1", "N5", "N8", "N3", "N4"], p=[0.87, 0.06, 0.03, 0.02, 0.02], size=len(children))[child]
    frame["need"] = np.where(uasc, "N8", needs)
    closed = frame["end"].notna().to_numpy()
    of_age = (frame["end"] == children["eighteen"].to_numpy()[child]).to_numpy() & frame["left"].to_numpy()
    home_again = np.where(rng.random(rows) < 0.6, "E4A", "E8")
    ended = np.select([of_age, adopted & frame["left"], frame["left"], closed], ["E7", "E11", home_again, "X1"], "")
    frame["reason_ended"] = ended
    follows = np.r_[(child[1:] == child[:-1]) & (frame["reason_new"].to_numpy()[1:] == "P"), False]
    reasons = rng.choice(_REASONS, p=_REASON_SHARES, size=rows)
    frame["reason_change"] = np.where(follows & closed, reasons, "")
    frame["urn"], frame["placement_location"], frame["placement_authority"] = "", "", ""
    frame["placement_miles"] = np.nan
    frame["file"], frame["row"] = np.int32(0), np.arange(2, rows + 2)
    year = np.where(closed, _year(frame["end"].fillna(last)), _year(pd.Series([last]))[0])
    frame["year"] = pd.array(np.minimum(year, _year(pd.Series([last]))[0]), dtype="Int64")
    texts = [name for name in EPISODE_COLUMNS if frame[name].dtype == object]
    return frame[EPISODE_COLUMNS].astype(dict.fromkeys(texts, "str") | {"child": "int64"})


def _year(days: pd.Series) -> npt.NDArray[np.int32]:
    return return_year(days.to_numpy().astype("datetime64[D]"))

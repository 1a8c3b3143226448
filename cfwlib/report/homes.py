"""The tables of the page of homes, each protected before it is shown; forecasts stand on the counts of today."""

import itertools
from collections.abc import Mapping, Sequence

import pandas as pd

from cfwlib.disclosure import Protected, protect, protect_forecast
from cfwlib.report.fan import fan_chart
from cfwlib.report.figures import Chart
from cfwlib.settings import Settings
from cfwlib.sufficiency.fostering import Fostering
from cfwlib.sufficiency.homes import ALONE, stock
from cfwlib.sufficiency.indicators import age_bands, distances
from cfwlib.sufficiency.nearer import COULD
from cfwlib.sufficiency.stockflow import Ages
from cfwlib.sufficiency.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy, draws_of
from cfwlib.sufficiency.towards_area import in_area_share

ALL = "Total"
OUTSIDE = "outside"
_AGES = [*Ages().names]
_BANDS = ["median", "low_80", "high_80", "low_95", "high_95"]
_BEDS = [
    "median",
    "low_95",
    "high_95",
    "beds_for_occupancy",
    "beds_for_chance",
    "chance_short",
    "without_bed",
    "in_use",
]


def homes_now(study: HomesStudy, settings: Settings) -> dict[str, Protected]:
    """Return how the children in care live today, by name: placement, distance, provider and age.

    All count the same children, so a cell that two of them hold is hidden in both or in neither.
    """
    now = study.now.assign(
        location=study.now["where"],
        distance=distances(study.now["miles"]),
        age=age_bands(study.now["born"], study.at),
    )
    out: dict[str, Protected] = {}
    for name, keys in {
        "placement": ["placement", "location"],
        "distance": ["location", "distance"],
        "provider": ["provider"],
        "age": ["age"],
    }.items():
        out[name] = protect(
            crossed(now, keys), of=_of(study), keys=keys, counts=["children"], shares={"share": ("children", "")},
            beside=list(out.values()), settings=settings,
        )  # fmt: skip
    return out


def crossed(people: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the people in each combination of groups, with every total: columns `keys` and `children`."""
    groups = [[*sorted(people[key].unique(), key=_order), ALL] for key in keys]
    rows = []
    for labels in itertools.product(*groups):
        wanted = [people[key] == label for key, label in zip(keys, labels, strict=True) if label != ALL]
        count = int(pd.concat(wanted, axis=1).all(axis=1).sum()) if wanted else len(people)
        rows.append((*labels, count))
    return pd.DataFrame(rows, columns=[*keys, "children"])


def account_table(study: HomesStudy, settings: Settings) -> Protected:
    """Return what became of the rows of the returns, rules that met no row left out."""
    account = study.spells.account
    account = account[account["fate"].isin(["used", "merged", "dropped"]) & (account["rows"] > 0)]
    total = pd.DataFrame({"fate": ["all"], "rule": [ALL], "rows": [account["rows"].sum()]})
    return protect(
        pd.concat([account, total], ignore_index=True), of=f"rows of the returns to {study.at:%Y-%m-%d}",
        keys=["rule"], counts=["rows"], public=["fate"], settings=settings,
    )  # fmt: skip


def noted_table(study: HomesStudy, settings: Settings) -> Protected | None:
    """Return the rows that were altered or are doubtful; None where there are none."""
    account = study.spells.account
    account = account[account["fate"].isin(["altered", "noted"]) & (account["rows"] > 0)]
    if account.empty:
        return None
    return protect(
        account, of=f"rows of the returns to {study.at:%Y-%m-%d}", keys=["rule"], counts=["rows"], public=["fate"],
        settings=settings,
    )  # fmt: skip


def forecast_table(study: HomesStudy, now: Mapping[str, Protected], *, whole: bool = False) -> Protected:
    """Return the children by placement and place at the forecast's end, or at every year's end, with ranges.

    A range is left out (z) where the same forecast, made in the past, was wrong too often.
    """
    made, rows = study.made, []
    dates = slice(4, None, 4) if whole else slice(-1, None)
    for group, labels in followed(made.kinds).items():
        table = made.band(draws_of(made, group), backtest=study.test, what=group).iloc[dates]
        rows.append(table.assign(placement=labels[0], location=labels[1]))
    table = pd.concat(rows)[["placement", "location", "date", *_BANDS]]
    keys = ["placement", "location"]
    return protect_forecast(table, now=now["placement"], count="children", keys=keys, values=_BANDS, public=["date"])


def followed(kinds: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the groups the forecast follows, by name: placement and location, `Total` = all of them."""
    kinds = list(dict.fromkeys(kind.removeprefix(ALONE) for kind in kinds))
    placements = dict.fromkeys(kind.split(", ")[0] for kind in kinds)
    groups = {TOTAL: (ALL, ALL), INSIDE: (ALL, INSIDE)}
    for placement in sorted(placements):
        inner = [kind for kind in kinds if kind.startswith(f"{placement}, ")]
        groups[placement] = (placement, ALL)
        groups |= {kind: (placement, kind.split(", ")[1]) for kind in inner}
    return groups


def ages_ahead_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the children by age band on the forecast's last night, medians and ranges of four in five."""
    made = study.made
    bands = ["median", "low_80", "high_80"]
    rows = [made.band(made.select(bands=[band]), levels=(0.8,)).iloc[[-1]].assign(age=band) for band in made.bands]
    there = set(now["age"].frame["age"])
    table = pd.concat(rows)[["age", "date", *bands]]
    table = table[table["age"].isin(there)]
    return protect_forecast(table, now=now["age"], count="children", keys=["age"], values=bands, public=["date"])


def fan_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return all children by quarter: counted in the past, drawn ahead."""
    nights = pd.DatetimeIndex([study.at - pd.DateOffset(months=3 * back) for back in range(16, 0, -1)])
    nights = nights[nights >= study.spells.start]
    past = pd.DataFrame({"date": nights, "counted": [float(len(stock(study.spells, night))) for night in nights]})
    levels = ["low_50", "high_50", *_BANDS[1:]]
    ahead = study.made.band(draws_of(study.made, TOTAL), backtest=study.test, what=TOTAL)
    ahead = ahead.assign(counted=pd.Series([float(len(study.now))])).reindex(
        columns=["date", "counted", "median", *levels]
    )
    table = pd.concat([past, ahead], ignore_index=True).assign(placement=ALL)
    values = ["counted", "median", *levels]
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["placement"], values=values, public=["date"]
    )


def fan(table: pd.DataFrame) -> Chart:
    """Return the chart of `fan_table`."""
    return fan_chart(
        table, title="Children in care: counted, and as things go", unit="children",
        source="the returns and the forecast of this run",
    )  # fmt: skip


def path_fan(table: pd.DataFrame) -> Chart:
    """Return the chart of `path_table`."""
    table = table.assign(counted=table["mean"].where(table.index == table.index[0]))
    return fan_chart(
        table, title="Share of children who live in the area, and the path to the target", unit="share", middle="mean",
        target="path", source="the forecast of this run",
    )  # fmt: skip


def fostering_table(found: Fostering, now: Mapping[str, Protected]) -> Protected:
    """Return who would foster the children who need a place, year by year."""
    values = ["demand", "own_places", "with_own", "with_agency", "without_place", "chance_short"]
    table = found.balance.iloc[::4].assign(placement="fostering")[["placement", "date", *values]]
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["placement"], values=values, public=["date"]
    )


def beds_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the beds in children's homes that are needed, year by year."""
    table = study.beds.iloc[::4].assign(placement=RESIDENTIAL)[["placement", "date", *_BEDS]]
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["placement"], values=_BEDS, public=["date"]
    )


def homes_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the homes of each size to add in the area, so that no child need live in a home outside it."""
    values = ["beds_missing", "homes", "beds_then", "chance_short", "in_use"]
    table = study.homes[study.homes["date"] == study.homes["date"].max()] if len(study.homes) else study.homes
    table = table.assign(placement=RESIDENTIAL, location="in area")
    table = table[["placement", "location", "date", "beds_per_home", *values]]
    keys, public = ["placement", "location"], ["date", "beds_per_home"]
    return protect_forecast(table, now=now["placement"], count="children", keys=keys, values=values, public=public)


def scenarios_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return each scenario on the forecast's last night: all children, those in homes, and the share in the area."""
    rows = []
    for name, made in {"as things go": study.made, **{n: f for n, (_, f) in study.scenarios.items()}}.items():
        total = made.band(draws_of(made, TOTAL), backtest=study.test, what=TOTAL).iloc[-1]
        more = (draws_of(made, TOTAL) - draws_of(study.made, TOTAL)).mean(axis=0)[-1]
        homes, inside = draws_of(made, RESIDENTIAL).mean(axis=0)[-1], in_area_share(made).mean(axis=0)[-1]
        rows.append((name, ALL, *total[["median", "low_95", "high_95"]], more, homes, inside))
    values = ["children", "low_95", "high_95", "more_or_fewer", "in_homes", "in_area_share"]
    table = pd.DataFrame(rows, columns=["scenario", "placement", *values])
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["placement"], values=values, public=["scenario"]
    )


def cost_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return what care would cost by whole financial year and placement, in millions of pounds."""
    values = ["mean", "low_80", "high_80"]
    table = study.cost[study.cost["whole_year"]].replace({"placement": {"All": ALL}})
    table = table[["year", "placement", *values]]
    table[values] = table[values] / 1e6
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["placement"], values=values, public=["year"]
    )


def path_table(study: HomesStudy, now: Mapping[str, Protected], *, yearly: bool = False) -> Protected:
    """Return the share of children who live in the area by quarter or year, beside the path to the target."""
    values = ["mean", "low_80", "high_80", "path", "chance", "children_short"]
    table = study.path.iloc[:: 4 if yearly else 1].assign(location=INSIDE)[["location", "date", *values]]
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["location"], values=values, public=["date"]
    )


def changes_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return what has to change for the target, by when the change begins."""
    values = ["strength_share", "mean_share", "chance_share"]
    names = {"strength": values[0], "mean": values[1], "chance": values[2]}
    table = study.changes.rename(columns=names).assign(location="in area")[["location", "starts", *values]]
    return protect_forecast(
        table, now=now["placement"], count="children", keys=["location"], values=values, public=["starts"]
    )


def rules_table(study: HomesStudy, now: Mapping[str, Protected], settings: Settings) -> Protected:
    """Return why children placed outside would stay there, and how many could live in the area."""
    rules = study.rules[study.rules["children"] > 0]
    total = pd.DataFrame({"rule": [ALL], "why": ["placed outside the area"], "children": [rules["children"].sum()]})
    return protect(
        pd.concat([rules, total]).assign(location=OUTSIDE)[["location", "rule", "why", "children"]], of=_of(study),
        keys=["location", "rule"], counts=["children"], public=["why"], beside=list(now.values()), settings=settings,
    )  # fmt: skip


def nearer_table(study: HomesStudy, rules: Protected, settings: Settings) -> Protected:
    """Return how many children placed outside could live in the area, by age, need, placement and distance."""
    table = study.nearer[study.nearer["could"] > 0]
    everyone = table[table["by"] == "all"]
    miles = {
        "more than 20 miles": "could_over_20_miles", "20 miles or less": "could_within_20_miles",
        "not known": "could_miles_not_known",
    }  # fmt: skip
    rows = [(by, group, could) for by, group, could in table[["by", "group", "could"]].itertuples(index=False)]
    rows += [("distance", name, int(everyone[column].sum())) for name, column in miles.items()]
    ways = ("age", "need", "placement", "distance")
    groups = {way: [group if by == way else ALL for by, group, _ in rows] for way in ways}
    told = {"by": [by for by, *_ in rows], "group": [group for _, group, _ in rows]}
    children = {"children": [int(count) for *_, count in rows]}
    counts = pd.DataFrame({**told, "location": OUTSIDE, "rule": COULD, **groups, **children})
    return protect(
        counts, of=_of(study), keys=["location", "rule", *ways], counts=["children"], public=["by", "group"],
        beside=[rules], settings=settings,
    )  # fmt: skip


def _order(label: str) -> tuple[int, str]:
    return (_AGES.index(label) if label in _AGES else len(_AGES), label)


def _of(study: HomesStudy) -> str:
    return f"children in care, {study.at:%Y-%m-%d}"

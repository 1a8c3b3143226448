"""The tables of the page of homes, each protected before it is shown; forecasts stand on the counts of today."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.data.returns import Returns
from cfwlib.disclosure import Protected, protect, protect_forecast
from cfwlib.disclosure.between_runs import near
from cfwlib.disclosure.cells import SMALL, is_small
from cfwlib.errors import InputError
from cfwlib.pages.homes.now import ALL, CARE, FEWEST, places_known
from cfwlib.report.curves import fan_chart
from cfwlib.report.figures import Chart
from cfwlib.report.recorder import Report
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.fostering import Fostering
from cfwlib.sufficiency.homes.groups import LOCATIONS, PLACEMENTS
from cfwlib.sufficiency.homes.spells import ALONE as ALONE_KIND
from cfwlib.sufficiency.homes.spells import stock
from cfwlib.sufficiency.homes.study import INSIDE, RESIDENTIAL, TOTAL, HomesStudy, draws_of
from cfwlib.sufficiency.homes.target import in_area_share
from cfwlib.words import shown_difference

_ahead = partial(protect_forecast, count="children")
_WHY = "Too few children are in it, too little is known of where they live, or past forecasts were wrong too often."
_BANDS = ["median", "low_80", "high_80", "low_95", "high_95"]
_BEDS = [
    "median", "low_95", "high_95", "beds_for_occupancy", "beds_for_chance", "chance_short", "without_bed", "in_use",
]  # fmt: skip


def seen(table: Protected, **groups: str) -> bool:
    """Say whether a table shows the children of a group; a key that is not named is at its total."""
    return table.number("children", **groups).value is not None


def told(table: Protected) -> bool:
    """Say whether any number of a table may be shown."""
    return bool(table.numbers[[*table.status]].notna().any(axis=None))


def show(report: Report, table: Protected, name: str, caption: str, **look: Any) -> None:
    """Show and export a table; where none of its numbers may be shown, say so in its place."""
    if told(table):
        report.table(table, name, caption, **look)
    else:
        report.bullets(f"{caption}: not shown. {_WHY}")


def reading_table(returns: Returns, settings: Settings) -> Protected:
    """Return what became of the rows of the files, and what was noticed at reading."""
    account = returns.account[returns.account["rows"] > 0]
    return _rows_table(account, f"rows of the files to {returns.end:%Y-%m-%d}", settings)


def account_table(study: HomesStudy, settings: Settings) -> Protected:
    """Return what became of the rows of the returns, rules that met no row left out."""
    account = _met(study, "used", "merged", "dropped")
    total = pd.DataFrame({"fate": ["all"], "rule": [ALL], "rows": [account["rows"].sum()]})
    return _rows_table(pd.concat([account, total], ignore_index=True), _of_rows(study), settings, public=["fate"])


def noted_table(study: HomesStudy, settings: Settings) -> Protected | None:
    """Return the rows that were altered or are doubtful; None where there are none."""
    account = _met(study, "altered", "noted")
    return None if account.empty else _rows_table(account, _of_rows(study), settings, public=["fate"])


def _met(study: HomesStudy, *fates: str) -> pd.DataFrame:
    account = study.spells.account
    return account[account["fate"].isin(fates) & (account["rows"] > 0)]


def _of_rows(study: HomesStudy) -> str:
    return f"rows of the returns to {study.at:%Y-%m-%d}"


def _rows_table(account: pd.DataFrame, of: str, settings: Settings, *, public: Sequence[str] = ()) -> Protected:
    """Protect counts of rows; where every rule met a single row they are told together, or they would be a list."""
    if account["rows"].max() <= 1:
        several = {name: "several" for name in account.columns if name != "rows"}
        account = pd.DataFrame([{**several, "rows": account["rows"].sum()}])
    keys = [name for name in account.columns if name not in {"rows", *public}]
    return protect(account, of=of, keys=keys, counts=["rows"], public=public, unrounded=True, settings=settings)


def forecast_table(study: HomesStudy, now: Mapping[str, Protected], *, whole: bool = False) -> Protected:
    """Return the children by placement and place at the forecast's end, or at every year's end, with ranges.

    A range is left out (z) where the same forecast, made in the past, was wrong too often.
    """
    made, rows = study.made, []
    dates = slice(4, None, 4) if whole else slice(-1, None)
    for group, labels in followed(made.kinds).items():
        if group == INSIDE and not places_known(study):
            continue
        table = made.band(draws_of(made, group), backtest=study.test, what=group).iloc[dates]
        rows.append(table.assign(placement=labels[0], location=labels[1]))
    table = pd.concat(rows)[["placement", "location", "date", *_BANDS]]
    keys = ["placement", "location"]
    return _ahead(table, now=now["placement"], keys=keys, values=_BANDS, public=["date"])


def followed(kinds: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the groups the forecast follows, by name: placement and location, `Total` = all of them."""
    usual = {kind.removeprefix(ALONE_KIND) for kind in kinds}
    groups: dict[str, tuple[str, str]] = {}
    for placement in PLACEMENTS:
        inner = {f"{placement}, {where}": (placement, where) for where in LOCATIONS}
        inner = {name: labels for name, labels in inner.items() if name in usual}
        groups |= inner | ({placement: (placement, ALL)} if inner else {})
    return groups | {INSIDE: (ALL, INSIDE), TOTAL: (ALL, ALL)}


def ages_ahead_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the children by age band on the forecast's last night, medians and ranges of four in five."""
    made = study.made
    bands = ["median", "low_80", "high_80"]
    rows = [
        made.band(made.select(bands=[band]), levels=(0.8,), backtest=study.test, what=band).iloc[[-1]].assign(age=band)
        for band in made.bands
    ]
    table = pd.concat(rows)[["age", "date", *bands]]
    return _ahead(table, now=now["age"], keys=["age"], values=bands, public=["date"])


def counted_nights(study: HomesStudy, known: Mapping[pd.Timestamp, int] | None = None) -> dict[pd.Timestamp, int]:
    """Return the children in care by quarter up to four years back, as long as there were enough to show them.

    Parameters
    ----------
    study
        The study of the returns.
    known
        Children in care on nights of which others have been told. Where the returns now have 1 to 5 more or fewer, the
        difference would be a small number: the night stays as it was told. A night `near` to one of
        them is not counted but that one is: 30 March beside the published 31 March would tell who came or went.
    """
    nights = [study.at - pd.DateOffset(months=3 * back) for back in range(1, 17)]
    nights = [
        min((one for one in known or {} if near(one, night)), key=lambda one: abs(one - night), default=night)
        for night in nights
    ]
    out: dict[pd.Timestamp, int] = {}
    for night in (night for night in nights if study.spells.start <= night < study.at):
        counted, told = len(stock(study.spells, night)), (known or {}).get(night)
        out[night] = counted if told is None or not is_small(abs(counted - told)) else told
        if out[night] < FEWEST:
            del out[night]
            break
    return dict(sorted(out.items()))


def fan_table(
    study: HomesStudy, now: Mapping[str, Protected], known: Mapping[pd.Timestamp, int] | None = None
) -> Protected:
    """Return all children by quarter: counted in the past (see `counted_nights`), and drawn ahead."""
    nights = counted_nights(study, known)
    past = pd.DataFrame({"date": pd.DatetimeIndex([*nights]), "counted": [float(count) for count in nights.values()]})
    levels = ["low_50", "high_50", *_BANDS[1:]]
    ahead = study.made.band(draws_of(study.made, TOTAL), backtest=study.test, what=TOTAL)
    ahead = ahead.assign(counted=pd.Series([float(len(study.now))])).reindex(
        columns=["date", "counted", "median", *levels]
    )
    table = pd.concat([past, ahead], ignore_index=True).assign(placement=ALL)
    values = ["counted", "median", *levels]
    return _ahead(table, now=now["placement"], keys=["placement"], values=values, public=["date"])


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


def fostering_table(found: Fostering, now: Mapping[str, Protected]) -> Protected | None:
    """Return who would foster the children who need a place, year by year.

    It starts from the children who live with relatives, own carers and others' today: None where those are not shown.
    """
    if not all(seen(now["care"], placement="fostering", care=care) for care in CARE):
        return None
    values = ["demand", "own_places", "with_own", "with_agency", "without_place", "chance_short"]
    table = found.balance.iloc[::4].assign(placement="fostering")[["placement", "date", *values]]
    return _ahead(table, now=now["placement"], keys=["placement"], values=values, public=["date"])


def beds_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the beds in children's homes that are needed, year by year."""
    table = study.beds.iloc[::4].assign(placement=RESIDENTIAL)[["placement", "date", *_BEDS]]
    return _ahead(table, now=now["placement"], keys=["placement"], values=_BEDS, public=["date"])


def homes_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return the homes of each size to add in the area, so that no child need live in a home outside it.

    They follow from all who live in homes and from those who do in the area: no row where either is hidden.
    """
    values = ["beds_missing", "homes", "beds_then", "chance_short", "in_use"]
    last = study.homes["date"].max() if len(study.homes) and places_known(study) else None
    last = last if seen(now["placement"], placement=RESIDENTIAL) else None
    table = study.homes[study.homes["date"] == last]
    table = table.assign(placement=RESIDENTIAL, location=INSIDE)
    table = table[["placement", "location", "date", "beds_per_home", *values]]
    keys, public = ["placement", "location"], ["date", "beds_per_home"]
    return _ahead(table, now=now["placement"], keys=keys, values=values, public=public)


def scenarios_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return each scenario on the forecast's last night: all children, those in homes, and the share in the area.

    More or fewer is the difference of the middles shown. Children in homes, or in the area, are withheld where their
    present number is hidden, and where a scenario leaves so little to chance that it tells of the children there are.

    Raises
    ------
    InputError
        When a scenario leaves so little of all children to chance.
    """
    rows = []
    in_homes, in_area = seen(now["placement"], placement=RESIDENTIAL), seen(now["placement"], location=INSIDE)
    in_area &= places_known(study)
    for name, made in {"as things go": study.made, **{n: f for n, (_, f) in study.scenarios.items()}}.items():
        total = made.band(draws_of(made, TOTAL), backtest=study.test, what=TOTAL).iloc[-1]
        certain = {what: _certain(draws_of(made, what)[:, -1]) for what in (TOTAL, RESIDENTIAL, INSIDE)}
        if certain[TOTAL]:
            raise InputError(
                f"scenario '{name}': its changes leave nothing to chance, so that it would tell of the children in "
                "care today and not of what may come. Make them smaller: nothing of it was shown."
            )
        homes = np.nan if certain[RESIDENTIAL] or not in_homes else draws_of(made, RESIDENTIAL).mean(axis=0)[-1]
        inside = np.nan if certain[INSIDE] or not in_area else in_area_share(made).mean(axis=0)[-1]
        rows.append((name, ALL, *total[["median", "low_95", "high_95"]], homes, inside))
    values = ["children", "low_95", "high_95", "more_or_fewer", "in_homes", "in_area_share"]
    table = pd.DataFrame(rows, columns=["scenario", "placement", *(name for name in values if name != "more_or_fewer")])
    table["more_or_fewer"] = shown_difference(table["children"], table["children"].iloc[0])
    table = table[["scenario", "placement", *values]]
    return _ahead(table, now=now["placement"], keys=["placement"], values=values, public=["scenario"])


def _certain(draws: np.ndarray) -> bool:
    """Return whether 19 of 20 draws of a number of children lie within a small number of each other."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return bool(high - low <= SMALL)


def cost_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return what care would cost by whole financial year and placement, in millions of pounds.

    Prices are settings, and known: what is left of the total, in one run or in several with other prices, tells of the
    children in the placements that are hidden. Where one is, no cost is given. A tenth of a million is as fine as
    anybody plans.
    """
    values = ["mean", "low_80", "high_80"]
    table = study.cost[study.cost["whole_year"]].replace({"placement": {"All": ALL}})
    table = table[["year", "placement", *values]]
    table[values] = (table[values] / 1e6).round(1)
    if not all(seen(now["placement"], placement=name) for name in PLACEMENTS):
        table = table.iloc[:0]
    return _ahead(table, now=now["placement"], keys=["placement"], values=values, public=["year"])


def path_table(study: HomesStudy, now: Mapping[str, Protected], *, yearly: bool = False) -> Protected:
    """Return the share of children who live in the area by quarter or year, beside the path to the target."""
    values = ["mean", "low_80", "high_80", "path", "chance", "children_short"]
    table = study.path.iloc[:: 4 if yearly else 1].assign(location=INSIDE)[["location", "date", *values]]
    return _ahead(table, now=now["placement"], keys=["location"], values=values, public=["date"])


def changes_table(study: HomesStudy, now: Mapping[str, Protected]) -> Protected:
    """Return what has to change for the target, by when the change begins."""
    values = ["strength_share", "mean_share", "chance_share"]
    names = {"strength": values[0], "mean": values[1], "chance": values[2]}
    table = study.changes.rename(columns=names).assign(location=INSIDE)[["location", "starts", *values]]
    return _ahead(table, now=now["placement"], keys=["location"], values=values, public=["starts"])

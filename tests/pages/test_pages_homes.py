"""The page of homes: no table, forecast or sentence gives a small number of children away, and none breaks on few."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cfwlib.data.returns import Returns
from cfwlib.disclosure import Number, Protected
from cfwlib.disclosure.gate import check_together
from cfwlib.errors import InputError
from cfwlib.pages.homes import tables, words
from cfwlib.pages.homes.now import ALL, ALONE, CARE, OUTSIDE, homes_now
from cfwlib.pages.homes.published import backtest_table
from cfwlib.pages.homes.words import draws
from cfwlib.report.tables import spread
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.nearer import COULD
from cfwlib.sufficiency.homes.spells import clean, stock
from cfwlib.sufficiency.homes.study import RESIDENTIAL, HomesStudy, study_homes
from tools.sample import synthetic_returns

SETTINGS = Settings.model_validate(
    {"data": "sample", "forecast_draws": 200, "forecast_years": 1, "target_date": "2026-03-31"}
)
REGION = SimpleNamespace(code="E06000063", named={})
FEW = {
    ("fostering", "in area"): 40, ("fostering", "outside"): 25, ("residential", "in area"): 3,
    ("residential", "outside"): 12, ("supported", "in area"): 2, ("supported", "outside"): 7, ("other", "in area"): 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def returns() -> Returns:
    return synthetic_returns(seed=1)


def some(returns: Returns, wanted: dict[tuple[str, str], int]) -> HomesStudy:
    """Return the study of an authority with so many children in each placement and place, and a fifth of the past."""
    now = stock(clean(returns, SETTINGS, authorities={REGION.code}), returns.end)
    groups = now.groupby(["placement", "where"])["child"]
    kept = [child for group, count in wanted.items() for child in groups.get_group(group).head(count)]
    past = np.setdiff1d(returns.children["child"], now["child"])[::5]
    episodes = returns.episodes[returns.episodes["child"].isin([*kept, *past])].reset_index(drop=True)
    children = returns.children[returns.children["child"].isin([*kept, *past])].reset_index(drop=True)
    return study_homes(REGION, replace(returns, children=children, episodes=episodes), SETTINGS)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def few(returns) -> HomesStudy:
    return some(returns, FEW)


@pytest.fixture(scope="module")
def now(few) -> dict[str, Protected]:
    return homes_now(few, SETTINGS)


def test_no_small_number_is_shown_or_found(few, now) -> None:
    """Three children in homes in the area are in no table, and every hidden number keeps its room beside all others."""
    assert now["placement"].number("children").value == len(few.now) == sum(FEW.values())
    for name, table in now.items():
        shown = table.frame["children"].dropna()
        assert not shown.between(1, 5).any(), name
        assert (table.audit["width"] > 3).all(), name
        check_together([*now.values()])
    assert not tables.seen(now["placement"], placement=RESIDENTIAL, location="in area")
    assert now["placement"].number("children", placement="other", location=OUTSIDE).value == 0


def test_the_tables_tell_of_the_same_children(few, now) -> None:
    """Who is outside is one number by placement, distance, age and rule, and the rest of it is its parts."""
    outside = now["placement"].number("children", location=OUTSIDE).value
    for name in ("distance", "age", "rules"):
        assert now[name].number("children", location=OUTSIDE).value == outside
    hidden = now["nearer"].frame["children"].isna()
    assert now["nearer"].frame.loc[hidden, "children_status"].eq("c").all()
    assert [*now["age"].frame["age"].unique()][:2] == ["under 1", "1 to 4"]


def test_what_is_left_after_subtraction_is_not_small(returns) -> None:
    """Of the children outside in a placement, less those who could live in the area, there are never one to five."""
    study = some(returns, FEW | {("fostering", "outside"): 60, ("residential", "outside"): 30})
    now = homes_now(study, SETTINGS)
    small = 0
    for row in study.nearer[study.nearer["by"] == "placement"].itertuples():
        seen = now["nearer"].frame[now["nearer"].frame["placement"] == row.group]["children"].notna().any()
        whole = now["placement"].number("children", placement=row.group, location=OUTSIDE).value is not None
        small += 1 <= row.outside - row.could <= 5
        assert not (seen and whole and 1 <= row.outside - row.could <= 5), row.group
    assert small


def test_forecasts_of_hidden_groups_are_hidden(few, now) -> None:
    """Beds, homes, scenarios, costs, past errors and paybacks that start from a hidden number are not told."""
    ahead = tables.forecast_table(few, now, whole=True).frame
    today = now["placement"].frame.set_index(["placement", "location"])["children_status"]
    assert (ahead.set_index(["placement", "location"])["median_status"] == today.reindex(
        pd.MultiIndex.from_frame(ahead[["placement", "location"]])).to_numpy()).all()  # fmt: skip
    assert tables.homes_table(few, now).frame["beds_then_status"].isin(["c"]).all()
    assert words.payback_words(few, now, SETTINGS).endswith("too few children, or too little is known.")
    assert tables.cost_table(few, now).frame.empty  # prices are known: the total would tell what is hidden
    assert words.cost_words(tables.cost_table(few, now)) == "What all of it costs is not shown."
    tested = backtest_table(few.test, now).value
    assert {"residential, in area"} & {*few.test.summary["what"]} - {*tested["forecast_of"]}
    assert tested["mean_error_share"].dropna().map(lambda error: round(error, 3) == error).all()


def test_scenarios_and_fostering_follow_today(few, now) -> None:
    """Children in homes are left out of scenarios, and who fosters, where today's number is hidden."""
    blind = {name: table.part(range(len(table.frame)), keys=table.layout.keys) for name, table in now.items()}
    for name in ("placement", "care"):
        frame = blind[name].frame
        frame.loc[frame["placement"] != ALL, ["children", "children_status"]] = np.nan, "c"
    assert tables.seen(now["placement"], placement="fostering")
    assert tables.scenarios_table(few, now).frame["in_homes"].notna().all() == tables.seen(
        now["placement"], placement=RESIDENTIAL
    )
    assert tables.scenarios_table(few, blind).frame["in_homes_status"].eq("z").all()
    told = tables.scenarios_table(few, now).frame
    assert (told["more_or_fewer"] == told["children"] - told["children"].iloc[0]).all()  # as a reader subtracts
    assert tables.homes_table(few, blind).frame.empty
    found = SimpleNamespace(balance=pd.DataFrame())
    assert tables.fostering_table(found, blind) is None  # type: ignore[arg-type]
    assert {*now["care"].frame["care"]} == {*CARE, ALL}


def test_the_past_is_counted_since_there_were_enough(few, now) -> None:
    """A night with fewer than twenty children, and those before it, are not in the chart."""
    frame = few.spells.frame
    late = frame[frame["start"] > few.at - pd.DateOffset(months=9)]
    short = replace(few, spells=replace(few.spells, frame=late))
    counted = tables.fan_table(short, now).frame["counted"].dropna()
    assert (counted >= 20).all()
    assert len(counted) < len(tables.fan_table(few, now).frame["counted"].dropna())
    chart = tables.fan(tables.fan_table(few, now).numbers)
    assert f"Counted on {few.at:%d %B %Y}: {len(few.now)} children" in chart.alt
    with pytest.raises(InputError, match="nothing to draw"):
        tables.fan(tables.fan_table(few, now).numbers.assign(counted=np.nan, median=np.nan))


def test_the_answer_leaves_out_what_is_hidden(few, now) -> None:
    """Sentences hold no number that is not shown, and no sentence is made of its lack."""
    ahead, beds, path = tables.forecast_table(few, now), tables.beds_table(few, now), tables.path_table(few, now)
    answer = words.homes_answer(few, now, ahead, beds, SETTINGS)
    assert "a number not shown" not in answer
    assert f"{len(few.now)} children were in care" in answer
    changes = tables.changes_table(few, now)
    assert "would not be reached" not in words.target_words(few, _blind(path), _blind(changes), SETTINGS)
    assert draws(Number(0.0)) == "in none of the futures drawn"
    assert draws(Number(None, "z")) == "in a share of the futures drawn that is not shown"
    assert str(len(few.now)) in words.counted_words(few, now, SimpleNamespace(trend=_trend(few)))[0]  # type: ignore[arg-type]


def test_a_target_that_is_met_needs_nothing(few, now) -> None:
    """Where nothing has to change the page does not ask for none of the placements."""
    met = replace(few, changes=few.changes.assign(strength=0.0))
    told = words.target_words(met, tables.path_table(met, now), tables.changes_table(met, now), SETTINGS)
    assert told.endswith("Nothing has to change for it, on average.")


def test_a_kind_that_nobody_lives_in_is_nobody(returns) -> None:
    """No child in a home, or outside, is a 0 in the tables and breaks none of them."""
    study = some(returns, {("fostering", "in area"): 40})
    now = homes_now(study, SETTINGS)
    assert now["placement"].number("children", placement=RESIDENTIAL).value == 0
    assert now["rules"].number("children", location=OUTSIDE, rule=COULD).value == 0
    assert now["alone"].number("children", rule=ALONE).status in {"", "c"}
    for table in (tables.forecast_table, tables.beds_table, tables.homes_table, tables.scenarios_table):
        assert isinstance(table(study, now), Protected)
    assert words.nearer_words(study, now) == "No child is known to be placed outside the area."


def test_nothing_is_said_of_the_area_where_places_are_not_known(few, now) -> None:
    """Returns without postcodes do not make it nobody in the area, nor a target out of reach."""
    lost = replace(few, now=few.now.assign(where="not known"))
    ahead, beds, path = tables.forecast_table(lost, now), tables.beds_table(lost, now), tables.path_table(lost, now)
    assert "in the area" not in words.homes_answer(lost, now, ahead, beds, SETTINGS)
    values = words.headline_values(lost, now, ahead, beds, path)
    assert values["homes_in_area_share"].value is values["homes_target_chance"].value is None
    assert words.target_words(lost, path, tables.changes_table(lost, now), SETTINGS) == words.NO_PLACES
    assert tables.scenarios_table(lost, now).frame["in_area_share"].isna().all()
    assert tables.homes_table(lost, now).frame.empty
    assert ("in area", ALL) not in {*zip(ahead.frame["location"], ahead.frame["placement"], strict=True)}


def test_too_few_children_make_no_table(few) -> None:
    """With nineteen children no table protects each of them: there is none."""
    assert homes_now(replace(few, now=few.now.head(19)), SETTINGS) == {}


def _blind(table: Protected) -> Protected:
    """Return a table whose every number is hidden."""
    frame = table.frame.copy()
    for column in table.status:
        frame[column], frame[f"{column}_status"] = np.nan, "c"
    return replace(table, frame=frame)


def _trend(study: HomesStudy) -> pd.DataFrame:
    return pd.DataFrame({"year": [f"{study.at.year}"], "cared_for": [99.0]})


def test_a_target_of_the_past_is_told_at_the_end_of_the_forecast(few, now) -> None:
    """The path then goes to the last night, and so do the sentence and the headline: not to today."""
    late = SETTINGS.model_copy(update={"target_date": "2024-03-31"})
    study = study_homes(REGION, synthetic_returns(seed=1), late)  # type: ignore[arg-type]
    today = homes_now(study, late)
    path, changes = tables.path_table(study, today), tables.changes_table(study, today)
    said = words.target_words(study, path, changes, late)
    assert "on 31 March 2026" in said
    values = words.headline_values(
        study, today, tables.forecast_table(study, today), tables.beds_table(study, today), path
    )
    assert values["homes_target_chance"].value == study.path["chance"].iloc[-1]


def test_rules_that_met_one_row_each_are_told_together(few) -> None:
    """Four doubts of one row each are no list of children, and no reason for the page to fail: all rows are there."""
    rules = pd.DataFrame({"fate": "noted", "rule": [f"doubt {name}" for name in "abcd"], "rows": 1})
    study = replace(few, spells=replace(few.spells, account=rules))
    noted = tables.noted_table(study, SETTINGS)
    assert noted is not None
    assert noted.frame["rows_status"].tolist() == ["c"]
    returns = replace(synthetic_returns(seed=1), account=rules.rename(columns={"fate": "step"}))
    assert len(tables.reading_table(returns, SETTINGS).frame) == 1


def test_a_table_laid_across_keeps_its_symbols() -> None:
    """Each number and each symbol stands in its row, under its group; a group that a row lacks is blank."""
    long = pd.DataFrame({"kind": ["a", "a", "b"], "where": ["in", "out", "in"], "children": [7, np.nan, 9], "x": 1.0})
    wide, symbols = spread(long, {"children": ["", "c", ""], "x": ["", "", ""]}, across="where", value="children")
    assert wide.columns.tolist() == ["kind", "in", "out"]
    assert wide["in"].tolist() == [7, 9]
    assert wide["out"].isna().all()
    assert symbols == {"in": ["", ""], "out": ["c", ""]}


def test_a_scenario_that_leaves_nothing_to_chance_is_not_shown(few, now) -> None:
    """All rates at nothing and one group sent away would count that group: the scenario is refused, by its name."""
    name, (scenario, made) = next(iter(few.scenarios.items()))
    frozen = replace(made, counts=np.broadcast_to(made.counts[:1], made.counts.shape))
    with pytest.raises(InputError, match=f"scenario '{name}': its changes leave nothing to chance"):
        tables.scenarios_table(replace(few, scenarios={name: (scenario, frozen)}), now)

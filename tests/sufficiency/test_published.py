"""What published tables alone say of children in care: the printed figures, neighbours, and nothing that is hidden."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from oracles.published_checks import HEADLINES, cross_checks, reconcile
from project import SAMPLE

from cfwlib.areas import read_area
from cfwlib.data import Store
from cfwlib.data.importer import read_folder
from cfwlib.data.social_care import SocialCare, from_store
from cfwlib.errors import InputError
from cfwlib.pages.homes.published import comparison_table
from cfwlib.sufficiency.homes.published import INDICATORS, PublishedHomes, published

AREA = "E06000063"


def read(tables: Path, wards: Path, folder: Path) -> SocialCare:
    for path in [*tables.iterdir(), wards]:
        if path.suffix == ".csv":
            (folder / path.name).symlink_to(path)
    expected = read_area("cumberland")["published_homes"]
    return from_store(read_folder(folder, AREA)[0], name="Cumberland", published=expected)


@pytest.fixture(scope="module")
def care(tmp_path_factory: pytest.TempPathFactory) -> SocialCare:
    """The modelled tables."""
    folder, tables = tmp_path_factory.mktemp("care"), tmp_path_factory.mktemp("tables")
    for pattern in ("cla_*", "children_mid*", "statistical*", "ofsted*", "lait*"):
        for path in SAMPLE.glob(pattern):
            (tables / path.name).symlink_to(path)
    return read(tables, SAMPLE / "LSOA21_WD24_LAD24_Lookup.csv", folder)


@pytest.fixture(scope="module")
def homes(care: SocialCare) -> PublishedHomes:
    return published(care)


@pytest.fixture(scope="module")
def official(open_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[SocialCare, PublishedHomes]:
    """The Department's own tables."""
    wards = open_data / "lookups" / "lsoa21_ward24_ltla24_EW.csv"
    care = read(open_data / "social-care", wards, tmp_path_factory.mktemp("official"))
    return care, published(care)


def rows(care: SocialCare, topic: str, item: str, *, name: str = "Cumberland") -> pd.Series:
    figures = care.figures
    wanted = (figures["topic"] == topic) & (figures["item"] == item) & (figures["name"] == name)
    return wanted & (figures["year"] == "2025")


def test_the_sample_has_the_printed_figures(care: SocialCare, homes: PublishedHomes) -> None:
    """All twenty figures of the area file come out of the modelled tables."""
    table = reconcile(homes, care.published)
    assert len(table) == 20
    assert set(table["why"]) == {"agrees"}


@pytest.mark.real
def test_the_published_figures_are_the_departments(official: tuple[SocialCare, PublishedHomes]) -> None:
    """Cumberland on 31 March 2025: the twenty printed figures, to the child, out of the Department's own files."""
    care, homes = official
    table = reconcile(homes, care.published).set_index("figure")
    assert set(table["why"]) == {"agrees"}
    assert table.loc["Children in care", "computed"] == 458
    assert table.loc["Placed in the area, %", "computed"] == pytest.approx(58.7, abs=0.05)
    trend = homes.trend.set_index("year")
    assert trend.loc[["2024", "2025"], ["cared_for", "rate"]].to_numpy().tolist() == [[482, 93], [458, 87]]
    assert trend["cared_for_status"].tolist() == ["z", "z", "z", "", ""]
    assert trend.loc["2025", ["england_rate", "region_rate"]].tolist() == [67, 90]


@pytest.mark.real
def test_the_departments_tables_agree_but_for_one_child(official: tuple[SocialCare, PublishedHomes]) -> None:
    """Totals and parts agree; the table of net gain has one child more outside in 2024, and that is shown."""
    table = cross_checks(official[1])
    apart = table[~table["agrees"]]
    assert apart[["one", "other"]].to_numpy().tolist() == [[225, 226]]
    assert len(table) == 16
    assert table["why"].str.startswith("2 parts are hidden").sum() == 2


@pytest.mark.real
def test_known_places_and_prices(official: tuple[SocialCare, PublishedHomes]) -> None:
    """17 homes with 65 places for 61 children; 275 foster places, 160 filled; 6,750 and 920 pounds a week."""
    homes = official[1]
    against = homes.against.set_index("what")
    assert against.loc["Children's homes", ["places", "children"]].tolist() == [65, 61]
    assert against.loc["Children's homes", "places_per_100"] == pytest.approx(100 * 65 / 61)
    assert 150 < against.loc["Children's homes", "england_places_per_100"] < 180
    assert against.loc["Fostering", ["places", "filled", "children"]].tolist() == [275, 160, 336]
    costs = homes.costs[homes.costs["year"] == "2024-25"].set_index("item")["value"]
    assert costs["Residential care, GBP per week"] == 6750
    assert costs["Fostering, GBP per week"] == 920
    ranks = homes.comparison("over_20_miles").set_index("name")["rank"]
    assert ranks["Cumberland"] == 1  # the farthest of all its neighbours
    assert len(ranks) == 13


def test_what_is_hidden_stays_hidden(homes: PublishedHomes) -> None:
    """No row has a number or share beside a status, or neither; two hidden placements are in no number."""
    own = homes.figures[homes.figures["authority"] == homes.code]
    for column in ("number", "share"):
        assert (own[column].isna() == (own[f"{column}_status"] != "")).all(), column
    latest = own[(own["year"] == "2025") & (own["topic"] == "Placement")].set_index("item")
    hidden = latest.index[latest["number_status"] == "c"]
    assert sorted(hidden) == ["Other placements", "Residential schools"]
    assert latest.loc[hidden, ["number", "share"]].isna().all(axis=None)
    checks = cross_checks(homes)
    told = checks[checks["why"].str.contains("hidden")]
    assert len(told) == 2
    assert told[["one", "other"]].isna().all(axis=None)  # the remainder of 7 is not worked out
    assert told["agrees"].all()
    assert any("4 of 40 figures" in note and "stay hidden" in note for note in homes.notes)


def test_children_placed_across_the_border_are_told_if_both_are_shown(care: SocialCare, homes: PublishedHomes) -> None:
    """106 of others here and 226 of ours elsewhere; with one of the two hidden, nothing."""
    words = (
        "On 31 March 2024, 106 children of other authorities were placed in Cumberland, and 226 of its own outside it."
    )
    assert words in homes.notes
    figures = care.figures.copy()
    hidden = (figures["topic"] == "Placed across borders") & figures["item"].str.startswith("1. ")
    figures.loc[hidden, ["number", "number_status"]] = [float("nan"), "c"]
    assert not any("other authorities" in note for note in published(replace(care, figures=figures)).notes)


def test_a_short_trend_is_called_short(homes: PublishedHomes) -> None:
    """The year before the authority was formed is not applicable, never zero, and the note says so."""
    assert homes.trend["year"].tolist() == ["2023", "2024", "2025"]
    assert homes.trend["cared_for"].isna().tolist() == [True, False, False]
    assert homes.notes[0].startswith("Figures of Cumberland begin in 2024: for 2023 ")
    assert "2 years are no trend" in homes.notes[0]


def test_shares_are_worked_out_where_they_can_be_else_as_printed(care: SocialCare) -> None:
    """269 of 458 is 58.7 %, not the printed 59; with the total hidden it is 59; a hidden number has no share."""
    assert published(care).comparison("in_area").query("is_area")["value"].item() == pytest.approx(26900 / 458)
    topic = "Locality of placement"
    figures = care.figures.copy()
    figures.loc[rows(care, topic, "Total"), ["number", "number_status"]] = [float("nan"), "c"]
    printed = published(replace(care, figures=figures)).comparison("in_area").query("is_area")
    assert printed[["value", "status"]].to_numpy().tolist() == [[59, ""]]
    here = rows(care, topic, "Placed inside the local authority boundary")
    figures.loc[here, ["number", "number_status", "percent", "percent_status"]] = [float("nan"), "c", float("nan"), "c"]
    compared = published(replace(care, figures=figures)).comparison("in_area")
    assert compared.iloc[-1][["name", "status"]].tolist() == ["Cumberland", "c"]
    assert pd.isna(compared.iloc[-1]["value"])
    assert pd.isna(compared.iloc[-1]["rank"])
    assert compared["rank"].max() == 10


@pytest.mark.parametrize("indicator", list(INDICATORS))
def test_every_comparison_is_ready_for_a_chart(homes: PublishedHomes, indicator: str) -> None:
    """The area, ten neighbours with closeness, the region and England once each; highest first, ranked by hand."""
    table = homes.comparison(indicator)
    assert table["kind"].value_counts().to_dict() == {"neighbour": 10, "area": 1, "region": 1, "england": 1}
    assert table["is_area"].sum() == table["is_england"].sum() == 1
    assert table["value"].is_monotonic_decreasing
    ranked = table[table["kind"].isin(["area", "neighbour"])]
    assert ranked["rank"].tolist() == [1 + int((ranked["value"] > value).sum()) for value in ranked["value"]]
    assert table.loc[table["kind"].isin(["region", "england"]), "rank"].isna().all()
    assert (table["closeness"] != "").sum() == 10
    assert (table[["unit", "year", "source", "vintage"]] != "").all(axis=None)


def test_an_unknown_indicator_is_named(homes: PublishedHomes) -> None:
    """The error lists what there is."""
    with pytest.raises(InputError, match="'in_are' is not known; there are rate, "):
        homes.comparison("in_are")


def test_the_median_of_neighbours_is_of_those_shown_if_most_are(care: SocialCare, homes: PublishedHomes) -> None:
    """With three of ten hidden, which are mostly small, there is no median; with two there is."""
    item = "Foster placements"
    near = care.neighbours["name"].tolist()
    values = homes.comparison("fostering").query("kind == 'neighbour'").set_index("name")["value"]
    for count, expected in ((2, values.drop(near[:2]).median()), (3, float("nan"))):
        figures = care.figures.copy()
        for name in near[:count]:
            hidden = rows(care, "Placement", item, name=name)
            figures.loc[hidden, ["number", "percent"]] = float("nan")
            figures.loc[hidden, ["number_status", "percent_status"]] = "c"
        table = comparison_table(published(replace(care, figures=figures))).value.set_index("indicator")
        assert table.loc["In foster care", "neighbours_median"] == pytest.approx(expected, nan_ok=True)


def test_no_rate_of_places_where_the_children_are_hidden(care: SocialCare) -> None:
    """Places stay, the count of children has its status, and the rate is blank."""
    figures = care.figures.copy()
    hidden = rows(care, "Placement", "Secure homes and children's homes")
    figures.loc[hidden, ["number", "number_status"]] = [float("nan"), "c"]
    row = published(replace(care, figures=figures)).against.set_index("what").loc["Children's homes"]
    assert (row["places"], row["children_status"]) == (65, "c")
    assert pd.isna(row["children"])
    assert pd.isna(row["places_per_100"])
    assert row["england_places_per_100"] > 0


def test_a_figure_that_differs_or_lacks_says_why(care: SocialCare, homes: PublishedHomes) -> None:
    """A difference carries the area file's note; an unknown name and a hidden figure are told, not dropped."""
    expected = {
        "authority": homes.code,
        "cared_for": {"value": 460, "note": "an earlier count", "expected": -2},
        "started": {"value": 1, "note": "of another size", "expected": 2},
        "in_area_share": {"value": 58.7, "precision": 0.1},
        "rented": {"value": 1},
    }
    table = reconcile(homes, expected)
    assert table["why"].tolist() == ["an earlier count", "not explained", "agrees", "no figure of this name is read"]
    assert reconcile(homes, expected | {"authority": "E06000064"}).empty
    assert table["difference"].iloc[0] == -2
    figures = care.figures.copy()
    figures.loc[rows(care, "Place providers", "Private provision"), ["number", "number_status"]] = [float("nan"), "c"]
    again = reconcile(published(replace(care, figures=figures)), {"private": {"value": 144}})
    assert again[["status", "why"]].to_numpy().tolist() == [["c", "hidden in the tables"]]
    assert set(care.published) == set(HEADLINES)


def test_a_total_that_differs_between_tables_is_found(care: SocialCare) -> None:
    """One child more in one table, and parts that exceed a total, are both told."""
    figures = care.figures.copy()
    figures.loc[rows(care, "Age group", "1 to 4 years"), "number"] += 1
    figures.loc[rows(care, "Placement", "Foster placements"), "number"] += 100
    table = cross_checks(published(replace(care, figures=figures)))
    apart = table.loc[~table["agrees"], "check"].tolist()
    assert apart[:2] == ["Parts of 'Age group' and their total", "Parts of 'Placement' and their total"]


def test_without_tables_every_frame_is_empty_and_says_so() -> None:
    """Nothing imported: no error, no number, and a sentence for each table."""
    homes = published(from_store(Store(AREA), name="Cumberland"))
    assert homes.year == ""
    assert len(homes.lacking) == 9
    for name in ("figures", "trend", "against", "costs"):
        assert getattr(homes, name).empty, name
    assert homes.comparison("rate").empty
    assert cross_checks(homes).empty
    assert reconcile(homes, {"cared_for": {"value": 458}})["why"].tolist() == ["not in the tables imported"]


@pytest.mark.parametrize("table", ["care_rates", "care_groups", "care_neighbours", "care_providers", "care_costs"])
def test_any_table_may_lack(table: str, care: SocialCare) -> None:
    """The others still answer."""
    figures = care.figures[care.figures["table"] != table]
    empty = {
        "care_neighbours": {"neighbours": care.neighbours.iloc[:0]},
        "care_providers": {"providers": care.providers.iloc[:0]},
        "care_costs": {"costs": care.costs.iloc[:0]},
    }
    homes = published(replace(care, figures=figures, **empty.get(table, {})))
    assert homes.comparison("in_area").empty == (table == "care_groups")
    assert homes.trend.empty == (table == "care_rates")

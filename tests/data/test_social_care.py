"""The published tables of children in care: read as published, every row and every symbol accounted for."""

from pathlib import Path

import pandas as pd
import pytest
from project import SAMPLE

from cfwlib.data import AreaData, Store
from cfwlib.data.importer import Outcome, read_folder
from cfwlib.data.social_care import RATE, SocialCare, from_store, load_published_homes, plain_name
from cfwlib.data.status import STATUSES, part
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
WARDS = "LSOA21_WD24_LAD24_Lookup.csv"
GROUPS = "cla_on_31_march_modelled.csv"
TABLES = {
    "care_rates", "care_groups", "care_new_placements", "care_stability", "care_net_gain", "care_population",
    "care_neighbours", "care_providers", "care_costs",
}  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of the modelled tables of children in care that a test may spoil."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for pattern in (WARDS, "cla_*", "children_mid*", "statistical*", "ofsted*", "lait*"):
        for path in SAMPLE.glob(pattern):
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def read(folder: Path) -> tuple[SocialCare, dict[str, Outcome]]:
    store, outcomes = read_folder(folder, AREA)
    return from_store(store, name="Cumberland"), {one.dataset: one for one in outcomes if one.used}


def test_symbols_are_neither_numbers_nor_zero() -> None:
    """Each symbol becomes NaN with its own status; 0 stays a number; other spellings of a symbol are the same one."""
    text = pd.DataFrame({"number": ["12", "0", "c", "Z", "low", "k", "x", "-", "", " ", "1,234", "-7.0E-2", ":"]})
    frame, problems = part(text, ["number"])
    assert problems == []
    assert frame["number_status"].tolist() == ["", "", "c", "z", "k", "k", "x", "-", "blank", "blank", "", "", "x"]
    assert frame["number"].isna().tolist() == [status != "" for status in frame["number_status"]]
    assert frame["number"].dropna().tolist() == [12, 0, 1234, -0.07]
    assert set(frame["number_status"]) <= set(STATUSES)


@pytest.mark.parametrize("text", ["about 12", "c5", "inf", "1 to 5"])
def test_other_texts_are_refused(text: str) -> None:
    """What is neither a number nor a known symbol is a problem with its row, never a guess."""
    _, problems = part(pd.DataFrame({"number": ["3", text]}, index=[7, 8]), ["number"])
    assert problems == [(8, "number", f"is neither a number nor a known symbol ('{text}')")]


def test_a_wrong_figure_stops_the_import_with_file_and_row(tables: Path) -> None:
    """The row is the file's own, also where titles stand above the heading."""
    path = tables / "ofsted_providers_modelled_2025.csv"
    lines = path.read_text().splitlines()
    assert lines[3].startswith("Provision type")
    lines[5] = lines[5].rsplit(",", 1)[0] + ",six"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read(tables)
    assert caught.value.problems == [f"{path.name}, row 6: places is neither a number nor a known symbol ('six')."]


def test_the_mark_and_titles_of_a_saved_sheet_change_nothing(tables: Path) -> None:
    """A byte-order mark, and lines of title above the heading, leave the figures as they are."""
    plain, _ = read(tables)
    for path in tables.glob("cla_*"):
        width = path.read_text().splitlines()[0].count(",")
        text = f"Children looked after{',' * width}\n{',' * width}\n{path.read_text()}"
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    titled, used = read(tables)
    pd.testing.assert_frame_equal(plain.figures, titled.figures)
    assert used["care_groups"].rows == used["care_groups"].rows_in_file == 1200


def test_both_layouts_of_the_long_table_are_the_same_table(tables: Path) -> None:
    """The dashboard's extract, with its medians that have no numbers, gives what the official layout gives."""
    official, _ = read(tables)
    frame = pd.read_csv(tables / GROUPS, dtype=str, keep_default_na=False)
    frame["geo_breakdown"] = frame["la_name"].where(frame["la_name"] != "", frame["region_name"])
    frame = frame.rename(columns={"number": "cla_31_march_number"}).drop(columns=["la_name", "region_code"])
    median = frame[frame["old_la_code"] == "942"].assign(
        geographic_level="Statistical neighbours (median)", new_la_code="", cla_31_march_number=""
    )
    need = frame.head(3).assign(cla_group="Category of need")
    pd.concat([frame, median, need]).to_csv(tables / GROUPS, index=False)
    extract, used = read(tables)
    pd.testing.assert_frame_equal(official.figures, extract.figures)
    one = used["care_groups"]
    assert (one.rows, one.rows_in_file) == (1200, 1200 + len(median) + 3)
    assert one.why.startswith(f"{len(median) + 3:,} ")


def test_a_table_is_as_old_as_its_last_year_whatever_its_name(tables: Path) -> None:
    """A file named after its first year is not taken for an old one; the table of net gain is of 2024."""
    (tables / GROUPS).rename(tables / "cla_2021_2025.csv")
    _, used = read(tables)
    assert used["care_groups"].vintage == "2025"
    assert used["care_net_gain"].vintage == "2024"


def test_a_repeated_row_is_an_error(tables: Path) -> None:
    """No figure of a place and year may be given twice."""
    path = tables / "cla_numbers_and_rates_modelled.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(InputError, match="is given twice"):
        read(tables)


def test_one_table_is_not_taken_for_another(tables: Path) -> None:
    """The long table has the columns of the net gain's, and more: it does not stand in for it."""
    (tables / "cla_net_gain_modelled_2024.csv").unlink()
    care, used = read(tables)
    assert set(used) & TABLES == TABLES - {"care_net_gain"}
    assert [sentence.split(" (")[0] for sentence in care.lacking] == [
        "Not imported: Children looked after: placed here by other authorities, and elsewhere by this one"
    ]


def test_without_tables_there_are_words_and_empty_frames() -> None:
    """None of the tables is needed: what lacks is named with where to get it."""
    care = from_store(Store(AREA), name="Cumberland")
    assert len(care.lacking) == len(TABLES)
    assert all("cfw data import" in sentence and "https://" in sentence for sentence in care.lacking)
    assert (care.la, care.name, care.sources) == ("", "Cumberland", [])
    assert all(frame.empty for frame in (care.figures, care.neighbours, care.providers, care.costs))
    assert care.figures["number"].dtype == float


def test_the_sample_is_loaded_and_says_that_it_is_modelled(home: Path) -> None:
    """The embedded tables give the area, ten invented neighbours, and no publisher's name."""
    care = load_published_homes(Settings())
    assert care.modelled
    assert (care.code, care.la, care.name, care.region) == (AREA, "942", "Cumberland", "North West")
    assert care.lacking == ()
    assert care.neighbours["rank"].tolist() == list(range(1, 11))
    assert care.neighbours["name"].str.endswith("(modelled)").all()
    assert care.neighbours["la"].str.startswith("X").all()
    assert {source["licence"] for source in care.sources} == {"MIT"}
    assert len(care.published) == 20
    others = care.figures[(care.figures["level"] == "authority") & (care.figures["la"] != "942")]
    assert others["authority"].str.startswith("X").all()
    rate = care.figures[(care.figures["topic"] == RATE) & (care.figures["authority"] == AREA)]
    assert rate.loc[rate["year"] == "2023", "number_status"].tolist() == ["z"] * 3


def test_other_pages_do_not_list_these_tables(modelled: AreaData) -> None:
    """A page that does not use the tables does not name them as its sources."""
    assert not [source["id"] for source in modelled.sources if source["id"].startswith("care_")]


def test_homes_are_kept_by_authority_only(tables: Path) -> None:
    """No name, number or address of a home is read; places are summed by authority, kind and sector."""
    path = tables / "ofsted_providers_modelled_2025.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    for number, row in enumerate(rows):
        row += [["", "", ""], ["URN", "Name", "Postcode"], [f"SC{number}", "Larch House", "CA28 7UU"]][
            (number >= 3) + (number > 3)
        ]
    path.write_text("\n".join(",".join(row) for row in rows))
    store, _ = read_folder(tables, AREA)
    kept = store.frames["care_providers"]
    assert not kept.astype(str).apply(lambda column: column.str.contains("Larch|SC1|CA28")).any(axis=None)
    providers = from_store(store, name="Cumberland").providers
    own = providers[providers["authority"] == AREA].set_index(["kind", "sector"])
    assert own.loc[("Children's home", "Private"), ["providers", "places"]].tolist() == [15, 53]
    agency = own.loc[("Independent fostering agency", "Private")]
    assert (agency["places_unknown"], pd.isna(agency["places"])) == (1, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bristol, City of", "Bristol"), ("County Durham", "Durham"), ("St. Helens", "St Helens"),
        ("Southend-on-Sea", "Southend on Sea"), ("Herefordshire, County of", "Herefordshire"),
        ("Bournemouth, Christchurch and Poole", "Bournemouth, Christchurch & Poole"),
    ],
)  # fmt: skip
def test_publishers_write_one_name_in_several_ways(one: str, other: str) -> None:
    """Ofsted's and the Department's names of an authority meet."""
    assert plain_name(one) == plain_name(other)
    assert plain_name("North Northamptonshire") != plain_name("West Northamptonshire")


@pytest.mark.real
def test_the_published_tables_are_read_whole(open_data: Path, tmp_path: Path) -> None:
    """Every row of the nine tables is kept or left out with a reason; all authorities of England are there."""
    folder = tmp_path / "linked"
    folder.mkdir()
    for path in [*(open_data / "social-care").iterdir(), open_data / "lookups" / "lsoa21_ward24_ltla24_EW.csv"]:
        (folder / path.name).symlink_to(path)
    store, outcomes = read_folder(folder, AREA)
    used = {one.dataset: one for one in outcomes if one.used}
    assert set(used) >= TABLES
    for key in TABLES:
        entry = store.datasets[key]
        assert entry.rows + sum(entry.left_out.values()) == entry.rows_in_file
        assert len(store.frames[key]) == entry.rows
    assert used["care_groups"].rows_in_file == 100_831
    assert used["care_providers"].rows_in_file == 5_600
    assert {store.datasets[key].vintage for key in TABLES} == {"2024", "2025"}
    care = from_store(store, name="Cumberland")
    latest = care.figures[(care.figures["year"] == "2025") & (care.figures["level"] == "authority")]
    assert latest.loc[latest["number"].notna(), "authority"].nunique() == 153
    assert care.neighbours["name"].tolist()[:4] == [
        "Westmorland and Furness", "Lincolnshire", "Herefordshire, County of", "Lancashire",
    ]  # fmt: skip
    assert care.neighbours["closeness"].tolist() == ["Very close"] * 3 + ["Close"] * 7
    unknown = care.providers[care.providers["authority"] == ""]
    assert set(unknown["name"]) == {"Cardiff", "Conwy", "Newport", "Wrexham"}  # not in England

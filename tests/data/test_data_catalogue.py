from pathlib import Path

import pytest

from cfwlib.data import catalogue


@pytest.mark.parametrize(
    ("name", "vintage"),
    [
        ("SAPE_mid2017.csv", "2017"),
        ("gias_20250524.csv", "2025-05-24"),
        ("schools_2025-05-24_all.csv", "2025-05-24"),
        ("postcodes_2025-11.csv", "2025-11"),
        ("download (3).csv", "unknown"),
        ("part_12345678.csv", "unknown"),
    ],
)
def test_a_vintage_is_read_off_the_name_in_one_form(name: str, vintage: str) -> None:
    """Dates sort as text whichever way the publisher writes them."""
    assert catalogue.datasets()["schools"].vintage_of(Path(name), "no such checksum") == vintage


def test_every_data_set_says_where_it_comes_from() -> None:
    """Title, publisher, landing page, licence, attribution and geography are given for each."""
    for entry in catalogue.datasets().values():
        for part in (entry.title, entry.publisher, entry.licence, entry.attribution, entry.geography):
            assert part, entry.id
        assert entry.landing_page.startswith("https://"), entry.id


def test_a_heading_is_matched_only_when_whole() -> None:
    """All columns of a layout, of the right kind of file; otherwise the nearest layout and what it lacks."""
    columns = ["geography code", "Residence type: Total; measures: Value"]
    assert [entry.id for entry, _ in catalogue.matches(catalogue.Header("table", columns))] == ["census_residents"]
    assert catalogue.matches(catalogue.Header("polygons", columns)) == []
    lacking = catalogue.near_misses(catalogue.Header("table", ["lsoa11_code", "lsoa21_code"]))
    assert [(miss[0].id, miss[2]) for miss in lacking] == [("lsoa_lookup", ["change_code"])]

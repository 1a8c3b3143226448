"""Every list of codes is held against every other: an area is whole, or the file that lacks some of it is named."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project import SAMPLE

from cfwlib.data import Store, load_area, store_folder, write_store
from cfwlib.data.catalogue import datasets
from cfwlib.data.codes import tidy
from cfwlib.data.complete import CodeList, cut_short, gaps
from cfwlib.data.importer import read_folder
from cfwlib.data.trim import Area
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
WARDS = "LSOA21_WD24_LAD24_Lookup.csv"
LOOKUP = "LSOA11_LSOA21_LAD22_Lookup.csv"
RURAL = "RUC21_LSOA21.csv"
RANKS = "File_7_IoD2025_modelled.csv"
TABLES = sorted(path.name for path in SAMPLE.glob("*.csv") if "ofsted" not in path.name)  # titles above its heading
CODES = [WARDS, LOOKUP, RURAL, "RUC11_LSOA11.csv", "OA_points.csv", "census2021-ts001-lsoa.csv"]


def change(path: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    edit(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def problems(folder: Path, **more: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_folder(folder, AREA, **more)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.fixture(scope="module")
def sample_store() -> Store:
    """What the modelled files give."""
    return read_folder(SAMPLE, AREA)[0]


@pytest.mark.parametrize("name", [WARDS, LOOKUP])
@pytest.mark.parametrize("rows", [slice(4, 8), slice(88, None)], ids=["four rows gone", "cut after half"])
def test_a_lookup_that_lacks_some_of_the_area_is_named(sample_copy: Path, name: str, rows: slice) -> None:
    """How many, which first, and a file that has them; the county is never made smaller."""
    change(sample_copy / name, lambda t: t.drop(index=t.index[rows]))
    gone = 4 if rows.stop else 89
    found = problems(sample_copy)
    assert all(name in line for line in found)
    assert f"{gone} of the area's 177 neighbourhoods (2021 codes) are not in it, 'X010000" in found[0]
    assert "(it is in " in found[0]


@pytest.mark.parametrize(
    "name",
    [
        "RUC11_LSOA11.csv",
        "File_7_IoD2019_modelled.csv",
        RURAL,
        "census2021-ts001-lsoa.csv",
        "census2021-ts045-lsoa.csv",
    ],
)
def test_a_table_that_lacks_some_of_the_area_is_named_whichever_codes_it_has(sample_copy: Path, name: str) -> None:
    """Tables of the codes of 2011 are held against the lookup as those of 2021 are."""
    change(sample_copy / name, lambda t: t.drop(index=t.index[4:8]))
    vintage = "2021" if "21" in name else "2011"
    assert any(
        line.startswith(f"{name}: 4 of the area's ") and f"({vintage} codes)" in line for line in problems(sample_copy)
    )


def test_a_short_lookup_does_not_shrink_what_the_store_holds(
    sample_store: Store, sample_copy: Path, tmp_path: Path
) -> None:
    """A later import of the lookup alone is held against the data sets that are there already."""
    only = tmp_path / "only"
    only.mkdir()
    (sample_copy / WARDS).rename(only / WARDS)
    change(only / WARDS, lambda t: t.drop(index=t.index[:4]))
    found = problems(only, into=sample_store)
    assert f"{WARDS}: 4 of the area's 177 neighbourhoods" in found[0]
    assert "in the store" in found[0]


def test_a_neighbourhood_given_to_somebody_else_is_a_disagreement(sample_copy: Path) -> None:
    """Where two files give a neighbourhood to two authorities, both are named and neither is believed."""
    change(sample_copy / WARDS, lambda t: t.assign(LAD24CD=["E06000064", *t["LAD24CD"][1:]]))
    (found,) = problems(sample_copy)
    assert WARDS in found
    assert "'X01000001' to E06000064" in found
    assert LOOKUP in found


def code_list(file: str, codes: list[str], authority: str = "", name: str = "", **more: object) -> CodeList:
    return CodeList(
        file,
        file,
        "lsoa21",
        frozenset(codes),
        frozenset((code, authority) for code in codes if authority),
        {code: f"{name} 00{n}A" for n, code in enumerate(codes)} if name else {},
        **more,  # type: ignore[arg-type]
    )


def test_the_district_in_a_name_tells_whose_a_code_is() -> None:
    """A code that no lookup has is the area's where the district in its name is; another's is not."""
    lookup = code_list("lookup", ["E1", "E2"], AREA)
    others = code_list("lookup2", ["F1"], "E06000064")
    shapes = [code_list("shapes", ["E1", "E2", "E3"], name="Carlisle"), code_list("more", ["F1", "F2"], name="Eden")]
    found = gaps([lookup, *shapes, others, code_list("census", ["E1", "E2", "E3", "F1"])], [AREA])
    assert (
        "lookup: 1 of the area's 3 neighbourhoods (2021 codes) are not in it, 'E3' first (it is in shapes)" in found[0]
    )
    assert [line.split(":")[0] for line in found] == ["lookup", "more", "lookup2"]


def test_the_codes_of_an_authority_s_old_districts_are_its_own() -> None:
    """A lookup of 2022 gives the codes of three districts, which are Cumberland now."""
    codes = Area(AREA, {AREA}).codes
    assert {"E07000026", "E07000028", "E07000029"} < codes
    found = gaps([code_list("2024", ["E1"], AREA), code_list("2022", ["E1", "E2"], "E07000028")], codes)
    assert found[0].startswith("2024: 1 of the area's 2 neighbourhoods")


def test_the_lookup_tells_which_codes_of_2011_are_the_areas() -> None:
    """Where no file says whose an old code is, the new one beside it in the lookup does."""
    pairs = frozenset({("O1", "E1"), ("O2", "E2"), ("O3", "F1")})
    lookup = CodeList("lookup", "lookup", "lsoa11", frozenset({"O1", "O2", "O3"}), pairs=pairs)
    short = CodeList("old", "old", "lsoa11", frozenset({"O1"}))
    (found,) = gaps([code_list("wards", ["E1", "E2"], AREA), lookup, short], [AREA])
    assert found.startswith(
        "old: 1 of the area's 2 neighbourhoods (2011 codes) are not in it, 'O2' first (it is in lookup)"
    )


def test_an_old_code_in_the_area_file_is_told_the_new_one(sample_copy: Path) -> None:
    """Who plans for Allerdale is told the code that it has now."""
    with pytest.raises(InputError, match="Its code is E06000063 now"):
        read_folder(sample_copy, "E07000026")


def test_a_county_with_a_district_missing_is_refused(sample_copy: Path) -> None:
    """The lookup of districts cut short would make Lancashire smaller."""
    change(sample_copy / WARDS, lambda t: t.assign(LAD24CD="E07000117"))
    change(sample_copy / LOOKUP, lambda t: t.assign(LAD22CD="E07000117"))
    for name in ("File_7_IoD2025_modelled.csv", "File_7_IoD2019_modelled.csv"):
        change(sample_copy / name, lambda t: t.drop(columns=[c for c in t if c.startswith("Local Authority")]))
    rows = ["LTLA23CD,UTLA23CD", *(f"E070001{n},E10000017" for n in range(17, 25))]
    (sample_copy / "districts.csv").write_text("\n".join(rows))
    with pytest.raises(InputError, match="has 8 districts of E10000017, which has 12"):
        read_folder(sample_copy, "E10000017")


@pytest.mark.parametrize("change_code", ["S", "M"])
def test_half_of_a_split_or_a_merger_is_named(sample_copy: Path, change_code: str) -> None:
    """A split of which one part is there, and a merger of one, lose the people of the other part."""
    change(sample_copy / LOOKUP, lambda t: t.assign(CHGIND=[change_code, *t["CHGIND"][1:]]))
    (found,) = problems(sample_copy)
    assert f"{LOOKUP}, row 2: lsoa11 is {'split' if change_code == 'S' else 'merged'}" in found


def test_a_national_file_cut_short_is_a_caution() -> None:
    """Nine thousand neighbourhoods are more than a region and less than a country."""
    short = [code_list("wards", [f"E{n}" for n in range(9_000)])]
    assert "9,000 neighbourhoods, where England has 33,755" in cut_short(short)
    assert not cut_short([code_list("wards", [f"E{n}" for n in range(33_755)])])


SPELLINGS: list[Callable[[str], str]] = [
    str.lower, lambda code: f" {code} ", lambda code: f"{code}\u00a0", lambda code: f"\ufeff{code}",
    lambda code: f"{code[:3]}\u200b{code[3:]}", lambda code: f"\t{code.lower()}\u202f",
]  # fmt: skip


@pytest.mark.parametrize("spell", SPELLINGS)
def test_codes_are_one_however_they_are_spelt(
    sample_store: Store, sample_copy: Path, spell: Callable[[str], str]
) -> None:
    """Small letters, padding, no-break spaces and signs that cannot be seen change no code of any file."""

    def respell(cell: str) -> str:
        return spell(cell) if re.fullmatch(r"[EWX]\d{8}|[A-Z]{1,3}\d", cell) else cell

    for name in TABLES:
        change(sample_copy / name, lambda t: t.map(respell))
    store, _ = read_folder(sample_copy, AREA)
    for key, frame in sample_store.frames.items():
        if datasets()[key].geography != "point":
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(store.frames[key]))


@pytest.mark.parametrize(
    "column", ["lsoa", "lsoa11", "lsoa21", "point", "ward", "authority", "upper_tier", "rural_code", "change"]
)
def test_every_column_of_codes_is_brought_to_capitals(column: str) -> None:
    """Also those that no file of the sample has in another spelling, such as the change of a lookup."""
    assert tidy(pd.DataFrame({column: ["\ufeffu", " u\u00a0"]}, dtype="str"))[column].tolist() == ["U", "U"]


def test_words_of_a_short_list_are_known_in_any_case() -> None:
    """A village is one in capitals too; a name keeps its own letters, and its spaces are plain ones."""
    frame = pd.DataFrame({"place_kind": ["VILLAGE", " town"], "name": ["St\u00a0Bees ", "AMBLE"]}, dtype="str")
    assert tidy(frame).to_dict("list") == {"place_kind": ["Village", "Town"], "name": ["St Bees", "AMBLE"]}


IMPOSSIBLE: list[tuple[str, str, str, str]] = [
    (RURAL, "RUC21CD", "", "rural_code is blank"),
    (RURAL, "RUC21CD", "E1", "rural_code is not a class"),
    ("RUC11_LSOA11.csv", "RUC11CD", "UN1", "rural_code is not a class"),
    ("OA_points.csv", "RUC11CD", "Z9", "rural_code is not a class"),
    (RANKS, "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)", "33756", "imd_rank is not a whole"),
    (
        RANKS,
        "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
        "9",
        "imd_decile does not follow",
    ),
    (RANKS, "Income Score (rate)", "14.2", "income_score is negative or too large"),
    (
        "census2021-ts001-lsoa.csv",
        "Residence type: Total; measures: Value",
        "1500.5",
        "residents is not a whole number",
    ),
    ("SAPE_LSOA11_mid2020_single_year_of_age.csv", "All Ages", "9", "residents is not the sum of the single years"),
    (WARDS, "WD24CD", "", "ward is blank"),
    (WARDS, "LAD24CD", "", "authority is not a valid code"),
    (LOOKUP, "LSOA11CD", "", "lsoa11 is not a valid code"),
    ("os_open_names_modelled.csv", "LOCAL_TYPE", "", "place_kind is blank"),
    ("edubasealldata_modelled.csv", "EstablishmentStatus (name)", "", "status is blank"),
    ("edubasealldata_modelled.csv", "EstablishmentStatus (name)", "Opne", "status is not one of the known values"),
    ("edubasealldata_modelled.csv", "PhaseOfEducation (name)", "", "phase is blank"),
    ("childrens_centres_and_hubs.csv", "register", "", "register is blank"),
    ("libraries_modelled.csv", "easting", "inf", "easting is not a number"),
]


def test_a_value_outside_its_domain_is_refused_by_row(sample_copy: Path) -> None:
    """Codes, ranks, deciles, shares, counts and coordinates are what they can be, or each row is named, all at once."""
    for row, (name, column, value, _) in enumerate(IMPOSSIBLE):
        change(sample_copy / name, lambda t, c=column, r=row, v=value: t.assign(**{c: [*t[c][:r], v, *t[c][r + 1 :]]}))
    found = problems(sample_copy)
    for row, (name, _, _, words) in enumerate(IMPOSSIBLE):
        assert any(f"{name}, row {row + 2}: {words}" in line for line in found), (name, words)


def test_a_rank_that_many_share_is_no_rank(sample_copy: Path) -> None:
    """One number for all, as after a slip in a spreadsheet, is refused."""
    column = "Income Rank (where 1 is most deprived)"
    change(sample_copy / RANKS, lambda t: t.assign(**{column: "5000"}))
    assert "income_rank is shared by too many neighbourhoods (177)" in problems(sample_copy)[0]


def test_a_table_of_another_place_is_found_out_by_its_people(sample_copy: Path) -> None:
    """Residents in another order are those of other neighbourhoods: the age bands do not fit."""
    column = "Residence type: Total; measures: Value"
    change(sample_copy / "census2021-ts001-lsoa.csv", lambda t: t.assign(**{column: list(t[column][::-1])}))
    assert "residents of all ages, where the Census has" in problems(sample_copy)[0]


def test_points_that_the_postcodes_know_are_not_missed(sample_copy: Path) -> None:
    """An Output Area that has postcodes but no point is named, with the file that has it."""
    points = pd.read_csv(sample_copy / "OA_points.csv", dtype=str)
    postcodes = pd.DataFrame({"postcode": [f"CA1 1{n:03}" for n in range(len(points))], "OA11CD": points["OA11CD"],
                              "LSOA21CD": points["LSOA11CD"]})  # fmt: skip
    postcodes.to_csv(sample_copy / "postcodes.csv", index=False)
    points.drop(index=[0, 9]).to_csv(sample_copy / "OA_points.csv", index=False)
    found = problems(sample_copy)[0]
    assert "OA_points.csv: 2 Output Areas of the area are not in it, 'X00000001' first, that postcodes.csv has" in found


def test_main_roads_alone_are_a_caution(sample_copy: Path) -> None:
    """Roads that leave a tenth of the neighbourhoods without any near are told, not refused."""
    import geopandas as gpd

    roads = gpd.read_file(sample_copy / "road_link.geojson")
    roads[roads["road_classification"] == "Motorway"].to_file(sample_copy / "road_link.geojson", driver="GeoJSON")
    store, _ = read_folder(sample_copy, AREA)
    assert "have no road of it within 5 km" in store.datasets["roads"].notes[0]


@pytest.mark.parametrize("dataset", ["census_cars", "rural_urban_2021", "lsoa_lookup", "iod2025_ranks"])
def test_a_store_that_lacks_a_neighbourhood_is_not_run(home: Path, sample_store: Store, dataset: str) -> None:
    """What an older version stored short is told with the code, before anything is counted."""
    frame = sample_store.frames[dataset]
    store = Store(AREA, sample_store.datasets, {**sample_store.frames, dataset: frame.iloc[1:]}, modelled=True)
    write_store(store, store_folder("cumberland"))
    with pytest.raises(InputError, match="1 of 177 neighbourhoods"):
        load_area(Settings.read(data="store"))


@given(st.data())
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_to_a_table_makes_the_area_smaller(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Rows lost, blanked, doubled, shuffled, columns in another case: the same area, or a refusal with the file."""
    import shutil

    folder = tmp_path_factory.mktemp("mutant")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    name = data.draw(st.sampled_from(CODES + TABLES))
    seed = data.draw(st.integers(0, 10_000))
    kind = data.draw(st.sampled_from(["drop", "blank", "double", "shuffle", "case", "swap"]))
    rng = np.random.default_rng(seed)

    def damage(table: pd.DataFrame) -> pd.DataFrame:
        rows = rng.choice(len(table), size=max(1, int(len(table) * rng.choice([0.02, 0.3, 0.7]))), replace=False)
        column = rng.choice(table.columns)
        if kind == "drop":
            return table.drop(index=table.index[rows])
        if kind == "double":
            return pd.concat([table, table.iloc[rows]])
        if kind == "shuffle":
            return table.sample(frac=1, random_state=seed)
        if kind == "case":
            return table.assign(**{column: table[column].str.swapcase()})
        if kind == "swap":
            return table.assign(**{column: rng.permutation(table[column])})
        table.loc[table.index[rows], column] = ""
        return table

    change(folder / name, damage)
    told: list[str] = []
    try:
        store, outcomes = read_folder(folder, AREA)
    except InputError as error:
        told = error.problems
    if told:
        assert any(name in line for line in told), (name, kind, told)
        return
    area = {key: frame["lsoa"].nunique() for key, frame in store.frames.items() if "lsoa" in frame}
    assert set(area.values()) == {177}
    people = store.frames["census_residents"]["residents"].sum()
    assert people == 273_300 or any(one.notes for one in outcomes), (name, kind)


def test_the_order_of_rows_does_not_matter(sample_store: Store, sample_copy: Path) -> None:
    """Files in another order give the same store; lists of places keep the order of the file, and lose none."""
    for name in TABLES:
        change(sample_copy / name, lambda t: t.sample(frac=1, random_state=1))
    store, _ = read_folder(sample_copy, AREA)
    for key, frame in sample_store.frames.items():
        one, other = (pd.DataFrame(f).drop(columns="geometry", errors="ignore") for f in (frame, store.frames[key]))
        if datasets()[key].area == "buffer" or not datasets()[key].key:
            one, other = (f.sort_values(list(f.columns), ignore_index=True) for f in (one, other))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))


def test_a_blank_code_is_told_by_row_and_is_no_neighbourhood_that_others_lack(sample_copy: Path) -> None:
    """The file with the blank is named, by its row; no sound file is blamed for lacking a code that is none."""
    change(sample_copy / LOOKUP, lambda t: t.assign(LSOA21CD=t["LSOA21CD"].where(t.index != 3, "")))
    found = problems(sample_copy)
    assert any(f"{LOOKUP}, row 5" in line for line in found)
    assert all(line.startswith(LOOKUP) for line in found)


@pytest.mark.parametrize("place", [("54.6", "-3.4"), ("530000", "312000")], ids=["degrees", "swapped"])
def test_a_point_far_from_its_neighbourhood_is_refused(sample_copy: Path, place: tuple[str, str]) -> None:
    """One Output Area with degrees for metres, or easting and northing swapped, would move its families."""

    def move(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[3, ["easting", "northing"]] = [place[0], place[1].lstrip("-")]
        return table

    change(sample_copy / "OA_points.csv", move)
    assert problems(sample_copy)[0].startswith("OA_points.csv: the points of 1 Output Areas lie over 2 km from their")


def test_the_indices_of_2015_are_not_those_of_2019(sample_copy: Path) -> None:
    """Their columns are alike; the year of the districts beside them tells."""
    path = sample_copy / "File_7_IoD2019_modelled.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("District code (2019)", "District code (2013)"), encoding="utf-8")
    store, outcomes = read_folder(sample_copy, AREA)
    assert not {"iod2019_ranks", "iod2019_subdomains", "iod2019_idaci"} & set(store.datasets)
    why = next(one.why for one in outcomes if one.file == path.name)
    assert why.startswith("holds 'Local Authority District code (2013)', so it is of another year")


@pytest.mark.parametrize(("number", "found"), [("-4", True), ("1e300", True), ("12", False), ("c", False)])
def test_a_published_count_is_a_count(sample_copy: Path, number: str, found: bool) -> None:
    """Children below zero, or more than England has people, are told by row; a hidden figure is none of these."""
    path = sample_copy / "cla_numbers_and_rates_modelled.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[3, "children_count"] = number
    frame.to_csv(path, index=False)
    if not found:
        read_folder(sample_copy, AREA)
        return
    with pytest.raises(InputError, match=rf"{path.name}, row 5: number is not a number from 0 to"):
        read_folder(sample_copy, AREA)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("time_period", "ten", "is no year"), ("time_period", "1e300", "is no year"), ("time_period", "-7", "is no year"),
     ("time_period", "99999", "is no year"), ("old_la_code", "1O", "is no number of an authority"),
     ("old_la_code", "-7", "is no number of an authority"), ("time_period", "2023", ""), ("old_la_code", "z", "")],
)  # fmt: skip
def test_a_year_is_a_year_and_an_authority_has_a_number(sample_copy: Path, column: str, value: str, words: str) -> None:
    """A figure under a year that is none would be missing from its own, without a word: it is told by row."""
    path = sample_copy / "cla_placement_stability_modelled.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = int(frame.index[frame["geographic_level"] == "National"][0])
    frame.loc[row, column] = value
    frame.to_csv(path, index=False)
    if words:
        with pytest.raises(InputError, match=rf"{path.name}, row {row + 2}: .* {words} \("):
            read_folder(sample_copy, AREA)
    else:
        read_folder(sample_copy, AREA)


def test_the_error_page_at_a_broken_downloads_end_is_found(sample_copy: Path) -> None:
    """A server that gave up half-way has written its apology behind the rows: the file is not taken for shorter."""
    path = sample_copy / "lait_modelled_2025.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[: len(lines) // 2], "<!DOCTYPE html>", "<p>503"]), encoding="utf-8")
    with pytest.raises(InputError, match=f"{path.name}: ends in a web page"):
        read_folder(sample_copy, AREA)


def test_a_misspelt_heading_of_ones_own_list_is_told(sample_copy: Path) -> None:
    """Without a word every hall's hire would be unknown."""
    path = sample_copy / "venues.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("hire_gbp", "hire_gpb", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"venues.csv: has no 'hire_gbp', but a column almost so written"):
        read_folder(sample_copy, AREA)


@pytest.mark.parametrize(("number", "found"), [("101", True), ("-1", True), ("100", False), ("0", False)])
def test_a_share_is_at_most_the_whole(sample_copy: Path, number: str, found: bool) -> None:
    """More than 100 per cent of the children are told by row, as fewer than none are."""
    path = sample_copy / "cla_on_31_march_modelled.csv"
    change(path, lambda t: t.assign(percentage=[*t["percentage"][:3], number, *t["percentage"][4:]]))
    if found:
        assert f"{path.name}, row 5: percent is not a number from 0 to 100 ({number})." in problems(sample_copy)
    else:
        read_folder(sample_copy, AREA)

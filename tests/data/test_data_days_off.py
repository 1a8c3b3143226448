import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from cfwlib.data.days_off import days_off, public_holidays, read_bank_holidays, read_closures, with_start
from cfwlib.errors import CfwError, InputError, SettingsError
from cfwlib.settings import CalendarSettings

PUBLISHED = {  # gov.uk's list for England and Wales, month and day
    2019: "0101 0419 0422 0506 0527 0826 1225 1226",
    2020: "0101 0410 0413 0508 0525 0831 1225 1228",
    2021: "0101 0402 0405 0503 0531 0830 1227 1228",
    2022: "0103 0415 0418 0502 0602 0603 0829 0919 1226 1227",
    2023: "0102 0407 0410 0501 0508 0529 0828 1225 1226",
    2024: "0101 0329 0401 0506 0527 0826 1225 1226",
    2025: "0101 0418 0421 0505 0526 0825 1225 1226",
    2026: "0101 0403 0406 0504 0525 0831 1225 1228",
    2027: "0101 0326 0329 0503 0531 0830 1227 1228",
    2028: "0103 0414 0417 0501 0529 0828 1225 1226",
    2029: "0101 0330 0402 0507 0528 0827 1225 1226",
    2030: "0101 0419 0422 0506 0527 0826 1225 1226",
}
PROCLAIMED = {  # once only, so no rule has them: days put in, days taken out
    2020: ({"0508"}, {"0504"}),  # 75 years after the war in Europe
    2022: ({"0602", "0603", "0919"}, {"0530"}),  # jubilee, funeral
    2023: ({"0508"}, set()),  # coronation
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_rules_give_the_published_days_but_those_proclaimed_once(year: int) -> None:
    """Easter, the Mondays and the substitute days of 2020 to 2022, 2023 and 2026 to 2028 come out as on gov.uk."""
    put_in, taken_out = PROCLAIMED.get(year, (set(), set()))
    by_rule = {f"{day:%m%d}" for day in public_holidays(year)}
    assert by_rule == set(PUBLISHED[year].split()) - put_in | taken_out


def test_a_substitute_day_is_named_as_one() -> None:
    """Christmas Day of 2022 is a Sunday: Monday is Boxing Day itself, Tuesday stands in for Christmas Day."""
    assert list(public_holidays(2022).items())[-2:] == [
        (date(2022, 12, 26), "Boxing Day"),
        (date(2022, 12, 27), "Christmas Day (substitute day)"),
    ]


def gov_uk(*years: int) -> str:
    """A file such as gov.uk gives."""
    dates = [f"{year}-{md[:2]}-{md[2:]}" for year in years for md in PUBLISHED[year].split()]
    events = [{"title": f"Holiday {day}", "date": day, "notes": "", "bunting": True} for day in dates]
    events[0]["notes"] = "Substitute day"
    scotland = [{"title": "St Andrew’s Day", "date": "2022-11-30", "notes": "", "bunting": True}]
    divisions = {"england-and-wales": events, "scotland": scotland}
    return json.dumps({name: {"division": name, "events": days} for name, days in divisions.items()})


@pytest.fixture
def folder(home: Path) -> Path:
    """The folder for a user's calendars."""
    (home / "data" / "calendar").mkdir()
    return home / "data" / "calendar"


def first_days(**settings: object) -> list[str]:
    return [f"{day}" for day in days_off(calendar(**settings)).closures["first"]]


def calendar(**settings: object) -> CalendarSettings:
    return CalendarSettings.model_validate({"cycle_start": "2026-09-07", **settings})


def test_the_published_file_has_the_days_no_rule_knows(folder: Path) -> None:
    """With the file of 2022 the funeral is a day off, and Scotland's days are not."""
    (folder / "bank-holidays.json").write_text("\ufeff" + gov_uk(2022), encoding="utf-8")
    found = first_days(cycle_start="2022-02-07", bank_holidays="bank-holidays.json")
    assert "2022-09-19" in found
    assert "2022-11-30" not in found
    assert "2022-09-19" not in first_days(cycle_start="2022-02-07")
    assert read_bank_holidays(gov_uk(2022), "f")[date(2022, 1, 3)] == "Holiday 2022-01-03 (substitute day)"


def test_years_the_file_does_not_have_go_by_rule_and_are_named(folder: Path) -> None:
    """A timetable that runs past the end of an old file still leaves out Good Friday, and says how it knows."""
    (folder / "old.json").write_text(gov_uk(2026), encoding="utf-8")
    settings = calendar(bank_holidays="old.json", weeks_ahead=40)
    assert "2027-03-26" in first_days(bank_holidays="old.json", weeks_ahead=40)
    assert days_off(settings).notes == (
        "Public holidays of 2027: by rule, so without one-off days.",
        "Public holidays as published: old.json.",
    )


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"england-and-wales": {"events": [{"title": "x"}]}}', gov_uk(2022).replace("-06-", "-16-")],
)
def test_another_file_is_no_calendar(text: str) -> None:
    """What is not gov.uk's file, or not all of it, is refused by name and nothing of it is used."""
    with pytest.raises(InputError, match=r"f\.json: is not the bank-holidays\.json"):
        read_bank_holidays(text, "f.json")


TOML = """
[[closure]]
first = 2026-10-26
last = 2026-10-30
reason = "October half-term"
kind = "school holiday"
[[closure]]
first = 2026-11-03
venue = "Alston Town Hall"
"""
CSV = """first,last,reason,kind,venue,vehicle
26/10/2026,30/10/2026,October half-term,school holiday,,
2026-11-03,,,,Alston Town Hall,
,,,,,
"""


def test_toml_and_csv_say_the_same() -> None:
    """A spreadsheet's dates and blank cells are read as what they mean."""
    expected = [
        {"first": date(2026, 10, 26), "last": date(2026, 10, 30), "reason": "October half-term", "venue": "",
         "kind": "school holiday", "vehicle": 0},
        {"first": date(2026, 11, 3), "last": date(2026, 11, 3), "reason": "closed", "venue": "Alston Town Hall",
         "kind": "closed", "vehicle": 0},
    ]  # fmt: skip
    assert read_closures(TOML, "closures.toml") == read_closures("\ufeff" + CSV, "closures.csv") == expected


def test_every_wrong_row_is_named_at_once() -> None:
    """File, row and remedy for each slip; none of the file is used."""
    rows = "first,last,kind,vehicle,room\n31/02/2026,,,,\n2026-10-30,2026-10-26,,,\n2026-10-30,,holiday,two,x\n"
    with pytest.raises(InputError) as caught:
        read_closures(rows, "c.csv")
    assert caught.value.problems == [
        "c.csv, row 2: 'first' must be a date like 2026-10-26.",
        "c.csv, row 2: 'last' must be a date like 2026-10-26.",
        "c.csv, row 3: 'last' is before 'first'.",
        "c.csv, row 4: 'room' is not one of first, last, reason, kind, venue, vehicle.",
        "c.csv, row 4: 'kind' must be closed or school holiday, not 'holiday'.",
        "c.csv, row 4: 'vehicle' must be a number.",
    ]


@pytest.mark.parametrize(
    "text", ["first = ", "closure = 3", "[closure]\nfirst = 2026-10-26", "[[closures]]\nfirst = 1"]
)
def test_a_slip_in_the_toml_is_told(text: str) -> None:
    """Not valid, or tables of another name: said so, with the file's name."""
    with pytest.raises(InputError, match=r"c\.toml: (is not valid TOML|write each closure)"):
        read_closures(text, "c.toml")


def test_school_holidays_are_left_out_only_if_wanted(folder: Path) -> None:
    """The hub works through half-term unless term_time_only; other closures always count."""
    (folder / "closures.toml").write_text(TOML, encoding="utf-8")
    always = first_days(closures="closures.toml")
    assert "2026-11-03" in always
    assert "2026-10-26" not in always
    assert "2026-10-26" in first_days(closures="closures.toml", term_time_only=True)
    half_term = (date(2026, 10, 26), date(2026, 10, 30), "October half-term")
    assert days_off(calendar(closures="closures.toml")).breaks == (half_term,)  # known, whether or not it is left out
    notes = days_off(calendar(closures="closures.toml", term_time_only=True)).notes
    assert "Term time only; the last school holiday known ends on Friday 30 October 2026." in notes


def test_term_time_without_term_dates_is_refused(folder: Path) -> None:
    """Nobody is told that the hub keeps to term time when no holiday of these weeks is known."""
    (folder / "closures.toml").write_text(TOML, encoding="utf-8")
    for settings in ({}, {"closures": "closures.toml", "cycle_start": "2027-01-04"}):
        with pytest.raises(SettingsError, match="term_time_only: no row of kind 'school holiday'"):
            days_off(calendar(term_time_only=True, **settings))


def test_a_file_that_is_not_there_is_explained(folder: Path) -> None:
    """The message lists what there is; a file of another encoding is named."""
    (folder / "terms.csv").write_bytes("first,reason\n2026-10-26,P\xe2ques".encode("latin-1"))
    with pytest.raises(CfwError, match=r"'term.csv': there is no such file in data/calendar \(there: terms.csv\)"):
        days_off(calendar(closures="term.csv"))
    with pytest.raises(CfwError, match="is not UTF-8"):
        days_off(calendar(closures="terms.csv"))


@pytest.mark.parametrize(
    ("text", "file"), [("", "c.toml"), ("# none\n", "c.toml"), ("", "c.csv"), ("first,last\n", "c.csv")]
)
def test_a_file_of_closures_without_one_is_refused(text: str, file: str) -> None:
    """Who names a file means it to say something: an empty one may be the wrong one, or cut short."""
    with pytest.raises(InputError, match=rf"{file}: names no closure"):
        read_closures(text, file)


def start(run_date: str, **settings: object) -> str:
    return with_start(CalendarSettings.model_validate({"run_date": run_date, **settings})).cycle_start


def test_the_cycle_starts_on_the_first_sensible_monday() -> None:
    """Four weeks after the run at the earliest, the day itself counted; a bank holiday is passed over."""
    assert start("2026-08-10") == "2026-09-07"
    assert start("2026-08-11") == "2026-09-14"
    assert start("2026-11-28") == "2027-01-04"  # 28 December stands in for Boxing Day
    assert start("2026-08-10", weeks_notice=0) == "2026-08-10"
    assert start("2026-08-10", weeks_notice=3) == "2026-09-07"  # 31 August is the summer bank holiday
    assert with_start(CalendarSettings.model_validate({})).first_day >= date.today() + timedelta(weeks=4)


def test_a_week_of_school_holidays_is_no_start(folder: Path) -> None:
    """The hub does not begin in half-term, whether or not it keeps to term time; a whole year of it is refused."""
    (folder / "closures.toml").write_text(TOML, encoding="utf-8")
    assert start("2026-09-28") == "2026-10-26"
    assert start("2026-09-28", closures="closures.toml") == "2026-11-02"
    (folder / "closures.toml").write_text(TOML.replace("2026-10-30", "2030-10-30"), encoding="utf-8")
    with pytest.raises(SettingsError, match="cycle_start: every week from 2026-10-26 to 2028-10-16 has a school hol"):
        start("2026-09-28", closures="closures.toml")


def test_dates_without_a_first_week_are_refused() -> None:
    """Who forgets to settle the first week is told what does."""
    with pytest.raises(SettingsError, match="cycle_start is not set"):
        days_off(CalendarSettings())  # type: ignore[call-arg]


def test_a_start_in_the_past_is_refused() -> None:
    """Today may be the first day, yesterday not; an old timetable is made again as of its own day."""
    assert start("2026-09-07", cycle_start="2026-09-07") == "2026-09-07"
    with pytest.raises(SettingsError, match="cycle_start '2026-09-07' is past: today is 2026-09-08"):
        start("2026-09-08", cycle_start="2026-09-07")
    with pytest.raises(SettingsError, match="run_date '2026-13-01' is not a date"):
        CalendarSettings(run_date="2026-13-01")  # type: ignore[call-arg]

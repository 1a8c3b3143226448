"""Once children have been counted for a day, a run that counts them otherwise shows nothing of them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from populations import AREA, council, release, returns_of, settings

from cfwlib.disclosure.between_runs import Claim, check_claim, read_claims, told_nights
from cfwlib.errors import CfwError, InputError, SettingsError
from cfwlib.locks import hold
from cfwlib.pages.homes import earlier_runs as homes_release
from cfwlib.pages.homes.earlier_runs import check_returns, claim_homes
from cfwlib.pages.homes.now import homes_now
from cfwlib.pages.homes.tables import counted_nights
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.spells import stock

CARE = SimpleNamespace(figures=pd.DataFrame(columns=["authority", "topic", "item", "number", "year"]), code=AREA)
DAMAGES = [b"", b"{", b"[1]", b"3", b'{"day": 1}', b"[" * 99_999, b"\xff\xfe{", b"9" * 5000, b'{"a": NaN}']
MINE = Claim(AREA, False, "2025-03-31", "a" * 64, "h", {"2024-12-31": 70, "2025-03-31": 72})


def run(
    outputs: Path, run_id: str, study: Any, *, round_to: int = 0, tables: Any = None, invented: bool = True
) -> dict[pd.Timestamp, int]:
    """Claim and release the tables of a study as the page of homes does."""
    folder = outputs / "cumberland" / run_id
    report = SimpleNamespace(out=folder, notebook="06_homes", modelled=True)
    tables = homes_now(study, settings(round_to=round_to)) if tables is None else tables
    nights = claim_homes(report, study, returns_of(study, modelled=invented), tables, CARE, AREA)  # type: ignore[arg-type]
    release(tables, folder)
    return nights


@pytest.mark.parametrize("without", [0, 7, 20])
def test_a_run_without_one_child_is_refused_and_shows_nothing(tmp_path: Path, without: int) -> None:
    """The error names the run and the remedy, and neither a number nor a group of children."""
    run(tmp_path, "20260101-000000", council(5))
    with pytest.raises(InputError, match="20260101-000000") as error:
        run(tmp_path, "20260102-000000", council(5, without=without))
    text = str(error.value)
    assert "delete its folder" in text
    assert not any(word in text for word in ("fostering", "5 to 9", str(len(council(5).now))))
    assert not (tmp_path / "cumberland" / "20260102-000000").exists()


def test_the_same_children_may_be_run_again_with_any_rounding(tmp_path: Path) -> None:
    """Rounded to 0, 5 and 10 the same counts are hidden: three runs stand side by side."""
    for number, round_to in enumerate((0, 5, 10)):
        run(tmp_path, f"2026010{number}-000000", council(6), round_to=round_to)
    assert len(read_claims(tmp_path)) == 3
    assert len({one.hidden for one in read_claims(tmp_path)} - {""}) == 1


def test_a_deleted_run_is_forgotten_and_invented_children_are_no_real_ones(tmp_path: Path) -> None:
    """What nobody was given stands in nobody's way; nor does the demonstration."""
    claim = replace(MINE, run="r")
    check_claim(replace(MINE, children="b" * 64), [])
    check_claim(replace(MINE, children="b" * 64, modelled=True), [claim])
    check_claim(replace(MINE, children="b" * 64, authority="E06000064"), [claim])
    with pytest.raises(InputError, match="Run r:"):
        check_claim(replace(MINE, children="b" * 64), [claim])


@pytest.mark.parametrize(
    ("day", "refused"),
    [("2025-03-03", False), ("2025-03-30", True), ("2025-04-27", True), ("2025-04-28", False), ("2025-04-30", False)],
)
def test_a_day_or_two_later_is_the_same_day(day: str, refused: bool) -> None:
    """Between days less than four weeks apart few children come and go: both together would tell who."""
    mine = replace(MINE, day=day, nights={})
    if refused:
        with pytest.raises(InputError, match="shows the children"):
            check_claim(mine, [replace(MINE, run="r")])
    else:
        check_claim(mine, [replace(MINE, run="r")])


def test_a_night_of_the_past_stays_as_it_was_told() -> None:
    """The first run's count of an earlier night is kept by later ones, and a day told as history is not told anew."""
    later = replace(MINE, day="2025-06-30", children="b" * 64, nights={"2025-03-31": 73, "2025-06-30": 80})
    assert told_nights(later, [MINE])[pd.Timestamp("2025-03-31")] == 72
    with pytest.raises(InputError):
        check_claim(later, [replace(MINE, run="r")])
    with pytest.raises(InputError):
        check_claim(replace(MINE, day="2024-12-31", nights={"2024-12-31": 71}), [replace(MINE, run="r")])


def test_hiding_other_numbers_of_the_same_children_is_refused(tmp_path: Path) -> None:
    """A later version that hides other cells would give away what the first hid."""
    with pytest.raises(InputError, match="hide other numbers"):
        check_claim(replace(MINE, hidden="other"), [replace(MINE, run="r")])


@pytest.mark.parametrize(("modelled", "invented"), [(True, True), (True, False), (False, False)])
def test_runs_of_an_earlier_version_are_looked_at_too(tmp_path: Path, modelled: bool, invented: bool) -> None:
    """Tables that were released without a claim are read: the same ones pass, those of one child fewer do not."""
    old = tmp_path / "cumberland" / "20250101-000000"
    release(homes_now(council(6), settings()), old)
    (old / "run.json").write_text(json.dumps({"modelled": modelled}))
    run(tmp_path, "20260101-000000", council(6), invented=invented)
    shutil.rmtree(tmp_path / "cumberland" / "20260101-000000")
    with pytest.raises(InputError, match="20250101-000000"):
        run(tmp_path, "20260102-000000", council(6, without=3), invented=invented)
    assert read_claims(tmp_path) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: repr(one[:12]))
def test_a_damaged_claim_is_no_claim_of_nothing(tmp_path: Path, damage: bytes) -> None:
    """Where it cannot be read what a run has shown, nothing is shown beside it."""
    run(tmp_path, "20260101-000000", council(6))
    next(tmp_path.glob("*/*/exports/*/released.json")).write_bytes(damage)
    with pytest.raises(InputError, match=r"20260101-000000/exports/06_homes/released\.json"):
        run(tmp_path, "20260102-000000", council(6))


def test_other_returns_are_refused_before_a_run_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is computed: the returns are read, held against what was shown, and refused."""
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs.read_area", lambda area: {"area": {"code": AREA}})
    study = council(6)
    run(tmp_path, "20260101-000000", study)
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs.clean", lambda *args, **kwargs: study.spells)
    check_returns(returns_of(study), settings(), tmp_path)
    fewer = council(6, without=0)
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs.clean", lambda *args, **kwargs: fewer.spells)
    with pytest.raises(InputError, match="20260101-000000"):
        check_returns(returns_of(study), settings(), tmp_path)


@pytest.mark.parametrize(
    ("day", "refused"),
    [("2025-03-03", False), ("2025-03-30", True), ("2025-03-31", False), ("2025-04-27", True), ("2025-04-28", False)],
)
def test_a_day_next_to_a_published_one_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, refused: bool
) -> None:
    """457 on 1 April beside the published 458 of 31 March is one child: the error names the day and what to do."""
    night = pd.Timestamp(day)
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs.published_totals", lambda care: {night: 458})
    if refused:
        with pytest.raises(InputError, match=f"returns_end={day}") as error:
            run(tmp_path, "20260101-000000", council(5))
        assert "458" not in str(error.value)
        assert read_claims(tmp_path) == []
    else:
        run(tmp_path, "20260101-000000", council(5))


def test_an_authority_under_its_old_code_is_the_same_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two area files, one with the code of before 2023: their runs know of each other."""
    run(tmp_path, "20260101-000000", council(5))
    (one,) = read_claims(tmp_path)
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs.successor", lambda code: AREA if code == "E10000023" else "")
    study = council(5, without=0)
    report = SimpleNamespace(out=tmp_path / "x" / "20260102-000000", notebook="06_homes", modelled=True)
    with pytest.raises(InputError, match="20260101-000000"):
        claim_homes(
            report,
            study,
            returns_of(study),
            homes_now(study, settings()),
            CARE,
            "E10000023",  # type: ignore[arg-type]
        )
    assert one.authority == AREA


@pytest.mark.parametrize(("night", "refused"), [("2024-12-30", True), ("2024-12-02", False)])
def test_nights_close_to_those_that_were_told_are_no_claim(night: str, refused: bool) -> None:
    """72 on one night and 71 told of the night before is one child; four weeks apart they are other children."""
    later = replace(MINE, day="2025-09-30", children="b" * 64, nights={night: 71, "2025-09-30": 80})
    if refused:
        with pytest.raises(InputError, match="Run r"):
            check_claim(later, [replace(MINE, run="r")])
    else:
        check_claim(replace(later, nights={night: 71}), [replace(MINE, run="r")])


def test_a_night_near_a_known_one_gives_way_to_it() -> None:
    """A quarter before 30 June is 30 March: the published 31 March is shown in its place."""
    study = council(6)
    there = SimpleNamespace(at=pd.Timestamp("2024-06-30"), spells=study.spells)
    known = {pd.Timestamp("2024-03-31"): len(stock(study.spells, pd.Timestamp("2024-03-31")))}
    nights = counted_nights(there, known)  # type: ignore[arg-type]
    assert pd.Timestamp("2024-03-31") in nights
    assert pd.Timestamp("2024-03-30") not in nights
    assert pd.Timestamp("2024-03-30") in counted_nights(there)  # type: ignore[arg-type]


def test_a_night_that_was_told_stays_when_tables_are_published_later(tmp_path: Path) -> None:
    """The second run does not print 471 where the first has printed 470, whatever has been imported since."""
    first = run(tmp_path, "20260101-000000", council(6))
    (claim,) = read_claims(tmp_path)
    night = min(claim.nights)
    with pytest.MonkeyPatch.context() as patch:
        moved = {pd.Timestamp(night): claim.nights[night] + 1}
        patch.setattr("cfwlib.pages.homes.earlier_runs.published_totals", lambda given: moved)
        again = run(tmp_path, "20260102-000000", council(6))
    assert again[pd.Timestamp(night)] == claim.nights[night]
    assert first.keys() <= again.keys()


def test_another_history_is_another_release(tmp_path: Path) -> None:
    """A history a day longer tells what happened on that day: it is not shown beside the first."""
    run(tmp_path, "20260101-000000", council(6))
    longer = council(6)
    longer.evidence = SimpleNamespace(start=longer.evidence.start - pd.Timedelta(days=1))
    with pytest.raises(InputError, match="history_years"):
        run(tmp_path, "20260102-000000", longer)
    with pytest.raises(SettingsError):
        Settings.read(data="sample", history_years=0.5)


def test_nobody_can_try_out_who_is_in_a_checksum(tmp_path: Path) -> None:
    """The same children in two outputs folders have two checksums: a key decides, and it is in no run's folder."""
    for place in ("one", "two"):
        run(tmp_path / place, "20260101-000000", council(5))
    (one,), (two,) = (read_claims(tmp_path / place) for place in ("one", "two"))
    assert one.children != two.children
    keys = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(".released.key")]
    assert sorted(keys) == ["one/.released.key", "two/.released.key"]
    assert (tmp_path / "one" / ".released.key").stat().st_mode & 0o077 == 0  # for its owner alone
    (tmp_path / "one" / ".released.key").unlink()
    with pytest.raises(InputError, match="20260101-000000"):
        run(tmp_path / "one", "20260102-000000", council(5))


def test_two_that_would_claim_at_once_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one looks at what was shown and writes its claim, no other does; the lock is given back."""
    monkeypatch.setattr("cfwlib.pages.homes.earlier_runs._WAIT_S", 0)
    with hold(tmp_path / ".released.lock", "other"), pytest.raises(CfwError, match="another run that shows children"):
        run(tmp_path, "20260101-000000", council(5))
    run(tmp_path, "20260101-000000", council(5))
    assert not (tmp_path / ".released.lock").exists()


def test_what_was_shown_is_looked_at_and_claimed_under_one_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can show something between the look at what others have shown and the claim."""
    held = []

    def watched(step: Callable[..., Any]) -> Callable[..., Any]:
        def does(*args: Any, **more: Any) -> Any:
            held.append((tmp_path / ".released.lock").exists())
            return step(*args, **more)

        return does

    for name in ("read_claims", "secret", "check_claim", "check_tables"):
        step = getattr(homes_release, name)
        monkeypatch.setattr(homes_release, name, watched(step))
    monkeypatch.setattr(Claim, "write", watched(Claim.write))
    run(tmp_path, "20260101-000000", council(5))
    assert held == [True] * 5


def test_an_empty_key_is_no_key(tmp_path: Path) -> None:
    """A key that a kill or a full disk has emptied would protect nobody: nothing is shown until it is dealt with."""
    (tmp_path / ".released.key").write_text("")
    with pytest.raises(InputError, match="is empty"):
        run(tmp_path, "20260101-000000", council(6))
    assert read_claims(tmp_path) == []

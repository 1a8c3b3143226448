import numpy as np
import pandas as pd
import pytest

from cfwlib.errors import InputError
from cfwlib.stockflow import Ages, Evidence, forecast, observe
from cfwlib.sufficiency.homes.target import change_needed, in_area_share, share_function, towards_area

START, AT, TARGET_DATE = pd.Timestamp("2023-04-01"), pd.Timestamp("2025-03-31"), pd.Timestamp("2027-03-31")
APRIL = pd.Timestamp("2025-04-01")
KINDS = ("fostering, in area", "fostering, outside", "residential, outside", "fostering, not known", "other, in area")


@pytest.fixture(scope="module")
def stays() -> pd.DataFrame:
    """Three hundred children, about half of them outside, who stay for a year or two."""
    rng = np.random.default_rng(5)
    start = START + pd.to_timedelta(rng.integers(-300, 729, 300), unit="D")
    end = start + pd.to_timedelta(rng.integers(200, 900, 300), unit="D")
    born = START - pd.to_timedelta(rng.integers(365, 11 * 365, 300), unit="D")
    kind = rng.choice(KINDS, 300, p=[0.45, 0.35, 0.1, 0.02, 0.08])
    frame = pd.DataFrame({"person": range(300), "kind": kind, "start": start, "end": end, "born": born})
    return frame.assign(end=frame["end"].where(frame["end"] <= AT))


@pytest.fixture(scope="module")
def evidence(stays: pd.DataFrame) -> Evidence:
    return observe(stays, Ages(), start=START, end=AT, kinds=KINDS)


def test_more_of_either_lever_brings_more_children_into_the_area(stays: pd.DataFrame, evidence: Evidence) -> None:
    """The share on the target date rises with the strength of each lever, and at no strength is what the base has."""
    common = {"at": AT, "dates": [TARGET_DATE], "draws": 100, "seed": 1}
    base = forecast(stays, evidence, Ages(), **common)
    assert in_area_share(base)[:, 0].mean() == pytest.approx(0.5, abs=0.15)
    for lever, strengths in (("share", (0.3, 0.6, 1.0)), ("back_per_month", (2.0, 5.0, 20.0))):
        function = share_function(
            stays, evidence, Ages(), at=AT, target_date=TARGET_DATE, draws=100, seed=1, lever=lever
        )
        assert (function(0.0, APRIL) == in_area_share(base)[:, 0]).all()
        shares = [function(strength, APRIL).mean() for strength in (0.0, *strengths)]
        assert np.all(np.diff(shares) > 0)
        assert function(strengths[-1], pd.Timestamp("2026-10-01")).mean() < shares[-1]  # begun later, less comes of it
    changed = forecast(stays, evidence, Ages(), **common, scenario=towards_area(base, APRIL, share=1.0))
    inside = [made.select(kinds=["fostering, in area", "other, in area"]).mean() for made in (base, changed)]
    assert inside[1] - inside[0] > 5
    assert changed.select(of="entered", kinds=["fostering, outside"]).sum() == 0


def test_who_could_move_back_is_counted_today(
    stays: pd.DataFrame, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children who move back divide among placements as those outside do now, not as they will on the target date."""
    asked = []
    monkeypatch.setattr(
        "cfwlib.sufficiency.homes.target.towards_area",
        lambda made, *rest, **more: asked.append(made) or towards_area(made, *rest, **more),
    )
    share_function(stays, evidence, Ages(), at=AT, target_date=TARGET_DATE, draws=10, seed=1, lever="back_per_month")(
        2.0, APRIL
    )
    outside = ((stays["kind"] == "fostering, outside") & stays["end"].isna()).sum()
    assert (asked[0].select(kinds=["fostering, outside"])[:, 0] == outside).all()


def test_the_strength_found_reaches_the_target(stays: pd.DataFrame, evidence: Evidence) -> None:
    """What is named as enough, put into the forecast, reaches the target; a little less does not."""
    function = share_function(stays, evidence, Ages(), at=AT, target_date=TARGET_DATE, draws=100, seed=1)
    now, most = function(0.0, APRIL).mean(), function(1.0, APRIL).mean()
    change = change_needed(function, APRIL, target=(now + most) / 2, most=1, tolerance=0.02)
    assert change.strength is not None
    assert function(change.strength, APRIL).mean() >= (now + most) / 2
    assert function(change.strength - 0.02, APRIL).mean() < (now + most) / 2
    assert change_needed(function, APRIL, target=0.999, most=1, tolerance=0.02).strength is None


def test_only_what_the_area_can_offer_changes(stays: pd.DataFrame, evidence: Evidence) -> None:
    """Placements without a counterpart in the area are left as they are; with none at all it is said."""
    base = forecast(stays, evidence, Ages(), at=AT, dates=[TARGET_DATE], draws=20, seed=1)
    scenario = towards_area(base, APRIL, share=0.5, back_per_month=2)
    assert {name for change in scenario.changes for name in change.origin if change.what == "redirect"} == {
        "fostering, outside"
    }
    stay = [change for change in scenario.changes if change.factor is not None]
    assert [(change.factor, change.to) for change in stay] == [(0.5, ("fostering, outside",))]
    assert set(stay[0].origin) == {"fostering, in area", "other, in area"}
    assert sum(change.add_per_month or 0 for change in scenario.changes) == pytest.approx(2)
    with pytest.raises(InputError, match="supported"):
        towards_area(base, APRIL, share=0.5, placements=["supported"])

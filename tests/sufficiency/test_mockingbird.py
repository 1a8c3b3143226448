"""Constellations keep every rule, are the most there can be, and show nobody's home."""

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from project import SAMPLE

from cfwlib.data import AreaData
from cfwlib.data.carers import Carers, read_carers
from cfwlib.errors import PlanError, SettingsError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes import mockingbird
from cfwlib.sufficiency.homes.mockingbird import HUB, SUPPORTED, Mockingbird, carer_minutes, study_mockingbird

TOWNS = gpd.GeoDataFrame({"name": ["Near", "Far"]}, geometry=gpd.points_from_xy([3e5, 4e5], [5e5, 5e5]), crs=27700)
REGION: Any = SimpleNamespace(towns=TOWNS)


def line(east_km: list[float], hosts: list[int], *, places: int = 2, agency: tuple[int, ...] = ()) -> Carers:
    """Households along a road, by kilometres; a kilometre is a minute."""
    count = len(east_km)
    frame = pd.DataFrame({
        "carer": range(count), "easting": 3e5 + 1000 * np.array(east_km), "northing": 5e5,
        "can_host": np.isin(range(count), hosts), "approved_places": places, "filled_places": np.nan,
        "provider": pd.array(["agency" if n in agency else "own" for n in range(count)], dtype="str"),
        "years_approved": np.nan,
    })  # fmt: skip
    return Carers(frame, pd.DataFrame(), True)


def study(carers: Carers, **options: Any) -> Mockingbird:
    frame = carers.frame.set_index("carer")
    far = np.abs(frame["easting"].to_numpy()[:, None] - frame["easting"].to_numpy()) / 1000
    minutes = pd.DataFrame(far, frame.index, frame.index)[frame.index[frame["can_host"]]]
    asked = {name: options.pop(name) for name in ("most", "maximise", "agency") if name in options}
    return study_mockingbird(carers, minutes, REGION, Settings.read(**options), **asked)


def why(found: Mockingbird, at_most: int = 1) -> list[str]:
    return found.families.query("at_most == @at_most").sort_values("carer")["why"].tolist()


def test_one_hub_home_takes_the_nearest_ten() -> None:
    """Of twelve families within the limit the ten nearest are supported; two have no room, one is too far."""
    found = study(line([0, *range(1, 13), 31], [0]))
    assert found.frontier[["constellations", "families", "places"]].to_numpy().tolist() == [[1, 10, 20]]
    assert why(found) == [HUB, *[SUPPORTED] * 10, *[mockingbird.NO_ROOM] * 2, mockingbird.NO_HOST]
    assert found.frontier[["mean_min", "longest_min"]].to_numpy().tolist() == [[6, 10]]
    assert found.ceiling == 10


def test_fewer_than_six_make_no_constellation() -> None:
    """Five families near a home that can host get none, and are told why; the limit itself counts as near."""
    found = study(line([0, 1, 2, 3, 4, 30], [0]))
    assert found.frontier["constellations"].tolist() == [0]
    assert found.constellations.empty
    assert found.frontier["proven"].all()
    assert why(found)[1:] == [mockingbird.TOO_FEW] * 5
    assert study(line([0, 1, 2, 3, 4, 5, 30], [0])).frontier["families"].tolist() == [6]


def test_a_hub_home_is_supported_by_no_other() -> None:
    """Two hub homes side by side: the one not opened is a family of the other."""
    found = study(line([0, 1, 2, 3, 4, 5, 6], [0, 1]))
    assert found.frontier["families"].tolist() == [6]
    hub = found.constellations["hub_home"].item()
    assert hub == 1  # the least driving
    assert why(found)[0] == SUPPORTED


def test_nobody_who_can_host_and_nobody_placed() -> None:
    """Without a home that can host, or with homes not known, nothing is opened and the reason is given."""
    found = study(line([0, 1, 2, 3, 4, 5, 6], []))
    assert found.frontier["families"].tolist() == [0]
    assert set(why(found)) == {mockingbird.NO_HOST}
    lost = study(line([0, 1, 2, 3, 4, 5, 6, np.nan], [0]))
    assert why(lost)[-1] == mockingbird.NOWHERE


def test_agency_households_count_when_asked() -> None:
    """Households of agencies are left out, and said to be; with `agency` they count."""
    carers = line([0, 1, 2, 3, 4, 5, 6], [0], agency=(6,))
    left_out = study(carers)
    assert why(left_out)[6] == mockingbird.AGENCY
    assert left_out.frontier["families"].tolist() == [0]
    assert study(carers, agency=True).frontier["families"].tolist() == [6]


def test_places_can_be_maximised() -> None:
    """Asked for places, large households come before near ones."""
    carers = line([0, *range(1, 13)], [0])
    carers.frame.loc[[11, 12], "approved_places"] = 4
    assert study(carers).frontier["places"].tolist() == [20]
    most = study(carers, maximise="places").frontier
    assert most[["places", "value", "bound"]].to_numpy().tolist() == [[24, 24, 24]]


def test_what_cannot_be_asked() -> None:
    """More at least than at most, and no constellation at all, are refused in words."""
    with pytest.raises(SettingsError, match="Swap them"):
        study(line([0, 1], [0]), mockingbird_min_families=9, mockingbird_max_families=8)
    with pytest.raises(PlanError, match="1 constellation or more"):
        study(line([0, 1], [0]), most=0)


@pytest.fixture(scope="module")
def sample(modelled: AreaData) -> tuple[Carers, pd.DataFrame, Mockingbird]:
    carers, settings = read_carers(SAMPLE / "returns" / "invented_carers.csv"), Settings.read(mockingbird_limit_min=15)
    minutes = carer_minutes(carers, modelled, settings)
    return carers, minutes, study_mockingbird(carers, minutes, modelled, settings, most=4)


def test_the_sample_is_proven(sample: tuple[Carers, pd.DataFrame, Mockingbird]) -> None:
    """Each number of constellations on real shapes is proven, and more of them never support fewer."""
    frontier = sample[2].frontier
    assert frontier["at_most"].tolist() == [1, 2, 3, 4]
    assert frontier["proven"].all()
    assert frontier["shortest"].all()
    assert frontier["families"].is_monotonic_increasing
    assert (frontier["families"] <= sample[2].ceiling).all()


def test_every_rule_is_kept(sample: tuple[Carers, pd.DataFrame, Mockingbird]) -> None:
    """Counted household by household from the list: 6 to 10 each, near, once, hosts only; every household has a row."""
    carers, minutes, found = sample
    hosts = set(carers.frame.loc[carers.frame["can_host"], "carer"])
    places = dict(zip(carers.frame["carer"], carers.frame["approved_places"], strict=True))
    for at_most, rows in found.families.groupby("at_most"):
        assert sorted(rows["carer"]) == list(range(110))
        hubs = set(rows.loc[rows["why"] == HUB, "carer"])
        assert hubs <= hosts
        assert len(hubs) <= at_most
        groups: dict[int, list[int]] = {hub: [] for hub in hubs}
        for row in rows[rows["why"] == SUPPORTED].itertuples():
            assert row.carer not in hubs
            assert minutes.loc[row.carer, row.hub_home] <= 15
            groups[row.hub_home].append(row.carer)
        assert all(6 <= len(group) <= 10 for group in groups.values())
        told = found.constellations.query("at_most == @at_most").set_index("hub_home")
        assert set(told.index) == hubs
        for hub, group in groups.items():
            assert told.loc[hub, "families"] == len(group)
            assert told.loc[hub, "places"] == sum(places[one] for one in group)
            assert told.loc[hub, "longest_min"] == round(max(minutes.loc[one, hub] for one in group))
        assert found.reasons.query("at_most == @at_most")["families"].sum() == 110


def test_no_home_is_shown(sample: tuple[Carers, pd.DataFrame, Mockingbird]) -> None:
    """Hub homes are placed by a 5 km square and a town; the coordinates of a home are in no frame."""
    carers, _, found = sample
    squares = found.constellations[["easting_5km", "northing_5km"]]
    assert ((squares % 5000) == 2500).all(axis=None)
    homes = set(carers.frame[["easting", "northing"]].to_numpy().ravel()) - set(squares.to_numpy().ravel())
    for frame in (found.frontier, found.constellations, found.families, found.reasons):
        assert not homes & set(frame.select_dtypes("number").to_numpy().ravel())
        assert not {"easting", "northing", "postcode"} & set(frame.columns)
    assert (found.constellations["near"] != "").all()


def test_a_choice_that_breaks_a_rule_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the engine ever gave one family too many, the study would stop."""
    engine = mockingbird.choose_capacitated

    def careless(far: Any, new: int, **rules: Any) -> Any:
        return engine(far, new, **rules | {"most": 11})

    monkeypatch.setattr(mockingbird, "choose_capacitated", careless)
    with pytest.raises(PlanError, match="serves 11, more than 10"):
        study(line([0, *range(1, 13)], [0]))

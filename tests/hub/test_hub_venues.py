import numpy as np
import pandas as pd
import pytest

from cfwlib.errors import PlanError
from cfwlib.hub import choose_candidates


def places(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return places along a line: name, kind, easting in metres."""
    frame = pd.DataFrame(rows, columns=["name", "kind", "easting"])
    return frame.assign(venue=[f"v{i}" for i in range(len(rows))], northing=0.0)


def near(points: pd.DataFrame, places: pd.DataFrame) -> np.ndarray:
    """Return minutes at 1 km a minute."""
    return np.abs(points["easting"].to_numpy()[:, None] - places["easting"].to_numpy()[None, :]) / 1000


def candidates(frame: pd.DataFrame, points: pd.DataFrame, **rules: object) -> pd.DataFrame:
    """Choose with libraries preferred to halls."""
    minutes = near(points, frame)
    rules = {"kinds_in_order": ["library", "hall"]} | rules
    return choose_candidates(frame, points, drive_min=minutes, walk_min=minutes * 12, **rules)  # type: ignore[arg-type]


@pytest.fixture
def points() -> pd.DataFrame:
    """Return families at 0 and 50 km; those at 50 km have a fixed service."""
    frame = pd.DataFrame({"point": ["a", "b"], "lsoa": "L", "easting": [0.0, 50_000.0], "northing": 0.0})
    return frame.assign(need_count=10.0, no_car_share=0.2, served_drive=[False, True], served_walk=[False, True])


def test_of_two_places_together_the_preferred_kind_stays(points: pd.DataFrame) -> None:
    """A hall beside a library is dropped for it, whatever the order of the rows, and the reason names the library."""
    found = candidates(places(("Hall", "hall", 0), ("Library", "library", 1500), ("Far hall", "hall", 4000)), points)
    assert found["kept"].tolist() == [False, True, True]
    assert found["reason"].tolist() == ["within 1,500 m of Library (library)", "kept", "kept"]


def test_every_place_has_its_reason(points: pd.DataFrame) -> None:
    """Places of another kind, without unreached families, or beyond the limit in number are listed with the reason."""
    frame = places(("Pub", "pub", 0), ("Town", "library", 50_000), ("Near", "hall", 1000), ("Further", "library", 9000))
    found = candidates(frame, points, max_venues=1).set_index("name")
    assert found["kept"].to_dict() == {"Pub": False, "Town": False, "Near": True, "Further": False}
    assert found.loc["Pub", "reason"] == "kind 'pub' is not asked for"
    assert found.loc["Town", "reason"] == "no unreached family within 15 minutes' drive or 30 minutes' walk"
    assert found.loc["Further", "reason"] == "beyond the 1 with most unreached need in reach"
    assert found["need_in_reach"].tolist() == pytest.approx([10, 0, 10, 8])


def test_input_that_does_not_fit_is_refused(points: pd.DataFrame) -> None:
    """Repeated ids, matrices of another shape and missing columns are all reported."""
    frame = places(("A", "hall", 0), ("B", "hall", 9000)).assign(venue="same")
    wrong = np.zeros((1, 1))
    with pytest.raises(PlanError) as error:
        choose_candidates(frame, points, drive_min=wrong, walk_min=wrong, kinds_in_order=["hall"])
    assert len(error.value.problems) == 3
    with pytest.raises(PlanError, match="lacks kind"):
        candidates(frame.drop(columns="kind"), points)

"""Tables as notebooks make them come out with nothing in them that tells of one to five children."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cases import OF, ages_by_place, listing

from cfwlib.disclosure import protect, protect_forecast
from cfwlib.errors import InputError
from cfwlib.settings import DisclosureSettings


def status(protected, column="children") -> list[str]:
    return protected.frame[column + "_status"].tolist()


def test_a_list_with_a_total() -> None:
    """The small group and the smallest other are missing, marked c, and never 0."""
    protected = protect(listing({"a": 3, "b": 9, "none": 0, "d": 40}), of=OF, keys=["group"], counts=["children"])
    assert status(protected) == ["c", "c", "", "", ""]
    assert protected.frame.children.tolist()[2:] == [0, 40, 52]
    assert protected.frame.children.isna().tolist() == [True, True, False, False, False]
    assert list(protected.frame) == ["group", "children", "children_status"]
    assert list(protected.audit) == ["cell", "lower", "upper", "width"]
    assert "1 to 5 children" in protected.key()


def test_a_two_way_table_keeps_both_margins() -> None:
    """Three infants in homes take a rectangle with them, and no total."""
    protected = protect(ages_by_place(), of=OF, keys=["age", "place"], counts=["children"])
    hidden = protected.frame[protected.frame.children_status == "c"]
    assert len(hidden) == 4
    assert not (hidden[["age", "place"]] == "Total").any().any()
    assert protected.audit.width.min() > 3


def test_columns_that_sum_and_totals_within_totals() -> None:
    """Sums across columns and inside a key are held against each other."""
    table = pd.DataFrame(
        {
            "kind": ["own foster", "agency foster", "foster", "homes", "Total"],
            "inside": [150, 50, 200, 40, 240], "outside": [2, 30, 32, 70, 102], "children": [152, 80, 232, 110, 342],
        }
    )  # fmt: skip
    protected = protect(
        table, of=OF, keys=["kind"], counts=["inside", "outside", "children"],
        parts={"kind": {"foster": ["own foster", "agency foster"]}}, columns={"children": ["inside", "outside"]},
    )  # fmt: skip
    assert status(protected, "outside")[:2] == ["c", "c"]
    assert status(protected, "inside")[:2] == ["c", "c"]
    assert status(protected) == [""] * 5


def test_shares_follow_their_counts() -> None:
    """A share is hidden with its numerator, under 20 children, and where those without are 1 to 5."""
    table = pd.DataFrame(
        {"group": list("abcdef"), "inside": [3, 12, 47, 30, 0, 9], "children": [40, 19, 50, 60, 0, 40_000]}
    )
    protected = protect(
        table, of=OF, keys=["group"], counts=["inside", "children"], shares={"inside_share": ("inside", "children")}
    )
    assert status(protected, "inside_share") == ["c", "c", "c", "", "z", "k"]
    assert status(protected, "inside") == ["c", "", "c", "", "", ""]  # 3 of 50 are not inside
    assert protected.frame.inside_share[3] == 0.5
    omitted = protect(
        table, of=OF, keys=["group"], counts=["inside", "children"], omit=["inside"],
        shares={"inside_share": ("inside", "children")},
    )  # fmt: skip
    assert "inside" not in omitted.frame
    assert status(omitted, "inside_share") == ["c", "c", "c", "", "z", "k"]


def test_a_share_of_the_total_does_not_give_the_count_back() -> None:
    """Where the total is shown, the percentage of a hidden group is hidden too."""
    protected = protect(
        listing({"a": 3, "b": 9, "c": 88}),
        of=OF,
        keys=["group"],
        counts=["children"],
        shares={"share": ("children", "")},
    )
    assert status(protected, "share") == ["c", "c", "", ""]
    assert protected.frame.share.tolist()[2:] == [0.88, 1]


def test_means_over_few_children_and_what_gives_them_away() -> None:
    """One hidden mean could be worked out from the total's: the next smallest group's is hidden too."""
    table = listing({"a": 10, "b": 30, "c": 60}).assign(miles=[11.0, 12.0, 13.0, 12.5])
    protected = protect(table, of=OF, keys=["group"], counts=["children"], means={"miles": "children"})
    assert status(protected, "miles") == ["c", "c", "", ""]
    assert status(protected) == [""] * 4


def test_rounding_is_of_the_totals_themselves() -> None:
    """A total is counted, then rounded: it may differ from the sum of rounded parts."""
    rules = DisclosureSettings.model_validate({"round_to": 10})
    protected = protect(listing({"a": 14, "b": 14, "c": 3}), of=OF, keys=["group"], counts=["children"], settings=rules)
    assert protected.frame.children.tolist()[:2] == [10, 10]
    assert protected.frame.children.tolist()[3] == 30
    assert status(protected)[2] == "c"


def test_a_count_that_does_not_apply_is_z() -> None:
    """Missing counts are no zeros and are marked."""
    table = pd.DataFrame({"group": ["a", "b"], "children": [None, 12.0]})
    assert status(protect(table, of=OF, keys=["group"], counts=["children"])) == ["z", ""]


def test_shapes_stay() -> None:
    """A layer stays a layer, with its status."""
    layer = gpd.GeoDataFrame(
        {"ward": ["a", "b"], "children": [3, 30]}, geometry=gpd.points_from_xy([1, 2], [3, 4]), crs=27700
    )
    protected = protect(layer, of=OF, keys=["ward"], counts=["children"], public=["geometry"])
    assert isinstance(protected.frame, gpd.GeoDataFrame)
    assert status(protected) == ["c", ""]


def test_what_an_earlier_table_shows_is_taken_into_account() -> None:
    """The margins shown before stay shown; what it hid stays hidden; a contradiction is refused."""
    ages = protect(
        listing({"0 to 4": 83, "5 to 15": 249, "16 and 17": 126}, key="age"), of=OF, keys=["age"], counts=["children"]
    )
    both = protect(ages_by_place(), of=OF, keys=["age", "place"], counts=["children"], beside=[ages])
    assert (both.frame[both.frame.place == "Total"].children_status == "").all()
    other = listing({"0 to 4": 84, "5 to 15": 249, "16 and 17": 126}, key="age")
    with pytest.raises(InputError, match="another count"):
        protect(other, of=OF, keys=["age"], counts=["children"], beside=[ages])


def test_what_is_found_by_subtraction_is_protected_too() -> None:
    """Of 30 outside 27 could move: the 3 who could not are on no page, but 30 less 27 is; so the 27 is hidden."""
    table = pd.DataFrame({"rule": ["Total", "could", "stay"], "children": [30, 27, 3]})
    how = {"of": OF, "keys": ["rule"], "counts": ["children"]}
    protected = protect(table, **how, unshown=[False, False, True])
    assert protected.part([0, 1], keys=["rule"]).frame["children_status"].tolist() == ["", "c"]
    large = protect(table.assign(children=[30, 10, 20]), **how, unshown=[False, False, True])
    assert status(large) == ["", "", "c"]  # nobody needs it hidden: it is only not there


def test_a_part_is_a_table_of_its_own() -> None:
    """Rows of a table keep their numbers and what is known of all; a key they differ by cannot be dropped."""
    whole = protect(ages_by_place(), of=OF, keys=["age", "place"], counts=["children"])
    at = np.flatnonzero(whole.frame["age"] == "Total")
    part = whole.part(at.tolist(), keys=["place"])
    assert [*part.frame] == ["place", "children", "children_status"]
    assert part.number("children").value == whole.number("children").value == 458
    assert part.known is whole.known
    with pytest.raises(InputError, match="'place' tells the rows apart"):
        whole.part(at.tolist(), keys=["age"])


def test_no_true_number_is_kept() -> None:
    """Nothing in the object tells a hidden count: neither what it shows nor what it remembers of its cells."""
    protected = protect(listing({"a": 4, "b": 7777, "c": 8888}), of=OF, keys=["group"], counts=["children"])
    assert "7777" not in repr(vars(protected))
    ends = next(k for name, k in protected.known.items() if name[2] == (("group", "a"),))
    assert ends.box.tolist() == [[1, np.inf], [1, 5]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": []}, "needs its counts"),
        ({"table": listing({"a": 30}).assign(secret=1)}, "nobody has said"),
        ({"table": pd.DataFrame({"group": list("abcd"), "children": [1, 1, 1, 1]})}, "lists of children"),
        ({"table": pd.DataFrame({"group": ["a", "a"], "children": [9, 9]})}, "several rows"),
        ({"table": pd.DataFrame({"group": ["a"], "children": [9.5]})}, "whole number"),
        ({"table": pd.DataFrame({"group": ["a", "Total"], "children": [9, 10]})}, "not the sum"),
    ],
)
def test_what_cannot_be_protected_is_refused(change, words) -> None:
    """Every refusal says what to do."""
    options = {"table": listing({"a": 30}), "of": OF, "keys": ["group"], "counts": ["children"], **change}
    if words == "needs its counts":
        options["table"] = options["table"][["group"]]
    with pytest.raises(InputError, match=words):
        protect(options.pop("table"), **options)


def test_a_forecast_hides_what_the_present_hides() -> None:
    """Means and bands of a group whose present count is hidden are hidden; a group nobody knows is refused."""
    now = protect(listing({"a": 3, "b": 9, "c": 88}), of=OF, keys=["group"], counts=["children"])
    table = pd.DataFrame(
        {"group": ["a", "b", "c", "Total"], "date": pd.Timestamp("2026-03-31"), "mean": [3.1, 9.2, 87.0, 99.3]}
    )
    table["high_95"] = table["mean"] * 1.2
    ahead = protect_forecast(
        table, now=now, count="children", keys=["group"], values=["mean", "high_95"], public=["date"]
    )
    assert ahead.frame.mean_status.tolist() == ["c", "c", "", ""]
    number = ahead.number("mean", high="high_95", date="2026-03-31")
    assert (number.value, number.high) == (99.3, pytest.approx(119.16))
    with pytest.raises(InputError, match="not a group"):
        protect_forecast(table.replace("b", "x"), now=now, count="children", keys=["group"], values=["mean", "high_95"],
                         public=["date"])  # fmt: skip

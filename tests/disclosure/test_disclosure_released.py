"""Numbers and sentences say what may be said, and no more."""

import pytest
from cases import OF, listing

from cfwlib.disclosure import Number, Public, protect, protect_number, say
from cfwlib.errors import InputError


def test_a_number_is_picked_as_the_table_shows_it() -> None:
    """A cell hidden in the table is hidden in the sentence."""
    protected = protect(listing({"a": 3, "b": 9, "c": 1088}), of=OF, keys=["group"], counts=["children"])
    assert protected.number("children", group="a") == Number(None, "c")
    assert say("{x} of {all}", x=protected.number("children", group="a"), all=protected.number("children")) == (
        "a number not shown of 1,100"
    )
    with pytest.raises(InputError, match="0 rows"):
        protected.number("children", group="zz")


def test_single_figures() -> None:
    """A count of 1 to 5 and a share of fewer than 20 children are hidden; of none, a share does not apply."""
    assert protect_number(4, n=4, count=True).status == "c"
    assert protect_number(0, n=0, count=True).value == 0
    assert protect_number(0.5, n=19).status == "c"
    assert protect_number(0.5, n=0).status == "z"
    assert f"{protect_number(0.587, n=458, low=0.5):.1%}" == "58.7%"


def test_a_sentence_takes_no_plain_number() -> None:
    """Neither an argument nor an f-string smuggles one in."""
    assert say("On {day}: {n}", day=Public("31 March", why="a date"), n=Number(12)) == "On 31 March: 12"
    for attempt in (lambda: say("{n}", n=3), lambda: say(f"{3} children"), lambda: say("{n}", n="3 children")):
        with pytest.raises(InputError, match="say"):
            attempt()


def test_public_needs_a_reason() -> None:
    """Calling something public is a claim: it is made in words."""
    with pytest.raises(InputError, match="why"):
        Public(3, why=" ")

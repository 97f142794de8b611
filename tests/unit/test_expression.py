"""What people say at a point, before it is stored: what a device is called, what is text, what is counted out loud."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors.expression import NothingSaid
from domain.expression import Feeling, RemarkKind, Said, cleaned, coarse, device_token, shown_counts

QUESTION = RemarkKind.QUESTION


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("203.0.113.7", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("unknown", "", True),
    ],
)
def test_an_address_is_known_by_its_neighbourhood_alone(one: str, other: str, *, same: bool) -> None:
    assert (coarse(one) == coarse(other)) is same


def token(salt: bytes = b"s" * 32, point: int = 1, kind: RemarkKind = QUESTION, browser: str = "Firefox") -> bytes:
    return device_token(salt, neighbourhood="cb0071", browser=browser, point_id=UUID(int=point), kind=kind)


def test_a_device_has_another_name_every_day_at_every_point_and_for_every_kind() -> None:
    names = {token(), token(salt=b"t" * 32), token(point=2), token(kind=RemarkKind.FAULT), token(browser="Safari")}
    assert len(names) == 5
    assert token() == token()
    assert {len(name) for name in names} == {16}


@pytest.mark.parametrize(
    "said",
    [
        Said(RemarkKind.REACTION),
        Said(RemarkKind.REACTION, text="Bien."),
        Said(QUESTION, Feeling.USEFUL, "Pourquoi ?"),
        Said(QUESTION),
        Said(QUESTION, text="   \n "),
        Said(QUESTION, text="a"),
        Said(QUESTION, text="a" * 601),
        Said(QUESTION, text="nul\x00"),
        Said(QUESTION, text="bell\x07"),
        Said(RemarkKind.FAULT, text="\ud800 half a letter"),
    ],
)
def test_what_says_nothing_is_refused(said: Said) -> None:
    with pytest.raises(NothingSaid):
        cleaned(said)


def test_text_is_kept_as_people_read_it() -> None:
    assert cleaned(Said(QUESTION, text="  E\u0301cole\r\nfermée ?  ")).text == "École\nfermée ?"
    assert cleaned(Said(RemarkKind.REACTION, Feeling.WORRIED)).text == ""


@given(st.text(max_size=700))
def test_any_text_is_taken_or_refused_and_taken_again_as_it_is(text: str) -> None:
    try:
        once = cleaned(Said(QUESTION, text=text))
    except NothingSaid:
        return
    assert cleaned(once) == once
    assert once.text.encode()


def test_fewer_than_five_are_not_counted_out_loud() -> None:
    shown = shown_counts({Feeling.USEFUL: 5, Feeling.WORRIED: 4})
    assert shown == {Feeling.USEFUL: 5, Feeling.SURPRISED: None, Feeling.WORRIED: None, Feeling.CURIOUS: None}

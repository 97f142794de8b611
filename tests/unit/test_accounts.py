"""Addresses as people type them, codes and tokens as bytes."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.account_links import born_before
from domain.account_logins import code_of, is_right
from domain.account_sessions import AccountSession, Client, is_genuine, read_token, write_token
from domain.accounts import Contact, ContactChannel, address_of, shown
from domain.errors.accounts import BadContact, RefreshRefused
from domain.people import age_on
from tests.city import NOW, TODAY

KEY = b"k" * 32
SESSION = AccountSession(
    id=UUID(int=7),
    authority_id=UUID(int=1),
    account_id=UUID(int=2),
    client=Client.APP,
    name="Fairphone",
    seed=b"s" * 16,
    generation=3,
    created_at=NOW,
    renewed_at=NOW,
    keep_until=TODAY,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Zoe.Lefevre+pass@Example.ORG ", "zoe.lefevre+pass@example.org"),
        ("a@b.fr", "a@b.fr"),
        ("o'neil@mairie-val.example", "o'neil@mairie-val.example"),
    ],
)
def test_an_e_mail_address_is_always_the_same(typed: str, kept: str) -> None:
    assert address_of(ContactChannel.EMAIL, typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "zoe", "zoe@", "@example.org", "zoe@example", "zoe@example..org", "zoe@-example.org", "zoé@example.org"),
        *("z oe@example.org", "zoe@example.org\nBcc: x@y.zz", f"{'a' * 65}@example.org", "a@exa\N{KELVIN SIGN}ple.org"),
        *(f"a@{'b.' * 90}fr", "a@b@c.org"),
    ],
)
def test_what_is_no_e_mail_address_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        address_of(ContactChannel.EMAIL, typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("06 12 34 56 78", "+33612345678"), ("+33 6.12.34.56.78", "+33612345678")),
        *(("0033612345678", "+33612345678"), ("+32 470 12 34 56", "+32470123456"), ("(06)12-34-56-78", "+33612345678")),
    ],
)
def test_a_telephone_number_is_always_the_same(typed: str, kept: str) -> None:
    assert address_of(ContactChannel.SMS, typed) == kept


@pytest.mark.parametrize("typed", ["", "06", "zoe@example.org", "+0612345678", "0612345678901234567", "٠٦١٢٣٤٥٦٧٨"])
def test_what_is_no_telephone_number_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        address_of(ContactChannel.SMS, typed)


def test_no_text_message_is_sent_to_a_country_that_is_not_named() -> None:
    """Numbers abroad that cost a fortune are what floods of codes are for."""
    assert address_of(ContactChannel.SMS, "0612345678", countries=("+33", "+262")) == "+33612345678"
    with pytest.raises(BadContact):
        address_of(ContactChannel.SMS, "+32470123456", countries=("+33", "+262"))


def test_others_see_too_little_of_an_address_to_write_to_it() -> None:
    contact = Contact(UUID(int=1), UUID(int=2), UUID(int=3), ContactChannel.EMAIL, "zoe@example.org", NOW, TODAY)
    assert shown(contact) == "z•••@example.org"
    assert shown(replace(contact, channel=ContactChannel.SMS, address="+33612345678")) == "+33 •••• 78"


def test_a_code_is_six_digits_and_every_other_is_wrong() -> None:
    code = code_of(KEY)
    assert (len(code), code.isdigit()) == (6, True)
    assert is_right(KEY, code)
    assert is_right(KEY, f" {code[:3]} {code[3:]} ")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert not any(is_right(KEY, typed) for typed in ("", wrong, code[:5], f"{code}0", "é" * 6))
    assert code_of(b"x" * 32) != code


def test_a_refresh_token_says_which_session_and_which_in_a_row_it_is() -> None:
    token = read_token(write_token(SESSION, KEY))
    assert (token.session_id, token.generation) == (SESSION.id, 3)
    assert is_genuine(SESSION, token, KEY)
    earlier = read_token(write_token(replace(SESSION, generation=2), KEY))
    assert is_genuine(SESSION, earlier, KEY), "an old one is ours too, and known as old"


def test_a_refresh_token_is_good_for_its_own_session_purpose_and_place_alone() -> None:
    token = read_token(write_token(SESSION, KEY))
    assert not is_genuine(SESSION, replace(token, generation=4), KEY)
    assert not is_genuine(SESSION, replace(token, session_id=UUID(int=8)), KEY)
    assert not is_genuine(SESSION, token, b"x" * 32)
    assert not is_genuine(replace(SESSION, client=Client.PORTAL), token, KEY)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é" * 70, "A" * 69, "A" * 71, "!" * 70])
def test_what_is_no_refresh_token_is_refused(text: str) -> None:
    with pytest.raises(RefreshRefused):
        read_token(text)


def test_the_youngest_who_manage_a_pass_alone_are_sixteen_today() -> None:
    for today in (TODAY, date(2028, 2, 29), date(2100, 3, 1), date(2116, 2, 29)):
        born = born_before(today)
        assert age_on(born, today) == 16

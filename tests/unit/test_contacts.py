"""A contact is one thing however it is written; what a desk types is read each way in which it can be."""

from datetime import date

import pytest

from admin.typed import read_typed, read_uid
from domain.contacts import ContactKind, contact_key, contact_keys, email_key, phone_key


@pytest.mark.parametrize(
    "written",
    [
        *("0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "06\u202f12\u202f34\u202f56\u202f78"),
        *("+33612345678", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "0033 6 12 34 56 78", "00 33 (0) 6 12345678"),
        "+33 06 12 34 56 78",
    ],
)
def test_a_french_number_is_one_number_however_it_is_written(written: str) -> None:
    assert phone_key(written) == "+33612345678"


def test_a_number_from_abroad_keeps_its_country() -> None:
    assert phone_key("+32 475 12 34 56") == "+32475123456"
    assert phone_key("0041 79 123 45 67") == "+41791234567"


@pytest.mark.parametrize(
    "written", ["", "06 12 34 56", "061234567890", "612345678", "+0612345678", "06 12 AB 56 78", "٠٦١٢٣٤٥٦٧٨"]
)
def test_what_nobody_can_dial_is_no_number(written: str) -> None:
    assert phone_key(written) is None


def test_an_address_for_e_mail_is_found_in_either_case() -> None:
    assert email_key(" Nina.Berthelot@Example.FR ") == "nina.berthelot@example.fr"
    assert [
        email_key(text) for text in ("nina@", "@example.fr", "a b@example.fr", "nina@example", "n" * 300 + "@x.fr")
    ] == [None] * 5


def test_contacts_that_are_none_are_left_out_and_the_same_one_is_there_once() -> None:
    assert contact_keys("06 12 34 56 78", None, "0612345678", "personne") == [(ContactKind.PHONE, "+33612345678")]
    assert contact_key("nina@example.fr") == (ContactKind.EMAIL, "nina@example.fr")


@pytest.mark.parametrize("day", ["21/09/2016", "21.09.2016", "21-9-2016", "2016-09-21", "21092016"])
def test_a_birthday_is_read_beside_the_name(day: str) -> None:
    typed = read_typed(f"Berthelot {day}")
    assert (typed.name, typed.born_on) == ("Berthelot", date(2016, 9, 21))
    assert read_typed(f"{day} tom berthelot").name == "tom berthelot"


def test_a_day_that_never_was_stays_part_of_the_name() -> None:
    assert read_typed("Berthelot 31/02/2016").born_on is None


@pytest.mark.parametrize(
    "typed",
    [
        "04A1B2C3D4E580",
        "04a1b2c3d4e580",
        "04:A1:B2:C3:D4:E5:80",
        "UID:04A1B2C3D4E580",
        "à'Q&BéC\"D'E(_à",
        "à'q&béc\"d'e(_à",
    ],
)
def test_a_reader_types_the_uid_of_a_card_on_an_english_or_a_french_keyboard(typed: str) -> None:
    assert read_uid(typed) == bytes.fromhex("04A1B2C3D4E580")


def test_a_name_is_no_uid() -> None:
    assert [read_uid(text) for text in ("Zoé Lefèvre", "deface", "dédé", "08ABCDEF", "")] == [None] * 5

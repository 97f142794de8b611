"""What a maker writes into a chip. Source of the settings: NXP AN12196 section 5.9, NT4H2421Gx section 10.7.1."""

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from hypothesis import given
from hypothesis import strategies as st

from nfc import personalisation, sdm
from nfc.diversify import Slot, card_key
from nfc.personalisation import Template, ndef_template
from terminal.software_card import SoftwareCard
from tests.card_maker import MadeCard, url_of

ADDRESS = "https://pass.example.org/t/7"
UID = bytes.fromhex("04de5f1eacc040")
CITY = b"CLMT"
MASTERS = {slot: bytes([slot + 1]) * 16 for slot in Slot}


def test_settings_are_those_of_the_application_note_but_for_our_slots() -> None:
    """AN12196's example: keys 2 and 1, counter readable under key 1 (F121); ours: slots 1 and 2, for nobody (FF12)."""
    example = Template(b"", picc_data=0x20, mac_input=0x43, mac=0x43).settings
    assert example.hex() == "4000e0c1f121200000430000430000".replace("f121", "ff12")


def test_an_untouched_template_is_an_ndef_file_with_zeros_where_the_chip_will_write() -> None:
    template = ndef_template(ADDRESS)
    assert url_of(template.content) == f"{ADDRESS}?e={'0' * 32}&c={'0' * 16}"
    assert template.content[template.picc_data - 3 : template.picc_data] == b"?e="
    assert template.content[template.mac - 3 : template.mac] == b"&c="
    assert template.mac + 16 == len(template.content) <= personalisation.FILE_BYTES


@given(st.from_regex(r"[a-z]{1,30}(\.[a-z]{1,20}){1,4}", fullmatch=True), st.integers(1, 255))
def test_a_tap_written_at_the_offsets_is_verified_by_our_reader(host: str, version: int) -> None:
    template = ndef_template(f"https://{host}/t/{version}")
    keys = personalisation.card_keys(MASTERS, uid=UID, version=version, city=CITY)
    slots = {slot: keys[16 * slot : 16 * slot + 16] for slot in Slot}
    card = MadeCard("", {}, SoftwareCard(UID, slots, ""), template.content, template.settings)
    mine = {version: sdm.SunKeys(MASTERS[Slot.META], lambda uid: card_file_key(uid, version))}
    for count in (1, 2):
        tap = sdm.read(card.tap(), mine)
        assert (tap.uid, tap.counter, tap.key_version) == (UID, count, version)


def card_file_key(uid: bytes, version: int) -> bytes:
    return card_key(MASTERS[Slot.SERVER], uid=uid, slot=Slot.SERVER, version=version, city=CITY)


@pytest.mark.parametrize(
    "address",
    [
        "http://pass.example.org/t/1",
        "https://pass.example.org/t",
        "https://pass.example.org/t/0",
        "https://pass.example.org/t/256",
        "https://pass.example.org/t/1?x=1",
        f"https://{'a' * 200}/t/1",
        "https://café.example/t/1",
    ],
)
def test_an_address_that_our_reader_would_not_take_makes_no_template(address: str) -> None:
    with pytest.raises(ValueError, match="no address of cards"):
        ndef_template(address)


def test_the_longest_address_still_fits_into_the_file() -> None:
    template = ndef_template(f"https://{'a' * 160}/t/255")
    assert len(template.content) <= personalisation.FILE_BYTES


def test_the_keys_of_a_card_are_derived_one_by_one_but_the_batchs_own() -> None:
    keys = personalisation.card_keys(MASTERS, uid=UID, version=3, city=CITY)
    for slot in Slot:
        expected = (
            MASTERS[slot] if slot is Slot.META else card_key(MASTERS[slot], uid=UID, slot=slot, version=3, city=CITY)
        )
        assert keys[16 * slot : 16 * slot + 16] == expected
    assert len({keys[at : at + 16] for at in range(0, 80, 16)}) == 5


def test_wrapped_keys_open_under_their_transport_key_alone() -> None:
    transport, keys = bytes(range(32)), bytes(range(80))
    wrapped = personalisation.wrap_keys(transport, keys)
    assert len(wrapped) == 88
    assert aes_key_unwrap(transport, wrapped) == keys
    with pytest.raises(InvalidUnwrap):
        aes_key_unwrap(bytes(32), wrapped)
    with pytest.raises(InvalidUnwrap):
        aes_key_unwrap(transport, wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


def test_a_check_value_is_the_one_that_a_makers_hsm_shows() -> None:
    """CMAC over one block of zeros, its first three bytes: the number is what `openssl mac` says."""
    assert personalisation.key_check(bytes(range(32))) == "377822"


@pytest.mark.parametrize("size", [16, 31, 33])
def test_a_transport_key_has_32_bytes(size: int) -> None:
    for use in (personalisation.key_check, lambda key: personalisation.wrap_keys(key, bytes(80))):
        with pytest.raises(ValueError, match="transport key"):
            use(bytes(size))

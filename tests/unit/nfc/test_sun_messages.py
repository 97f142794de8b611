"""SUN messages: NXP's own are read, a changed bit is refused, a counter goes only forward."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import aes, sdm
from nfc.diversify import Slot, card_key
from nfc.errors import CodeError
from nfc.sdm import Freshness, SunKeys, SunMessage, SunTap
from terminal.software_card import SoftwareCard
from tests.known_answers import entries, flipped, known_answers

VECTORS = entries("ntag424_sdm.json")
EMPTY_INPUT = entries("ntag424_sdm.json", mac_input_ascii="")
URL = "https://pass.example.org/t/1"
UID = bytes.fromhex("04de5f1eacc040")
META, MASTER, CITY = bytes(range(16)), bytes(range(16, 32)), b"CLMT"


def named(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def published_keys(vector: dict[str, Any]) -> SunKeys:
    return SunKeys(bytes.fromhex(vector["k_sdm_meta_read"]), lambda _uid: bytes.fromhex(vector["k_sdm_file_read"]))


def published_message(vector: dict[str, Any]) -> SunMessage:
    return SunMessage(
        version=1,
        picc_data=bytes.fromhex(vector["picc_enc_data"]),
        mac=bytes.fromhex(vector["sdmmac"]),
        mac_input=vector["mac_input_ascii"].encode(),
        file_data=bytes.fromhex(vector.get("sdm_enc_file_data", "")),
    )


def card_file_key(uid: bytes) -> bytes:
    return card_key(MASTER, uid=uid, slot=Slot.SERVER, version=1, city=CITY)


KEYS = {1: SunKeys(META, card_file_key)}


def card(uid: bytes = UID, url: str = URL) -> SoftwareCard:
    return SoftwareCard(uid, {Slot.META: META, Slot.SERVER: card_file_key(uid)}, url)


def tapped(card: SoftwareCard, file_data: bytes = b"") -> str:
    url = card.read_url(file_data)
    assert url is not None
    return url


def refusal(url: str) -> CodeError:
    with pytest.raises(CodeError) as caught:
        sdm.read(url, KEYS)
    return caught.value


# --- what others published ---------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_the_published_messages(vector: dict[str, Any]) -> None:
    tap = sdm.verify(published_message(vector), {1: published_keys(vector)})
    assert tap == SunTap(
        uid=bytes.fromhex(vector["uid"]),
        counter=vector["sdm_read_ctr"],
        key_version=1,
        file_data=bytes.fromhex(vector.get("file_data", "")),
        kind="card",
        assurance=2,
    )


@pytest.mark.parametrize("vector", EMPTY_INPUT, ids=named)
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_the_published_messages_in_our_url(vector: dict[str, Any], case: Callable[[str], str]) -> None:
    url = f"{URL}?e={case(vector['picc_enc_data'])}&c={case(vector['sdmmac'])}"
    assert len(url) == len(URL) + 54
    tap = sdm.read(url, {1: published_keys(vector)})
    assert (tap.uid.hex(), tap.counter) == (vector["uid"], vector["sdm_read_ctr"])


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_every_flipped_bit_of_a_published_message_is_refused(vector: dict[str, Any]) -> None:
    message, keys = published_message(vector), {1: published_keys(vector)}
    changed = [
        *(SunMessage(1, bits, message.mac, message.mac_input) for bits in flipped(message.picc_data)),
        *(SunMessage(1, message.picc_data, bits, message.mac_input) for bits in flipped(message.mac)),
        *(SunMessage(1, message.picc_data, message.mac, bits) for bits in flipped(message.mac_input)),
        SunMessage(1, message.picc_data, message.mac, message.mac_input + b"0"),
    ]
    # The last five bytes are random filling inside the encrypted block: there is no bit that nothing covers.
    for one in changed:
        with pytest.raises(CodeError) as caught:
            sdm.verify(one, keys)
        assert (caught.value.kind, caught.value.detail) == ("bad_signature", "SUN")


def test_the_published_wrong_mac_is_refused() -> None:
    for negative in known_answers("ntag424_sdm.json")["negative"]:
        (base,) = entries("ntag424_sdm.json", id=negative["base"])
        with pytest.raises(CodeError) as caught:
            sdm.verify(published_message({**base, "sdmmac": negative["sdmmac"]}), {1: published_keys(base)})
        assert caught.value.kind == "bad_signature"


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_the_keys_of_one_tap(vector: dict[str, Any]) -> None:
    file_key, uid = bytes.fromhex(vector["k_sdm_file_read"]), bytes.fromhex(vector["uid"])
    counter = bytes.fromhex(vector["sdm_read_ctr_le"])
    assert sdm.mac_key(file_key, uid, counter).hex() == vector["k_ses_sdm_file_read_mac"]
    if "sv1" in vector:
        key, iv = sdm.data_key(file_key, uid, counter)
        assert (key.hex(), iv.hex()) == (vector["k_ses_sdm_file_read_enc"], vector["iv"])


# --- our own cards -----------------------------------------------------------------------------


def test_a_card_is_known_by_its_own_key_and_counts_its_taps() -> None:
    one = card()
    taps = [sdm.read(tapped(one), KEYS) for _ in range(300)]
    assert [tap.counter for tap in taps] == list(range(1, 301))
    assert {tap.uid for tap in taps} == {UID}


def test_our_card_writes_the_published_message() -> None:
    (vector,) = entries("ntag424_sdm.json", id="an12196-picc-mac-empty")
    zero = bytes(16)
    filling = bytes.fromhex(vector["picc_plain"])[11:]
    one = SoftwareCard(UID, {Slot.META: zero, Slot.SERVER: zero}, URL, random=lambda _length: filling)
    one._count = vector["sdm_read_ctr"] - 1
    assert one.read_url() == f"{URL}?e={vector['picc_enc_data'].upper()}&c={vector['sdmmac'].upper()}"


def test_no_two_taps_look_alike() -> None:
    one = card()
    assert len({tapped(one) for _ in range(50)}) == 50


@given(
    st.binary(min_size=7, max_size=7), st.integers(1, 4).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n))
)
def test_file_data_travels_encrypted_and_covered(uid: bytes, data: bytes) -> None:
    url = tapped(card(uid), data)
    assert data.hex().upper() not in url
    tap = sdm.read(url, KEYS)
    assert (tap.uid, tap.file_data) == (uid, data)
    before, mirrored = url.split("&d=")
    changed = ("0" if mirrored[0] != "0" else "1") + mirrored[1:]
    assert refusal(f"{before}&d={changed}").kind == "bad_signature"


def test_file_data_in_small_letters_is_what_the_card_wrote_in_capitals() -> None:
    url = tapped(card(), b"\xab" * 16)
    address, values = url.split("?")
    assert sdm.read(f"{address}?{values.lower()}", KEYS) == sdm.read(url, KEYS)


def test_another_cards_key_is_refused() -> None:
    forger = SoftwareCard(UID, {Slot.META: META, Slot.SERVER: card_file_key(UID[::-1])}, URL)
    assert refusal(tapped(forger)).kind == "bad_signature"


def test_another_batchs_key_is_refused() -> None:
    stranger = SoftwareCard(UID, {Slot.META: bytes(16), Slot.SERVER: card_file_key(UID)}, URL)
    assert refusal(tapped(stranger)).kind == "bad_signature"


def test_a_version_without_keys_is_said_by_number() -> None:
    unknown = refusal(tapped(card(url="https://pass.example.org/t/2")))
    assert (unknown.kind, unknown.detail) == ("unknown_key", "version 2")


def test_a_message_is_not_carried_to_another_version() -> None:
    keys = {**KEYS, 2: SunKeys(META, lambda uid: card_key(MASTER, uid=uid, slot=Slot.SERVER, version=2, city=CITY))}
    url = tapped(card())
    assert sdm.read(url, keys).key_version == 1
    with pytest.raises(CodeError, match="bad_signature"):
        sdm.read(url.replace("/t/1?", "/t/2?"), keys)


def test_tag_bits_are_looked_at_even_when_the_mac_is_right() -> None:
    """A card set up to mirror only its UID would have no counter: its message could be played for ever."""
    counter = b"\x01\x00\x00"
    for tag in set(range(256)) - {0xC7}:
        picc_data = aes.encrypt(META, bytes([tag]) + UID + counter + bytes(5))
        mac = aes.short_mac(sdm.mac_key(card_file_key(UID), UID, counter), b"")
        assert refusal(f"{URL}?e={picc_data.hex()}&c={mac.hex()}").kind == "bad_signature"


def test_keys_do_not_print() -> None:
    assert META.hex() not in repr(KEYS)
    assert repr(META) not in repr(KEYS)


# --- the form ----------------------------------------------------------------------------------

E = "EF963FF7828658A599F3041510671E88"
C = "94EED9EE65337086"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "unknown_type"),
        (f"http://pass.example.org/t/1?e={E}&c={C}", "unknown_type"),
        (f"https:///t/1?e={E}&c={C}", "unknown_type"),
        (f"{URL}?e={E}", "unknown_type"),
        (f"{URL}?c={C}&e={E}", "unknown_type"),
        (f"{URL}?e={E}&c={C}&x=1", "unknown_type"),
        (f"{URL}?e={E}&e={E}&c={C}", "unknown_type"),
        (f"{URL}?e={E}&c={C}\n", "unknown_type"),
        (f" {URL}?e={E}&c={C}", "unknown_type"),
        (f"{URL}?e={E}&c={C}#", "unknown_type"),
        (f"{URL}?E={E}&C={C}", "unknown_type"),
        (f"{URL}?e={E[:-1]}G&c={C}", "unknown_type"),
        (f"{URL}?e={E[:-1]}é&c={C}", "unknown_type"),
        (f"{URL}?e={E[:-1]}\u0660&c={C}", "unknown_type"),
        (f"{URL}?e=%45{E[:-1]}&c={C}", "unknown_type"),
        (f"https://pass.example.org/t/?e={E}&c={C}", "unknown_type"),
        (f"https://pass.example.org/t/1000?e={E}&c={C}", "unknown_type"),
        (f"https://pass.example.org/t/-1?e={E}&c={C}", "unknown_type"),
        (f"https://pass.example.org/t/0?e={E}&c={C}", "unreadable"),
        (f"https://pass.example.org/t/01?e={E}&c={C}", "unreadable"),
        (f"https://pass.example.org/t/256?e={E}&c={C}", "unreadable"),
        (f"https://pass.example.org/t/\u0663?e={E}&c={C}", "unknown_type"),
        (f"{URL}?e={E[:-1]}&c={C}", "unreadable"),
        (f"{URL}?e={E[:-2]}&c={C}", "unreadable"),
        (f"{URL}?e={E}00&c={C}", "unreadable"),
        (f"{URL}?e={E}&c={C[:-2]}", "unreadable"),
        (f"{URL}?e={E}&c={C}{C}", "unreadable"),
        (f"{URL}?e={E}&d={E}00&c={C}", "unreadable"),
        (f"{URL}?e={E}&d={'0' * 160}&c={C}", "unreadable"),
        ("https://" + "a" * 260, "too_long"),
    ],
)
def test_refuses_another_form(url: str, kind: str) -> None:
    assert refusal(url).kind == kind


def test_lrp_is_refused_by_name() -> None:
    """AN12321: 8 bytes of random, then 16 encrypted."""
    lrp = refusal(f"{URL}?e={E}{E[:16]}&c={C}")
    assert lrp.kind == "unknown_type"
    assert "LRP" in lrp.detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1\n"},
        {"version": "\u0663"},
        {"e": E[:-1] + "\u0663"},
        {"c": C[:-1] + "\n"},
        {"d": ""},
        {"d": "x" * 32},
    ],
)
def test_the_values_of_a_web_page_are_held_to_the_same_form(wrong: dict[str, str]) -> None:
    assert sdm.parse("1", e=E, c=C).mac.hex() == C.lower()
    with pytest.raises(CodeError) as caught:
        sdm.parse(**{"version": "1", "e": E, "c": C, **wrong})
    assert caught.value.kind == "unreadable"


HEX = st.text("0123456789abcdefABCDEF", max_size=66)
ANY = st.text(max_size=66) | HEX


@given(st.text(max_size=400) | st.builds(lambda v, e, c: f"https://a/t/{v}?e={e}&c={c}", st.integers() | ANY, HEX, HEX))
def test_any_text_gives_a_code_error(url: str) -> None:
    assert refusal(url).medium_id is None


@given(ANY, HEX.filter(lambda e: len(e) == 32) | ANY, ANY, st.none() | ANY)
def test_any_values_give_a_message_or_a_code_error(version: str, e: str, c: str, d: str | None) -> None:
    with suppress(CodeError):
        sdm.parse(version, e=e, c=c, d=d)


# --- the counter -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "last", "freshness"),
    [
        (0, None, Freshness.FRESH),
        (1, None, Freshness.FRESH),
        (999, None, Freshness.FRESH),
        (1000, None, Freshness.GAP),
        (1, 0, Freshness.FRESH),
        (0, 0, Freshness.REPLAYED),
        (7, 7, Freshness.REPLAYED),
        (6, 7, Freshness.REPLAYED),
        (8, 7, Freshness.FRESH),
        (1007, 7, Freshness.FRESH),
        (1008, 7, Freshness.GAP),
        (0xFFFFFF, 0xFFFFFE, Freshness.FRESH),
        (0, 0xFFFFFF, Freshness.REPLAYED),
        (0xFFFFFF, 0xFFFFFF, Freshness.REPLAYED),
    ],
)
def test_a_counter_goes_only_forward(counter: int, last: int | None, freshness: Freshness) -> None:
    assert sdm.freshness(counter, last) is freshness


def test_a_used_up_card_gives_no_more_messages() -> None:
    one = card()
    one._count = 0xFFFFFE
    assert sdm.read(tapped(one), KEYS).counter == 0xFFFFFF
    assert one.read_url() is None

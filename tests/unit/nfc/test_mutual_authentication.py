"""A card and the server prove themselves to each other: NXP's traces, our own card, every bit flipped."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import aes, apdu, ev1, ev2, messaging
from nfc.diversify import Slot
from nfc.errors import CodeError
from nfc.messaging import Session
from terminal.software_card import DESFIRE_APPLICATION, NTAG_APPLICATION, SoftwareCard
from tests.known_answers import entries, flipped

KEY = bytes.fromhex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")
RND_A = bytes.fromhex("13c5db8a5930439fc3def9a4c675360f")
UID = bytes.fromhex("04958caa5c5e80")
OK, MORE = b"\x91\x00", b"\x91\xaf"


def raw(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def card(key: bytes = KEY) -> SoftwareCard:
    return SoftwareCard(UID, {Slot.SERVER: key}, "https://pass.example.org/t/1")


def authenticated(one: SoftwareCard, key: bytes = KEY, rnd_a: bytes = RND_A) -> Session:
    command, pending = ev2.answer(key, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=rnd_a)
    return ev2.finish(key, pending, one.transmit(command))


# --- EV2, as NXP published it --------------------------------------------------------------------


def test_the_trace_of_an12196() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="AuthenticateEV2First")
    key, rnd_a, rnd_b, challenge, proof = raw(vector, "key", "rnd_a", "rnd_b", "picc_enc_rndb", "picc_final")
    assert ev2.first_command(vector["key_no"]).hex() == vector["cmd1"]
    command, pending = ev2.answer(key, challenge + MORE, rnd_a=rnd_a)
    assert command.hex() == vector["cmd2"]
    assert pending == ev2.Pending(rnd_a, rnd_b)
    enc_key, mac_key, transaction = raw(vector, "k_ses_auth_enc", "k_ses_auth_mac", "ti")
    assert ev2.finish(key, pending, proof + OK) == Session(enc_key, mac_key, transaction, bytes(6), bytes(6), 0)


@pytest.mark.parametrize("kind", ["session_keys", "AuthenticateEV2First"])
def test_the_published_session_keys(kind: str) -> None:
    for vector in entries("ev2_mutual_auth.json", kind=kind):
        key, rnd_a, rnd_b = raw(vector, "key", "rnd_a", "rnd_b")
        mine = ev2.session_keys(key, rnd_a=rnd_a, rnd_b=rnd_b)
        assert [one.hex() for one in mine] == [vector["k_ses_auth_enc"], vector["k_ses_auth_mac"]]


def test_the_published_macs_of_a_command() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="command_mac")
    mac_key, transaction, cmd, data, said = raw(vector, "k_ses_auth_mac", "ti", "cmd", "cmd_data", "resp_data")
    session = Session(bytes(16), mac_key, transaction, counter=vector["cmd_ctr"])
    mac = session.command_mac(cmd[0], data)
    assert mac.hex() == vector["cmd_mac"]
    assert apdu.native(cmd[0], data + mac).hex() == vector["apdu"]
    assert session.answer_mac(0x00, said).hex() == vector["resp_mac"]


def test_the_published_chain_of_macs() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="command_mac_chain")
    mac_key, transaction = raw(vector, "k_ses_auth_mac", "ti")
    assert len(vector["steps"]) == 4
    for step in vector["steps"]:
        code, data = bytes.fromhex(step["code"])[0], bytes.fromhex(step["data"])
        if step["dir"] == "cmd":
            mac = Session(bytes(16), mac_key, transaction, counter=step["ctr"]).command_mac(code, data)
        else:
            mac = Session(bytes(16), mac_key, transaction, counter=step["ctr"] - 1).answer_mac(code, data)
        assert mac.hex() == step["mac"]


def test_the_published_uid_in_full_mode() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="get_card_uid")
    enc_key, mac_key, transaction = raw(vector, "k_ses_auth_enc", "k_ses_auth_mac", "ti")
    session = Session(enc_key, mac_key, transaction, counter=vector["cmd_ctr"])
    assert messaging.card_uid_command(session).hex() == vector["apdu"]
    assert session.answer_iv().hex() == vector["resp_iv"]
    encrypted, mac = raw(vector, "resp_enc", "resp_mac")
    assert messaging.card_uid(session, encrypted + mac + OK).hex() == vector["uid"]
    for changed in flipped(encrypted + mac):
        with pytest.raises(CodeError) as refusal:
            messaging.card_uid(session, changed + OK)
        assert refusal.value.kind == "bad_signature"


def test_the_published_write_in_full_mode() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="write_full")
    mac_key, transaction, header, encrypted = raw(vector, "k_ses_auth_mac", "ti", "header", "cipher")
    session = Session(bytes(16), mac_key, transaction, counter=vector["cmd_ctr"])
    assert session.command_mac(0x8D, header + encrypted).hex() == vector["cmd_mac"]
    assert session.answer_mac(0x00).hex() == vector["resp_mac"]


# --- EV2, with our own card ----------------------------------------------------------------------


def test_both_sides_have_the_same_session() -> None:
    one = card()
    session = authenticated(one)
    assert messaging.card_uid(session, one.transmit(messaging.card_uid_command(session))) == UID


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_any_key_and_number_will_do(key: bytes, rnd_a: bytes) -> None:
    one = card(key)
    session = authenticated(one, key, rnd_a)
    assert messaging.card_uid(session, one.transmit(messaging.card_uid_command(session))) == UID


def test_our_card_answers_as_the_published_ones() -> None:
    (vector,) = entries("ev2_mutual_auth.json", kind="AuthenticateEV2First")
    key, rnd_b, transaction = raw(vector, "key", "rnd_b", "ti")
    numbers = iter((rnd_b, transaction))
    one = SoftwareCard(UID, {Slot.MASTER: key}, "https://a/t/1", random=lambda _length: next(numbers))
    assert one.transmit(bytes.fromhex(vector["cmd1"])).hex() == vector["picc_enc_rndb"] + "91af"
    assert one.transmit(bytes.fromhex(vector["cmd2"])).hex() == vector["picc_final"] + "9100"


def test_our_card_answers_as_the_published_ev1() -> None:
    (vector,) = entries("desfire_ev1_aes.json")
    key, rnd_b = raw(vector, "key", "rnd_b")
    one = SoftwareCard(UID, {Slot.MASTER: key}, "https://a/t/1", random=lambda _length: rnd_b)
    assert one.transmit(bytes.fromhex(vector["cmd1"])).hex() == vector["picc_enc_rndb"] + "91af"
    second = apdu.native(0xAF, bytes.fromhex(vector["pcd_response"]))
    assert one.transmit(second).hex() == vector["picc_final_expected"] + "9100"


def test_a_session_is_another_each_time() -> None:
    one = card()
    assert len({authenticated(one).enc_key for _ in range(20)}) == 20


def test_a_card_with_another_key_is_not_ours() -> None:
    """It refuses what we send it; one that plays along cannot answer."""
    stranger = card(bytes(16))
    command, pending = ev2.answer(KEY, stranger.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A)
    refused = stranger.transmit(command)
    assert refused.hex() == "91ae"
    with pytest.raises(CodeError) as refusal:
        ev2.finish(KEY, pending, refused)
    assert (refusal.value.kind, refusal.value.detail) == ("refused", "91ae")
    with pytest.raises(CodeError) as refusal:
        ev2.finish(KEY, pending, aes.encrypt(bytes(16), bytes(4) + aes.rotated(RND_A) + bytes(12)) + OK)
    assert refusal.value.kind == "bad_signature"


def test_a_recorded_answer_is_refused_the_next_time() -> None:
    one = card()
    command, pending = ev2.answer(KEY, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A)
    recorded = one.transmit(command)
    ev2.finish(KEY, pending, recorded)
    _, later = ev2.answer(KEY, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A[::-1])
    with pytest.raises(CodeError, match="bad_signature"):
        ev2.finish(KEY, later, recorded)


def test_our_own_message_sent_back_is_no_proof() -> None:
    one = card()
    command, pending = ev2.answer(KEY, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A)
    with pytest.raises(CodeError, match="bad_signature"):
        ev2.finish(KEY, pending, apdu.read(command).data + OK)


def test_no_flipped_bit_reaches_the_proof() -> None:
    """Bits of the card's capabilities only change those: what is proved is the number and the transaction."""
    (vector,) = entries("ev2_mutual_auth.json", kind="AuthenticateEV2First")
    key, rnd_a, rnd_b, proof = raw(vector, "key", "rnd_a", "rnd_b", "picc_final")
    pending = ev2.Pending(rnd_a, rnd_b)
    for changed in flipped(proof[:16]):
        with pytest.raises(CodeError, match="bad_signature"):
            ev2.finish(key, pending, changed + proof[16:] + OK)
    for changed in flipped(proof[16:]):
        with pytest.raises(CodeError, match="bad_signature"):
            ev2.finish(key, pending, proof[:16] + changed + OK)


@pytest.mark.parametrize("struct", [ev2.Pending(RND_A, KEY), ev1.Pending(RND_A, KEY, bytes(16))])
def test_what_is_remembered_can_be_stored_and_does_not_print(struct: ev2.Pending | ev1.Pending) -> None:
    assert msgspec.json.decode(msgspec.json.encode(struct), type=type(struct)) == struct
    assert repr(struct) == "Pending()"
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode({"rnd_a": RND_A, "rnd_b": b"", "iv": KEY}), type=type(struct))


def test_a_session_does_not_print_its_keys() -> None:
    session = authenticated(card())
    assert repr(session) == f"Session({session.transaction.hex()}, counter=0)"


def test_a_uid_of_another_length_is_refused_though_the_card_signed_it() -> None:
    session = Session(KEY, KEY[::-1], bytes(4))
    for plain in (aes.pad(UID[:4]), aes.pad(UID + b"\x01"), bytes(16)):
        encrypted = aes.encrypt(session.enc_key, plain, session.answer_iv())
        with pytest.raises(CodeError) as refusal:
            messaging.card_uid(session, encrypted + session.answer_mac(0, encrypted) + OK)
        assert refusal.value.kind == "unreadable"


@pytest.mark.parametrize("wrong", [{"key": KEY[1:]}, {"rnd_a": RND_A + b"\x00"}, {"rnd_a": b""}])
@pytest.mark.parametrize("answer", [ev2.answer, ev1.answer])
def test_keys_and_numbers_of_another_length_are_the_callers_mistake(
    answer: Callable[..., object], wrong: dict[str, bytes]
) -> None:
    with pytest.raises(ValueError, match=r"key|RndA"):
        answer(**{"key": KEY, "rnd_a": RND_A, **wrong}, said=bytes(16) + MORE)


@given(st.binary(max_size=300) | st.binary(min_size=16, max_size=32).map(lambda data: data + OK))
def test_any_answer_of_a_card_gives_a_value_or_a_code_error(said: bytes) -> None:
    for finish in (
        lambda: ev2.answer(KEY, said, rnd_a=RND_A),
        lambda: ev2.finish(KEY, ev2.Pending(RND_A, KEY), said),
        lambda: ev1.answer(KEY, said, rnd_a=RND_A),
        lambda: ev1.finish(KEY, ev1.Pending(RND_A, KEY, KEY), said),
        lambda: messaging.card_uid(Session(KEY, KEY, bytes(4)), said),
    ):
        with suppress(CodeError):
            finish()


# --- EV1 -----------------------------------------------------------------------------------------


def test_the_published_trace_of_an_ev1() -> None:
    (vector,) = entries("desfire_ev1_aes.json")
    key, rnd_a, rnd_b, challenge, proof = raw(vector, "key", "rnd_a", "rnd_b", "picc_enc_rndb", "picc_final_expected")
    assert ev1.first_command(0).hex() == vector["cmd1"]
    command, pending = ev1.answer(key, challenge + MORE, rnd_a=rnd_a)
    assert apdu.read(command).data.hex() == vector["pcd_response"]
    assert pending.rnd_b == rnd_b
    assert ev1.finish(key, pending, proof + OK).hex() == vector["session_key"]
    for changed in flipped(proof):
        with pytest.raises(CodeError, match="bad_signature"):
            ev1.finish(key, pending, changed + OK)


def test_our_own_ev1_card() -> None:
    one = card()
    command, pending = ev1.answer(KEY, one.transmit(ev1.first_command(Slot.SERVER)), rnd_a=RND_A)
    assert len(ev1.finish(KEY, pending, one.transmit(command))) == 16
    stranger = card(bytes(16))
    command, pending = ev1.answer(KEY, stranger.transmit(ev1.first_command(Slot.SERVER)), rnd_a=RND_A)
    with pytest.raises(CodeError, match="refused: 91ae"):
        ev1.finish(KEY, pending, stranger.transmit(command))


def test_the_two_protocols_do_not_answer_for_each_other() -> None:
    one = card()
    command, pending = ev2.answer(KEY, one.transmit(ev1.first_command(Slot.SERVER)), rnd_a=RND_A)
    with pytest.raises(CodeError, match="unreadable"):
        ev2.finish(KEY, pending, one.transmit(command))


# --- the card in software ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (apdu.write(apdu.Command(0, 0xA4, 4, 0, NTAG_APPLICATION)), "9000"),
        (apdu.write(apdu.Command(0, 0xA4, 4, 0, b"other")), "6a82"),
        (apdu.native(0x5A, DESFIRE_APPLICATION), "9100"),
        (apdu.native(0x5A, b"abc"), "91a0"),
        (ev2.first_command(9), "9140"),
        (apdu.native(0x71, b"\x03"), "917e"),
        (apdu.native(0xAF, bytes(32)), "91ca"),
        (apdu.native(0x51, bytes(8)), "919d"),
        (apdu.native(0xAD, b"\x02"), "919e"),
        (apdu.native(0x42), "911c"),
        (b"\x80\x00\x00\x00", "6e00"),
        (b"\x90", "6700"),
    ],
)
def test_the_card_says_no_in_its_own_words(command: bytes, status: str) -> None:
    assert card().transmit(command).hex() == status


def test_the_card_takes_the_second_leg_once_and_at_once() -> None:
    one = card()
    command, _ = ev2.answer(KEY, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A)
    one.transmit(apdu.native(0x5A, DESFIRE_APPLICATION))
    assert one.transmit(command).hex() == "91ca"
    command, pending = ev2.answer(KEY, one.transmit(ev2.first_command(Slot.SERVER)), rnd_a=RND_A)
    session = ev2.finish(KEY, pending, one.transmit(command))
    assert one.transmit(command).hex() == "91ca"
    assert one.transmit(messaging.card_uid_command(session)).hex() == "919d"


def test_the_card_keeps_its_uid_from_who_only_watched() -> None:
    one = card()
    authenticated(one)
    assert one.transmit(apdu.native(0x51, bytes(8))).hex() == "911e"
    session = authenticated(one)
    one.leave_field()
    assert one.transmit(messaging.card_uid_command(session)).hex() == "919d"


@given(st.lists(st.binary(max_size=60) | st.binary(max_size=40).map(lambda data: b"\x90\x71" + data), max_size=5))
def test_the_card_answers_whatever_it_is_sent(commands: list[bytes]) -> None:
    one = card()
    for command in commands:
        assert len(one.transmit(command)) >= 2

"""What a reader tells of the cards and phones in its field, and what verdicts sound like."""

import io
import itertools
import wave
from collections.abc import Iterable
from uuid import UUID

import pytest

from domain.access.reasons import Outcome, Reason
from nfc import apdu, card_object, keys
from nfc.diversify import Slot
from nfc.hce import Challenge
from nfc.keys import KeySet, verify_key
from terminal import evidence, readers
from terminal.challenges import Challenges
from terminal.evidence import Moment
from terminal.readers import Card
from terminal.software_card import SoftwareCard
from terminal.software_phone import SoftwarePhone
from terminal.sounds import RATE, SOUNDS, wav
from tests.terminal_world import CARD_UID, NOW, PHONE, PRINT, on_card, phone, seconds

MOMENT = Moment(seconds(NOW), 1)


class SoftwareReader:
    """A reader in whose field cards and phones in software are laid one after the other."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._cards = iter(cards)

    def connect(self) -> Card | None:
        """The next card.

        Raises:
            EOFError: there are no more.
        """
        for card in self._cards:
            return card
        raise EOFError


class InField:
    """A card in software with the UID that a reader tells of it."""

    def __init__(self, card: Card, uid: bytes) -> None:
        self._card = card
        self._uid = uid

    def transmit(self, command: bytes) -> bytes:
        """The reader's answer to its own command, the card's to all others."""
        if command == readers.GET_UID:
            return self._uid + apdu.OK.to_bytes(2, "big")
        return self._card.transmit(command)


def trusted() -> KeySet:
    return keys.key_set(
        [
            verify_key(PHONE.public, purpose="phone", authority="ville"),
            verify_key(PRINT.public, purpose=card_object.CARD, authority="ville"),
        ]
    )


@pytest.fixture
def challenges() -> Challenges:
    return Challenges(UUID(int=7).bytes)


def drawn(challenges: Challenges) -> Challenge:
    return challenges.draw("pool", seconds(NOW))


def held_phone(place: int = 7) -> SoftwarePhone:
    shown = phone(place)
    return SoftwarePhone(shown.private, shown.credential)


def card(place: int = 8, *, uid: bytes = CARD_UID, written_for: bytes = CARD_UID) -> InField:
    file = card_object.to_file(on_card(place, uid=written_for))
    return InField(SoftwareCard(uid, {Slot.SERVER: bytes(16)}, "https://pass.example.org/t/1", file=file), uid)


def test_a_phone_in_the_field_proves_its_key_to_a_number_of_this_tap(challenges: Challenges) -> None:
    text = readers.credential(held_phone(), drawn(challenges))
    proof = evidence.read(text, trusted(), MOMENT, challenges)
    assert (proof.evidence.flaw, proof.evidence.assurance, proof.evidence.service) == (None, 3, "pool")
    assert proof.issued is not None
    assert proof.issued.status_index == 7


def test_what_another_terminal_asked_a_phone_is_worth_nothing_here(challenges: Challenges) -> None:
    text = readers.credential(held_phone(), drawn(Challenges(UUID(int=8).bytes)))
    assert evidence.read(text, trusted(), MOMENT, challenges).evidence.flaw is Reason.CODE_STALE


def test_a_card_without_keys_here_shows_its_object(challenges: Challenges) -> None:
    text = readers.credential(card(), drawn(challenges))
    proof = evidence.read(text, trusted(), MOMENT, challenges)
    assert (proof.evidence.flaw, proof.evidence.assurance) == (None, 1)
    assert proof.issued is not None
    assert proof.issued.status_index == 8


def test_an_object_that_was_copied_onto_another_card_is_refused(challenges: Challenges) -> None:
    text = readers.credential(card(uid=bytes.fromhex("04aabbccddeeff")), drawn(challenges))
    assert evidence.read(text, trusted(), MOMENT, challenges).evidence.flaw is Reason.BAD_SIGNATURE


def test_a_card_without_an_object_is_known_by_its_uid_and_to_a_server_only(challenges: Challenges) -> None:
    empty = InField(SoftwareCard(CARD_UID, {Slot.SERVER: bytes(16)}, "https://pass.example.org/t/1"), CARD_UID)
    text = readers.credential(empty, drawn(challenges))
    assert text == f"UID:{CARD_UID.hex()}"
    assert evidence.read(text, trusted(), MOMENT, challenges).evidence.flaw is Reason.NETWORK_NEEDED


def test_cards_are_read_one_after_the_other_and_one_that_leaves_too_early_is_not(challenges: Challenges) -> None:
    class Gone:
        def transmit(self, command: bytes) -> bytes:
            raise ConnectionError(command.hex())

    reader = SoftwareReader([held_phone(), Gone(), card()])
    read = itertools.islice(readers.credentials(reader, lambda: drawn(challenges)), 2)
    assert [text[:4] for text in read] == ["HCE:", "OBJ:"]


def test_a_sound_tells_what_opens_from_what_does_not() -> None:
    opens = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
    assert set(SOUNDS) == set(Outcome)
    assert min(SOUNDS[one].pitch for one in opens) > max(SOUNDS[one].pitch for one in set(Outcome) - opens)
    assert len(set(SOUNDS.values())) == len(Outcome)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_sound_is_a_wav_file_that_lasts_as_long_as_it_says(outcome: Outcome) -> None:
    sound = SOUNDS[outcome]
    with wave.open(io.BytesIO(wav(sound))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        lasts = file.getnframes() / RATE
        assert any(file.readframes(file.getnframes()))
    assert sound.seconds * sound.times <= lasts < sound.seconds * sound.times + 0.2

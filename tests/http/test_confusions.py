"""What was made for one thing shown as another: types, keys, authorities and signatures, through HTTP."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from adapters.cards import CardKeys
from nfc import base45, cbor, cose
from nfc.diversify import Slot
from tests.city import TestPass
from tests.house_app import House
from tests.http import codes
from tests.http.cards import with_card
from tests.http.gateways import SoftwareGateway, enrolled, foreign_card, with_gateway
from tests.http.test_phone_codes import shown, with_phone

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def twin(message: bytes) -> bytes:
    """The same message under the other signature that whoever has seen one can write: (r, n - s)."""
    parsed = cose.parse1(message, max_bytes=400)
    s = P256_ORDER - int.from_bytes(parsed.signature[32:], "big")
    return cbor.dump([parsed.protected, {}, parsed.payload, parsed.signature[:32] + s.to_bytes(32, "big")])


def text_of(message: bytes) -> str:
    return "EXT:" + urlsafe_b64encode(message).rstrip(b"=").decode()


def bytes_of(statement: str) -> bytes:
    digits = statement.removeprefix("EXT:")
    return urlsafe_b64decode(digits + "=" * (-len(digits) % 4))


async def reason(house: House, credential: str, gate: str = "free-1") -> str:
    return str((await house.tap(credential, gate)).json()["reason"])


@pytest.fixture
async def zoe(house: House) -> TestPass:
    return await house.resident("R1", rights=("pool-year", "reader"))


# --- a signature has a twin: what is new is told by what was signed, never by the bytes ---------------------


async def test_the_twin_of_a_gateways_statement_is_no_new_statement(house: House, zoe: TestPass) -> None:
    metro, card = await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    said = metro.reads(card, "leisure", house.clock())
    assert await reason(house, said) == "welcome"
    house.clock.turn(seconds=5)
    assert await reason(house, text_of(twin(bytes_of(said)))) == "replayed"


async def test_the_twin_of_a_phones_code_is_no_new_code(house: House, zoe: TestPass) -> None:
    text = shown(house, await with_phone(house, zoe))
    assert await reason(house, text) == "welcome"
    house.clock.turn(seconds=5)
    assert await reason(house, "MP1:" + base45.encode(twin(base45.decode(text[4:])))) == "replayed"


# --- types -------------------------------------------------------------------------------------------------


async def test_what_is_signed_as_one_type_is_refused_under_the_prefix_of_every_other(
    house: House, zoe: TestPass
) -> None:
    metro, card = await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    printed = base45.decode(zoe.code[4:])
    phone = base45.decode(shown(house, await with_phone(house, zoe))[4:])
    said = bytes_of(metro.reads(card, "leisure", house.clock()))
    for message in (printed, phone):
        assert await reason(house, text_of(message)) == "unknown_key"
    for message in (phone, said):
        assert await reason(house, "MP2:" + base45.encode(message)) in {"unknown_key", "unreadable", "unknown_type"}
    for message in (printed, said):
        assert await reason(house, "MP1:" + base45.encode(message)) == "unreadable"


async def test_a_gateway_issues_no_passes(house: House, zoe: TestPass) -> None:
    metro = await with_gateway(house)
    assert await reason(house, codes.signed_by(metro.key, zoe)) == "unknown_key"


async def test_a_key_of_the_authority_is_no_gateways(house: House, zoe: TestPass) -> None:
    metro, card = await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    printer = SoftwareGateway(codes.printing_key(house.keyring), metro.secret)
    assert await reason(house, printer.reads(card, "leisure", house.clock())) == "unknown_key"


@pytest.mark.parametrize("alg", [-8, -35, -37, 5, 0, True, "ES256", None])
async def test_no_statement_chooses_its_algorithm(house: House, zoe: TestPass, alg: object) -> None:
    metro, card = await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    message = cose.parse1(bytes_of(metro.reads(card, "leisure", house.clock())), max_bytes=400)
    header = cbor.dump({1: alg, 4: metro.key.kid} if alg is not None else {4: metro.key.kid})
    assert await reason(house, text_of(cbor.dump([header, {}, message.payload, message.signature]))) == "unreadable"


# --- authorities -------------------------------------------------------------------------------------------


async def test_cards_of_two_authorities_under_the_same_masters_are_told_apart(house: House, zoe: TestPass) -> None:
    """A master that is lent, or restored into the wrong keyring, makes no cards for another city."""
    for slot in (Slot.META, Slot.SERVER):
        house.masters._masters["voisine", slot, 1] = house.masters.card_master("ville", slot, 1)
    theirs = await house.resident("R9", rights=("pool-year",), authority=house.city.neighbour)
    card = await with_card(house, theirs, authority="voisine")
    assert await reason(house, card.tap()) == "bad_signature"
    ours = await with_card(house, zoe)
    assert await reason(house, ours.tap()) == "welcome"


async def test_one_chip_has_another_name_in_the_register_of_each_authority(house: House) -> None:
    keys, uid = CardKeys(house.masters), bytes.fromhex("04112233445566")
    assert keys.digest("ville", uid) != keys.digest("voisine", uid)

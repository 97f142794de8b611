"""Cards as the city hands them out, in software, with the real keys of the test's masters."""

import secrets

from msgspec import Struct

from adapters.cards import CardKeys, city_of, enrol
from domain.cards import CardTechnology
from domain.passes import Medium
from nfc.diversify import Slot, card_key
from terminal.software_card import SoftwareCard
from tests.city import TestPass
from tests.house_app import House

URL = "https://pass.example.org/t"


class TestCard(Struct, frozen=True):
    """A card in somebody's hand, and the medium that it is."""

    __test__ = False

    chip: SoftwareCard
    uid: bytes
    medium: Medium

    def tap(self) -> str:
        """The URL of this tap."""
        url = self.chip.read_url()
        assert url is not None
        return url


def chip(house: House, uid: bytes, *, authority: str = "ville", version: int = 1) -> SoftwareCard:
    """A personalised card that no register knows yet."""
    keys = {
        slot: card_key(
            house.masters.card_master(authority, slot, version),
            uid=uid,
            slot=slot,
            version=version,
            city=city_of(authority),
        )
        for slot in (Slot.SERVER,)
    }
    keys[Slot.META] = house.masters.card_master(authority, Slot.META, version)
    return SoftwareCard(uid, keys, f"{URL}/{version}")


async def with_card(
    house: House, owner: TestPass, *, technology: CardTechnology = CardTechnology.NTAG424, authority: str = "ville"
) -> TestCard:
    """Bind a new card to somebody's pass, as a desk will."""
    uid = b"\x04" + secrets.token_bytes(6)
    async with house.database.begin() as unit:
        medium = await enrol(
            unit,
            CardKeys(house.masters),
            await unit.places.authority(authority),
            owner.pass_,
            uid=uid,
            technology=technology,
            expires_at=owner.medium.expires_at,
            now=house.clock(),
        )
    version = max(house.masters.card_versions(authority))
    return TestCard(chip(house, uid, authority=authority, version=version), uid, medium)

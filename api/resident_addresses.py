"""Addresses as residents type them: what may be meant, and whether it lies in the territory."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from api.resident_account import RESIDENT
from api.resident_requests import TAGS
from api.residents import Asked
from domain.accounts import Account
from domain.addresses import Geocoder, lies_within
from store.database import Database

LONGEST = 200


class AddressFound(Struct, frozen=True, rename="camel"):
    """An address as a request wants it. `inTerritory`: its commune is one of the city's."""

    line: str
    postcode: str
    city: str
    commune_code: str
    in_territory: bool


class AddressesFound(Struct, frozen=True):
    """What may be meant. `searched` is false where no directory answers: let people type, and an agent decides."""

    searched: bool
    addresses: list[AddressFound]


@get("/addresses", opt=RESIDENT, summary="Find an address", tags=TAGS)
async def find(
    request: Asked,
    text: Annotated[str, QueryParameter(min_length=3, max_length=LONGEST)],
    database: NamedDependency[Database],
    geocoder: NamedDependency[Geocoder | None],
) -> AddressesFound:
    """Find an address while somebody types it. The directory is told what they typed, never who they are."""
    return await found_for(database, geocoder, request.user.account, text)


async def found_for(database: Database, geocoder: Geocoder | None, account: Account, text: str) -> AddressesFound:
    """List what may be meant by what somebody typed, as whichever door shows it."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    found = await geocoder.search(line) if geocoder is not None else None
    async with database.look() as unit:
        communes = await unit.places.communes(account.authority_id)
    return AddressesFound(
        searched=found is not None,
        addresses=[
            AddressFound(one.line, one.postcode, one.city, one.commune_code, lies_within(communes, one.commune_code))
            for one in found or ()
        ],
    )


HANDLERS = [find]

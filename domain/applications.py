"""What a household says when it asks for passes: who asks, where they live, who is to have one, for which services."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.errors.requests import RequestIncomplete

MOST_PERSONS = 12


class Person(Struct, frozen=True):
    """Somebody who is to have a pass. `holder_id` names them in the register, once they stand there.

    `two_homes`: a child who lives in another household too. Its other home is not this one's.
    """

    first_name: str
    last_name: str
    born_on: date
    holder_id: UUID | None = None
    two_homes: bool = False


class Asker(Struct, frozen=True):
    """Who asks, and how they are told; they need not be among those who get a pass."""

    name: str
    email: str | None = None
    phone: str | None = None


class Address(Struct, frozen=True):
    """Where the household lives: `commune_code`, its INSEE code, decides what a resident is."""

    line: str
    postcode: str
    city: str
    commune_code: str


class Application(Struct, frozen=True):
    """What the household says. `services` are codes; `declared` names the proofs that they swear to instead."""

    asker: Asker
    address: Address
    persons: tuple[Person, ...]
    services: tuple[str, ...]
    declared: tuple[str, ...] = ()
    language: str = "fr"


def check_application(application: Application) -> None:
    """Refuse an application that nobody could decide.

    Raises:
        RequestIncomplete: it names nobody, somebody without a name, no service, or no address.
    """
    check_room(application)
    asker, address = application.asker, application.address
    named = all(one.first_name.strip() and one.last_name.strip() for one in application.persons)
    for holds, words in (
        (asker.name.strip(), "Who asks has no name."),
        (application.persons, "Nobody is to have a pass."),
        (named, "Somebody has no name."),
        (application.services, "No service is asked for."),
        (address.line.strip() and address.city.strip(), "The address is incomplete."),
    ):
        if not holds:
            raise RequestIncomplete(words)


def check_room(application: Application) -> None:
    """Refuse more persons than a household has.

    Raises:
        RequestIncomplete: there are more.
    """
    if len(application.persons) > MOST_PERSONS:
        raise RequestIncomplete(f"A household has {MOST_PERSONS} persons at most: make two of it.")

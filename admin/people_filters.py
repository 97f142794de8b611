"""What narrows a search for somebody's name: where they live, how old they are, what they may use, and their pass."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from admin.visits import Asked
from admin.words import language_of, read_words
from domain.agents import Agent, Permission
from domain.figures.bands import BANDS, born_within
from domain.names import plain_words
from domain.passes import PassStatus
from store.attendance import commune_names
from store.database import Database
from store.search import Narrowed

PARTS = ("commune", "band", "product", "state")
"""Parts of the address. They name nobody, so an agent may keep them (`domain.saved_filters`)."""

NO_PASS = "none"
_WORDS = read_words("people")
_LONGEST = 60
_STATES = (*(status.value for status in PassStatus), NO_PASS)


class Filters(Struct, frozen=True):
    """What narrows a search, as it stands in the address: codes; what is empty, or no code of ours, leaves it open."""

    commune: str = ""
    band: str = ""
    product: str = ""
    state: str = ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Return the parts of the address with their values."""
        return [(name, getattr(self, name)) for name in PARTS]

    def narrowed(self, day: date, agent: Agent, born_on: date | None) -> Narrowed:
        """Say it to the store.

        Where people live, how old they are and what they may use is for those who keep the register alone: others
        would learn it by narrowing.
        """
        status = PassStatus(self.state) if self.state in set(PassStatus) else None
        shown = Narrowed(day, status=status, without_pass=self.state == NO_PASS)
        if not agent.may(Permission.PERSON_MANAGE):
            return shown
        band = next((one for one in BANDS if one.code == self.band), None)
        born = (born_on, born_on) if born_on is not None else born_within(band, day) if band is not None else None
        return Narrowed(day, self.commune, born, self.product, shown.status, shown.without_pass)


ANY = Filters()
"""Nothing is narrowed."""


class Choices(Struct, frozen=True):
    """What a form offers: pairs of a code and its words, by the part of the address."""

    of: Mapping[str, Sequence[tuple[str, str]]]


def filters_in(asked: Mapping[str, str]) -> Filters:
    """Read the filters of an address; what cannot stand in one is as if it were not there."""
    said = {name: asked.get(name, "")[:_LONGEST] for name in PARTS}
    return Filters(**{name: value if value.isprintable() else "" for name, value in said.items()})


async def choices(request: Asked, database: Database) -> Choices:
    """List what an agent may narrow a search by."""
    language, authority_id = language_of(request), request.user.authority_id
    say = _WORDS[language]
    states = [(state, say[f"state_{state}"]) for state in _STATES]
    if not request.user.may(Permission.PERSON_MANAGE):
        return Choices({"state": states})
    async with database.read() as connection:
        communes = await commune_names(connection, authority_id)
    catalogue = await database.catalogue()
    products = {
        one.code: one.name.fr if language == "fr" else one.name.en
        for one in catalogue.products.values()
        if one.authority_id == authority_id
    }
    return Choices(
        {
            "commune": _sorted(communes),
            "band": [(one.code, one.name.fr if language == "fr" else one.name.en) for one in BANDS],
            "product": _sorted(products),
            "state": states,
        }
    )


def _sorted(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda one: plain_words(one[1]))

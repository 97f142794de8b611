"""What a built city tells those who want to visit it."""

from uuid import UUID

from msgspec import Struct

from domain.agents import Role
from domain.places import Authority, Site
from domain.text import Text


class Login(Struct, frozen=True):
    """An agent of the demonstration. The password is printed, so it protects nothing."""

    login: str
    password: str
    name: str
    role: Role
    site: str = ""
    """Code of the site that the role is for; empty: everywhere."""


class Sample(Struct, frozen=True):
    """A pass worth showing at a gate. `code` is the printed text of one of its media, `shows` says what will happen."""

    key: str
    number: str
    holder_name: str
    medium_id: int
    code: str
    shows: Text


class Device(Struct, frozen=True):
    """A paired terminal with its private key, so that a reference terminal can be started in its place."""

    id: UUID
    authority_code: str
    name: str
    gate_codes: tuple[str, ...]
    private_key_pem: bytes

    def __repr__(self) -> str:
        """The name, never the key."""
        return f"Device({self.name})"


class Signpost(Struct, frozen=True):
    """A point of the tour: the number on its plate, the end of its address, and its title."""

    plate: str
    slug: str
    title: Text


class City(Struct, frozen=True):
    """The agglomération, its neighbour, and what opens their doors."""

    authority: Authority
    neighbour: Authority
    agents: tuple[Login, ...]
    samples: tuple[Sample, ...]
    terminals: tuple[Device, ...]
    sites: tuple[Site, ...]
    residents: int
    passages: int
    signposts: tuple[Signpost, ...] = ()

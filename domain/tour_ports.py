"""What the tour's verbs ask of the outside world: the rest of `domain.ports`, which has no room for it."""

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from domain.band_editions import BandEditions
    from domain.device_changes import DeviceChange, ToldChange
    from domain.device_states import DeviceEvent
    from domain.devices import Device, Stream
    from domain.expression import Expression
    from domain.flood_levels import Floods
    from domain.itineraries import Itinerary
    from domain.notices import Notices
    from domain.points import Point, PointEntry
    from domain.subscribers import Subscribers
    from domain.tasks import Tasks
    from domain.webhooks import Webhooks


class Devices(Protocol):
    """The register of the connected city."""

    async def save(self, device: "Device") -> None:
        """Write a device over what was known of it, if anything."""
        ...

    async def save_stream(self, stream: "Stream") -> None:
        """Write a stream over what was known of it, if anything."""
        ...

    async def add_event(self, authority_id: UUID, event: "DeviceEvent") -> None: ...
    async def find(self, authority_id: UUID, code: str) -> "Device | None": ...
    async def by_code(self, authority_id: UUID, code: str) -> "Device": ...
    async def hold(self, authority_id: UUID, code: str) -> "Device":
        """Find a device, and keep others from changing it to the end of the unit."""
        ...

    async def add_change(self, new: "DeviceChange") -> None: ...
    async def changes(self, device_id: UUID, *, after: int, most: int) -> "list[ToldChange]":
        """List what was changed after a place in its history, the newest first."""
        ...

    async def by_source(self, authority_id: UUID, source: str, source_key: str) -> "Device | None": ...
    async def streams(self, device_id: UUID) -> "list[Stream]": ...
    async def all_of(self, authority_id: UUID) -> "list[Device]": ...


class Points(Protocol):
    """The points of the tour, the journal of each, and the walks between them."""

    async def add(self, new: "Point") -> None: ...
    async def save(self, changed: "Point", version: int) -> None:
        """Write a point over this version of it.

        Raises:
            VersionChanged: it has another since.
        """
        ...

    async def by_plate(self, authority_id: UUID, plate: str) -> "Point": ...
    async def find(self, authority_id: UUID, slug: str) -> "Point | None": ...
    async def all_of(self, authority_id: UUID) -> "list[Point]": ...
    async def plate_taken(self, plate: str) -> bool: ...
    async def slug_taken(self, slug: str) -> bool: ...
    async def note(self, entry: "PointEntry") -> None: ...
    async def entries(self, point_id: UUID) -> "list[PointEntry]": ...
    async def save_itinerary(self, itinerary: "Itinerary") -> None: ...
    async def itineraries(self, authority_id: UUID) -> "list[Itinerary]": ...


class TourUnit(Protocol):
    """What a unit of work gives to the tour: a part of `domain.ports.Unit`."""

    @property
    def devices(self) -> "Devices":
        """The devices of the connected city."""
        ...

    @property
    def floods(self) -> "Floods":
        """Flood levels."""
        ...

    @property
    def bands(self) -> "BandEditions":
        """What the authority says of values otherwise than the program."""
        ...

    @property
    def webhooks(self) -> "Webhooks":
        """Who wants to be told."""
        ...

    @property
    def notices(self) -> "Notices":
        """What the city has to say."""
        ...

    @property
    def subscribers(self) -> "Subscribers":
        """Who wants to hear it."""
        ...

    @property
    def points(self) -> "Points":
        """The points of the tour."""
        ...

    @property
    def expression(self) -> "Expression":
        """What people say at points."""
        ...

    @property
    def tasks(self) -> "Tasks":
        """What services are to look at."""
        ...

"""The register in the terms of SensorThings 1.1 (OGC 18-088).

A device is a Thing with its Location, a stream a Datastream, a quantity an ObservedProperty. Observations are in the
database, and stand in `tour.api.sensorthings`.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.devices import Device
from domain.text import Text
from store.shown import Shown
from tour.catalogue import quantity
from tour.live import LICENCE
from tour.showcase import Register

Entity = dict[str, Any]

SETS = ("Things", "Locations", "Datastreams", "ObservedProperties")
LEADS: dict[str, tuple[str, ...]] = {
    "Things": ("Datastreams", "Locations"),
    "Locations": ("Things",),
    "Datastreams": ("Thing", "ObservedProperty", "Observations"),
    "ObservedProperties": ("Datastreams",),
    "Observations": ("Datastream",),
}
"""What each entity leads to; a name in the singular is one entity."""

_MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


class Entities:
    """The entities of one register, made when they are asked for. `url` is the address of the service."""

    def __init__(self, register: Register, url: str) -> None:
        self._register = register
        self._url = url
        self._streams = {str(name): shown for name, shown in register.streams.items()}
        self._devices: dict[str, list[Shown]] = {}
        self._quantities: dict[str, list[Shown]] = {}
        for shown in register.streams.values():
            self._devices.setdefault(str(shown.device.id), []).append(shown)
            self._quantities.setdefault(shown.stream.quantity, []).append(shown)

    def ids(self, of: str) -> list[str]:
        """Name the entities of a set, in an order that stays."""
        known: dict[str, Iterable[str]] = {
            "Things": self._devices,
            "Locations": self._devices,
            "Datastreams": self._streams,
            "ObservedProperties": self._quantities,
        }
        return sorted(known[of])

    def stream(self, name: str) -> Shown | None:
        """Return the stream behind a Datastream."""
        return self._streams.get(name)

    def one(self, of: str, name: str) -> Entity | None:
        """Return an entity of a set, if there is one of this id."""
        match of:
            case "Things":
                return self._thing(self._devices[name][0].device) if name in self._devices else None
            case "Locations":
                return self._location(self._devices[name][0].device) if name in self._devices else None
            case "Datastreams":
                return self._datastream(self._streams[name]) if name in self._streams else None
            case "ObservedProperties":
                return self._property(name) if name in self._quantities else None
        return None

    def led(self, of: str, name: str, to: str) -> Entity | list[Entity] | None:
        """Follow a link of an entity that is there; None where there is no such link."""
        match of, to:
            case "Things", "Datastreams":
                return [self._datastream(shown) for shown in self._devices[name]]
            case "Things", "Locations":
                return [self._location(self._devices[name][0].device)]
            case "Locations", "Things":
                return [self._thing(self._devices[name][0].device)]
            case "Datastreams", "Thing":
                return self._thing(self._streams[name].device)
            case "Datastreams", "ObservedProperty":
                return self._property(self._streams[name].stream.quantity)
            case "ObservedProperties", "Datastreams":
                return [self._datastream(shown) for shown in self._quantities[name]]
        return None

    def _thing(self, device: Device) -> Entity:
        properties = {
            "code": device.code,
            "kind": device.kind,
            "commune": device.commune_code,
            "protectionLevel": device.protection_level,
            "installedOn": device.installed_on,
        }
        return self._entity("Things", device.id, **_named(device.name), properties=properties)

    def _location(self, device: Device) -> Entity:
        here = self._register.position(device)
        return self._entity(
            "Locations",
            device.id,
            **_named(device.name),
            encodingType="application/geo+json",
            location={"type": "Point", "coordinates": [here.longitude, here.latitude]},
        )

    def _datastream(self, shown: Shown) -> Entity:
        stream, measured = shown.stream, quantity(shown.stream.quantity)
        return self._entity(
            "Datastreams",
            stream.id,
            name=f"{measured.name.en}: {shown.device.name.en}",
            description=measured.meaning.en if measured.meaning is not None else "",
            observationType=_MEASUREMENT,
            unitOfMeasurement={
                "name": measured.symbol.en,
                "symbol": stream.unit,
                "definition": f"https://qudt.org/vocab/unit/{measured.qudt}",
            },
            properties={"channel": stream.channel, "periodSeconds": stream.period_seconds, "licence": LICENCE},
        )

    def _property(self, code: str) -> Entity:
        measured = quantity(code)
        return self._entity(
            "ObservedProperties",
            code,
            name=measured.name.en,
            definition=f"urn:multipass:quantity:{code}",
            description=measured.meaning.en if measured.meaning is not None else "",
        )

    def _entity(self, of: str, key: UUID | str, /, **fields: Any) -> Entity:  # noqa: ANN401 - what JSON holds
        own = f"{self._url}/{of}('{key}')"
        links = {f"{to}@iot.navigationLink": f"{own}/{to}" for to in LEADS[of]}
        return {"@iot.id": str(key), "@iot.selfLink": own, **fields, **links}


def _named(name: Text) -> dict[str, str]:
    return {"name": name.fr, "description": name.en}

"""Public devices as NGSI-LD entities (ETSI GS CIM 009) in the types of Smart Data Models.

A value keeps the unit in which it is stored and names it (`unitCode`, UN/CEFACT); what these models have no word for
keeps our own.
"""

from collections.abc import Sequence
from typing import Any

from domain.devices import Device, DeviceKind, Position
from tour.api.instants import written
from tour.catalogue import quantity
from tour.live import Live

CONTEXT = (
    "https://smartdatamodels.org/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld",
)

_TYPES = {
    DeviceKind.ROOM_AIR: "IndoorEnvironmentObserved",
    DeviceKind.OUTDOOR_AIR: "AirQualityObserved",
    DeviceKind.WEATHER: "WeatherObserved",
    DeviceKind.NOISE: "NoiseLevelObserved",
    DeviceKind.WATER_LEVEL: "WaterObserved",
    DeviceKind.WATER_QUALITY: "WaterQualityObserved",
    DeviceKind.SOIL: "GreenspaceRecord",
    DeviceKind.CONTAINER: "WasteContainer",
    DeviceKind.LIGHTING: "Streetlight",
    DeviceKind.DISTRICT_METER: "WaterConsumptionObserved",
    DeviceKind.COUNTER: "ItemFlowObserved",
    DeviceKind.CAMERA: "ItemFlowObserved",
    DeviceKind.RADIO_COUNTER: "CrowdFlowObserved",
    DeviceKind.PARKING: "OffStreetParking",
    DeviceKind.CHARGING: "EVChargingStation",
}
_ANY = "DeviceMeasurement"

_NAMES = {
    "air_temperature": "temperature",
    "relative_humidity": "relativeHumidity",
    "air_pressure": "atmosphericPressure",
    "wind_speed": "windSpeed",
    "rain": "precipitation",
    "uv_index": "uVIndexMax",
    "solar_radiation": "solarRadiation",
    "sound_level": "LAeq",
    "water_level": "height",
    "water_flow": "flow",
    "water_temperature": "temperature",
    "water_use": "waterConsumption",
    "soil_moisture_vwc": "soilMoistureVwc",
    "soil_temperature": "soilTemperature",
    "bicycle_flow": "intensity",
    "person_flow": "intensity",
    "vehicle_flow": "intensity",
    "free_places": "availableSpotNumber",
    "free_chargers": "availableCapacity",
    "fill_level": "fillingLevel",
    "lighting_level": "illuminanceLevel",
}
"""The attribute of a quantity, where its own code is not the word."""

Entity = dict[str, Any]


def type_of(device: Device) -> str:
    """Return the type of a device's entity."""
    return _TYPES.get(device.kind, _ANY)


def id_of(device: Device) -> str:
    """Return the name of a device's entity."""
    return f"urn:ngsi-ld:{type_of(device)}:{device.code}"


def entity(device: Device, here: Position, told: Sequence[Live]) -> Entity:
    """Write a device with what its streams say; a stream that says no number is left out."""
    attributes: dict[str, Any] = {}
    for one in told:
        if one.value is None or one.observed_at is None:
            continue
        name = _NAMES.get(one.quantity, _camel(one.quantity))
        value = _property(one)
        # Several streams of one name: the attribute becomes a list, each with its own dataset.
        known = attributes.get(name)
        attributes[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return {
        "id": id_of(device),
        "type": type_of(device),
        "name": {"type": "Property", "value": device.name.fr},
        "location": {
            "type": "GeoProperty",
            "value": {"type": "Point", "coordinates": [here.longitude, here.latitude]},
        },
        **attributes,
    }


def simplified(entity: Entity) -> Entity:
    """Write an entity without the words around its values (section 4.5.4)."""

    def plain(attribute: Any) -> Any:  # noqa: ANN401 - what JSON holds
        if isinstance(attribute, list):
            return [plain(one) for one in attribute]
        return attribute["value"] if isinstance(attribute, dict) else attribute

    return {name: plain(attribute) for name, attribute in entity.items()}


def _property(one: Live) -> Entity:
    measured = quantity(one.quantity)
    written_at = written(one.observed_at) if one.observed_at is not None else ""
    unit = {"unitCode": measured.uncefact} if measured.uncefact else {}
    dataset = {"datasetId": f"urn:ngsi-ld:dataset:{one.channel}"} if one.channel else {}
    return {
        "type": "Property",
        "value": one.value,
        **unit,
        "observedAt": written_at,
        **dataset,
        "freshness": {"type": "Property", "value": one.state},
        "quality": {"type": "Property", "value": one.quality},
        "license": {"type": "Property", "value": one.licence},
    }


def _camel(code: str) -> str:
    first, *rest = code.split("_")
    return first + "".join(part.capitalize() for part in rest)

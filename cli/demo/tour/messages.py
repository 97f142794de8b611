"""What a device says, as network servers, brokers and portals would write it. `tour.ingest` reads it back."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from msgspec import Struct

from cli.demo.tour.mishaps import BROKEN_PROBE, Fate, fate, kept_before
from cli.demo.tour.plan import HOUR, ZONE, Part, Simulated
from cli.demo.tour.sources import PLAIN_MQTT, format_of, topic_of


class Post(Struct, frozen=True):
    """A message to a source: where below its address, and the body; what goes by a broker has its topic."""

    source: str
    below: str
    body: bytes
    topic: str = ""


class Copy(Struct, frozen=True):
    """A message of a device at an instant; `copy` counts how often it has arrived before."""

    one: Simulated
    at: datetime
    copy: int = 0

    def values(self, at: datetime | None = None) -> dict[str, float]:
        """What it says of an instant by the names of its fields, its own unless told."""
        return {part.name: _said(self.one, part, at or self.at) for part in self.one.parts}

    def identity(self, purpose: str) -> str:
        """Name something of this message: 32 hexadecimal digits."""
        named = f"{purpose} {self.one.code} {self.one.number(self.at)} {self.copy}"
        return sha256(named.encode()).hexdigest()[:32]


def posts(one: Simulated, at: datetime, *, by_broker: bool) -> list[Post]:
    """Write what a device sends at an instant: one message, none, or the same twice."""
    format_ = format_of(one.device.source, by_broker=by_broker)
    copies = {Fate.LOST: 0, Fate.TWICE: 2}.get(fate(one, at), 1)
    return [written(format_, one, at, copy) for copy in range(copies)]


def written(format_: str, one: Simulated, at: datetime, copy: int = 0) -> Post:
    """Write what a device says at an instant in a format."""
    below, body = _WRITERS[format_](Copy(one, at, copy))
    return Post(one.device.source, below, body, topic_of(one.device.source_key) if format_ == PLAIN_MQTT else "")


def _said(one: Simulated, part: Part, at: datetime) -> float:
    instead = BROKEN_PROBE.get((one.code, part.field.quantity))
    return part.raw(at) if instead is None else instead


def _chirpstack(copy: Copy) -> tuple[str, bytes]:
    one, decoded = copy.one, copy.values()
    said: dict[str, Any] = dict(decoded)
    if fate(one, copy.at) is Fate.WITH_OTHERS:
        said["history"] = [
            {"timestamp": int(before.timestamp()), **copy.values(before)} for before in kept_before(one, copy.at)
        ]
    address = sha256(one.code.encode()).hexdigest()[:8]
    return "?event=up", _json(
        {
            "deduplicationId": copy.identity("frame"),
            "time": _utc(copy.at),
            "deviceInfo": {
                "tenantName": "Val-Clair",
                "applicationName": "capteurs",
                "deviceProfileName": one.device.model,
                "deviceName": one.code,
                "devEui": one.device.source_key,
            },
            "devAddr": address,
            "dr": 5,
            "fCnt": one.number(copy.at),
            "fPort": 85,
            "data": _bytes_of(decoded),
            "object": said,
            "rxInfo": [{"gatewayId": "7276ff002e060101", "rssi": -97, "snr": 7.2}],
        }
    )


def _things_stack(copy: Copy) -> tuple[str, bytes]:
    one, decoded = copy.one, copy.values()
    return "/up", _json(
        {
            "end_device_ids": {
                "device_id": one.code,
                "application_ids": {"application_id": "val-clair-meteo"},
                "dev_eui": one.device.source_key.upper(),
            },
            "received_at": _utc(copy.at + timedelta(milliseconds=230)),
            "uplink_message": {
                "session_key_id": "AZK1Y2xhaXI=",
                "f_port": 85,
                "f_cnt": one.number(copy.at),
                "frm_payload": _bytes_of(decoded),
                "decoded_payload": decoded,
                "received_at": _utc(copy.at),
            },
        }
    )


def _ngsi_ld(copy: Copy) -> tuple[str, bytes]:
    one = copy.one
    begin, end = _window(one, copy.at)
    entity: dict[str, Any] = {"id": one.device.source_key, "type": one.device.source_key.split(":")[2]}
    if one.over:
        entity |= {"dateObservedFrom": _dated(begin), "dateObservedTo": _dated(end)}
    for part in one.parts:
        said = {"type": "Property", "value": _said(one, part, begin)}
        if part.field.unit.isalnum():
            said["unitCode"] = part.field.unit
        entity[part.name] = said if one.over else {**said, "observedAt": _utc(copy.at)}
    notification = {
        "id": f"urn:ngsi-ld:Notification:{copy.identity('notification')}",
        "type": "Notification",
        "subscriptionId": "urn:ngsi-ld:Subscription:visite",
        "notifiedAt": _utc(copy.at),
        "data": [entity],
    }
    return "", _json(notification)


def _sensorthings(copy: Copy) -> tuple[str, bytes]:
    return "/v1.1/CreateObservations", _json(
        [
            {
                "Datastream": {"@iot.id": int(copy.one.device.source_key)},
                "components": ["phenomenonTime", "result"],
                "dataArray@iot.count": 1,
                "dataArray": [[_utc(copy.at), value]],
            }
            for value in copy.values().values()
        ]
    )


def _senml(copy: Copy) -> tuple[str, bytes]:
    base = {"bn": f"{copy.one.device.source_key}:", "bt": int(copy.at.timestamp())}
    records = [{"n": name, "v": value} for name, value in copy.values().items()]
    return "", _json([{**base, **records[0]}, *records[1:]])


def _plain_mqtt(copy: Copy) -> tuple[str, bytes]:
    return "", _json({**copy.values(), "ts": int(copy.at.timestamp())})


def _hubeau(copy: Copy) -> tuple[str, bytes]:
    """A page of the last hour. Each value stands there twice, for the station and for its site, as in the real one."""
    one, station = copy.one, copy.one.device.source_key
    rows = [
        {
            "code_site": station[:8],
            "code_station": of,
            "grandeur_hydro": name,
            "date_obs": _utc(at),
            "resultat_obs": value,
            "code_qualification_obs": 16,
            "statut_serie": 4,
        }
        for at in (copy.at - place * one.period for place in range(HOUR // one.period))
        for name, value in copy.values(at).items()
        for of in (station, None)
    ]
    return "", _json({"count": len(rows), "api_version": "2.0.1", "next": None, "data": rows})


def _vigilance(copy: Copy) -> tuple[str, bytes]:
    """The map of the country: three stretches of it, of which the city has agreed one."""
    levels = {copy.one.device.source_key: int(copy.values()["NivInfViCr"]), "OU10": 1, "LO25": 2}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiLineString", "coordinates": []},
            "properties": {"CdEntCru": code, "lbentcru": f"Tronçon {code}", "NivInfViCr": level},
        }
        for code, level in levels.items()
    ]
    return "", _json({"type": "FeatureCollection", "DtHrInfoVigiCru": _utc(copy.at), "features": features})


def _ecocounters(copy: Copy) -> tuple[str, bytes]:
    """The hours of yesterday, by the clock of the place and with the Z that is not true."""
    one, (begin, _) = copy.one, _yesterday(copy.at)
    (part,) = one.parts
    hours = [begin.replace(hour=hour) for hour in range(24)]
    values = [[int(_said(one, part, at)), f"{at:%Y-%m-%dT%H:00:00Z}"] for at in hours if _exists(at)]
    entity = {
        "id": one.device.source_key,
        "type": ["EcoCounter", "TrafficFlowObserved"],
        part.name: {"type": "Property", "values": values},
    }
    return "", _json([entity])


def _opendatasoft(copy: Copy) -> tuple[str, bytes]:
    begin, _ = _yesterday(copy.at)
    row = {"secteur": copy.one.device.source_key, "jour": f"{begin:%Y-%m-%d}", **copy.values(begin)}
    return "", _json({"total_count": 1, "results": [row]})


_WRITERS: dict[str, Callable[[Copy], tuple[str, bytes]]] = {
    "chirpstack": _chirpstack,
    "the-things-stack": _things_stack,
    "ngsi-ld": _ngsi_ld,
    "sensorthings": _sensorthings,
    "senml": _senml,
    PLAIN_MQTT: _plain_mqtt,
    "hubeau": _hubeau,
    "vigicrues-vigilance": _vigilance,
    "ecocounters-hourly": _ecocounters,
    "opendatasoft": _opendatasoft,
}


def _window(one: Simulated, at: datetime) -> tuple[datetime, datetime]:
    """The hour before the one in which it speaks; the instant itself where it measures over no time."""
    if not one.over:
        return at, at
    end = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return end - HOUR, end


def _yesterday(at: datetime) -> tuple[datetime, datetime]:
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=1), midnight


def _exists(local: datetime) -> bool:
    """Whether the clocks of the place ever show this time."""
    return local.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) == local.replace(tzinfo=None)


def _dated(at: datetime) -> dict[str, Any]:
    return {"type": "Property", "value": {"@type": "DateTime", "@value": _utc(at)}}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bytes_of(decoded: dict[str, float]) -> str:
    """Stand-in for the radio's own bytes, which a network server passes on beside what it decoded."""
    return b64encode(sha256(_json(decoded)).digest()[:16]).decode()


def _json(said: dict[str, Any] | Sequence[Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()

"""The sources of the demonstration: through which format each device speaks, which way, and with which token."""

import secrets
from collections.abc import Mapping
from hashlib import sha256

from cli.demo.territory import TIME_ZONE
from cli.demo.tour.plan import PLACES, simulated

PLAIN_MQTT = "plain-mqtt"

FORMAT_OF = {
    "lorawan": "chirpstack",
    "meteo": "the-things-stack",
    "contexte": "ngsi-ld",
    "batiments": "sensorthings",
    "eclairage": "senml",
    "jardin": PLAIN_MQTT,
    "hydrometrie": "hubeau",
    "vigilance": "vigicrues-vigilance",
    "comptages": "ecocounters-hourly",
    "eau": "opendatasoft",
}

ASKED = {
    "hydrometrie": "/api/v2/hydrometrie/observations_tr",
    "vigilance": "/services/InfoVigiCru.geojson",
}
"""What nobody posts: the server asks a portal for it (`cli.demo.tour.portal`), at these paths."""

WITHOUT_BROKER = "senml"
"""How a device that publishes to a broker speaks where there is none: the same values, posted."""

_MORE = {
    "eau": f'zone = "{TIME_ZONE}"\ndevice_field = "secteur"\ntime_field = "jour"\n',
    "vigilance": 'fields = ["OU12"]\n',
    "jardin": 'topics = ["jardins/{device}"]\n',
}


def topic_of(source_key: str) -> str:
    """The topic to which a device of the gardens publishes."""
    return f"jardins/{source_key}"


def draw_tokens() -> dict[str, str]:
    """Draw a token for each source that posts. They last as long as the demonstration is served."""
    return {source: secrets.token_urlsafe(24) for source in FORMAT_OF if source not in ASKED}


def sources_file(
    authority: str, tokens: Mapping[str, str], address: str, *, portal: str, broker_port: int | None
) -> str:
    """Write the file of the sources; what the gates count is asked of the server itself, at its address.

    `broker_port` is that of a broker on this machine; None where there is none.
    """
    models: dict[str, set[str]] = {source: set() for source in FORMAT_OF}
    for one in simulated():
        models[one.device.source].add(one.device.model)
    ways = {source: f'token_sha256 = "{sha256(token.encode()).hexdigest()}"\n' for source, token in tokens.items()}
    ways |= {source: f'poll = {{ url = "{portal}{path}", every_minutes = 1 }}\n' for source, path in ASKED.items()}
    if broker_port is not None:
        ways["jardin"] = (
            f'mqtt = {{ host = "127.0.0.1", port = {broker_port}, tls = false, client_id = "multipass-demo", '
            f'topics = ["{topic_of("+")}"] }}\n'
        )
    parts = [
        f'[{source}]\nformat = "{format_of(source, by_broker=broker_port is not None)}"\nauthority = "{authority}"\n'
        f"models = {sorted(models[source])}\n{_MORE.get(source, '')}{ways[source]}"
        for source in FORMAT_OF
    ]
    parts.append(
        f'[{PLACES}]\nformat = "city-places"\nauthority = "{authority}"\n'
        f'poll = {{ url = "{address}/v1/public/{authority}/sites", every_minutes = 1 }}\n'
    )
    return "\n".join(parts)


def format_of(source: str, *, by_broker: bool) -> str:
    """Name the format that a source speaks, where there is a broker or none."""
    format_ = FORMAT_OF[source]
    return WITHOUT_BROKER if format_ == PLAIN_MQTT and not by_broker else format_

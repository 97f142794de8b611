"""The sources of the demonstration: through which format each device speaks, and with which token."""

import secrets
from collections.abc import Mapping
from hashlib import sha256

from cli.demo.territory import TIME_ZONE
from cli.demo.tour.plan import PLACES, simulated

FORMAT_OF = {
    "lorawan": "chirpstack",
    "meteo": "the-things-stack",
    "contexte": "ngsi-ld",
    "batiments": "sensorthings",
    "eclairage": "senml",
    "hydrometrie": "hubeau",
    "comptages": "ecocounters-hourly",
    "eau": "opendatasoft",
}

_MORE = {"eau": f'zone = "{TIME_ZONE}"\ndevice_field = "secteur"\ntime_field = "jour"\n'}


def draw_tokens() -> dict[str, str]:
    """Draw a token for each source. They last as long as the demonstration is served."""
    return {source: secrets.token_urlsafe(24) for source in FORMAT_OF}


def sources_file(authority: str, tokens: Mapping[str, str], address: str) -> str:
    """Write the file of the sources; what the gates count is asked of the server itself, at its address."""
    models: dict[str, set[str]] = {source: set() for source in FORMAT_OF}
    for one in simulated():
        models[one.device.source].add(one.device.model)
    parts = [
        f'[{source}]\nformat = "{FORMAT_OF[source]}"\nauthority = "{authority}"\n'
        f"models = {sorted(models[source])}\n"
        f'token_sha256 = "{sha256(token.encode()).hexdigest()}"\n{_MORE.get(source, "")}'
        for source, token in tokens.items()
    ]
    parts.append(
        f'[{PLACES}]\nformat = "city-places"\nauthority = "{authority}"\n'
        f'poll = {{ url = "{address}/v1/public/{authority}/sites", every_minutes = 1 }}\n'
    )
    return "\n".join(parts)

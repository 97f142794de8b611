"""`/v1/tour/catalogue.jsonld`: the record of this open data for portals (DCAT 3, W3C), as JSON-LD.

A point is a data set, with its live values and a table of each of its streams; the ways to ask for all of them are
services.
"""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from api.conditional import open_answer
from api.rules import Rule
from api.settings import Settings
from domain.languages import Words
from domain.places import Authority
from domain.text import Text
from tour.api.points import Asked
from tour.api.wire import sheet_of
from tour.catalogue import quantity
from tour.showcase import Showcase, Stand

LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SERVICES = (
    ("/v1/tour/points", "Points, JSON", ""),
    ("/v1/tour/points.geojson", "Points, GeoJSON", "https://www.rfc-editor.org/rfc/rfc7946"),
    ("/v1/tour/events", "Server-sent events", "https://html.spec.whatwg.org/multipage/server-sent-events.html"),
    ("/sta/v1.1", "OGC SensorThings API 1.1", "http://www.opengis.net/spec/iot_sensing/1.1"),
    ("/ngsi-ld/v1/entities", "NGSI-LD", "https://www.etsi.org/deliver/etsi_gs/CIM/001_099/009/"),
)
"""Address, name, and the norm that it follows."""

Record = dict[str, Any]


@get("/catalogue.jsonld", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def catalogue(
    request: Asked, showcase: NamedDependency[Showcase], settings: NamedDependency[Settings]
) -> Response[Any]:
    """Describe what is here for the harvesters of open data portals."""
    register, url = await showcase.register(), settings.public_url.rstrip("/")
    stands = list(register.stands.values())
    record = {
        "@context": _CONTEXT,
        "@id": f"{url}/v1/tour/catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": [_text("La ville qui mesure", "fr"), _text("The city that measures", "en")],
        "dct:license": {"@id": LICENCE_URL},
        "dct:publisher": [_agent(one) for one in {one.authority.id: one.authority for one in stands}.values()],
        "dcat:dataset": [_dataset(stand, url) for stand in stands],
        "dcat:service": [_service(url, *service) for service in _SERVICES],
    }
    return open_answer(request, msgspec.json.encode(record), media_type="application/ld+json", cache="max-age=3600")


def _dataset(stand: Stand, url: str) -> Record:
    sheet, slug = sheet_of(stand), stand.point.slug
    here = sheet.position
    names = [quantity(one.stream.quantity).name for one in stand.streams]
    return {
        "@id": f"{url}/tour/points/{slug}#data",
        "@type": "dcat:Dataset",
        "dct:identifier": stand.point.plate,
        "dct:title": _texts(sheet.title),
        "dct:description": _texts(sheet.benefit),
        "dct:publisher": _agent(stand.authority),
        "dct:license": {"@id": LICENCE_URL},
        "dct:issued": {"@type": "xsd:date", "@value": str(sheet.starts_on)} if sheet.starts_on is not None else None,
        "dcat:keyword": [text for name in names for text in (_text(name.fr, "fr"), _text(name.en, "en"))],
        "dcat:landingPage": {"@id": f"{url}/tour/points/{slug}"},
        "dct:spatial": {"geo:lat": here.latitude, "geo:long": here.longitude} if here is not None else None,
        "dcat:distribution": [
            _distribution(f"{url}/v1/tour/points/{slug}/live", "application/json"),
            *(
                _distribution(f"{url}/v1/tour/streams/{one.stream.id}/readings.csv", "text/csv")
                for one in stand.streams
            ),
        ],
    }


def _distribution(address: str, media: str) -> Record:
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": address},
        "dcat:mediaType": {"@id": _MEDIA + media},
        "dct:license": {"@id": LICENCE_URL},
    }


def _service(url: str, path: str, name: str, norm: str) -> Record:
    follows = {"dct:conformsTo": {"@id": norm}} if norm else {}
    return {"@type": "dcat:DataService", "dct:title": name, "dcat:endpointURL": {"@id": url + path}, **follows}


def _agent(authority: Authority) -> Record:
    return {"@type": "foaf:Organization", "foaf:name": _both(authority.name)}


def _both(text: Text) -> list[Record]:
    return [_text(text.fr, "fr"), _text(text.en, "en")]


def _texts(words: Words) -> list[Record]:
    """Every language in which something is written; easy French is French."""
    written = ((words.fr, "fr"), (words.en, "en"), (words.es, "es"), (words.oc, "oc"))
    return [_text(text, language) for text, language in written if text]


def _text(text: str, language: str) -> Record:
    return {"@language": language, "@value": text}

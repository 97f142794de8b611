"""Directories of addresses: a real server over HTTP and a file say the same; what is wrong with one holds nobody up."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.geocoder import LARGEST_BYTES, FileGeocoder, HttpGeocoder, geocoder_of, written
from domain.addresses import FoundAddress, Geocoder

LILAS = FoundAddress("12 Rue des Lilas", "59000", "Lille", "59350")


def feature(**more: object) -> dict[str, Any]:
    """One address as the Base Adresse Nationale answers it."""
    said = {
        "label": "12 Rue des Lilas 59000 Lille",
        "score": 0.97,
        "housenumber": "12",
        "id": "59350_5465_00012",
        "name": LILAS.line,
        "postcode": LILAS.postcode,
        "citycode": LILAS.commune_code,
        "city": LILAS.city,
        "type": "housenumber",
    }
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [3.06, 50.63]}, "properties": said | more}


class Directory(BaseHTTPRequestHandler):
    """Answers what the test has laid down, and notes what it was told."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    heard: ClassVar[list[tuple[str, dict[str, list[str]], set[str]]]] = []

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self.heard.append((asked.path, parse_qs(asked.query), {name.lower() for name in self.headers}))
        status, content = self.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Directory)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Directory.heard.clear()
    yield f"http://127.0.0.1:{server.server_port}/geocodage"
    server.shutdown()
    thread.join()
    server.server_close()


async def found(geocoder: Geocoder, typed: str) -> list[FoundAddress] | None:
    try:
        return await geocoder.search(typed)
    finally:
        await geocoder.close()


async def test_the_service_is_told_the_typed_text_alone_and_likely_doors_come_back(address: str) -> None:
    """No personal data but what was typed: no name, no cookie, no address of whoever asks."""
    features = [feature(), feature(name="Lille", type="municipality"), feature(name="Rue du Lis", score=0.1)]
    Directory.answer = (200, json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert await found(HttpGeocoder(address), "12 rue des lil") == [LILAS]
    ((path, query, headers),) = Directory.heard
    assert (path, query) == ("/geocodage/search/", {"q": ["12 rue des lil"], "limit": ["5"]})
    assert headers == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize(
    "answer",
    [
        (503, b""),
        (302, b""),
        (200, b"<html>"),
        (200, b'{"features": [{"properties": {"name": 1}}]}'),
        (200, b" " * (LARGEST_BYTES + 1)),
    ],
    ids=["away", "elsewhere", "no json", "another form", "too much"],
)
async def test_a_service_that_answers_something_else_is_none(address: str, answer: tuple[int, bytes]) -> None:
    Directory.answer = answer
    assert await found(HttpGeocoder(address), "12 rue des Lilas") is None


async def test_nobody_at_the_address_is_no_directory() -> None:
    assert await found(HttpGeocoder("http://127.0.0.1:9"), "12 rue des Lilas") is None


async def test_a_file_of_the_same_form_finds_the_beginnings_of_words_without_accents(tmp_path: Path) -> None:
    file = tmp_path / "addresses.json"
    pont = FoundAddress("5 rue de l’Écluse", "00200", "Pont-d’Ourle", "00104")
    file.write_bytes(written([LILAS, pont]))
    geocoder = FileGeocoder(file)
    assert await geocoder.search("5 ecl pont d'our") == [pont]
    assert await geocoder.search("rue") == [LILAS, pont]
    assert await geocoder.search("99 rue") == []
    assert await FileGeocoder(tmp_path / "none.json").search("rue") is None


def test_an_installation_has_one_directory_or_none() -> None:
    assert isinstance(geocoder_of(url="https://addresses.example/geocodage", file=""), HttpGeocoder)
    assert isinstance(geocoder_of(url="", file="addresses.json"), FileGeocoder)
    assert geocoder_of(url="", file="") is None

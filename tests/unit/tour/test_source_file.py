"""What people write about their sources, and what they cannot mean."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from tour.ingest import FORMATS
from tour.ingest.arrivals import Agreement
from tour.ingest.source_file import BadSourceFile, read_sources
from tour.ingest.sources import Source

MODELS = {"room-air": ("co2", "temperature"), "gauge": ("level",)}

FILE = f"""
[city-lorawan]
format = "chirpstack"
models = ["room-air", "gauge"]
fields = ["battery"]
token_sha256 = "{sha256(b"secret").hexdigest()}"

[old-broker]
format = "plain-mqtt"
models = ["gauge"]
zone = "Europe/Paris"
topics = ["city/{{device}}/{{name}}", "+/{{device}}"]
time_field = "quand"
decimal_comma = true
"""


def test_sources_are_read_with_the_fields_of_their_models() -> None:
    assert read_sources(FILE, MODELS.__getitem__) == {
        "city-lorawan": Agreement(
            "chirpstack",
            Source("city-lorawan", fields=frozenset({"co2", "temperature", "level", "battery"})),
            sha256(b"secret").hexdigest(),
        ),
        "old-broker": Agreement(
            "plain-mqtt",
            Source(
                "old-broker",
                fields=frozenset({"level"}),
                zone="Europe/Paris",
                decimal_comma=True,
                topics=("city/{device}/{name}", "+/{device}"),
                time_field="quand",
            ),
        ),
    }


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("format = ", "line"),
        ('format = "sigfox"', "a.format"),
        ("models = []", "$"),
        ('format = "senml"\nfield = ["co2"]', "field"),
        ('format = "senml"\nzone = "Europe/Lutece"', "a.zone"),
        ('format = "senml"\nzone = "../../etc/passwd"', "a.zone"),
        ('format = "senml"\nfalse_utc = true', "a.false_utc"),
        ('format = "plain-mqtt"\ntopics = ["city/{who}"]', "topics"),
        ('format = "plain-mqtt"\ntopics = ["city/#"]', "topics"),
        ('format = "senml"\ntoken_sha256 = "secret"', "token_sha256"),
        ('format = "hubeau"\npoll = { url = "file:///etc/passwd", every_minutes = 5 }', "url"),
        ('format = "hubeau"\npoll = { url = "https://portal.test", every_minutes = 0 }', "every_minutes"),
        ('format = "senml"\nmqtt = { host = "broker.test", client_id = "us", topics = [] }', "topics"),
    ],
)
def test_what_a_source_cannot_say_is_refused_at_its_place(line: str, place: str) -> None:
    with pytest.raises(BadSourceFile) as refusal:
        read_sources(f"[a]\n{line}\n", MODELS.__getitem__)
    assert place in refusal.value.detail


def test_a_code_is_short_and_plain() -> None:
    with pytest.raises(BadSourceFile):
        read_sources('["A b"]\nformat = "senml"\n', MODELS.__getitem__)


def test_a_file_without_end_is_not_read() -> None:
    with pytest.raises(BadSourceFile):
        read_sources("#" * 1_000_001, MODELS.__getitem__)


def test_the_examples_of_the_guide_are_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "tour-ingest.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    read = [read_sources(example, lambda model: (model,)) for example in examples]
    assert [set(one) for one in read] == [{"city-lorawan", "old-broker"}, {"city-radio", "le-lez"}]
    broker, poll = read[1]["city-radio"].broker, read[1]["le-lez"].poll
    assert broker is not None
    assert (broker.host, broker.port, broker.tls, broker.mqtt_5) == ("broker.example.org", 8883, True, True)
    assert poll is not None
    assert (poll.every_seconds, "{since}" in poll.url) == (300, True)
    assert read[1]["city-radio"].authority == "ville"


def test_the_guide_names_every_format_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs" / "tour-ingest.md").read_text(encoding="utf-8")
    rows = page.partition("## Formats")[2].partition("\n## ")[0]
    named = {
        code for row in rows.splitlines() if row.startswith("| `") for code in re.findall(r"`(.+?)`", row.split("|")[1])
    }
    assert named == {one.code for one in FORMATS}

"""Two gates that were without network and told it afterwards, as terminals do: what agents have to reconcile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from api.settings import Settings
from cli.demo.city import City, Device, Sample
from cli.simulator.server import Server
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.places import Site
from domain.text import Text
from terminal.client import TerminalClient
from terminal.queue import Event, Line, Settled
from terminal.state import State

_SEARCHED_DAYS = 14
"""How far back a day is looked for on which a site was open."""

_APART = timedelta(minutes=7)
_BUNDLE_AGE = timedelta(minutes=5)
_ADDRESS = "http://demonstration"


class Outage(Struct, frozen=True):
    """A site whose first gate was alone, and the sample passes that it let in, by their keys."""

    site: str
    shown: tuple[str, ...]


OUTAGES = (
    Outage("mediatheque-clairourle", ("everything", "lost-card", "library-expired")),
    Outage("decheterie-plaine", ("waste-spent",)),
)
"""Nothing to look at, a card that was lost, a registration that is over; one visit more than the year has."""

SPENT_BEYOND = "waste-spent"


def tell(settings: Settings, city: City, now: datetime) -> City:
    """Upload what these gates did, through the API of the installation; return the city with what its samples say now.

    Raises:
        TerminalError: the server has not taken it.
    """
    server = Server(settings, lambda: now)
    try:
        server.start()
        for outage in OUTAGES:
            _upload(server, city, outage, now)
    finally:
        server.close()
    return replace(city, samples=tuple(_relabelled(one) for one in city.samples))


def _upload(server: Server, city: City, outage: Outage, now: datetime) -> None:
    site = next(one for one in city.sites if one.code == outage.site)
    device = next(one for one in city.terminals if one.gate_codes[0].startswith(outage.site))
    begins = _last_opening(site, ZoneInfo(city.authority.zone), now)
    lines = list(_lines(city, device, outage, begins)) if begins is not None else []
    if not lines:
        return
    with TerminalClient(_state(device), clock=lambda: now, transport=_InProcess(server)) as client:
        told = client.upload(lines, sent_at=now)
    if any(result.status != Settled.STORED for result in told.results):
        raise RuntimeError(f"The demonstration tells what no server stores: {told.results}.")


def _lines(city: City, device: Device, outage: Outage, begins: datetime) -> Iterator[Line]:
    samples = {sample.key: sample for sample in city.samples}
    known = [samples[key] for key in outage.shown if key in samples]
    for sequence, sample in enumerate(known, start=1):
        at = begins + sequence * _APART
        event = Event(
            key=f"demo-alone-{outage.site}-{sequence}",
            gate=device.gate_codes[0],
            credential=sample.code,
            direction=Direction.ENTRY,
            terminal_time=at,
            outcome=Outcome.GRANTED,
            reason=Reason.WELCOME,
            bundle=int((at - _BUNDLE_AGE).timestamp()),
            decided_by=str(device.id),
            sequence=sequence,
        )
        yield Line(sequence, event.key, msgspec.json.encode(event))


def _last_opening(site: Site, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a site last opened before today; None where it has been shut for two weeks."""
    today = now.astimezone(zone).date()
    for ago in range(1, _SEARCHED_DAYS + 1):
        day = today - timedelta(days=ago)
        for opens, _ in site.calendar.on(day):
            return _instant(day, opens, zone)
    return None


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _relabelled(sample: Sample) -> Sample:
    if sample.key != SPENT_BEYOND:
        return sample
    shows = Text(
        fr=f"{sample.shows.fr}, et un de plus sans réseau", en=f"{sample.shows.en}, and one more without network"
    )
    return replace(sample, shows=shows)


def _state(device: Device) -> State:
    return State(
        server=_ADDRESS,
        terminal_id=str(device.id),
        name=device.name,
        authority=device.authority_code,
        gates=device.gate_codes,
        private_key=device.private_key_pem.decode(),
    )


class _InProcess(httpx.BaseTransport):
    """Brings a terminal's requests to the application, without a socket."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        request.read()
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        answer = self._server.ask(copy)
        answer.request = request
        return answer

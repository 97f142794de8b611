"""`multipass demo`: a city to visit, in a folder of its own."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import rich_click as click
from msgspec import Struct
from msgspec.structs import replace
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.antivirus import Antivirus
from adapters.card_face import Card
from adapters.card_sheet import card_png
from adapters.clock import utc_now
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing, Purpose
from adapters.media_folder import MediaFolder
from api.settings import PREFIX, Settings, load
from cli import schema, serve
from cli.demo.accounts import address_of, open_accounts
from cli.demo.addresses import ADDRESSES, directory
from cli.demo.beats import beating
from cli.demo.build import build_city
from cli.demo.city import City, Device, Login, Sample
from cli.demo.figures import tell_figures
from cli.demo.ids import SEED, SeededIds
from cli.demo.notices import say_things
from cli.demo.old_files import FOLDER as OLD_FILES
from cli.demo.old_files import lay_out
from cli.demo.provider import CLIENT_ID, CLIENT_SECRET, RESIDENTS, FranceConnect, Person, Provider
from cli.demo.requests import open_requests
from cli.demo.tour.broker import broker
from cli.demo.tour.feeder import feeding
from cli.demo.tour.opening import open_tour
from cli.demo.tour.past import DAYS, remember
from cli.demo.tour.plan import FOLDER as OF_THE_TOUR
from cli.demo.tour.portal import portal
from cli.demo.tour.sources import draw_tokens, sources_file
from cli.demo.without_network import tell
from cli.screen import console, long_date, say, table
from cli.stop import Stop
from domain.places import local_day
from domain.plates import short_url
from nfc import qr
from store.database import Database
from terminal import disk, state

_MARK = "this-is-a-demonstration"
"""A folder without this file holds something else: nothing in it is ever removed."""

_LISTENS = ("HOST", "PORT", "PUBLIC_URL", "TRUSTED_PROXIES", "LOG_LEVEL", "LOG_FORMAT")
"""All that the demonstration takes from the environment: never another installation's database or keys."""

_STAGES = {
    "territory": "Drawing the territory",
    "residents": "Registering residents",
    "passages": "Living through the days",
    "tour": "Listening to the city",
}

_TRIES = (("carnet", "pool"), ("waste-spent", "waste-centre"), ("lost-card", "library"), ("transport", "transport"))
"""Sample passes, and where they are worth showing."""


_LETTERS, _TEXTS, _PUSHES = "letters", "texts", "pushes"
"""Folders of what residents are sent: nothing leaves a demonstration."""

_REPORTS = "reports"
"""Where a mail server would report letters that came back: a Maildir, to be tried by hand."""

_FOLDERS = {"keys", "terminals", "cards", "documents", "media", OLD_FILES, _LETTERS, _TEXTS, _PUSHES, _REPORTS}
"""What is built anew."""

_PLATES = ("air-ecole-tilleuls", "l-ourle-au-pont-vieux", "chaleur-rue-du-marche")
"""Points whose plates are shown, to be scanned or typed."""

_CLASSROOM = "24e124707c010004"
"""How room 4 of the school is called at its source."""


class Built(Struct, frozen=True):
    """What is remembered of a city, for the next visit."""

    at: datetime
    city: City


@click.command("demo", epilog="Example: multipass demo --residents 500 --days 30")
@click.option("--residents", type=click.IntRange(20, 200_000), default=5_000, show_default=True, help="How many.")
@click.option("--days", type=click.IntRange(1, 400), default=90, show_default=True, help="Days they have lived so far.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where everything is kept.",
)
@click.option("--no-serve", is_flag=True, help="Build only.")
@click.option("--fresh", is_flag=True, help="Build it again, up to today.")
def command(residents: int, days: int, folder: Path, *, no_serve: bool, fresh: bool) -> None:
    """Build a demonstration city and serve it.

    Agents, passes, cards and paired terminals are all there to try. The city is built once and found again later.
    """
    _claim(folder)
    settings = _settings(folder)
    remembered = folder / "city.json"
    if fresh or not remembered.exists():
        _clear(folder)
        schema.upgrade(settings.database_url)
        built = asyncio.run(_build(settings, residents=residents, days=days))
        built = replace(built, city=tell(settings, built.city, built.at))
        _write_cards(built.city, folder, KeyRing(Path(settings.keys_folder)))
        lay_out(folder)
        _remember(remembered, built)  # last: a city that was interrupted is built again
    else:
        try:
            built = msgspec.json.decode(remembered.read_bytes(), type=Built)
        except msgspec.DecodeError:
            raise Stop(f"The city in {folder} is of another version. Build it again: --fresh") from None
        asyncio.run(_catch_up(settings, built))
    address = f"http://{settings.host}:{settings.port}"
    tokens = draw_tokens()
    for device in built.city.terminals:
        _pair(_state_file(folder, built.city, device), _state(device, address))
    _present(built, folder, address)
    if not no_serve:
        speak = f"{_command()} device simulate --server {address} --source lorawan --key {_CLASSROOM}"
        say("", "Be a classroom, while the demonstration is served:")
        say(f"  {speak} --value co2=1700 --token {tokens['lorawan']}")
        say("", "Serving. Ctrl-C ends it.")
        # The server hands a SIGTERM on once it has stopped: what runs beside it is to end as it does by Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with (
            portal(utc_now) as asked,
            broker(folder) as port,
            feeding(address, tokens, utc_now, broker_port=port),
            beating([_state(device, address) for device in built.city.terminals], utc_now),
            _identities(built.city, settings),
        ):
            sources = sources_file(built.city.authority.code, tokens, address, portal=asked, broker_port=port)
            Path(settings.sources_file).write_text(sources, encoding="utf-8")
            serve.run(load(os.environ))


@contextmanager
def _identities(city: City, settings: Settings) -> Iterator[None]:
    """Let agents and residents come in by providers that play ProConnect and FranceConnect.

    Not where the city is shown to other machines.
    """
    if settings.host != "127.0.0.1":
        yield
        return
    agents, residents = Provider([_person(login) for login in city.agents], utc_now), FranceConnect(RESIDENTS, utc_now)
    with agents.serving() as issuer, residents.serving() as elsewhere:
        for of, where, name in (("", issuer, "ProConnect"), ("RESIDENT_", elsewhere, "FranceConnect")):
            os.environ[f"{PREFIX}{of}OIDC_ISSUER"] = where
            os.environ[f"{PREFIX}{of}OIDC_CLIENT_ID"] = CLIENT_ID
            os.environ[f"{PREFIX}{of}OIDC_CLIENT_SECRET"] = CLIENT_SECRET
            os.environ[f"{PREFIX}{of}OIDC_NAME"] = f"{name} (démonstration)"
        yield


def _claim(folder: Path) -> None:
    """Make the folder ours, unless it is somebody else's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise Stop(f"{folder} holds something else than a demonstration. Name another one with --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _settings(folder: Path) -> Settings:
    """Describe the installation in the folder, through the environment so that the server finds the same."""
    kept = {PREFIX + name for name in _LISTENS}
    for name in [name for name in os.environ if name.startswith(PREFIX) and name not in kept]:
        del os.environ[name]
    os.environ[f"{PREFIX}DATABASE_URL"] = f"sqlite:///{folder.resolve() / 'multipass.sqlite3'}"
    os.environ[f"{PREFIX}KEYS_FOLDER"] = str(folder.resolve() / "keys")
    os.environ[f"{PREFIX}MEDIA_FOLDER"] = str(folder.resolve() / "media")
    os.environ[f"{PREFIX}DOCUMENTS_FOLDER"] = str(folder.resolve() / "documents")
    os.environ[f"{PREFIX}MAIL_FOLDER"] = str(folder.resolve() / _LETTERS)
    os.environ[f"{PREFIX}ADDRESSES_FILE"] = str(folder.resolve() / ADDRESSES)
    os.environ[f"{PREFIX}MAIL_FROM"] = "Pass du Val-Clair <pass@val-clair.example>"
    os.environ[f"{PREFIX}SMS_FOLDER"] = str(folder.resolve() / _TEXTS)
    os.environ[f"{PREFIX}PUSH_FOLDER"] = str(folder.resolve() / _PUSHES)
    os.environ[f"{PREFIX}BOUNCES_FOLDER"] = str(folder.resolve() / _REPORTS)
    os.environ[f"{PREFIX}SOURCES_FILE"] = str(folder.resolve() / "sources.toml")
    os.environ[f"{PREFIX}CARD_URL"] = "https://pass.val-clair.example"
    os.environ[f"{PREFIX}MAP_GROUND"] = str(OF_THE_TOUR / "ground.geojson")
    os.environ.setdefault(f"{PREFIX}LOG_FORMAT", "text")
    settings = load(os.environ)
    os.environ.setdefault(f"{PREFIX}PUBLIC_URL", f"http://{settings.host}:{settings.port}")
    return load(os.environ)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name in _FOLDERS:
            shutil.rmtree(path)
        elif path.name in {"city.json", ADDRESSES, "sources.toml", "mosquitto.conf"} or path.name.startswith(
            "multipass.sqlite3"
        ):
            path.unlink()


async def _build(settings: Settings, *, residents: int, days: int) -> Built:
    now = utc_now()
    database = Database(settings.database_url, ids=SeededIds(SEED, now))
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    try:
        with Progress(*columns, TimeElapsedColumn(), console=console()) as bars:
            tasks = {stage: bars.add_task(words, total=None, start=False) for stage, words in _STAGES.items()}

            def heard(stage: str, done: int, total: int) -> None:
                bars.start_task(tasks[stage])
                bars.update(tasks[stage], completed=done, total=total)

            keyring = KeyRing(Path(settings.keys_folder))
            city = await build_city(database, keyring, now=now, residents=residents, days=days, progress=heard)
            vault = DocumentVault(Path(settings.documents_folder), keyring, Antivirus(""))
            await open_requests(database, city.authority, vault, now=now)
            await say_things(database, keyring, settings, city.authority, now=now)
            heard("tour", 0, 1)
            media = MediaFolder(Path(settings.media_folder))
            signposts = await open_tour(database, city.authority, media, now=now, days=days)
            city = replace(city, signposts=signposts)
            await tell_figures(database, city, now=now, days=days)
            await open_accounts(database, city, vault, now=now)
            await asyncio.to_thread(Path(settings.addresses_file).write_bytes, directory())
            heard("tour", 1, 1)
    finally:
        await database.close()
    return Built(now, city)


async def _catch_up(settings: Settings, built: Built) -> None:
    """Let the devices have spoken since the city was built: nobody listened, and they went on measuring."""
    now = utc_now()
    database = Database(settings.database_url)
    try:
        await remember(database, built.city.authority.id, max(built.at, now - timedelta(days=DAYS)), now)
    finally:
        await database.close()


def _remember(path: Path, built: Built) -> None:
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(msgspec.json.encode(built))
    new.replace(path)


def _write_cards(city: City, folder: Path, keyring: KeyRing) -> None:
    (folder / "cards").mkdir(exist_ok=True)
    keys = keyring.verify_keys(Purpose.PRINT)
    for sample in city.samples:
        code = qr.read(sample.code, keys, 0)
        issuer = next(one for one in (city.authority, city.neighbour) if one.code == code.authority)
        face = Card(
            number=sample.number,
            holder_name=sample.holder_name,
            code=sample.code,
            valid_until=local_day(datetime.fromtimestamp(code.expires_at - 1, UTC), city.authority.zone),
            authority_name=issuer.name.fr,
            colour=issuer.colour,
        )
        _card_file(folder, sample).write_bytes(card_png(face))


def _card_file(folder: Path, sample: Sample) -> Path:
    return folder / "cards" / f"{sample.key}.png"


def _state_file(folder: Path, city: City, device: Device) -> Path:
    """Name a terminal's file after its gate; two authorities may have a gate of one code."""
    gate = device.gate_codes[0]
    name = gate if device.authority_code == city.authority.code else f"{device.authority_code}-{gate}"
    return folder / "terminals" / f"{name}.json"


def _state(device: Device, address: str) -> state.State:
    return state.State(
        server=address,
        terminal_id=str(device.id),
        name=device.name,
        authority=device.authority_code,
        gates=device.gate_codes,
        private_key=device.private_key_pem.decode(),
    )


def _pair(path: Path, paired: state.State) -> None:
    """Write a terminal's pairing; one that has run remembers more, and only hears where its server is now."""
    if not state.is_database(path):
        state.save(path, paired)
        return
    with disk.Disk(path) as kept:
        known = kept.pairing()
        if known.server != paired.server:
            kept.pair(msgspec.structs.replace(known, server=paired.server))


def _present(built: Built, folder: Path, address: str) -> None:
    """Tell a visitor where everything is, ready to be copied."""
    city = built.city
    people, passages = f"{city.residents:,}", f"{city.passages:,}"
    say("", f"{city.authority.name.en}: {people} residents, {passages} passages until {long_date(built.at)}.")
    table(
        ("Open", ""),
        (
            ("Pages", f"{address}/"),
            ("The tour", f"{address}/tour"),
            ("My passes", f"{address}/moi"),
            ("The console", f"{address}/console"),
            ("… with passkeys", f"{address.replace('127.0.0.1', 'localhost')}/console/account/passkeys"),
            ("… for residents", f"{address.replace('127.0.0.1', 'localhost')}/moi/account/passkeys"),
            ("The API", f"{address}/docs"),
            ("Health", f"{address}/health/ready"),
        ),
        empty="",
    )
    signposts = (one for one in city.signposts if one.slug in _PLATES)
    plates = ((one.plate, one.title.en, short_url(address, one.plate)) for one in signposts)
    table(("Plate", "Point of the tour", "Leads to"), plates, empty="")
    agents = ((one.login, one.password, one.name, _role(one)) for one in city.agents)
    table(("Agent", "Password", "Name", "Role"), agents, empty="")
    samples = ((str(_card_file(folder, one)), one.number, one.holder_name, one.shows.en) for one in city.samples)
    table(("Card", "Pass", "Holder", "Shows"), samples, empty="")
    say("Try, in another terminal (a site that is closed at this hour says so; line A runs day and night):")
    for key, service in _TRIES:
        sample = next((one for one in city.samples if one.key == key), None)
        device = _a_door(city, service)
        if sample is not None and device is not None:
            card, pairing = _card_file(folder, sample), _state_file(folder, city, device)
            say(f"  {_command()} terminal scan {card} --state {pairing}")
    if city.samples:
        say(f"Residents log in at {address}/moi, apps at /v1/resident, with <name of a card>@courriel.example:")
        say(f"  {address_of('carnet')}, for one. The newest file in {folder / _LETTERS} holds their code;")
        say(f"  text messages lie in {folder / _TEXTS}.")
        say(f"  Messages to telephones lie in {folder / _PUSHES}; a report on a letter that came back goes into")
        say(f"  {folder / _REPORTS / 'new'}, and is read within a minute.")
    say("Two gates were without network: GET /v1/offline/report as the manager, or multipass offline report --list.")
    say(f"Letters to those who follow notices lie in {folder / _LETTERS}: each holds the link that ends it.")
    say(f"Old files of cards, households and firms wait at {address}/console/imports, for the manager; the files")
    say(f"themselves lie in {folder / OLD_FILES}.")
    say("Order cards at the console as the manager, and play their maker: multipass batch maker --help.")
    say(f"All {len(city.terminals)} terminals are in {folder / 'terminals'}.")


def _person(login: Login) -> Person:
    given, _, usual = login.name.partition(" ")
    return Person(login.login, given, usual, _role(login))


def _role(login: Login) -> str:
    return f"{login.role} at {login.site}" if login.site else login.role


def _command() -> str:
    """Return the name under which the shell finds us: the program as it was called, unless it is on the path."""
    return "multipass" if shutil.which("multipass") else sys.argv[0]


def _a_door(city: City, service: str) -> Device | None:
    """Return the first terminal at a site of this service, in the city itself; gates are named after their site."""
    sites = {one.code for one in city.sites if one.service_code == service and one.authority_id == city.authority.id}
    return next((one for one in city.terminals if one.gate_codes[0].startswith(tuple(sites))), None)

"""The application: routes, what they are given, and the lifespan in which they live."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from adapters.antivirus import Antivirus
from adapters.attempts import Attempts, ProcessAttempts
from adapters.cards import CardKeys, CardMasters
from adapters.document_vault import DocumentVault
from adapters.geocoder import geocoder_of
from adapters.keyring import SHOWN_AT_GATES, KeyRing
from adapters.mail import mail_of
from adapters.media_folder import MediaFolder
from adapters.oidc import Oidc
from adapters.sms import sms_of
from adapters.web_push import push_of
from api import (
    account_codes,
    agents,
    batch_files,
    bundles,
    card_authentications,
    card_batches,
    cards,
    catalogue,
    devices,
    docs_pages,
    explanations,
    expression,
    external_media,
    figures,
    fleet,
    flood_thresholds,
    floods,
    guardians,
    head_counts,
    health,
    households,
    integrations,
    itineraries,
    journal,
    made_cards,
    media,
    moderation,
    notices,
    offers,
    offline,
    organisations,
    passages,
    plates,
    point_acts,
    points,
    public,
    request_acts,
    request_documents,
    request_texts,
    requests,
    resident_chapter,
    rights,
    sales,
    sign_in,
    sites,
    status_lists,
    subjects,
    terminals,
    webhooks,
    whole_passes,
)
from api.auth import AgentTokens, Passwords
from api.background import Background
from api.boards import Boards
from api.cancellations import CANCELLATIONS_PATH, CancellationDoor
from api.changes import Changes
from api.configurations import Configurations
from api.credentials import Credentials
from api.deposits import DEPOSITS_PATH, DepositDoor
from api.floor import Floor
from api.frame import Frame, Lifespan, guarded
from api.gate import GATE_PATH, Door, GateDoor, GateFirst
from api.letter_returns import LetterReturns, host_of
from api.logins import SecondFactors
from api.messenger import Messenger
from api.pace import Pace
from api.passkeys import Passkeys
from api.provider_logins import BACK, ProviderLogins
from api.resident_logins import LoginCodes
from api.resident_passkeys import ResidentPasskeys
from api.residents import ResidentTokens
from api.sessions import TerminalSessions
from api.settings import Settings
from api.uploads import UPLOADS_PATH, UploadDoor
from domain.identities import SCOPES
from domain.mail import Mail
from domain.ports import Clock
from domain.push import Push
from nfc.qr import CodeReader
from store.database import Database
from store.ledger import Limits, lane_for
from store.tills import Tills

KEYS_SECONDS = 0.5
"""How often the keyring is looked at."""

ROUTES: tuple[ControllerRouterHandler, ...] = (
    agents.ROUTER,
    cards.ROUTER,
    media.ROUTER,
    whole_passes.ROUTER,
    made_cards.ROUTER,
    card_batches.ROUTER,
    batch_files.ROUTER,
    external_media.ROUTER,
    subjects.ROUTER,
    households.ROUTER,
    organisations.ROUTER,
    guardians.ROUTER,
    account_codes.ROUTER,
    resident_chapter.ROUTER,
    sign_in.ROUTER,
    rights.ROUTER,
    passages.ROUTER,
    head_counts.ROUTER,
    explanations.ROUTER,
    offers.ROUTER,
    sales.ROUTER,
    terminals.ROUTER,
    devices.ROUTER,
    fleet.ROUTER,
    card_authentications.ROUTER,
    bundles.ROUTER,
    integrations.ROUTER,
    offline.ROUTER,
    journal.ROUTER,
    public.ROUTER,
    floods.ROUTER,
    flood_thresholds.ROUTER,
    webhooks.ROUTER,
    notices.ROUTER,
    expression.ROUTER,
    moderation.ROUTER,
    sites.ROUTER,
    status_lists.ROUTER,
    points.ROUTER,
    point_acts.ROUTER,
    plates.ROUTER,
    itineraries.ROUTER,
    figures.ROUTER,
    catalogue.ROUTER,
    requests.ROUTER,
    request_acts.ROUTER,
    request_documents.ROUTER,
    request_texts.ROUTER,
    health.ROUTER,
    docs_pages.ROUTER,
)


_ROUTES = guarded(ROUTES)
"""Put together once: every application takes a copy."""


def build_app(
    settings: Settings,
    *,
    clock: Clock,
    more_routes: tuple[ControllerRouterHandler, ...] = (),
    more_lifespans: tuple[Lifespan, ...] = (),
    card_masters: CardMasters | None = None,
) -> Litestar:
    """Put the application together. Nothing is opened before its lifespan begins."""
    frame = frame_of(more_routes)
    return furnish(frame, settings, clock=clock, more_lifespans=more_lifespans, card_masters=card_masters)


def frame_of(more_routes: tuple[ControllerRouterHandler, ...] = ()) -> Frame:
    """Return an empty frame with every route of the API, and more."""
    return Frame((_ROUTES, *([guarded(more_routes)] if more_routes else [])))


def furnish(
    frame: Frame,
    settings: Settings,
    *,
    clock: Clock,
    more_lifespans: tuple[Lifespan, ...] = (),
    card_masters: CardMasters | None = None,
) -> Litestar:
    """Put into a frame everything that its routes are given."""
    database = Database(settings.database_url, patience=settings.answer_seconds)
    keyring = KeyRing(Path(settings.keys_folder), password=settings.key_password)
    sessions = TerminalSessions(database, clock, seconds=settings.terminal_token_seconds)
    lane = lane_for(database, limits=Limits(waiting=settings.waiting_scans, seconds=settings.answer_seconds))
    reader = CodeReader(keyring.verify_keys(*SHOWN_AT_GATES))
    tokens = AgentTokens(keyring, issuer=settings.public_url, seconds=settings.agent_token_seconds, clock=clock)
    card_keys = CardKeys(card_masters or keyring)
    credentials = Credentials(reader=reader, keys=card_keys, database=database, keys_then=keyring.gate_keys_at)
    door = GateDoor(sessions=sessions, credentials=credentials, lane=lane, clock=clock)
    doors: dict[str, Door] = {
        GATE_PATH: door,
        DEPOSITS_PATH: DepositDoor(
            sessions=sessions, credentials=credentials, lane=lane, clock=clock, database=database
        ),
        CANCELLATIONS_PATH: CancellationDoor(sessions=sessions, lane=lane, clock=clock, database=database),
        UPLOADS_PATH: UploadDoor(sessions=sessions, credentials=credentials, lane=lane, clock=clock, database=database),
    }
    attempts = _attempts(settings, clock)
    pace = Pace(clock, per_minute=settings.public_requests_per_minute, trusted=settings.trusted_proxies)
    changes = Changes(database)
    vault = DocumentVault(Path(settings.documents_folder), keyring, Antivirus(settings.clamd))
    mail = mail_of(smtp_url=settings.smtp_url, folder=settings.mail_folder, sender=settings.mail_from, clock=clock)
    messenger = _messenger(settings, mail, clock, LetterReturns(database, keyring, clock, host=host_of(settings)))
    push = _push(settings, keyring, clock)
    background = Background(settings, keyring, clock, vault, card_keys, mail=mail, messenger=messenger, push=push)
    given: dict[str, Any] = {
        "settings": settings,
        "clock": clock,
        "database": database,
        "keyring": keyring,
        "vault": vault,
        "mail": mail,
        "messenger": messenger,
        "push": push,
        "geocoder": (geocoder := geocoder_of(url=settings.geocoder_url, file=settings.addresses_file)),
        "codes": LoginCodes(database, keyring, attempts, messenger, clock),
        "provider_logins": ProviderLogins(
            database, residents_oidc := _residents_provider(settings, clock), clock, settings=settings
        ),
        "resident_passkeys": ResidentPasskeys(
            database, keyring, attempts, messenger, clock, public_url=settings.public_url
        ),
        "resident_tokens": ResidentTokens(keyring, issuer=settings.public_url, clock=clock),
        "media": MediaFolder(Path(settings.media_folder)),
        "sessions": sessions,
        "lane": lane,
        "reader": reader,
        "tills": Tills(database),
        "card_keys": card_keys,
        "credentials": credentials,
        "attempts": attempts,
        "oidc": (oidc := _provider(settings, clock)),
        "factors": SecondFactors(database, keyring, attempts, clock),
        "passkeys": Passkeys(database, keyring, attempts, clock, settings=settings),
        "passwords": Passwords(),
        "tokens": tokens,
        "pace": pace,
        "boards": Boards(database, clock),
        "configurations": Configurations(database, clock),
        "changes": changes,
        "courier": background.courier,
        "carrier": background.carrier,
        "tallier": background.tallier,
        "importer": background.importer,
        "offline": bundles.Bundles(database, keyring, clock),
        "lists": status_lists.StatusLists(database, keyring, clock, public_url=settings.public_url),
    }

    async def watch_keys() -> None:
        """Follow what `multipass keys` does while we run: a withdrawn key is refused within a second."""
        while True:
            await asyncio.sleep(KEYS_SECONDS)
            if keyring.refresh():
                reader.replace_keys(keyring.verify_keys(*SHOWN_AT_GATES))
                card_keys.forget()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        read_by_guards = ("database", "tokens", "sessions", "card_keys", "settings", "clock", "resident_tokens")
        app.state.update({name: given[name] for name in (*read_by_guards, "push", "keyring")})
        await lane.open()
        watcher = asyncio.create_task(watch_keys())
        background.start()
        try:
            yield
        finally:
            await changes.close()
            watcher.cancel()
            await asyncio.gather(watcher, background.stop(), return_exceptions=True)
            credentials.close()
            await lane.close()
            await database.close()
            await attempts.close()
            for opened in (messenger, push, oidc, residents_oidc, geocoder):
                if opened is not None:
                    await opened.close()

    app, router = frame.furnish(given, doors, (lifespan, *more_lifespans))
    # Around the router, not behind it: an address that leads nowhere is answered with care too.
    app.state.gate_door = door
    app.state.pace = pace
    app.asgi_handler = GateFirst(door, Floor(router))
    return app


def _provider(settings: Settings, clock: Clock) -> Oidc | None:
    if not settings.oidc_issuer:
        return None
    return Oidc(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        f"{settings.public_url.rstrip('/')}/console/login/back",
        clock,
        scopes=SCOPES,
    )


def _residents_provider(settings: Settings, clock: Clock) -> Oidc | None:
    if not settings.resident_oidc_issuer:
        return None
    return Oidc(
        settings.resident_oidc_issuer,
        settings.resident_oidc_client_id,
        settings.resident_oidc_client_secret,
        f"{settings.public_url.rstrip('/')}{BACK}",
        clock,
        scopes=settings.resident_oidc_scopes,
        level=settings.resident_oidc_level,
    )


def _messenger(settings: Settings, mail: Mail | None, clock: Clock, returns: LetterReturns) -> Messenger:
    sms = sms_of(
        url=settings.sms_url,
        authorization=settings.sms_authorization,
        body=settings.sms_body,
        folder=settings.sms_folder,
        clock=clock,
    )
    home = f"{settings.public_url.rstrip('/')}/moi"
    return Messenger(mail, sms, countries=settings.sms_countries, returns=returns, home=home)


def _push(settings: Settings, keyring: KeyRing, clock: Clock) -> Push | None:
    hosts, folder = settings.push_hosts, settings.push_folder
    return push_of(keyring, hosts=hosts, folder=folder, public_url=settings.public_url, clock=clock)


def _attempts(settings: Settings, clock: Clock) -> Attempts:
    if not settings.redis_url:
        return ProcessAttempts(clock)
    # An extra: embedded installations do without.
    from redis.asyncio import Redis  # noqa: PLC0415

    from adapters.redis_attempts import RedisAttempts  # noqa: PLC0415

    return RedisAttempts(Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5), clock)

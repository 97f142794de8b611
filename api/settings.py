"""Settings: one frozen Struct, built once, passed down.

They come from `MULTIPASS_*` variables of the environment, over an optional TOML file named by `MULTIPASS_CONFIG`. A
value that is missing or does not fit stops the program and names the setting. `docs/operations.md` lists them all, or a
test fails.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from domain.errors import Invalid
from domain.errors.mail import BadLetter
from domain.mail import check_sender

PREFIX = "MULTIPASS_"

_LISTS = ("trusted_proxies", "sms_countries", "push_hosts", "app_redirects")
"""Settings of which a variable gives several, separated by commas."""

_APP = re.compile(r"(https://|[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/)[^\s?#]*")
"""RFC 8252: the scheme of an app is a name of its maker's, turned round, so it has a dot; never `javascript:`."""

_NOT_OURS = ("MULTIPASS_TEST_", "MULTIPASS_CHROMIUM")
"""Names under the same prefix that only the test suite reads."""


class SettingsError(Invalid):
    """A setting is unknown or does not fit."""

    code = "bad-setting"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that differs between two installations."""

    database_url: str = "sqlite:///var/multipass.sqlite3"
    """`sqlite:///path` for one embedded process, `postgresql://user@host/name` in production."""
    keys_folder: str = "var/keys"
    """Where the keyring lies; only the server's user may read it."""
    key_password: str = ""
    """Password of the private keys at rest; empty leaves them to the folder's rights."""
    media_folder: str = "var/media"
    """Where photos and recordings of the tour lie: part of a backup, like the database."""
    documents_folder: str = "var/documents"
    """Where files that people send with their requests lie, encrypted: part of a backup, like the database."""
    clamd: str = ""
    """Antivirus that files are shown to: `unix:/path` or `tcp:host:port` of clamd; empty: none is."""
    smtp_url: str = ""
    """`smtps://user:password@host:465` or `smtp://host:587` (STARTTLS): the mail server; empty: no e-mail leaves."""
    mail_from: str = ""
    """Who e-mail comes from: `City of Trifouilly <pass@trifouilly.example>`."""
    mail_folder: str = ""
    """Folder that letters are written to, as files, in the place of a mail server: for demonstrations and tests."""
    bounces_folder: str = ""
    """Maildir to which the mail server delivers reports on letters that came back; empty: they are not read."""
    sms_url: str = ""
    """Address of an operator's interface for text messages (HTTPS); empty: none leave."""
    sms_authorization: str = ""
    """The `Authorization` header that the operator asks for: `Bearer ...`."""
    sms_body: str = ""
    """JSON that is posted to the operator, with `{number}` and `{text}`; empty: `{"to": ..., "text": ...}`."""
    sms_folder: str = ""
    """Folder that text messages are written to, in the place of an operator: for demonstrations and tests."""
    sms_countries: tuple[str, ...] = ("+33", "+262", "+508", "+590", "+594", "+596", "+687", "+689")
    """Beginnings of the telephone numbers that are written to, separated by commas."""
    push_hosts: tuple[str, ...] = ()
    """Push services that may be written to, separated by commas; empty: nobody gets notices on a telephone."""
    push_folder: str = ""
    """Folder that messages to telephones are written to, in the place of push services: for demonstrations."""
    geocoder_url: str = ""
    """A service of the Base Adresse Nationale's make: `https://addresses.example/geocodage`; empty: none is asked."""
    addresses_file: str = ""
    """A file of addresses in the same form, in the place of a service: for demonstrations and small towns."""
    redis_url: str = ""
    """`redis://host:port/0` shares the counters of attempts between workers; empty keeps them in each process."""
    public_url: str = "http://127.0.0.1:8400"
    """How the outside reaches this installation: issuer of tokens, address in documents."""
    card_url: str = ""
    """What plastic cards open, with https://, where that is not `public_url`: it is on them for years."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8400
    """Port to listen on."""
    workers: int = 1
    """Processes that answer. More than one needs PostgreSQL."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed, separated by commas."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe line to write."""
    log_format: Literal["json", "text"] = "json"
    """One JSON object per line, or text for people."""
    terminal_token_seconds: int = 900
    """Life of a terminal's access token."""
    agent_token_seconds: int = 900
    """Life of an agent's access token."""
    journal_days: int = 365
    """How long lines of the journal stay: 183 to 365."""
    second_factor: Literal["offered", "required"] = "offered"
    """Whether agents who see personal data must have a second factor beside their password."""
    idle_agent_days: int = 90
    """After how many days without a login an agent's account is listed as unused."""
    oidc_issuer: str = ""
    """Identity provider that agents may log in at, as ProConnect speaks OpenID Connect; empty: none."""
    oidc_client_id: str = ""
    """How the provider knows this installation."""
    oidc_client_secret: str = ""
    """What this installation proves itself with to the provider."""
    oidc_name: str = "ProConnect"
    """What the provider is called on the login page."""
    resident_oidc_issuer: str = ""
    """Identity provider that residents may log in at, as FranceConnect speaks OpenID Connect; empty: none."""
    resident_oidc_client_id: str = ""
    """How that provider knows this installation."""
    resident_oidc_client_secret: str = ""
    """What this installation proves itself with to that provider."""
    resident_oidc_name: str = "FranceConnect"
    """What that provider is called before residents."""
    resident_oidc_scopes: str = "openid"
    """What that provider is asked to say, besides who it is: nothing more is used."""
    resident_oidc_level: Literal["eidas1", "eidas2", "eidas3"] = "eidas1"
    """How sure that provider must be of whoever logs in there."""
    app_redirects: tuple[str, ...] = ()
    """Addresses of apps that residents come back to from that provider: `fr.example.pass:/login`, commas between."""
    waiting_scans: int = 2000
    """Passages that may wait for the ledger before the server answers 503."""
    answer_seconds: float = 2.0
    """How long a gate waits for the database before the server answers 503, between 0.1 and 60."""
    public_requests_per_minute: int = 1200
    """How often one address may ask the public API, by process; 0: as often as it likes."""
    sources_file: str = ""
    """File of the sources whose sensors are heard; empty: none are."""
    figures_threshold: int = 5
    """Counts of the dashboards below it are hidden, unless they are 0."""
    map_ground: str = ""
    """GeoJSON file that is drawn under the map of the tour: limits, river, streets; empty draws the points alone."""

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of this one process."""
        return self.database_url.startswith("sqlite")

    @property
    def cards_open(self) -> str:
        """Address that plastic cards open."""
        return self.card_url or self.public_url


def load(environment: Mapping[str, str]) -> Settings:
    """Build the settings.

    Raises:
        SettingsError: with the name of the setting that is unknown or does not fit.
    """
    _refuse_unknown(environment)
    values: dict[str, object] = {}
    config = environment.get(f"{PREFIX}CONFIG")
    if config:
        try:
            values.update(tomllib.loads(Path(config).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
            raise SettingsError(f"MULTIPASS_CONFIG cannot be read: {problem}") from problem
    for name in Settings.__struct_fields__:
        text = environment.get(PREFIX + name.upper())
        if text is not None:
            values[name] = [part.strip() for part in text.split(",") if part.strip()] if name in _LISTS else text
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as problem:
        raise SettingsError(f"A setting does not fit: {problem}") from problem
    _check(settings)
    return settings


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """Stop at a misspelt name: ignored, it would quietly leave the default in force."""
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | {f"{PREFIX}CONFIG"}
    for name in environment:
        if name.startswith(PREFIX) and name not in known and not name.startswith(_NOT_OURS):
            close = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(f"{name} is not a setting{f': did you mean {close[0]}?' if close else '.'}")


def _check(settings: Settings) -> None:
    url, redis = settings.database_url, settings.redis_url
    for fits, words in (
        (url.startswith(("sqlite:///", "postgresql://")), "database_url must begin with sqlite:/// or postgresql://"),
        (url != "sqlite:///", "database_url names no file: in memory, no passage would be durable"),
        (not redis or redis.startswith(("redis://", "rediss://", "unix://")), "redis_url must begin with redis://"),
        (
            not settings.oidc_issuer or settings.oidc_issuer.startswith(("https://", "http://127.0.0.1:")),
            "oidc_issuer must begin with https://",
        ),
        (
            not settings.oidc_issuer or (settings.oidc_client_id and settings.oidc_client_secret),
            "oidc_issuer needs oidc_client_id and oidc_client_secret",
        ),
        (settings.keys_folder, "keys_folder must name a folder"),
        (settings.media_folder, "media_folder must name a folder"),
        (settings.documents_folder, "documents_folder must name a folder"),
        (not settings.clamd or settings.clamd.startswith(("unix:", "tcp:")), "clamd must begin with unix: or tcp:"),
        *_of_residents(settings),
        *_of_mail(settings),
        *_of_sms(settings),
        *_of_push(settings),
        (
            not settings.geocoder_url or settings.geocoder_url.startswith(("https://", "http://127.0.0.1:")),
            "geocoder_url must begin with https://",
        ),
        (not (settings.geocoder_url and settings.addresses_file), "geocoder_url and addresses_file: one of the two"),
        (settings.workers >= 1, "workers must be at least 1"),
        (
            settings.workers == 1 or not settings.is_embedded,
            "workers must be 1 on SQLite: two processes would queue for one write lock",
        ),
        (0 < settings.port < 65536, "port must be between 1 and 65535"),
        (settings.terminal_token_seconds >= 1, "terminal_token_seconds must be at least 1"),
        (settings.agent_token_seconds >= 1, "agent_token_seconds must be at least 1"),
        (183 <= settings.journal_days <= 365, "journal_days must be between 183 and 365"),
        (settings.idle_agent_days >= 1, "idle_agent_days must be at least 1"),
        (settings.figures_threshold >= 1, "figures_threshold must be at least 1: then nothing is hidden"),
        (settings.waiting_scans >= 1, "waiting_scans must be at least 1"),
        (0.1 <= settings.answer_seconds <= 60, "answer_seconds must be between 0.1 and 60"),
        (settings.public_requests_per_minute >= 0, "public_requests_per_minute must be at least 0"),
        (all(map(_is_address, settings.trusted_proxies)), "trusted_proxies must be single IP addresses"),
    ):
        if not fits:
            raise SettingsError(words)


def _of_residents(settings: Settings) -> tuple[tuple[bool, str], ...]:
    issuer = settings.resident_oidc_issuer
    known = settings.resident_oidc_client_id and settings.resident_oidc_client_secret
    return (
        (
            not issuer or issuer.startswith(("https://", "http://127.0.0.1:")),
            "resident_oidc_issuer must begin with https://",
        ),
        (
            bool(not issuer or known),
            "resident_oidc_issuer needs resident_oidc_client_id and resident_oidc_client_secret",
        ),
        ("openid" in settings.resident_oidc_scopes.split(), "resident_oidc_scopes must have openid among them"),
        (
            all(_APP.fullmatch(one) for one in settings.app_redirects),
            "app_redirects must be addresses of apps: name.of.app:/path, or https://",
        ),
    )


def _of_mail(settings: Settings) -> tuple[tuple[bool, str], ...]:
    url = settings.smtp_url
    sends = bool(url or settings.mail_folder)
    return (
        (not url or url.startswith(("smtp://", "smtps://")), "smtp_url must begin with smtp:// or smtps://"),
        (not (url and settings.mail_folder), "smtp_url and mail_folder: one of the two"),
        (
            not sends or _is_sender(settings.mail_from),
            "smtp_url and mail_folder need mail_from, which must be an address, or Name <address>",
        ),
    )


def _of_sms(settings: Settings) -> tuple[tuple[bool, str], ...]:
    url = settings.sms_url
    return (
        (
            not url or url.startswith(("https://", "http://127.0.0.1:")),
            "sms_url must begin with https://",
        ),
        (not (url and settings.sms_folder), "sms_url and sms_folder: one of the two"),
        (not settings.sms_body or _is_template(settings.sms_body), "sms_body must be JSON with {number} and {text}"),
        (all(one.startswith("+") for one in settings.sms_countries), "sms_countries must begin with +"),
    )


_HOST = re.compile(r"(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+|https://[a-z0-9.-]+(:\d+)?|http://127\.0\.0\.1:\d+")


def _of_push(settings: Settings) -> tuple[tuple[bool, str], ...]:
    return (
        (
            all(_HOST.fullmatch(one) for one in settings.push_hosts),
            "push_hosts must be hosts (push.example), hosts under one (*.push.example) or https origins",
        ),
        (not (settings.push_hosts and settings.push_folder), "push_hosts and push_folder: one of the two"),
    )


def _is_template(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return "{number}" in text and "{text}" in text


def _is_sender(text: str) -> bool:
    try:
        check_sender(text)
    except BadLetter:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

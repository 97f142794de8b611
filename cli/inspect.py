"""`multipass inspect`: what a code or tap is, and why a gate would refuse it as it stands."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import rich_click as click
from click.exceptions import Exit

from adapters.cards import CardKeys
from adapters.clock import utc_now
from adapters.keyring import SHOWN_AT_GATES
from api.credentials import Credentials
from api.journalled_objects import about_medium
from cli.journalling import on_account_option, record
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.access.facts import Evidence
from domain.access.reasons import REASONS, Reason
from domain.acts import Act
from domain.passes import medium_bytes
from domain.places import Authority
from domain.terminals import Profile
from domain.text import Text
from nfc import online_handle
from nfc.errors import CodeError
from nfc.picture import codes_in
from nfc.qr import CodeReader
from store import media, online_handles
from store.media import Known
from store.terminal_tokens import TerminalSession

_NOBODY = UUID(int=0)

_TYPES = (
    ("MP1:", Text(fr="code d’un téléphone", en="code of a phone")),
    ("MP2:", Text(fr="code imprimé", en="printed code")),
    ("MP3:", Text(fr="code en ligne, à usage unique", en="online handle, one use")),
    ("https://", Text(fr="adresse écrite par une carte", en="URL written by a card")),
    ("UID:", Text(fr="numéro de puce", en="UID of a chip")),
    ("CARD:", Text(fr="preuve d’une carte", en="proof of a card")),
    ("EXT:", Text(fr="carte d’un autre émetteur, lue par une passerelle", en="card of others, read by a gateway")),
    ("HCE:", Text(fr="réponse d’un téléphone à un lecteur", en="answer of a phone to a reader")),
)
_OTHER = Text(fr="rien de connu", en="nothing that we know")
_TERMINALS_OWN = ("CARD:", "HCE:")
"""Made for one terminal and one moment: only that gate can read them."""

_COLUMNS = (Text(fr="", en=""), Text(fr="", en=""))
_GENUINE = Text(fr="Authentique. Aucun passage n’a été enregistré.", en="Genuine. No passage was recorded.")
_NOT_RECORDED = Text(fr="Aucun passage n’a été enregistré.", en="No passage was recorded.")


@click.command("inspect", epilog="Example: multipass inspect photo.jpg")
@click.argument("code")
@authority_option
@on_account_option
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")
@with_session
async def command(session: Session, code: str, *, authority_code: str | None, lang: str) -> None:
    """Say what a code or tap is, and why a gate would refuse it.

    CODE is what a terminal would send (a code, a card's URL, UID: and hex digits), or a picture with a QR code in it.
    Nothing is used up. That a medium of the register was looked at goes into the journal. Status 0 when it is genuine
    and in use, 1 when it is not.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    text, now = _text(code), utc_now()
    if text.startswith(_TERMINALS_OWN):
        raise Stop("This was made for one terminal and one moment: only that gate can read it.")
    evidence = await _evidence(session, authority, text, now)
    async with session.database.read() as connection:
        known = await media.find(connection, evidence.medium_id) if evidence.medium_id is not None else None
    if known is not None and evidence.medium_id is not None:
        async with session.database.begin() as unit:
            whose = await about_medium(unit, authority.id, evidence.medium_id)
            await record(session, unit, authority.id, Act.MEDIUM_INSPECTED, whose)
    french = lang == "fr"
    reason = _objection(evidence, known)
    table([_in(column, french=french) for column in _COLUMNS], _rows(text, evidence, known, french=french), empty="")
    if reason is None:
        say(_in(_GENUINE, french=french))
        return
    meaning = REASONS[reason]
    say(f"✘ {reason}: {_in(meaning.short, french=french)}", _in(meaning.next_step, french=french))
    say(_in(_NOT_RECORDED, french=french))
    raise Exit(1)


def _text(code: str) -> str:
    """The text itself, or the one in a picture.

    Raises:
        Stop: the picture shows no code, or several.
    """
    if len(code) > 200 or ":" in code or not Path(code).is_file():
        return code.strip()
    try:
        found = codes_in(Path(code).read_bytes())
    except CodeError as problem:
        raise Stop(f"{code} is no picture that can be read: {problem}") from problem
    if len(found) != 1:
        raise Stop(f"{code} shows {len(found)} codes instead of one.")
    return found[0]


async def _evidence(session: Session, authority: Authority, text: str, now: datetime) -> Evidence:
    """What a gate of the authority would make of it; a handle is looked at and left where it is."""
    if text.startswith(online_handle.PREFIX):
        try:
            handle_hash = online_handle.stored_hash(online_handle.parse(text))
        except CodeError:
            return Evidence(flaw=Reason.UNREADABLE)
        async with session.database.read() as connection:
            handle = await online_handles.look(connection, handle_hash, now)
        if handle is None:
            return Evidence(flaw=Reason.CODE_STALE)
        return Evidence(medium_id=handle.medium_id, assurance=2, service=handle.service_code)
    credentials = Credentials(
        reader=CodeReader(session.keyring.verify_keys(*SHOWN_AT_GATES)),
        keys=CardKeys(session.keyring),
        database=session.database,
        keys_then=session.keyring.gate_keys_at,
    )
    asking = TerminalSession(_NOBODY, authority.id, authority.code, {}, now, Profile.HANDHELD)
    return await credentials.read(asking, text, now)


def _objection(evidence: Evidence, known: Known | None) -> Reason | None:
    """Why no gate would open for it; None for what depends on the gate and on rights."""
    if evidence.flaw is not None:
        return Reason(evidence.flaw)
    if known is None:
        return Reason.UNKNOWN_MEDIUM
    mark, last = evidence.mark, known.mark
    if mark is not None and last is not None and (mark < last or (mark == last and known.spent)):
        return Reason.REPLAYED
    return None if known.status == "active" else _STATES.get(known.status, Reason.MEDIUM_NOT_ACTIVE)


_STATES = {
    "lost": Reason.MEDIUM_LOST,
    "stolen": Reason.MEDIUM_LOST,
    "damaged": Reason.MEDIUM_BLOCKED,
    "revoked": Reason.MEDIUM_BLOCKED,
    "expired": Reason.CODE_EXPIRED,
    "suspended": Reason.MEDIUM_SUSPENDED,
    "replaced": Reason.MEDIUM_REPLACED,
}


def _rows(text: str, evidence: Evidence, known: Known | None, *, french: bool) -> list[tuple[str, str]]:
    what = next((words for prefix, words in _TYPES if text.startswith(prefix)), _OTHER)
    rows = [(_in(Text(fr="C’est", en="It is"), french=french), _in(what, french=french))]
    if evidence.issuer is not None:
        rows.append((_in(Text(fr="Émis par", en="Issued by"), french=french), evidence.issuer))
    if evidence.medium_id is not None:
        rows.append((_in(Text(fr="Support", en="Medium"), french=french), medium_bytes(evidence.medium_id).hex()))
    if evidence.flaw is None:
        rows.append((_in(Text(fr="Niveau de preuve", en="Level of proof"), french=french), f"{evidence.assurance} / 3"))
    if evidence.mark is not None:
        seen = "–" if known is None or known.mark is None else str(known.mark)
        label = Text(fr="Compteur (dernier vu)", en="Count (last seen)")
        rows.append((_in(label, french=french), f"{evidence.mark} ({seen})"))
    if known is not None:
        rows += [
            (_in(Text(fr="Pass", en="Pass"), french=french), f"{known.number}, {known.pass_status}"),
            (_in(Text(fr="État du support", en="State of the medium"), french=french), str(known.status)),
            (_in(Text(fr="Expire le", en="Expires"), french=french), f"{known.expires_at:%Y-%m-%d}"),
        ]
    return rows


def _in(text: Text, *, french: bool) -> str:
    return text.fr if french else text.en

"""E-mail against a real SMTP server: what arrives, and what each refusal means."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.clock import utc_now
from adapters.mail import FolderMail, SmtpMail, mail_of
from domain.errors.mail import BadLetter, LetterRefused, MailAway, RecipientRefused
from domain.mail import Letter
from tests.servers import LOOPBACK, free_port

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
SENDER = "Ville de Saint-Étienne <pass@ville.example>"
LETTER = Letter(
    "camille@example.org",
    "Fermé aujourd’hui : la piscine de l’Île — été 2026",
    "Bonjour,\n\nLa piscine est fermée. À demain !\n.\nFin",
    "<p>La piscine est <strong>fermée</strong>.</p>",
    {"List-Unsubscribe": "<https://ville.example/notices/leave?t=" + "a" * 180 + ">"},
)


class Postman:
    """A mail server that keeps what it takes, and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.to_recipients = "250 OK"
        self.to_letters = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipients.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipients

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.to_letters.startswith("250"):
            written = cast("bytes", envelope.content)
            read = message_from_bytes(written, policy=default)
            self.taken.append((envelope.rcpt_tos, read))
        return self.to_letters


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def mail(postman: Postman) -> Iterator[SmtpMail]:
    server = Controller(postman, hostname=LOOPBACK, port=free_port())
    server.start()
    yield SmtpMail(f"smtp://{LOOPBACK}:{server.port}", SENDER, lambda: NOW)
    server.stop()


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert found is not None
    return str(found.get_content())


async def test_accents_arrive_in_subject_name_text_and_html(mail: SmtpMail, postman: Postman) -> None:
    await mail.send(LETTER)
    [(recipients, letter)] = postman.taken
    assert recipients == ["camille@example.org"]
    assert letter["Subject"] == LETTER.subject
    assert str(letter["From"]) == '"Ville de Saint-Étienne" <pass@ville.example>'.replace('"', "")
    assert part(letter, "plain").replace("\r\n", "\n").rstrip("\n") == LETTER.text
    assert part(letter, "html").strip() == LETTER.html
    assert [each.get_content_type() for each in letter.iter_parts()] == ["text/plain", "text/html"]
    assert letter["List-Unsubscribe"] == LETTER.headers["List-Unsubscribe"]
    assert (letter["Auto-Submitted"], letter["Date"]) == ("auto-generated", "Wed, 18 Nov 2026 09:00:00 +0000")
    assert letter["Message-ID"].endswith("@ville.example>")


async def test_a_long_subject_keeps_each_of_its_spaces(mail: SmtpMail, postman: Postman) -> None:
    """Where a line of it is broken too: the library alone made "d’uneréponse" of the first (cpython issue 92081)."""
    subjects = [
        "Votre demande D-X9SN5FX : nous avons besoin d’une réponse",
        "été " * 40 + "fini",
        "Ligne A  : arrêt  déplacé",
    ]
    for subject in subjects:
        await mail.send(Letter("camille@example.org", subject, "x"))
    assert [letter["Subject"] for _, letter in postman.taken] == subjects


@pytest.mark.parametrize(
    "letter",
    [
        Letter("camille@example.org", "Bonjour\r\nBcc: all@example.org", "x"),
        Letter("camille@example.org\nBcc: all@example.org", "Bonjour", "x"),
        Letter("camille@example.org, all@example.org", "Bonjour", "x"),
        Letter("camille@example.org", "Bonjour", "x", headers={"X-Note": "a\u2028Bcc: all@example.org"}),
        Letter("camille@example.org", "Bonjour", "x", headers={"Bcc: all@example.org\nX": "y"}),
        Letter("camille@example.org", "Bonjour", "x", headers={"Subject": "twice"}),
        Letter("camille@example.org", "", "x"),
        Letter("nobody", "Bonjour", "x"),
    ],
)
async def test_no_text_becomes_a_header_or_a_recipient(mail: SmtpMail, postman: Postman, letter: Letter) -> None:
    with pytest.raises(BadLetter):
        await mail.send(letter)
    assert postman.taken == []


@pytest.mark.parametrize(
    ("recipients", "letters", "meaning"),
    [
        ("550 5.1.1 No such user", "250 OK", RecipientRefused),
        ("450 4.2.0 Greylisted", "250 OK", MailAway),
        ("250 OK", "554 5.7.1 Unwanted", LetterRefused),
        ("250 OK", "452 4.3.1 Full", MailAway),
    ],
)
async def test_a_refusal_says_whether_to_come_back(
    mail: SmtpMail, postman: Postman, recipients: str, letters: str, meaning: type[Exception]
) -> None:
    postman.to_recipients, postman.to_letters = recipients, letters
    with pytest.raises(meaning) as refusal:
        await mail.send(LETTER)
    assert type(refusal.value) is meaning
    assert "camille" not in str(refusal.value)


async def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(MailAway):
        await SmtpMail(f"smtp://{LOOPBACK}:{free_port()}", SENDER, lambda: NOW).send(LETTER)


async def test_tls_is_spoken_from_the_first_byte_and_a_stranger_is_not_spoken_to(tmp_path: Path) -> None:
    ours, known = certificate(tmp_path)
    postman = Postman()
    port = free_port()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: SMTP(postman, loop=loop), LOOPBACK, port, ssl=ours):
        url = f"smtps://{LOOPBACK}:{port}"
        with pytest.raises(MailAway):
            await SmtpMail(url, SENDER, lambda: NOW).send(LETTER)
        await SmtpMail(url, SENDER, lambda: NOW, trusted=known).send(LETTER)
    assert len(postman.taken) == 1


async def test_a_server_elsewhere_that_offers_no_tls_gets_no_letter(
    mail: SmtpMail, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mail._AT_HOME", ())
    with pytest.raises(MailAway):
        await mail.send(LETTER)
    assert postman.taken == []


async def test_a_folder_holds_one_file_for_each_letter_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    mail = FolderMail(folder, SENDER, lambda: NOW)
    await mail.send(LETTER)
    await mail.send(LETTER)
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    read = message_from_bytes(files[0].read_bytes(), policy=default)
    assert read["Subject"] == LETTER.subject


async def test_a_folder_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file")
    with pytest.raises(MailAway):
        await FolderMail(tmp_path / "letters", SENDER, lambda: NOW).send(LETTER)


def test_without_a_server_or_a_folder_there_is_no_mail() -> None:
    assert mail_of(smtp_url="", folder="", sender="", clock=lambda: NOW) is None


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and what a client trusts because of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    today = utc_now()  # OpenSSL reads the same clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, own = folder / "mail.pem", folder / "mail.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    own.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(pem, own)
    return ours, ssl.create_default_context(cafile=str(pem))

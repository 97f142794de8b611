"""Reports of mail servers: read as the three that most people's mail goes through word them; all else is refused."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.delivery_reports import ReportFolder, read_report
from domain.bounces import LONGEST_REPORT, Report
from domain.errors.mail import ReportUnreadable
from tests.delivery_reports import EXCHANGE, EXIM, POSTFIX, SERVERS, report

NAME = "<ville.0123456789abcd.01234567.0123456789abcdef0123456789abcdef@pass.ville.example>"
ZOE = "zoe@example.org"


@pytest.mark.parametrize("server", SERVERS)
def test_a_report_says_which_letter_came_back_from_where(server: str) -> None:
    found = read_report(report(NAME, ZOE, server=SERVERS[server]))
    assert isinstance(found, Report)
    assert (found.message_id, found.status) == (NAME, "5.1.1")
    assert ZOE in found.addresses


def test_an_address_that_forwards_is_known_by_the_letter_that_came_back() -> None:
    found = read_report(report(NAME, ZOE, server=EXIM))
    assert found is not None
    assert found.addresses == ("forwarded@elsewhere.example", ZOE)


def test_addresses_are_compared_in_small_letters() -> None:
    found = read_report(report(NAME, "Zoe@Example.ORG"))
    assert found is not None
    assert found.addresses == (ZOE,)


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("relayed", "2.0.0"), ("delivered", "2.1.5"), ("failed", "4.4.7")]
)
def test_what_is_late_or_was_passed_on_has_not_come_back(action: str, status: str) -> None:
    assert read_report(report(NAME, ZOE, action=action, status=status)) is None


HOLIDAY = b"From: zoe@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: Holidays\r\n\r\nBack on Monday.\r\n"
NESTED = b"Content-Type: message/rfc822\r\n\r\n" * 7_000
MATRYOSHKA = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth) for depth in range(5_000)
)
HOSTILE = {
    "a holiday": HOLIDAY,
    "nothing": b"",
    "zeros": bytes(1000),
    "no head of the letter": report(NAME, ZOE).replace(b"text/rfc822-headers", b"text/plain"),
    "no name of the letter": report(NAME, ZOE).replace(b"Message-ID:", b"X-Was:"),
    "nobody": report(NAME, ZOE).replace(b"Final-Recipient", b"X-Was").replace(b"Original-Recipient", b"X-Had"),
    "a read receipt": report(NAME, ZOE).replace(b"delivery-status", b"disposition-notification"),
    "too long": report(NAME, ZOE) + b"x" * LONGEST_REPORT,
    "a line without end": report("<" + "a" * 5_000 + "@x>", ZOE),
    "letters in letters": NESTED,
    "parts in parts": MATRYOSHKA,
    "a thousand recipients": report(NAME, ZOE).replace(
        b"Action: failed\r\n", b"Action: failed\r\n" + b"\r\nFinal-Recipient: rfc822; a@b.example\r\n" * 1000
    ),
    "an alphabet that is none": report(NAME, ZOE)
    .replace(b"us-ascii", b"no-such-thing")
    .replace(b"text/rfc822-headers", b"text/rfc822-headers\r\nContent-Transfer-Encoding: base64"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_report_is_refused(name: str) -> None:
    if name == "nobody":  # the head of the letter still says whom it was for
        found = read_report(HOSTILE[name])
        assert found is not None
        assert found.addresses == (ZOE,)
        return
    with pytest.raises(ReportUnreadable):
        read_report(HOSTILE[name])


@given(st.binary(max_size=2_000), st.integers(0, 3_000), st.sampled_from([POSTFIX, EXCHANGE, EXIM]))
def test_whatever_is_sent_there_ends_in_an_answer(noise: bytes, at: int, server: str) -> None:
    whole = report(NAME, ZOE, server=server)
    for sent in (noise, whole[:at] + noise + whole[at:], whole[:at]):
        try:
            found = read_report(sent)
        except ReportUnreadable:
            continue
        assert found is None or (found.message_id and found.addresses and found.status.startswith("5."))


def delivered(folder: Path, name: str, content: bytes) -> Path:
    (folder / "new").mkdir(parents=True, exist_ok=True)
    path = folder / "new" / name
    path.write_bytes(content)
    return path


def test_a_folder_gives_its_files_in_order_and_keeps_what_is_put_aside_for_a_while(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    for name in ("2.host", "1.host", ".part"):
        delivered(tmp_path, name, b"x")
    assert folder.waiting(10) == ["1.host", "2.host"]
    assert folder.waiting(1) == ["1.host"]
    assert folder.read("1.host") == b"x"
    folder.drop("1.host")
    folder.drop("1.host")
    folder.put_aside("2.host")
    folder.put_aside("2.host")
    assert folder.waiting(10) == []
    (aside,) = (tmp_path / "cur").iterdir()
    assert aside.name == "2.host:2,S"
    written = datetime(2026, 11, 18, tzinfo=UTC)
    os.utime(aside, (written.timestamp(), written.timestamp()))
    assert folder.forget(written) == 0
    assert folder.forget(written.replace(day=19)) == 1
    assert list((tmp_path / "cur").iterdir()) == []


def test_a_folder_follows_no_link_and_waits_for_no_pipe(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "reports")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    folder.waiting(1)
    (tmp_path / "reports" / "new" / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "reports" / "new" / "pipe")
    delivered(tmp_path / "reports", "long", b"x" * (LONGEST_REPORT + 1))
    for name in ("link", "pipe", "long", "gone"):
        with pytest.raises(ReportUnreadable):
            folder.read(name)

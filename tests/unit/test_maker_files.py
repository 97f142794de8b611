"""Files that a card maker sends, cut, altered, too long or of another kind: refused with the line, never half read."""

import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.maker_files import read_chips, read_report
from domain.errors.cards import BatchFileRefused
from domain.personalisation import LARGEST
from nfc import uid as uids
from tests.card_maker import chip_list, chips, sealed

UID_KEY = bytes(range(32))
SHA = "ab" * 32
UIDS = ("04112233445566", "04112233445577")


def lines() -> list[dict[str, Any]]:
    header = {"format": "multipass-cards-report/1", "batch": "spring", "order": SHA, "count": 2}
    cards = [
        {"sequence": number, "number": f"{number:012d}", "uid": uid, "result": "produced", "keyVersion": 1}
        for number, uid in enumerate(UIDS, start=1)
    ]
    return [header, *cards]


def refused(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BatchFileRefused) as error:
        read_report(io.BytesIO(content), UID_KEY)
    return [(flaw.line, flaw.what) for flaw in error.value.flaws]


def test_a_report_is_read_and_its_uids_are_hashed() -> None:
    told = lines()
    told[2]["result"] = "spoiled"
    report = read_report(io.BytesIO(sealed(told)), UID_KEY)
    assert (report.batch, report.order_digest.hex()) == ("spring", SHA)
    assert [(card.sequence, card.produced, card.key_version) for card in report.cards] == [(1, True, 1), (2, False, 1)]
    assert report.cards[0].uid_digest == uids.digest(UID_KEY, bytes.fromhex(UIDS[0]))


def test_a_reports_last_line_may_lack_its_end() -> None:
    assert len(read_report(io.BytesIO(sealed(lines()).removesuffix(b"\n")), UID_KEY).cards) == 2


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (0, "format", "multipass-cards-report/2"),
        (0, "batch", 7),
        (0, "order", "ab"),
        (0, "extra", 1),
        (1, "uid", "0411223344556"),
        (1, "uid", "04112233"),
        (1, "uid", "0411223344556Z"),
        (2, "number", "1234 5678 9012"),
        (2, "number", "12345678901٢"),
        (2, "result", "lost"),
        (2, "keyVersion", "1"),
        (2, "sequence", 1.5),
        (2, "extra", 1),
    ],
)
def test_a_field_that_does_not_fit_is_told_with_its_line(line: int, field: str, value: object) -> None:
    told = lines()
    told[line][field] = value
    flaws = refused(sealed(told))
    assert [at for at, _ in flaws] == [line + 1]
    assert not any(uid in what for _, what in flaws for uid in UIDS)


@pytest.mark.parametrize(
    ("spoil", "line", "words"),
    [
        (lambda _: b"", 0, "cut off"),
        (lambda content: content.split(b"\n")[0] + b"\n", 0, "cut off"),
        (lambda content: content[: content.rindex(b'{"count"')], 3, "no trailer: the file was cut off"),
        (lambda content: content.replace(b'"sequence": 2', b'"sequence": 3'), 4, "altered"),
        (lambda content: b"\xff" + content, 1, "malformed"),
        (lambda content: b"\n" + content, 1, "truncated"),
        (lambda content: content + b"{}\n", 5, "no trailer"),
        (lambda content: b'{"format": "' + b"x" * 600 + content, 1, "512 bytes"),
        (lambda content: content.replace(b'"uid": "0411', b'"uid": "' + b"0" * 600 + b"0411"), 2, "512 bytes"),
    ],
)
def test_a_file_that_was_cut_altered_or_stuffed_is_refused(
    spoil: Callable[[bytes], bytes], line: int, words: str
) -> None:
    flaws = refused(spoil(sealed(lines())))
    assert any(at == line and words in what for at, what in flaws), flaws


@pytest.mark.parametrize("where", [0, -1])
def test_a_file_counts_its_own_cards(where: int) -> None:
    told = lines()
    content = sealed(told)
    if where == 0:
        told[0]["count"] = 3
        content = sealed(told)
    else:
        *body, last = content.splitlines(keepends=True)
        content = b"".join(body) + json.dumps({**json.loads(last), "count": 3}).encode()
    assert any("must count 2 cards" in what for _, what in refused(content))


def test_every_flaw_of_a_report_is_told_at_once() -> None:
    told = lines()
    told[1]["uid"], told[2]["result"], told[0]["count"] = "", "", 5
    assert [at for at, _ in refused(sealed(told))] == [2, 3, 4]


@given(st.binary(max_size=400))
def test_nothing_that_is_no_report_is_read_as_one(content: bytes) -> None:
    assert refused(content)


@given(st.data())
def test_a_report_of_which_one_byte_differs_is_refused_or_says_the_same(data: st.DataObject) -> None:
    content = bytearray(sealed(lines()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        report = read_report(io.BytesIO(bytes(content)), UID_KEY)
    except BatchFileRefused:
        return
    assert report == read_report(io.BytesIO(sealed(lines())), UID_KEY)


# --- lists of chips ----------------------------------------------------------------------------------


def test_a_list_of_chips_is_read_in_its_order_whatever_the_line_ends() -> None:
    listed = chips(3)
    for content in (chip_list(listed), chip_list(listed).upper().replace(b"\n", b"\r\n"), chip_list(listed)[:-1]):
        assert read_chips(io.BytesIO(content)) == listed


@pytest.mark.parametrize("line", [b"", b"04", b"041122334455667", b"0411223344556g", b"04 1122334455", b"041122334455"])
def test_a_line_that_is_no_uid_is_told(line: bytes) -> None:
    with pytest.raises(BatchFileRefused) as refused:
        read_chips(io.BytesIO(chip_list(chips(1)) + line + b"\n" + chip_list(chips(1))))
    assert [flaw.line for flaw in refused.value.flaws] == [2]


def test_a_file_without_an_end_is_not_read_to_it() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
            buffer[:] = (b"04112233445566\n" * (len(buffer) // 15 + 1))[: len(buffer)]
            return len(buffer)

    tracemalloc.start()
    with pytest.raises(BatchFileRefused, match="100,000 cards"):
        read_chips(io.BufferedReader(Endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * LARGEST * 3

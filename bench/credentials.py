"""`python -m bench credentials`: what reading a credential costs, beside one P-256 verification in the same run.

Medians of interleaved samples, so that a machine that slows down slows everything alike. "All new"
is read by a reader that has seen nothing, and is built for it.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

import msgspec
import rich_click as click
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from nfc import keys, phone_credential, qr, sdm, status_list
from nfc.diversify import Slot, card_key
from nfc.keys import KeySet, SigningKey
from nfc.phone import Phone
from nfc.status_list import Status
from terminal.software_card import SoftwareCard

REPORT = Path(__file__).parents[1] / "build" / "bench-credentials.json"
NOW = 1_800_000_000
CITY = b"CLMT"
UID = bytes.fromhex("04de5f1eacc040")
REFERENCE = "P-256 verification"
ACCEPTED, WRONG = 0, 1


class Case(Struct, frozen=True):
    """One thing to measure. `bound` in P-256 verifications; None for the yardstick itself."""

    name: str
    run: Callable[[], object]
    bound: float | None = None
    times: int = 20


class Figure(Struct, frozen=True, rename="camel"):
    """What came of a case."""

    name: str
    microseconds: float
    ratio: float
    bound: float | None

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.bound is None or self.ratio <= self.bound


@click.command("credentials")
@click.option("--rounds", type=click.IntRange(3), default=150, show_default=True, help="Samples of each case.")
def command(rounds: int) -> None:
    """Measure what reading credentials costs against its bars. Exits with 1 when one is missed."""
    with suppress(PermissionError):
        os.nice(-18)
    figures = measure(cases(), rounds)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("what", "µs", "x P-256", "bar", "")
    for figure in figures:
        bound = "" if figure.bound is None else f"{figure.bound:g}"
        mark = "" if figure.bound is None else ("met" if figure.met else "MISSED")
        table.add_row(figure.name, f"{figure.microseconds:.1f}", f"{figure.ratio:.3f}", bound, mark)
    Console(highlight=False).print(table)
    sys.exit(ACCEPTED if all(figure.met for figure in figures) else WRONG)


def measure(given: list[Case], rounds: int) -> list[Figure]:
    """Run every case in turn, again and again; the first case is the yardstick."""
    samples: dict[str, list[float]] = {case.name: [] for case in given}
    for _ in range(rounds):
        for case in given:
            began = time.perf_counter_ns()
            for _ in range(case.times):
                case.run()
            samples[case.name].append((time.perf_counter_ns() - began) / case.times / 1_000)
    unit = median(samples[given[0].name])
    return [
        Figure(case.name, median(samples[case.name]), median(samples[case.name]) / unit, case.bound) for case in given
    ]


def cases() -> list[Case]:
    """The yardstick and the four bars of the design, with the readings between them."""
    issuer = keys.generate()
    trusted = keys.key_set([keys.verify_key(issuer.public, purpose="phone", authority="city")])
    reader = qr.CodeReader(trusted)
    known = _phone(issuer)
    reader.read(known.code(NOW), NOW)
    moments, phones = count(NOW), [_phone(issuer).code(NOW) for _ in range(64)]
    listed = _list(issuer)
    return [
        Case(REFERENCE, _verification()),
        Case("SDM check with derivation", _sdm(), 0.5),
        Case(
            "MP1, credential known", partial(_known, reader, [known.code(next(moments)) for _ in range(20)], count()), 2
        ),
        Case("MP1, all new", partial(_new, trusted, phones, count()), 4.5),
        Case("status look-up", partial(listed.status, 123_456), 0.02, 2_000),
    ]


def _verification() -> Callable[[], object]:
    private, data, algorithm = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(100), ec.ECDSA(SHA256())
    signature, public = private.sign(data, algorithm), private.public_key()
    return partial(public.verify, signature, data, algorithm)


def _sdm() -> Callable[[], object]:
    meta, master = secrets.token_bytes(16), secrets.token_bytes(16)

    def derived(uid: bytes) -> bytes:
        return card_key(master, uid=uid, slot=Slot.SERVER, version=1, city=CITY)

    card = SoftwareCard(UID, {Slot.META: meta, Slot.SERVER: derived(UID)}, "https://pass.example.org/t/1")
    return partial(sdm.read, str(card.read_url()), {1: sdm.SunKeys(meta, derived)})


def _phone(issuer: SigningKey) -> Phone:
    private = keys.generate().private
    credential = phone_credential.issue(
        issuer,
        private.public_key(),
        medium_id=secrets.token_bytes(8),
        expires_at=NOW + 86_400,
        status_list=0,
        status_index=1,
    )
    return Phone(private, credential)


def _known(reader: qr.CodeReader, codes: list[str], turn: "count[int]") -> object:
    return reader.read(codes[next(turn) % len(codes)], NOW)


def _new(trusted: KeySet, codes: list[str], turn: "count[int]") -> object:
    return qr.read(codes[next(turn) % len(codes)], trusted, NOW)


def _list(issuer: SigningKey) -> status_list.StatusList:
    trusted = keys.key_set([keys.verify_key(issuer.public, purpose="bundle", authority="city")])
    packed = status_list.pack((place, Status.INVALID) for place in range(0, 1 << 20, 50))
    uri = "https://pass.example.org/lists/0"
    signed = status_list.issue(
        issuer, packed, uri=uri, version=1, issued_at=NOW, expires_at=NOW + 86_400, ttl_seconds=60
    )
    return status_list.read(signed, trusted, NOW, uri=uri)

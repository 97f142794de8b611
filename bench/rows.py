"""The rows of the benchmark's city, table by table, as both engines take them in bulk.

Ids are hexadecimal digits and days are ISO texts: SQLite stores them so, and PostgreSQL reads them from a COPY.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from bench.population import Kind, Population, Row, medium_id, row_id, status_place
from domain.passes import number_from

Cell = str | int | bytes | None
Cells = tuple[Cell, ...]

TERMINALS = 20
HUGE = 10**12
"""A quota that no run can use up, in thousandths."""

GATES: tuple[tuple[str, int], ...] = (("pool", 8), ("transport", 8), ("waste-centre", 4), ("library", 4))
"""Sites of each service, each with one zone and two gates. Nobody holds a right to a library."""

PRODUCTS: tuple[tuple[str, str, str, tuple[tuple[str, int, str], ...]], ...] = (
    ("carnet", "pool", "person", (("visit", HUGE, "whole"),)),
    ("bus", "transport", "person", (("visit", HUGE, "month"),)),
    ("waste", "waste-centre", "household", (("visit", HUGE, "year"),)),
    ("pool-year", "pool", "person", ()),
    ("carnet-empty", "pool", "person", (("visit", 500, "whole"),)),
)
_CARNET, _BUS, _WASTE, _POOL_YEAR, _CARNET_EMPTY = range(len(PRODUCTS))


class Table(Struct, frozen=True):
    """A table, its columns in the order of the rows."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Cells]]


class Instants(Struct, frozen=True):
    """Instants as the engine stores them."""

    now: str | int
    later: str | int


DOORS = 2
"""Gates of a site. Who comes again takes the other one: at the same gate, within seconds, it would be one scan."""


def site_codes(service: str) -> list[str]:
    """The sites of a service."""
    return [f"{service}-{place}" for place in range(dict(GATES)[service])]


def gate_code(site: str, visit: int) -> str:
    """The gate for somebody's n-th visit of a site."""
    return f"{site}-{visit % DOORS}"


def token(terminal: int) -> str:
    """The access token of a terminal: known ahead, so that it holds across restarts of a server."""
    return f"bench-terminal-{terminal:04d}-{'0' * 22}"


def tables(population: Population, at: Instants, now: datetime) -> list[Table]:  # noqa: C901 - a list of plain tables
    """Everything to load, parents first."""
    authority = row_id(Row.AUTHORITY, 1)
    text = json.dumps({"fr": "Banc", "en": "Bench"})
    year, keep = now.year, f"{now.year + 6}-01-01"
    since, until = f"{year}-01-01", f"{year + 2}-01-01"
    places = [(service, code) for service, _ in GATES for code in site_codes(service)]
    everyone = range(population.total)
    households = range((population.total + 1) // 2)
    products = [row_id(Row.PRODUCT, place) for place in range(len(PRODUCTS))]

    def pool_product(number: int) -> str:
        match population.kind_of(number):
            case Kind.EMPTY:
                return products[_CARNET_EMPTY]
            case Kind.UNLIMITED:
                return products[_POOL_YEAR]
            case _:
                return products[_CARNET]

    def beneficiaries() -> Iterator[Cells]:
        for n in everyone:
            holder = row_id(Row.HOLDER, n)
            yield authority, holder, holder, "1980-05-17", "9999-12-31", 0, keep
            yield authority, holder, row_id(Row.HOUSEHOLD, n // 2), "2020-01-01", "9999-12-31", 0, keep

    def residences() -> Iterator[Cells]:
        for n in everyone:
            yield authority, row_id(Row.HOLDER, n), "commune", "00101", "1980-05-17", "9999-12-31", keep
        for n in households:
            yield authority, row_id(Row.HOUSEHOLD, n), "commune", "00101", "2020-01-01", "9999-12-31", keep

    def media() -> Iterator[Cells]:
        lost = population.special(Kind.LOST)
        for n in everyone:
            status_list, index = status_place(n)
            status = "lost" if n in lost else "active"
            yield (
                *(medium_id(n), authority, row_id(Row.PASS, n), "print", status),
                *(status_list, index, at.later, at.now, keep),
            )

    def entitlements() -> Iterator[Cells]:
        for n in everyone:
            holder = row_id(Row.HOLDER, n)
            yield row_id(Row.CARNET, n), authority, holder, pool_product(n), "pool", since, until, at.now, keep
            yield row_id(Row.BUS, n), authority, holder, products[_BUS], "transport", since, until, at.now, keep
        for n in households:
            yield (
                *(row_id(Row.WASTE, n), authority, row_id(Row.HOUSEHOLD, n), products[_WASTE]),
                *("waste-centre", since, until, at.now, keep),
            )

    return [
        Table(
            "authority",
            ("id", "code", "name", "zone", "colour", "created_at"),
            lambda: iter([(authority, "bench", text, "Europe/Paris", "#0b6e4f", at.now)]),
        ),
        Table(
            "site",
            (
                *("id", "authority_id", "code", "service_code", "name", "commune_code"),
                *("bank_holidays", "last_entry_minutes", "accepts"),
            ),
            lambda: (
                (row_id(Row.SITE, n), authority, code, service, text, "00101", "as_usual", 0, "[]")
                for n, (service, code) in enumerate(places)
            ),
        ),
        Table(
            "opening",
            ("site_id", "valid_from", "valid_until", "weekday", "opens", "closes"),
            lambda: (
                (row_id(Row.SITE, n), "2020-01-01", "2040-01-01", weekday, 0, 1440)
                for n in range(len(places))
                for weekday in range(7)
            ),
        ),
        Table(
            "zone",
            ("id", "authority_id", "site_id", "code", "capacity", "passback", "passback_minutes", "supplement_cents"),
            lambda: (
                (row_id(Row.ZONE, n), authority, row_id(Row.SITE, n), code, 10**6 if n % 2 else None, "timed", 0, 0)
                for n, (_, code) in enumerate(places)
            ),
        ),
        Table(
            "gate",
            ("id", "authority_id", "zone_id", "code", "name"),
            lambda: (
                (row_id(Row.GATE, DOORS * n + door), authority, row_id(Row.ZONE, n), gate_code(code, door), text)
                for n, (_, code) in enumerate(places)
                for door in range(DOORS)
            ),
        ),
        Table(
            "terminal",
            ("id", "authority_id", "name", "public_key", "status", "paired_at"),
            lambda: (
                (row_id(Row.TERMINAL, n), authority, f"gate {n}", b"\1" * 64, "active", at.now)
                for n in range(TERMINALS)
            ),
        ),
        Table(
            "terminal_gate",
            ("terminal_id", "gate_id"),
            lambda: (
                (row_id(Row.TERMINAL, n), row_id(Row.GATE, m))
                for n in range(TERMINALS)
                for m in range(DOORS * len(places))
            ),
        ),
        Table(
            "terminal_token",
            ("token_hash", "terminal_id", "expires_at"),
            lambda: ((sha256(token(n).encode()).digest(), row_id(Row.TERMINAL, n), at.later) for n in range(TERMINALS)),
        ),
        Table(
            "product",
            ("id", "authority_id", "code", "service_code", "subject", "name", "warn_below", "terms"),
            lambda: (
                (products[n], authority, code, service, subject, text, 0, "{}")
                for n, (code, service, subject, _) in enumerate(PRODUCTS)
            ),
        ),
        Table(
            "product_limit",
            ("product_id", "position", "unit", "amount", "window", "rates"),
            lambda: (
                (products[n], position, unit, amount, window, "[]")
                for n, (_, _, _, limits) in enumerate(PRODUCTS)
                for position, (unit, amount, window) in enumerate(limits)
            ),
        ),
        Table(
            "holder",
            (
                *("id", "authority_id", "reference", "first_name", "last_name", "born_on"),
                *("created_at", "keep_until"),
            ),
            lambda: (
                (row_id(Row.HOLDER, n), authority, f"R-{n}", "Zoé", "Lefèvre", "1980-05-17", at.now, keep)
                for n in everyone
            ),
        ),
        Table(
            "household",
            ("id", "authority_id", "reference", "created_at", "keep_until"),
            lambda: ((row_id(Row.HOUSEHOLD, n), authority, f"F-{n}", at.now, keep) for n in households),
        ),
        Table(
            "beneficiary",
            ("authority_id", "holder_id", "subject_id", "valid_from", "valid_until", "former", "keep_until"),
            beneficiaries,
        ),
        Table(
            "circumstance",
            ("authority_id", "subject_id", "kind", "value", "valid_from", "valid_until", "keep_until"),
            residences,
        ),
        Table(
            "pass",
            (
                *("id", "authority_id", "holder_id", "number", "status", "valid_from", "valid_until"),
                *("created_at", "keep_until"),
            ),
            lambda: (
                (
                    *(row_id(Row.PASS, n), authority, row_id(Row.HOLDER, n), number_from(n), "active"),
                    *(since, until, at.now, keep),
                )
                for n in everyone
            ),
        ),
        Table(
            "medium",
            (
                *("id", "authority_id", "pass_id", "kind", "status", "status_list", "status_index"),
                *("expires_at", "created_at", "keep_until"),
            ),
            media,
        ),
        Table(
            "entitlement",
            (
                *("id", "authority_id", "subject_id", "product_id", "service_code", "valid_from", "valid_until"),
                *("granted_at", "keep_until"),
            ),
            entitlements,
        ),
    ]

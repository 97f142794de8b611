"""Windows of limits on the real ledger: in each of them, what was granted is what was spent and what remains.

The windows are told apart here without `Limit.period`: by what people call them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.products import Product, publish_product
from domain.text import Text
from store.database import Database
from store.ledger import Lane, lane_for
from store.tables.ledger import counter, validation
from tests.city import City, TestPass, resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import APART, give, scan

VISIT, M3, LITRE, PIECE, POINT = Measure.VISIT, Measure.M3, Measure.LITRE, Measure.PIECE, Measure.POINT
STARTS, ENDS = date(2026, 1, 1), date(2029, 1, 1)
OPENS = {"granted", "granted_with_warning"}


def of_visits(amount: int, window: Window, **needs: Any) -> Limit:  # noqa: ANN401 - what a window needs
    return Limit(0, VISIT, amount * ONE, window, **needs)


def _summer(day: date) -> int | None:
    return day.year if (5, 15) <= (day.month, day.day) <= (9, 15) else None


def _winter(day: date) -> int | None:
    return day.year - (day.month < 7) if day.month in {11, 12, 1, 2} else None


WINDOWS: dict[str, tuple[Limit, Callable[[date], Hashable]]] = {
    "day": (of_visits(2, Window.DAY), lambda day: day),
    "week": (of_visits(3, Window.WEEK), lambda day: day.isocalendar()[:2]),
    "month": (of_visits(4, Window.MONTH), lambda day: (day.year, day.month)),
    "year": (of_visits(9, Window.YEAR), lambda day: day.year),
    "whole": (of_visits(20, Window.WHOLE), lambda _: "whole"),
    "school": (of_visits(9, Window.SCHOOL_YEAR), lambda day: day.year - (day.month < 9)),
    "rotterdam": (of_visits(9, Window.SHIFTED_YEAR, starts=(3, 1)), lambda day: day.year - (day.month < 3)),
    "leap": (
        of_visits(9, Window.SHIFTED_YEAR, starts=(2, 29)),
        lambda day: day.year - ((day.month, day.day) < (2, 29)),
    ),
    "summer": (of_visits(5, Window.SEASON, starts=(5, 15), ends=(9, 16)), _summer),
    "winter": (of_visits(5, Window.SEASON, starts=(11, 1), ends=(3, 1)), _winter),
    "thirty": (of_visits(3, Window.ROLLING_DAYS, days=30), lambda day: (day - STARTS).days // 30),
}
EDGES = [
    *(date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 28), date(2028, 2, 29)),
    *(date(2028, 3, 1), date(2027, 5, 14), date(2027, 5, 15), date(2027, 9, 15), date(2027, 9, 16), date(2027, 8, 31)),
    *(
        date(2027, 9, 1),
        date(2027, 10, 31),
        date(2027, 11, 1),
        STARTS + timedelta(days=29),
        STARTS + timedelta(days=30),
    ),
]


class Here(Struct):
    """A city with a lane, and somebody who holds one right."""

    database: Database
    city: City
    keyring: KeyRing
    lane: Lane
    keys: list[str] = field(default_factory=list)

    async def sell(self, code: str, *limits: Limit, service: str = "pool") -> tuple[TestPass, Product]:
        """Publish a product and give it to somebody new."""
        async with self.database.begin() as unit:
            product = await publish_product(
                unit,
                Product(
                    id=unit.ids.row(),
                    authority_id=self.city.authority.id,
                    code=code,
                    service_code=service,
                    subject=Subject.PERSON,
                    name=Text(fr=code, en=code),
                    limits=limits,
                ),
            )
        someone = await resident(self.database, self.keyring, self.city, f"R-{code}")
        await give(self.database, product, someone.holder.id, starts=STARTS, ends=ENDS)
        return someone, product

    async def tap(
        self, who: TestPass, at: datetime, asked: dict[Measure, int] | None = None, *, gate: str = "free"
    ) -> dict[str, Any]:
        """Come to a gate and hear the answer."""
        self.keys.append(f"k{len(self.keys)}")
        settled = await self.lane.submit(
            scan(
                self.city.terminal.terminal.id,
                self.keys[-1],
                self.city.gates[gate].id,
                who.medium.id,
                at=at,
                asked=asked,
            )
        )
        assert isinstance(settled, bytes), settled
        said: dict[str, Any] = msgspec.json.decode(settled)
        return said


async def opened(database_url: str, keyring: KeyRing) -> Here:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    lane = lane_for(database)
    await lane.open()
    return Here(database, city, keyring, lane)


async def counters(here: Here) -> list[tuple[date, int]]:
    """The end of every window in which something was counted, and how much; the events must say the same."""
    charged: Counter[tuple[UUID, date, int]] = Counter()
    async with here.database.read() as connection:
        for row in await connection.execute(select(validation.c.entitlement_id, validation.c.charges)):
            for position, _, ends_before, amount in msgspec.json.decode(
                row.charges, type=list[tuple[int, date, date, int]]
            ):
                charged[row.entitlement_id, ends_before, position] += amount
        kept = {
            (row.entitlement_id, row.ends_before, row.position): row.used
            for row in await connection.execute(select(counter))
        }
    assert kept == dict(charged), "Q2: counters differ from what events charged"
    return sorted((ends_before, used) for (_, ends_before, _), used in kept.items())


def noon(day: date, *, hour: int = 11) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(3))
async def test_in_every_window_the_quota_is_what_was_spent_and_what_remains(
    database_url: str, keyring: KeyRing, seed: int
) -> None:
    """Q1, Q2, in any order of days: half of the visits are settled after later ones."""
    here, dice = await opened(database_url, keyring), Random(seed)
    people = {code: await here.sell(code, limit) for code, (limit, _) in WINDOWS.items()}
    spent: Counter[tuple[str, Hashable]] = Counter()

    async def come(code: str, number: int) -> None:
        limit, label_of = WINDOWS[code]
        day = dice.choice(EDGES) if dice.random() < 0.7 else STARTS + timedelta(days=dice.randrange(1_000))
        need = dice.choice((500, ONE, 1_500))
        key = (code, label_of(day))
        fits = key[1] is not None and spent[key] + need <= limit.amount
        spent[key] += need if fits else 0
        said = await here.tap(people[code][0], noon(day) + number * APART, {VISIT: need})
        if key[1] is None:
            assert said["reason"] == "ticket_needed", (code, day)
            assert "remaining" not in said
            return
        assert (said["outcome"] in OPENS) is fits, (code, day, said)
        assert fits or said["reason"] == "carnet_empty"
        (remaining,) = said["remaining"]
        assert round(remaining["left"] * ONE) + spent[key] == limit.amount == round(remaining["of"] * ONE), (code, day)
        assert date.fromisoformat(remaining["until"]) > day

    for number in range(40):
        await asyncio.gather(*(come(code, number) for code in WINDOWS))
    assert sorted(used for _, used in await counters(here)) == sorted(used for used in spent.values() if used)
    await here.lane.close()
    await here.database.close()


EST_ENSEMBLE = (
    Limit(0, M3, 2 * ONE, Window.DAY),
    Limit(1, VISIT, 4 * ONE, Window.MONTH),
    Limit(2, VISIT, 30 * ONE, Window.YEAR),
)
BETHUNE_BRUAY = (
    Limit(0, M3, 5 * ONE, Window.WEEK),
    Limit(1, LITRE, 20 * ONE, Window.WEEK),
    Limit(2, PIECE, 5 * ONE, Window.WEEK),
)
LOMBRIC = (Limit(0, POINT, 18 * ONE, Window.YEAR),)


def _brings(**quantities: float) -> dict[Measure, int]:
    return {Measure(unit): round(amount * ONE) for unit, amount in quantities.items()}


Visit = tuple[datetime, dict[Measure, int], str]
"""When, with what, and what becomes of it."""


def _est_ensemble() -> list[Visit]:
    day, month = date(2026, 1, 5), _brings(visit=1, m3=0.5)
    visits: list[Visit] = [
        (noon(day, hour=8), _brings(visit=1, m3=1.5), "in"),
        (noon(day, hour=9), _brings(visit=1, m3=0.6), "quota_spent"),
        (noon(day, hour=10), month, "in"),  # two cubic metres to the litre
        (noon(day, hour=11), _brings(visit=1), "in"),  # with nothing that is measured
        (noon(date(2026, 1, 6)), month, "in"),
        (noon(date(2026, 1, 31)), month, "quota_spent"),  # the fifth of the month
    ]
    visits += [(noon(date(2026, at, of)), month, "in") for at in range(2, 8) for of in range(1, 5)]
    visits += [(noon(date(2026, 8, of)), month, "in" if of < 3 else "quota_spent") for of in range(1, 4)]
    visits += [(noon(date(2026, 12, 31)), month, "quota_spent"), (noon(date(2027, 1, 1)), month, "in")]
    return visits


def _bethune_bruay() -> list[Visit]:
    monday = date(2026, 12, 28)
    return [
        (noon(monday), _brings(visit=1, m3=4, litre=20), "in"),
        (noon(monday + timedelta(days=1)), _brings(visit=1, m3=1, piece=5), "in"),
        (noon(monday + timedelta(days=2)), _brings(visit=1, m3=0.001), "quota_spent"),
        (noon(monday + timedelta(days=2)), _brings(visit=1, litre=0.5), "quota_spent"),
        (noon(monday + timedelta(days=6)), _brings(visit=1, piece=1), "quota_spent"),  # 3 January: the same week
        (noon(monday + timedelta(days=6)), _brings(visit=1), "quantity_needed"),
        (noon(monday + timedelta(days=7)), _brings(visit=1, m3=5, litre=20, piece=5), "in"),
    ]


def _lombric() -> list[Visit]:
    saloon, van = _brings(visit=1, point=0.5), _brings(visit=1, point=2)
    first = date(2026, 1, 1)
    visits: list[Visit] = [(noon(first + timedelta(days=number)), saloon, "in") for number in range(36)]
    return [
        *visits,
        (noon(date(2026, 12, 31)), saloon, "quota_spent"),  # the 37th of the year
        *((noon(date(2027, 1, day)), van, "in" if day < 10 else "quota_spent") for day in range(1, 11)),
    ]


@pytest.mark.parametrize(
    ("limits", "visits"),
    [
        pytest.param(EST_ENSEMBLE, _est_ensemble(), id="2 m3 a day + 4 visits a month + 30 a year"),
        pytest.param(BETHUNE_BRUAY, _bethune_bruay(), id="5 m3 + 20 litres + 5 tyres a week"),
        pytest.param(LOMBRIC, _lombric(), id="18 points a year, half a point for a saloon"),
    ],
)
async def test_several_limits_at_once_hold_together(
    database_url: str, keyring: KeyRing, limits: tuple[Limit, ...], visits: list[Visit]
) -> None:
    """Domain study 2.1: Est Ensemble, Béthune-Bruay, Lombric."""
    here = await opened(database_url, keyring)
    someone, _ = await here.sell("household", *limits, service="waste-centre")
    for number, (at, brings, expected) in enumerate(visits):
        said = await here.tap(someone, at + number * APART, brings, gate="waste")
        assert ("in" if said["outcome"] in OPENS else said["reason"]) == expected, (at, brings, said)
    await audit(here.database, one_writer=True)
    await here.lane.close()
    await here.database.close()


async def test_the_last_minute_of_december_counts_in_the_old_year_however_late_it_is_settled(
    database_url: str, keyring: KeyRing
) -> None:
    """Domain study 7: a tap of 31 December at 23:59 that arrives on 2 January."""
    here = await opened(database_url, keyring)
    someone, _ = await here.sell("two-a-year", of_visits(2, Window.YEAR))
    last_minute = datetime(2026, 12, 31, 22, 59, 30, tzinfo=UTC)  # 23:59:30 in Paris

    def left(said: dict[str, Any]) -> tuple[float, str]:
        (remaining,) = said["remaining"]
        return remaining["left"], remaining["until"]

    assert left(await here.tap(someone, noon(date(2027, 1, 2)))) == (1, "2028-01-01")
    assert left(await here.tap(someone, last_minute)) == (1, "2027-01-01")
    assert left(await here.tap(someone, last_minute + timedelta(seconds=30))) == (0, "2028-01-01")
    assert left(await here.tap(someone, last_minute)) == (0, "2027-01-01")
    for at in (last_minute + APART, noon(date(2027, 1, 3))):
        assert (await here.tap(someone, at))["reason"] == "carnet_empty"
    assert await counters(here) == [(date(2027, 1, 1), 2 * ONE), (date(2028, 1, 1), 2 * ONE)]
    await here.lane.close()
    await here.database.close()


async def test_a_limit_is_read_back_as_it_was_published(database_url: str, keyring: KeyRing) -> None:
    here = await opened(database_url, keyring)
    for code, (limit, _) in WINDOWS.items():
        _, product = await here.sell(code, limit)
        async with here.database.look() as unit:
            assert await unit.products.by_code(here.city.authority.id, code) == product
        assert (await here.database.catalogue()).products[product.id] == product
    await here.lane.close()
    await here.database.close()


@pytest.mark.parametrize(
    "limit",
    [
        of_visits(1, Window.SHIFTED_YEAR),
        of_visits(1, Window.SEASON, starts=(5, 15)),
        of_visits(1, Window.ROLLING_DAYS),
        of_visits(1, Window.ROLLING_DAYS, days=0),
        of_visits(1, Window.YEAR, starts=(3, 1)),
        of_visits(0, Window.YEAR),
    ],
    ids=["no start", "no end", "no days", "no day", "start of a year", "nothing"],
)
async def test_the_database_takes_no_limit_that_a_gate_could_not_judge(
    database_url: str, keyring: KeyRing, limit: Limit
) -> None:
    """Whoever writes past `publish_product` is stopped here."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    name = Text(fr="Essai", en="Trial")

    async def past_the_check() -> None:
        async with database.begin() as unit:
            bad = Product(unit.ids.row(), city.authority.id, "bad", "pool", Subject.PERSON, name, (limit,))
            await unit.products.add(bad)

    with pytest.raises(IntegrityError):
        await past_the_check()
    await database.close()

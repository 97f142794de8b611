"""`multipass demo`: a small city, built and lived through by the same code as the large one."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct
from sqlalchemy import select

from adapters.keyring import KeyRing, Purpose
from cli.demo.build import NEIGHBOURS, build_city
from cli.demo.city import City
from cli.demo.ids import SEED, SeededIds
from domain.access.reasons import Outcome, Reason
from domain.organisations import OrganisationKind
from domain.passes import medium_bytes
from domain.people import age_on
from nfc import qr
from store import migrate
from store.database import Database
from store.ledger.scan import wall_clock
from store.tables.agents import agent
from store.tables.cards import batch_card
from store.tables.journal import journal_entry
from store.tables.ledger import counter, occupancy, validation
from store.tables.passes import medium, pass_
from store.tables.people import beneficiary, circumstance, guardianship, holder, household, organisation
from store.tables.places import commune, gate, site, terminal, terminal_gate
from store.tables.products import entitlement
from store.tables.types import metadata

NOW = datetime(2026, 6, 18, 14, 30, tzinfo=UTC)
RESIDENTS, DAYS = 160, 12
OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


class Built(Struct):
    city: City
    keyring: KeyRing
    tables: dict[str, list[dict[str, Any]]]
    heard: list[tuple[str, int, int]]
    calendars: dict[Any, Any]


def build(folder: Path, *, residents: int = RESIDENTS, days: int = DAYS) -> Built:
    url = f"sqlite:///{folder / 'city.sqlite3'}"
    migrate.upgrade(url)
    keyring = KeyRing(folder / "keys")
    heard: list[tuple[str, int, int]] = []

    async def run() -> Built:
        database = Database(url, ids=SeededIds(SEED, NOW))
        try:
            city = await build_city(
                database, keyring, now=NOW, residents=residents, days=days, progress=lambda *said: heard.append(said)
            )
            async with database.read() as connection:
                tables = {
                    table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
                    for table in metadata.sorted_tables
                }
            catalogue = await database.catalogue()
        finally:
            await database.close()
        return Built(city, keyring, tables, heard, {door.gate.id: door for door in catalogue.doorways.values()})

    return asyncio.run(run())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("city"))


def test_it_holds_what_was_announced(built: Built) -> None:
    tables, city = built.tables, built.city
    mine = city.authority.id

    def of_city(name: str) -> int:
        return sum(row["authority_id"] == mine for row in tables[name])

    assert of_city(commune.name) == 14
    assert of_city(site.name) == 12
    assert of_city(terminal.name) == of_city(gate.name) == 42
    assert of_city(holder.name) == RESIDENTS == city.residents
    assert len(tables[holder.name]) == RESIDENTS + NEIGHBOURS + 1
    assert len(tables[terminal_gate.name]) == len(city.terminals) == 43
    assert 0.5 < of_city(pass_.name) / RESIDENTS < 0.9
    assert {row["kind"] for row in tables[medium.name]} == {"print", "card", "phone"}
    assert len(tables[validation.name]) == city.passages > 500


def test_every_stage_is_told_to_its_end(built: Built) -> None:
    last = {stage: (done, total) for stage, done, total in built.heard}
    assert list(last) == ["territory", "residents", "passages"]
    assert all(done == total for done, total in last.values())


def test_every_member_spends_from_their_household(built: Built) -> None:
    households = {row["id"] for row in built.tables[household.name]}
    belongs = {(row["holder_id"], row["subject_id"]) for row in built.tables[beneficiary.name]}
    spends = Counter(holder_id for holder_id, subject_id in belongs if subject_id in households)
    own = {row["holder_id"] for row in built.tables[beneficiary.name] if row["subject_id"] == row["holder_id"]}
    holders = {row["id"] for row in built.tables[holder.name]}
    assert spends.keys() == own == holders
    assert set(spends.values()) == {1, 2}


def test_some_children_have_two_homes_and_every_child_a_guardian(built: Built) -> None:
    tables = built.tables
    households = {row["id"] for row in tables[household.name]}
    homes = Counter(
        row["holder_id"] for row in tables[beneficiary.name] if row["subject_id"] in households and not row["former"]
    )
    children = {row["id"] for row in tables[holder.name] if age_on(row["born_on"], NOW.date()) < 18}
    of_two = {holder_id for holder_id, count in homes.items() if count == 2 and holder_id in children}
    guardians = Counter(row["ward_id"] for row in tables[guardianship.name])
    assert of_two
    assert all(guardians[child] == 2 for child in of_two & guardians.keys())
    assert of_two & guardians.keys()
    assert len(guardians) > len(children) / 2


def test_who_left_in_october_shares_what_was_running_and_lives_elsewhere(built: Built) -> None:
    former = [row for row in built.tables[beneficiary.name] if row["former"]]
    assert former
    for row in former:
        assert row["valid_from"] == date(2025, 10, 15)
        ends = {one["valid_until"] for one in built.tables[entitlement.name] if one["subject_id"] == row["subject_id"]}
        assert row["valid_until"] == max(ends)
        (new,) = (
            one["subject_id"]
            for one in built.tables[beneficiary.name]
            if one["holder_id"] == row["holder_id"] and one["valid_from"] == row["valid_from"] and not one["former"]
        )
        assert residence(built, new) == residence(built, row["holder_id"]) != residence(built, row["subject_id"])


def test_everybody_lives_in_one_commune_and_some_have_moved(built: Built) -> None:
    communes = Counter(
        row["subject_id"]
        for row in built.tables[circumstance.name]
        if row["valid_from"] <= NOW.date() < row["valid_until"]
    )
    moves = {row["valid_from"] for row in built.tables[circumstance.name]}
    subjects = {row["id"] for name in (holder, household, organisation) for row in built.tables[name.name]}
    assert communes == dict.fromkeys(subjects, 1)
    assert {date(2026, 5, 1), date(2026, 7, 1)} <= moves  # moved within the territory, will move out of it


def test_organisations_of_all_kinds_have_members_and_a_right(built: Built) -> None:
    organisations = built.tables[organisation.name]
    assert {row["kind"] for row in organisations} == set(OrganisationKind)
    for row in organisations:
        members = [one for one in built.tables[beneficiary.name] if one["subject_id"] == row["id"]]
        assert len(members) >= 2
        assert any(one["subject_id"] == row["id"] for one in built.tables[entitlement.name])


def residence(built: Built, subject_id: Any) -> str:  # noqa: ANN401 - an id as the engine gives it
    (value,) = (
        row["value"]
        for row in built.tables[circumstance.name]
        if row["subject_id"] == subject_id and row["valid_from"] <= NOW.date() < row["valid_until"]
    )
    return str(value)


def by_themselves(built: Built) -> list[Any]:
    """What gates decided. Agents open closed doors too, and the demonstration tells theirs at the end of each day."""
    return [row for row in built.tables[validation.name] if row["reason"] != Reason.OVERRIDDEN]


def test_doors_open_only_within_the_hours_of_the_site(built: Built) -> None:
    granted = [row for row in by_themselves(built) if row["outcome"] in OPENS and row["direction"] == "entry"]
    assert granted
    for row in granted:
        door = built.calendars[row["gate_id"]]
        day, minute = wall_clock(row["recorded_at"], door.time_zone)
        assert any(opens <= minute < closes for opens, closes in door.site.calendar.on(day))


def test_nothing_happens_after_now_and_everything_in_order(built: Built) -> None:
    instants = [row["recorded_at"] for row in sorted(by_themselves(built), key=lambda row: row["number"])]
    assert instants == sorted(instants)
    assert max(row["recorded_at"] for row in built.tables[validation.name]) <= NOW
    assert instants[0] >= NOW - timedelta(days=DAYS + 1)


def test_people_are_refused_for_several_reasons(built: Built) -> None:
    outcomes = Counter(row["outcome"] for row in built.tables[validation.name])
    reasons = {row["reason"] for row in built.tables[validation.name] if row["outcome"] not in OPENS}
    assert len(reasons) >= 5
    assert Reason.UNREADABLE in reasons
    assert outcomes[Outcome.GRANTED] > 0.7 * outcomes.total()


def test_charges_of_the_events_add_up_to_the_counters(built: Built) -> None:
    charged: Counter[tuple[Any, str, int]] = Counter()
    for row in built.tables[validation.name]:
        for position, _, ends_before, amount in msgspec.json.decode(row["charges"]):
            charged[row["entitlement_id"], ends_before, position] += amount
    counted = {
        (row["entitlement_id"], row["ends_before"].isoformat(), row["position"]): row["used"]
        for row in built.tables[counter.name]
    }
    assert charged
    assert dict(charged) == counted


def test_counts_of_people_are_entries_less_exits(built: Built) -> None:
    assert built.tables[occupancy.name]
    for row in built.tables[occupancy.name]:
        assert 0 <= row["inside"] <= row["entries"]


def test_every_calendar_opens(built: Built) -> None:
    for door in built.calendars.values():
        assert any(door.site.calendar.on(NOW.date() + timedelta(days=ahead)) for ahead in range(7)), door.site.code


def test_samples_show_what_they_say(built: Built) -> None:
    samples = {sample.key: sample for sample in built.city.samples}
    assert samples["carnet"].shows.en == "Pool carnet, 3 entries left"
    assert samples["waste-spent"].shows.en == "Waste centre: 24 of 24 visits used this year"
    assert samples["waste-paid"].shows.en == "Waste centre: 25 visits, the next ones are billed at €20"
    assert samples["waste-low"].shows.fr == "Déchèterie : plus que 2 passages"
    assert samples["lost-card"].number == samples["lost-card-phone"].number
    statuses = {row["id"]: row["status"] for row in built.tables[medium.name]}
    assert statuses[samples["lost-card"].medium_id] == "lost"
    assert statuses[samples["lost-card-phone"].medium_id] == "active"


def test_printed_codes_of_the_samples_read_back(built: Built) -> None:
    keys = built.keyring.verify_keys(Purpose.PRINT)
    for sample in built.city.samples:
        code = qr.read(sample.code, keys, int(NOW.timestamp()))
        assert code.medium_id == medium_bytes(sample.medium_id)
        assert code.authority == ("bourdevaire" if sample.key == "neighbour" else "val-clair")


def test_the_city_can_order_cards(built: Built) -> None:
    """A batch takes masters of cards and a key for their maker; the neighbour has none."""
    assert built.keyring.card_versions("val-clair") == (1,)
    assert len(built.keyring.transport_key("val-clair", 1)) == 32
    assert built.keyring.card_versions("bourdevaire") == ()


def test_agents_can_log_in(built: Built) -> None:
    hashes = {row["login"]: row["password_hash"] for row in built.tables[agent.name]}
    for login in built.city.agents:
        assert PasswordHasher().verify(hashes[login.login], login.password)


def test_terminals_hold_the_key_they_are_known_by(built: Built) -> None:
    known = {row["id"]: row["public_key"] for row in built.tables[terminal.name]}
    for device in built.city.terminals:
        private = load_pem_private_key(device.private_key_pem, None)
        numbers = private.public_key().public_numbers()  # type: ignore[union-attr]
        assert known[device.id] == numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")  # type: ignore[union-attr]
        assert "PRIVATE" not in repr(device)


def test_blank_cards_wait_at_two_desks(built: Built) -> None:
    cards = built.tables[batch_card.name]
    assert Counter((row["desk"], row["status"]) for row in cards) == {
        ("siege", "ready_at_desk"): 47,
        ("annexe-nord", "ready_at_desk"): 12,
        (None, "damaged"): 1,
    }
    assert {row["pass_id"] for row in cards} == {None}


def test_agents_have_looked_at_files_for_three_weeks(built: Built) -> None:
    lines = sorted(built.tables[journal_entry.name], key=lambda row: row["number"])
    desk = [row for row in lines if row["act"] == "file.shown"]
    assert len(desk) > 50
    assert {row["holder_id"] for row in desk} <= {row["id"] for row in built.tables[holder.name]}
    assert [row["at"] for row in lines] == sorted(row["at"] for row in lines)
    assert lines[-1]["at"] <= NOW


def test_personal_rows_all_have_a_last_day(built: Built) -> None:
    register = (holder, household, organisation, beneficiary, circumstance, guardianship, pass_, medium)
    for name in (table.name for table in register):
        assert built.tables[name]
        assert all(row["keep_until"] > NOW.date() for row in built.tables[name])


def test_the_same_seed_and_instant_give_the_same_city(tmp_path: Path) -> None:
    first, second = (build(tmp_path_of(tmp_path, name), residents=60, days=5) for name in ("one", "two"))
    assert without_secrets(first) == without_secrets(second)


@pytest.mark.slow
def test_the_whole_city_lives_through_ninety_days(tmp_path: Path) -> None:
    whole = build(tmp_path, residents=5_000, days=90)
    reasons = {row["reason"] for row in whole.tables[validation.name]}
    assert 60_000 < whole.city.passages < 120_000
    assert {Reason.QUOTA_SPENT, Reason.CARNET_EMPTY, Reason.MEDIUM_LOST, Reason.SITE_FULL} <= reasons
    assert {Reason.OTHER_AUTHORITY, Reason.CHILD_WITH_ADULT, Reason.SAME_TRIP, Reason.TICKET_NEEDED} <= reasons


def tmp_path_of(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def without_secrets(built: Built) -> dict[str, list[dict[str, Any]]]:
    secret = {"public_key", "password_hash"}
    return {
        name: [{column: value for column, value in row.items() if column not in secret} for row in rows]
        for name, rows in built.tables.items()
    }

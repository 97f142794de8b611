"""Every row about a person comes to an end somewhere: somebody has to say where."""

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select

from store.passage_retention import sweeps_of_passages
from store.register_retention import kinds, sweep_of_rights, sweeps_of_sales
from store.tables import metadata

ELSEWHERE = {
    "validation": "the walk takes the person out and keeps the passage",
    "passage_detail": "names somebody by its event alone, but for a payment's reference: the walk takes that out",
    "passage_fact": "names somebody by its event alone",
    "agent": "as the authority's schedule says, by hand",
    "agent_identity": "with the agent",
    "agent_passkey": "with the agent",
    "agent_session": "api.forgetter",
    "agent_token": "api.forgetter",
    "bill_settlement": "names somebody by its event alone, but for a reference: the walk takes that out",
    "card_import_file": "store.imports, as soon as it is taken in, and after thirty days",
    "dead_letter": "store.rollups",
    "document": "api.archivist",
    "expression_token": "api.forgetter",
    "journal_entry": "api.forgetter",
    "notice_delivery": "api.forgetter",
    "pass_request": "api.archivist",
    "remark": "api.forgetter",
    "request_contact": "with the request",
    "request_entry": "with the request",
    "request_person": "with the request; before, it forgets whose it is as they leave the register",
    "resident_account": "api.account_keeper",
    "resident_answer": "api.account_keeper",
    "resident_attempt": "api.account_keeper",
    "resident_contact": "with the account",
    "resident_identity": "with the account",
    "resident_passkey": "with the account",
    "resident_request": "with the request and with the account",
    "resident_session": "api.account_keeper",
    "resident_ticket": "api.account_keeper",
    "subscriber": "api.forgetter",
    "subscription": "with the subscriber",
    "unsent_form": "api.forgetter",
}


def walked() -> set[str]:
    nobody, day, now = UUID(int=0), date(2026, 11, 18), datetime(2026, 11, 18, tzinfo=UTC)
    sweeps = [*sweeps_of_passages(nobody, day, now), *sweeps_of_sales(nobody, day), sweep_of_rights(nobody, day)]
    found = {sweep.table.name for sweep in sweeps}
    for kind in kinds(nobody, day, now):
        found |= {kind.table.name, *(table.name for table, _ in kind.hanging(select(kind.table.c.id)))}
    return found


def test_every_personal_table_comes_to_its_end_somewhere() -> None:
    personal = {name for name, table in metadata.tables.items() if table.info.get("personal")}
    assert walked() | ELSEWHERE.keys() == personal
    assert walked() & ELSEWHERE.keys() == set()


def test_whatever_points_at_people_goes_before_them() -> None:
    """A foreign key that were forgotten here would keep somebody in the register for ever."""
    (people, *_) = kinds(UUID(int=0), date(2026, 11, 18), datetime(2026, 11, 18, tzinfo=UTC))
    order = [*(table.name for table, _ in people.hanging([])), people.table.name]
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name in {"holder", "pass", "medium"} and key.ondelete is None:
                assert order.index(table.name) < order.index(key.column.table.name)

"""What the schema promises of personal data: whose it is, and until when it may speak of anybody."""

import pytest
from sqlalchemy import Date, Table

from store.tables import metadata

NOT_PERSONAL = {
    "authority": "an institution",
    "commune": "a territory",
    "site": "a place",
    "opening": "hours of a place",
    "closure": "days on which a place is shut",
    "site_session": "what takes place there and when, never who takes part",
    "zone": "a part of a place",
    "gate": "a door",
    "catalogue": "a version number",
    "gateway": "another system, and its key",
    "terminal": "a device on a wall",
    "terminal_heartbeat": "how a device last was: clock, backlog, lists",
    "terminal_gate": "which doors a device serves",
    "terminal_token": "hashes of a device's tokens, a quarter of an hour each",
    "spent_assertion": "a device's proofs, half an hour each",
    "pairing": "a device to come",
    "card_batch": "what was ordered of a card maker, by an agent's id",
    "product": "what is sold or granted to anybody",
    "product_limit": "how often it may be used",
    "product_price": "what it costs anybody who meets its conditions",
    "card_terms": "whether anybody orders cards here, and at which desks they are fetched",
    "replacement_fee": "what replacing a medium costs anybody",
    "status_list": "how often a list has changed",
    "status_change": "which anonymous places of a list have changed, as the published list shows",
    "retired_place": "which anonymous places of a list are invalid, and until when; never whose they were",
    "bundle": "what a gate without network is told: signed lists of anonymous places",
    "ledger_head": "the number of the newest event",
    "occupancy": "how many people are somewhere, never who",
    "attendance": "how many people came and were somewhere, hour by hour, never who",
    "device": "a device in the street or in a municipal building, and where it stands; a home's to a kilometre",
    "device_change": "what was changed of a device, and by which agent, by id",
    "stream": "what a device measures",
    "reading": "a measured value; what one home or one person does is never shown",
    "reading_latest": "the newest value of a stream",
    "rollup": "values of a stream over a quarter of an hour, an hour, a day",
    "rollup_due": "which quarters are to be rolled up",
    "stream_trouble": "which stream was silent or stuck, and when",
    "arrival": "ids of messages of devices",
    "device_state": "when a device was last heard, its battery, its counter",
    "device_event": "what happened to a device, and how often",
    "dropped_attribute": "names of attributes that sources send, never their values",
    "source_poll": "how a public source last answered",
    "flood_thresholds": "metres of a gauge, and which agents set them, by their ids",
    "flood_station": "how high a river stands",
    "flood_change": "which readings changed a level, and which agent confirmed it, by id",
    "band_edition": "what residents read of a value, and which agents wrote it, by their ids",
    "webhook": "the address of other software of the city",
    "webhook_delivery": "what other software was told of the city, never of a person",
    "point": "what the tour says of a device; its two agents by their ids",
    "point_entry": "what was done with a sheet, by an agent's id",
    "itinerary": "a walk from point to point",
    "figure_head": "the number of the newest event that was counted",
    "passage_day": "how many answers of which kind the gates of a site gave on a day, never to whom",
    "passage_hour": "how many the gates of a site let in and refused in an hour, never whom",
    "adoption_month": "how many passes run in a commune, by age band; below a threshold nobody is shown it",
    "quota_month": "how many rights have used how much of a limit, never whose",
    "request_month": "how many requests came or were decided in a month, and after how many days, never whose",
    "terminal_day": "how often a device was silent",
    "visit_day": "how often a page was shown, never to whom",
    "population": "how many people live in a commune",
    "cost": "what the pass costs the authority, and the agent who entered it, by id",
    "reaction_count": "how many people felt what about a point, day by day, never who",
    "expression_salt": "a random number that is drawn anew every day",
    "task": "what a service is to look at, and which agent did, by id",
    "agent_second_factor": "a random number and a count of half minutes, by an agent's id; goes with the agent's row",
    "agent_paper_code": "hashes of random numbers, by an agent's id; goes with the agent's row",
    "agent_role": "roles and where they are for, by an agent's id; goes with the agent's row",
    "standard_text": "what an authority says often, and which agent wrote it, by id",
    "request_terms": "what an authority asks for, of anybody",
    "request_terms_version": "what an authority has asked for of anybody, and which agent wrote it, by id",
    "saved_filter": "which filters an agent looks at again, by id, never of a person; goes with the agent's row",
    "purge": "which job erased something on a day, and how it ended",
    "purge_rows": "how many rows of a table were erased on a day, never whose",
    "job_round": "how a job of the program last went, and in which process",
    "card_import": "a file on its way into the register: its name, its headings, how far it has come",
    "card_import_flaw": "which line of a file was not taken in and why, never what stands there",
    "card_import_mapping": "which headings of old files stand for what",
    "notice": "what the city says to everybody; who wrote it, by an agent's id",
    "air_alert": "how bad the air of a place is",
    "spent_challenge": "hashes of random numbers that a passkey has answered, five minutes each",
    "modification": "what becomes of products and sites, and which agents decided it, by their ids",
    "modification_change": "what a product or a site said, and would say",
    "catalogue_version": "what a product or a site said from when on",
    "retention_walk": "how far retention has come at each authority",
    "journal_head": "where each chain of the journal ends: numbers and hashes",
}
"""Every table without a person in it, with the reason. A new table is one or the other: somebody has to think."""

PERSONAL = sorted(name for name, table in metadata.tables.items() if table.info.get("personal"))


def test_every_table_is_personal_or_says_why_it_is_not() -> None:
    assert set(PERSONAL) | NOT_PERSONAL.keys() == metadata.tables.keys()
    assert set(PERSONAL) & NOT_PERSONAL.keys() == set()


@pytest.mark.parametrize("name", PERSONAL)
def test_a_personal_row_belongs_to_an_authority_and_ends(name: str) -> None:
    table = metadata.tables[name]
    assert not table.c.authority_id.nullable
    assert not table.c.keep_until.nullable
    assert isinstance(table.c.keep_until.type, Date)


def names_a_person(table: Table) -> bool:
    telling = {"holder_id", "pass_id", "medium_id", "first_name", "last_name", "born_on", "subject_id", "login"}
    return bool(telling & set(table.c.keys()))


def test_a_table_that_names_a_person_is_marked_personal() -> None:
    assert {name for name, table in metadata.tables.items() if names_a_person(table)} <= set(PERSONAL)

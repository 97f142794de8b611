"""Sectors know a person under names that do not meet. Source: domain study 0.1, 3.1; credentials study 1.6."""

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.agents import PERMISSIONS, Permission, Role
from domain.privacy import pseudonym, sector_key
from domain.services import SERVICES

MASTER = bytes(range(32))
ZOE, LEO = UUID(int=1), UUID(int=2)
SECTORS = sorted({service.sector for service in SERVICES})


def test_a_person_has_another_name_in_every_sector() -> None:
    assert len({pseudonym(sector_key(MASTER, sector), ZOE) for sector in SECTORS}) == len(SECTORS) > 1


def test_a_person_keeps_their_name_within_a_sector() -> None:
    """Written out: a change of the derivation would cut every series that an integrator has kept."""
    key = sector_key(MASTER, "leisure")
    assert key.hex() == "f81045caac6c676a2dc58b0a9b44be8fac9844b73a3a7962fc0937b1efb5eb7f"
    assert pseudonym(key, ZOE) == "f29b026cd98dffcb2ae1d41d0a2c5e13"


def test_two_people_never_share_a_name() -> None:
    key = sector_key(MASTER, "leisure")
    assert pseudonym(key, ZOE) != pseudonym(key, LEO)


def test_two_authorities_know_the_same_person_under_different_names() -> None:
    assert pseudonym(sector_key(MASTER, "leisure"), ZOE) != pseudonym(sector_key(bytes(32), "leisure"), ZOE)


@given(st.uuids())
def test_a_name_says_nothing_of_the_id_behind_it(holder_id: UUID) -> None:
    name = pseudonym(sector_key(MASTER, "waste"), holder_id)
    assert re.fullmatch(r"[0-9a-f]{32}", name)
    assert name != holder_id.hex


def test_one_sectors_key_makes_no_other_sectors_names() -> None:
    """A key that leaks opens one sector: what it derives is not what the next sector uses."""
    leaked = sector_key(MASTER, "culture")
    assert sector_key(leaked, "waste") != sector_key(MASTER, "waste")
    assert pseudonym(leaked, ZOE) != pseudonym(sector_key(MASTER, "waste"), ZOE)


def test_no_role_may_do_everything() -> None:
    for role in Role:
        assert PERMISSIONS[role] < frozenset(Permission)


def test_who_manages_devices_reads_nobodys_pass() -> None:
    assert not PERMISSIONS[Role.ADMINISTRATOR] & {Permission.PASS_READ, Permission.VALIDATION_EXPORT}

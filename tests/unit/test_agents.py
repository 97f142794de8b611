"""What a role allows, and where."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.agents import (
    OF_FILES,
    OF_REQUESTS,
    PERMISSIONS,
    SHOWS_NOBODY,
    Agent,
    Grant,
    Permission,
    Place,
    Role,
    everywhere,
)
from domain.reach import decides
from tests.city import KEEP, NOW

POOL, OTHER_POOL, WASTE = Place("aqualudia", "pool"), Place("bains", "pool"), Place("quai", "waste-centre")


def agent(*grants: Grant) -> Agent:
    nobody = UUID(int=0)
    return Agent(nobody, nobody, "a", "A", "", grants, active=True, created_at=NOW, keep_until=KEEP)


def test_a_role_without_a_place_reaches_everywhere() -> None:
    anywhere = agent(*everywhere(Role.SITE_AGENT))
    assert anywhere.may(Permission.VALIDATION_OVERRIDE)
    assert anywhere.may(Permission.VALIDATION_OVERRIDE, at=WASTE)


@pytest.mark.parametrize(
    ("grant", "reached"),
    [
        (Grant(Role.SITE_AGENT, site="aqualudia"), [POOL]),
        (Grant(Role.SITE_AGENT, service="pool"), [POOL, OTHER_POOL]),
        (Grant(Role.SITE_AGENT, service="waste-centre", site="aqualudia"), []),
    ],
)
def test_a_role_for_a_place_reaches_no_further(grant: Grant, reached: list[Place]) -> None:
    someone = agent(grant)
    may = [at for at in (POOL, OTHER_POOL, WASTE) if someone.may(Permission.VALIDATION_OVERRIDE, at=at)]
    assert may == reached
    assert not someone.may(Permission.VALIDATION_OVERRIDE), "where no place is in question, a place is not enough"
    assert someone.may_somewhere(Permission.VALIDATION_OVERRIDE)


@pytest.mark.parametrize("role", Role)
def test_a_role_for_a_place_opens_the_files_of_residents_and_nothing_else_without_a_place(role: Role) -> None:
    someone = agent(Grant(role, site="aqualudia"))
    allowed = {permission for permission in Permission if someone.may(permission)}
    assert allowed == PERMISSIONS[role] & (OF_FILES | (OF_REQUESTS if role is Role.DESK else frozenset()))


EVERY = ["pool", "library", "pool library", "waste-centre"]


@pytest.mark.parametrize(
    ("grants", "decided"),
    [
        ([Grant(Role.REVIEWER)], EVERY),
        ([Grant(Role.REVIEWER, service="pool")], ["pool"]),
        ([Grant(Role.REVIEWER, site="quai")], ["waste-centre"]),
        ([Grant(Role.REVIEWER, service="pool"), Grant(Role.REVIEWER, service="library")], EVERY[:3]),
        ([Grant(Role.REVIEWER, service="pool"), Grant(Role.MANAGER, service="library")], ["pool"]),
        ([Grant(Role.DESK, site="aqualudia")], EVERY),
        ([Grant(Role.MANAGER)], []),
    ],
)
def test_a_request_is_decided_by_who_is_for_all_its_services(grants: list[Grant], decided: list[str]) -> None:
    """ADR 0055."""
    someone = agent(*grants)
    assert [
        each
        for each in ("pool", "library", "pool library", "waste-centre")
        if decides(someone, each.split(), [POOL, OTHER_POOL, WASTE])
    ] == decided


def test_a_role_is_over_on_the_day_that_it_ends_and_an_account_is_idle_after_its_days() -> None:
    summer = agent(Grant(Role.DESK), Grant(Role.MANAGER, until=NOW.date()))
    assert summer.has_ends
    assert summer.on(NOW.date() - timedelta(days=1)).roles == (Role.DESK, Role.MANAGER)
    assert summer.on(NOW.date()).roles == (Role.DESK,)
    used = replace(summer, last_login_at=NOW + timedelta(days=1))
    assert [one.is_idle(NOW + timedelta(days=90), 90) for one in (summer, used, replace(summer, active=False))] == [
        *(True, False, False)
    ]


def test_roles_add_up_and_a_place_of_one_is_no_place_of_another() -> None:
    both = agent(Grant(Role.MANAGER, site="aqualudia"), Grant(Role.SITE_AGENT, site="quai"))
    assert both.may(Permission.OVERRIDE_REVIEW, at=POOL)
    assert not both.may(Permission.OVERRIDE_REVIEW, at=WASTE)
    assert not both.may(Permission.VALIDATION_OVERRIDE, at=POOL)
    assert both.roles == (Role.MANAGER, Role.SITE_AGENT)


def test_who_sees_nobody_s_data_is_known_and_a_new_permission_counts_as_seeing() -> None:
    blind = {role for role in Role if not agent(*everywhere(role)).sees_people}
    assert blind == {Role.EDITOR, Role.OFFICIAL}
    assert SHOWS_NOBODY.isdisjoint(OF_FILES)

"""How far a site trusts a gate that decides alone: the part of `domain.offline` that places and services carry."""

from enum import StrEnum

from msgspec import Struct

from domain.errors.places import AgesNotAscending, AllowanceBelowNothing


class Fail(StrEnum):
    """What a gate does when nobody can be asked."""

    OPEN = "open"
    """It decides by its bundle, and what it granted is settled afterwards."""
    CLOSED = "closed"
    """It lets nobody in by itself: what is spent here costs money. An agent on the spot may."""


class OfflinePolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a site trusts a gate that decides by its bundle.

    `entries` is how many times a day one medium is let in by one terminal. The age of the bundle counts in minutes: up
    to `fresh_minutes` it is as good as new, up to `stale_minutes` passages are marked stale, up to `strict_minutes`
    only what proves assurance 2 or more is let in, beyond it nobody.
    """

    fails: Fail = Fail.OPEN
    entries: int = 1
    fresh_minutes: int = 60
    stale_minutes: int = 24 * 60
    strict_minutes: int = 72 * 60


def check_policy(policy: OfflinePolicy, *, of: str) -> None:
    """Refuse a policy that contradicts itself.

    Raises:
        AgesNotAscending: a later age comes before an earlier one, or one is negative.
        AllowanceBelowNothing: fewer entries than none.
    """
    if policy.entries < 0:
        raise AllowanceBelowNothing(f"{of} would let a medium in {policy.entries} times a day without network.")
    ages = [0, policy.fresh_minutes, policy.stale_minutes, policy.strict_minutes]
    if ages != sorted(ages):
        raise AgesNotAscending(
            f"{of} would take a bundle as new for {ages[1]} minutes, as stale for {ages[2]} and strictly for {ages[3]}."
        )

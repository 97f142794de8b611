"""The end of a resident's session, with what hangs on it: its device is written to no more."""

from datetime import datetime

from adapters.keyring import KeyRing
from adapters.masters import KeyMissing
from adapters.subscriber_keys import SubscriberKeys
from domain.account_sessions import AccountSession, revoke
from domain.ports import Unit
from domain.push import forget


async def end_session(unit: Unit, keyring: KeyRing, session: AccountSession, *, now: datetime) -> None:
    """Log a device out; one that is logged out already stays so."""
    await revoke(unit, session, now=now)
    await forget_device(unit, keyring, session)


async def forget_device(unit: Unit, keyring: KeyRing, session: AccountSession) -> None:
    """Write to the device of a session no more."""
    authority = await unit.places.authority_by_id(session.authority_id)
    try:
        whose = SubscriberKeys(keyring).whose_session(authority.code, session.id)
    except KeyMissing:
        return  # without a master no device could have been registered
    await forget(unit, authority.id, whose)

"""Messages that arrived: which were there already, how their devices last were, and what happened to them.

Everything here belongs to one transaction with the readings. Devices are locked first, in the order of their ids, then
messages in the order of theirs: two workers never wait for each other in a circle.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.device_states import ARRIVALS_KEPT, EVENTS_KEPT, ArrivalKey, DeviceEvent, DeviceState
from store.bulk import INSTANT, Write, columns_of, one_of, put
from store.rows import to_struct
from store.tables import arrivals as t

_ARRIVAL = Write(
    "arrival",
    {"authority_id": "uuid", "source": "text", "message_id": "bytea", "received_at": INSTANT},
    "DO NOTHING",
)
_STATE_COLUMNS = {
    "device_id": "uuid",
    "authority_id": "uuid",
    "heard_at": INSTANT,
    "battery_percent": "float8",
    "battery_at": INSTANT,
    "epoch": "int4",
    "session": "text",
    "counter": "int8",
    "counted_at": INSTANT,
}
_STATE = Write(
    "device_state",
    _STATE_COLUMNS,
    "(device_id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in list(_STATE_COLUMNS)[2:]),
)
_STATE_FIELDS = [t.device_state.c[name] for name in DeviceState.__struct_fields__]
_EVENT = Write(
    "device_event",
    {
        "device_id": "uuid",
        "kind": "text",
        "detail": "text",
        "authority_id": "uuid",
        "since": INSTANT,
        "last_at": INSTANT,
        "times": "int4",
    },
    "(device_id, kind, detail) DO UPDATE SET times = device_event.times + excluded.times, "
    "last_at = CASE WHEN excluded.last_at > device_event.last_at THEN excluded.last_at ELSE device_event.last_at END",
)
_DROPPED = Write(
    "dropped_attribute", {"authority_id": "uuid", "source": "text", "name": "text", "since": INSTANT}, "DO NOTHING"
)


async def add_arrivals(
    connection: AsyncConnection, authority_id: UUID, keys: Iterable[ArrivalKey], now: datetime
) -> set[ArrivalKey]:
    """Note which messages have come, and return those that had not come before."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    rows = [(authority_id, one.source, one.message_id, now) for one in wanted]
    if connection.dialect.name == "postgresql":
        # What another worker has just noted is waited for, and is then not new.
        found = await connection.exec_driver_sql(
            f"{_ARRIVAL.postgresql()} RETURNING source, message_id", columns_of(list(rows))
        )
        return {ArrivalKey(row.source, bytes(row.message_id)) for row in found}
    key = tuple_(t.arrival.c.source, t.arrival.c.message_id)
    known = await connection.execute(
        select(t.arrival.c.source, t.arrival.c.message_id).where(
            t.arrival.c.authority_id == authority_id, key.in_([(one.source, one.message_id) for one in wanted])
        )
    )
    there = {ArrivalKey(row.source, row.message_id) for row in known}
    new = [one for one in wanted if one not in there]
    await put(connection, _ARRIVAL, [(authority_id, one.source, one.message_id, now) for one in new])
    return set(new)


async def hold_states(connection: AsyncConnection, device_ids: Iterable[UUID]) -> dict[UUID, DeviceState]:
    """Read how devices last were, and keep other workers from moving them on to the end of the transaction."""
    found = await connection.execute(
        select(*_STATE_FIELDS)
        .where(one_of(connection, t.device_state.c.device_id, set(device_ids)))
        .order_by(t.device_state.c.device_id)
        .with_for_update()
    )
    return {row.device_id: DeviceState(*row) for row in found}


async def save_states(connection: AsyncConnection, authority_id: UUID, states: Iterable[DeviceState]) -> None:
    """Write how devices are now."""
    rows = [
        (
            one.device_id,
            authority_id,
            one.heard_at,
            one.battery_percent,
            one.battery_at,
            one.epoch,
            one.session,
            one.counter,
            one.counted_at,
        )
        for one in sorted(states, key=lambda one: one.device_id)
    ]
    await put(connection, _STATE, rows)


async def add_events(connection: AsyncConnection, authority_id: UUID, events: Iterable[DeviceEvent]) -> None:
    """Note what happened to devices: what has happened before goes on, and is counted."""
    together: dict[tuple[UUID, str, str], DeviceEvent] = {}
    for one in events:
        key = one.device_id, one.kind, one.detail
        so_far = together.get(key)
        if so_far is not None:
            since, last_at = min(so_far.since, one.since), max(so_far.last_at, one.last_at)
            one = DeviceEvent(*key, since, last_at, so_far.times + one.times)  # noqa: PLW2901 - the two are one now
        together[key] = one
    rows = [
        (one.device_id, one.kind, one.detail, authority_id, one.since, one.last_at, one.times)
        for _, one in sorted(together.items())
    ]
    await put(connection, _EVENT, rows)


async def add_dropped(
    connection: AsyncConnection, authority_id: UUID, names: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Note the names, with their source, of attributes that were left out."""
    await put(connection, _DROPPED, [(authority_id, source, name, now) for source, name in sorted(names)])


async def states_of(connection: AsyncConnection, device_ids: Iterable[UUID]) -> dict[UUID, DeviceState]:
    """Read how devices last were; those that were never heard are left out."""
    found = await connection.execute(
        select(*_STATE_FIELDS).where(one_of(connection, t.device_state.c.device_id, set(device_ids)))
    )
    return {row.device_id: DeviceState(*row) for row in found}


async def events_since(
    connection: AsyncConnection, authority_id: UUID, since: datetime, *, device_id: UUID | None = None, most: int = 500
) -> list[DeviceEvent]:
    """List what has happened to devices since an instant, the newest first."""
    wanted = select(t.device_event).where(
        t.device_event.c.authority_id == authority_id, t.device_event.c.last_at >= since
    )
    if device_id is not None:
        wanted = wanted.where(t.device_event.c.device_id == device_id)
    found = await connection.execute(wanted.order_by(t.device_event.c.last_at.desc()).limit(most))
    return [to_struct(row, DeviceEvent) for row in found]


async def dropped_names(connection: AsyncConnection, authority_id: UUID) -> dict[str, list[str]]:
    """List by source the names of attributes that were left out."""
    found = await connection.execute(
        select(t.dropped_attribute.c.source, t.dropped_attribute.c.name)
        .where(t.dropped_attribute.c.authority_id == authority_id)
        .order_by(t.dropped_attribute.c.source, t.dropped_attribute.c.name)
    )
    names: dict[str, list[str]] = {}
    for source, name in found:
        names.setdefault(source, []).append(name)
    return names


async def forget_arrivals(connection: AsyncConnection, now: datetime) -> int:
    """Delete ids of messages, and events, that are old enough; how many ids."""
    await connection.execute(delete(t.device_event).where(t.device_event.c.last_at < now - EVENTS_KEPT))
    gone = await connection.execute(delete(t.arrival).where(t.arrival.c.received_at < now - ARRIVALS_KEPT))
    return gone.rowcount

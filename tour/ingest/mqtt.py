"""MQTT, the transport: what a broker holds for us reaches the store, then the broker hears that it did. Not before.

The session is persistent: while we are away the broker keeps what it was given with QoS 1, and whatever was not
acknowledged comes again, in its order. So `take` may see a message twice and must know it by its id.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ssl import create_default_context
from typing import Any, NoReturn

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.ports import Clock
from tour.ingest import BATCH_BYTES
from tour.ingest.arrivals import BATCH, Agreement, NotStored, Take, arrive
from tour.ingest.sources import Broker, Message

log = structlog.get_logger("mqtt")

UNACKNOWLEDGED = 2 * BATCH
"""The most that the broker is to send ahead of our acknowledgements (Receive Maximum): its queue waits, not our
memory."""

QUEUED = 4 * BATCH
"""What waits here at most. Not every broker keeps to what we said (Mosquitto 2.0.11 does not), and QoS 0 knows no
bound: beyond this we do not read on, and they notice."""

SESSION_SECONDS = 7 * 24 * 3600
"""How long a broker may keep messages for us while we are away."""

AT_ONCE = 2
"""Batches that are stored at the same time: two of one device wait for each other in the database."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0

LASTED = timedelta(minutes=1)
"""A connection that lasted so long was a good one: the next is tried soon."""

NEVER_RETAINED = 2
"""A retained message is old: read again at each connection, it would pass for a new value (MQTT 5, 3.8.3.1). Brokers
that send it all the same mark it."""


async def listen(broker: Broker, agreement: Agreement, take: Take, clock: Clock) -> NoReturn:
    """Hand all messages to `take`, for as long as the task lives. A lost connection, or a store that is away, is tried
    again, soon and then every half minute.
    """
    wait = FIRST_WAIT_SECONDS
    while True:
        began = clock()
        try:
            async with _connected(broker) as client:
                log.info("mqtt_connected", broker=broker.host, topics=broker.topics)
                await _store_all(client, agreement, take, clock)
        except* (aiomqtt.MqttError, NotStored) as problems:
            wait = FIRST_WAIT_SECONDS if clock() - began > LASTED else wait
            problem = str(problems.exceptions[0])
            log.warning("mqtt_away", broker=broker.host, problem=problem, wait_seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


async def _store_all(client: "_Client", agreement: Agreement, take: Take, clock: Clock) -> NoReturn:
    """Store batches, two at a time: while the database writes one, the next is read and judged.

    Raises:
        ExceptionGroup: of MqttError, the connection is lost; of NotStored, a batch was not stored.
    """
    free = asyncio.Semaphore(AT_ONCE)

    async def store(batch: Sequence[aiomqtt.Message], before: asyncio.Task[None] | None) -> None:
        messages = [_message(one, clock()) for one in batch if not one.retain]
        if messages:
            await take([arrive(agreement, message) for message in messages])
        if before is not None:
            await before  # a broker hears of messages in the order in which it sent them (MQTT 5, 4.6)
        client.acknowledge(batch)
        client.read_on()
        free.release()

    async with asyncio.TaskGroup() as storing:
        last: asyncio.Task[None] | None = None
        while True:
            await free.acquire()
            last = storing.create_task(store(await _batch(client), last))


def _message(said: aiomqtt.Message, received_at: datetime) -> Message:
    return Message(bytes(said.payload), received_at, said.topic.value)


class _Client(aiomqtt.Client):
    """A client that acknowledges when it is told to, not when a message arrives, and reads no more than it can hold."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(
            broker.host,
            broker.port,
            identifier=broker.client_id,
            username=broker.username,
            password=broker.password,
            tls_context=create_default_context(cafile=broker.ca_file) if broker.tls else None,
            **(_mqtt_5() if broker.mqtt_5 else {"clean_session": False}),
        )
        self._client.manual_ack_set(on=True)
        self._keep = self._client.on_message
        self._client.on_message = self._hear
        self._held = False

    def _hear(self, *said: Any) -> None:  # noqa: ANN401 - paho's own three arguments, handed on
        if self._keep is not None:
            self._keep(*said)
        socket = self._client.socket()
        if len(self.messages) >= QUEUED and not self._held and socket is not None:
            # The library would throw away what it cannot hold, and the broker would wait for it for ever.
            asyncio.get_running_loop().remove_reader(socket.fileno())
            self._held = True

    def read_on(self) -> None:
        """Read again, once there is room."""
        socket = self._client.socket()
        if self._held and len(self.messages) <= QUEUED // 2 and socket is not None:
            self._held = False
            asyncio.get_running_loop().add_reader(socket.fileno(), self._client.loop_read)
            self._client.loop_read()

    def acknowledge(self, batch: Sequence[aiomqtt.Message]) -> None:
        """Tell the broker that these are ours now."""
        for message in batch:
            self._client.ack(message.mid, message.qos)


def _mqtt_5() -> dict[str, Any]:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves this one untyped
    properties.SessionExpiryInterval = SESSION_SECONDS
    properties.ReceiveMaximum = UNACKNOWLEDGED
    properties.MaximumPacketSize = BATCH_BYTES
    return {"protocol": aiomqtt.ProtocolVersion.V5, "clean_start": False, "properties": properties}


@asynccontextmanager
async def _connected(broker: Broker) -> AsyncIterator[_Client]:
    options = SubscribeOptions(qos=1, retainHandling=NEVER_RETAINED)
    async with _Client(broker) as client:
        if broker.mqtt_5:
            await client.subscribe([(topic, options) for topic in broker.topics])
        else:
            await client.subscribe([(topic, 1) for topic in broker.topics])
        yield client


async def _batch(client: _Client) -> list[aiomqtt.Message]:
    """What has arrived, as soon as anything has.

    Raises:
        MqttError: the connection is lost.
    """
    arriving = client.messages
    batch = [await anext(arriving)]
    while len(batch) < BATCH and len(arriving):
        batch.append(await anext(arriving))
    return batch

"""MQTT, the transport: what a broker holds for us reaches the store, then the broker hears that it did. Not before.

The session is persistent: while we are away the broker keeps what it was given with QoS 1, and whatever was not
acknowledged comes again, in its order. So `take` may see a message twice and must know it by its id.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
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
"""The most that the broker sends ahead of our acknowledgements (Receive Maximum): its queue waits, not our memory."""

QUEUED = 10 * BATCH
"""Senders that ask for no acknowledgement (QoS 0) are not held back by that: beyond this, theirs are lost."""

SESSION_SECONDS = 7 * 24 * 3600
"""How long a broker may keep messages for us while we are away."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0

NEVER_RETAINED = 2
"""A retained message is old: read again at each connection, it would pass for a new value (MQTT 5, 3.8.3.1). Brokers
that send it all the same mark it."""


async def listen(broker: Broker, agreement: Agreement, take: Take, clock: Clock) -> NoReturn:
    """Hand all messages to `take`, for as long as the task lives. A lost connection, or a store that is away, is tried
    again, soon and then every half minute.
    """
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            async with _connected(broker) as client:
                log.info("mqtt_connected", broker=broker.host, topics=broker.topics)
                async for batch in _batches(client):
                    messages = [_message(one, clock()) for one in batch if not one.retain]
                    if messages:
                        await take([arrive(agreement, message) for message in messages])
                    client.acknowledge(batch)
                    wait = FIRST_WAIT_SECONDS
        except (aiomqtt.MqttError, NotStored) as problem:
            log.warning("mqtt_away", broker=broker.host, problem=str(problem), wait_seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def _message(said: aiomqtt.Message, received_at: datetime) -> Message:
    return Message(bytes(said.payload), received_at, said.topic.value)


class _Client(aiomqtt.Client):
    """A client that acknowledges when it is told to, not when a message arrives."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(
            broker.host,
            broker.port,
            identifier=broker.client_id,
            username=broker.username,
            password=broker.password,
            tls_context=create_default_context(cafile=broker.ca_file) if broker.tls else None,
            max_queued_incoming_messages=QUEUED,
            **(_mqtt_5() if broker.mqtt_5 else {"clean_session": False}),
        )
        self._client.manual_ack_set(on=True)

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


async def _batches(client: _Client) -> AsyncIterator[list[aiomqtt.Message]]:
    """What has arrived, as soon as anything has.

    Raises:
        MqttError: the connection is lost.
    """
    arriving = client.messages
    async for message in arriving:
        batch = [message]
        while len(batch) < BATCH and len(arriving):
            batch.append(await anext(arriving))
        yield batch

"""Publishing one message to a broker, as a device that wakes up, speaks and sleeps again."""

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

_PATIENCE_SECONDS = 5.0


def publish(host: str, port: int, topic: str, body: bytes) -> None:
    """Publish with QoS 1, and return once the broker has it.

    Raises:
        OSError: nobody listens there, or the broker has not taken it within five seconds.
    """
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect(host, port)
    client.loop_start()
    try:
        sent = client.publish(topic, body, qos=1)
        sent.wait_for_publish(_PATIENCE_SECONDS)
        if not sent.is_published():
            raise TimeoutError(f"not taken within {_PATIENCE_SECONDS:g} seconds")
    finally:
        client.disconnect()
        client.loop_stop()

"""Recordings as a test sends them: silent frames of MPEG layer III."""

FRAME = bytes.fromhex("fffb9064") + bytes(413)
"""A frame of MPEG 1, 128 kbit/s at 44.1 kHz: 417 bytes for 26 ms."""

SLOW = bytes.fromhex("fff31864") + bytes(32)
"""A frame of MPEG 2, 8 kbit/s at 16 kHz: 36 bytes for 36 ms, so that minutes end long before megabytes."""


def sound(frames: int) -> bytes:
    """A recording of so many frames."""
    return FRAME * frames


SOUND = sound(12)

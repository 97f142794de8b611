"""Which radio frame is a repetition, and which comes from a device that counts from zero again.

A network server may hand over one frame twice, even a minute apart and under another id; a device that restarts sends
the counters of its first day again. Device, session, epoch, counter and bytes together name a frame; the epoch is
ours.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from tour.measures import Event, EventKind, Frame, digest

REPEATED_WITHIN = timedelta(minutes=10)
"""A repetition or an overtaken frame arrives this soon; the longest seen in the field is 48 s."""


class Progress(Struct, frozen=True):
    """How far a device has counted: what the register keeps of each."""

    epoch: int
    session: str
    counter: int
    observed_at: datetime


def follow(last: Progress | None, frame: Frame) -> Progress:
    """How far the device has counted with this frame.

    Another session (a join) begins an epoch. So does a counter that does not rise although the frame is
    later than any repetition would be: a device of fixed keys that restarted.
    """
    if last is None:
        return Progress(0, frame.session, frame.counter, frame.observed_at)
    later = frame.observed_at > last.observed_at + REPEATED_WITHIN
    if frame.counter > last.counter and frame.session == last.session:
        return Progress(last.epoch, last.session, frame.counter, max(last.observed_at, frame.observed_at))
    if later or (frame.session != last.session and frame.observed_at > last.observed_at):
        return Progress(last.epoch + 1, frame.session, frame.counter, frame.observed_at)
    return last


def has_restarted(event: Event) -> bool:
    """Whether an event announces that a device counts from zero: it joined, or the network server saw a reset."""
    return event.kind is EventKind.JOIN or (event.kind is EventKind.LOG and event.detail == "UPLINK_F_CNT_RESET")


def restart(last: Progress, at: datetime) -> Progress:
    """Begin an epoch before its first frame is there."""
    return Progress(last.epoch + 1, last.session, -1, at)


def frame_id(frame: Frame, *, epoch: int) -> bytes:
    """The id (32 bytes) under which a frame counts once, within an epoch of its device."""
    return digest("frame", frame.source_key, frame.session, f"{epoch} {frame.counter}", frame.digest)

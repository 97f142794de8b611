"""Chance that a moment brings along: the same device says the same at the same instant, whoever asks and how often."""

from datetime import date, datetime, timedelta
from zlib import crc32

from cli.demo.ids import SEED


def share(*names: object) -> float:
    """Draw a number in [0, 1) from names."""
    return crc32("|".join(map(str, (SEED, *names))).encode()) / 2**32


def jitter(name: str, at: datetime) -> float:
    """Draw a number in [-1, 1) for a minute of a device."""
    return 2 * share(name, int(at.timestamp()) // 60) - 1


def drift(name: str, at: datetime) -> float:
    """Draw a number in [-1, 1) that moves smoothly from one noon to the next."""
    shifted = at - timedelta(hours=12)
    part = (shifted.hour + shifted.minute / 60) / 24
    before, after = _of_day(name, shifted.date()), _of_day(name, shifted.date() + timedelta(days=1))
    eased = part * part * (3 - 2 * part)
    return before + (after - before) * eased


def _of_day(name: str, day: date) -> float:
    return 2 * share(name, day.toordinal()) - 1

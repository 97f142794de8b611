"""Chance that a moment brings along: the same device says the same at the same instant, whoever asks and how often."""

from collections.abc import Callable
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
    return eased(lambda day: 2 * share(name, day.toordinal()) - 1, at)


def eased(of_day: Callable[[date], float], at: datetime) -> float:
    """Lead what each day has from one noon to the next without a step at midnight."""
    shifted = at - timedelta(hours=12)
    part = (shifted.hour + shifted.minute / 60) / 24
    before, after = of_day(shifted.date()), of_day(shifted.date() + timedelta(days=1))
    return before + (after - before) * part * part * (3 - 2 * part)

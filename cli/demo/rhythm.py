"""When people come: by day of the week, month and hour. Weights that resemble daily life."""

from random import Random

WEEKDAYS: dict[str, tuple[float, ...]] = {
    "pool": (0.75, 0.9, 1.25, 0.8, 0.9, 1.3, 1.1),
    "library": (1.0, 0.9, 1.6, 0.7, 0.9, 1.5, 0.5),
    "waste-centre": (0.9, 0.7, 0.8, 0.7, 0.9, 1.9, 1.1),
    "transport": (1.2, 1.25, 1.2, 1.25, 1.2, 0.6, 0.3),
}
"""Monday to Sunday, around 1."""

MONTHS: dict[str, tuple[float, ...]] = {
    "pool": (0.9, 0.95, 1.0, 1.0, 1.0, 1.1, 1.4, 1.2, 1.0, 0.95, 0.9, 0.75),
    "library": (1.1, 1.1, 1.05, 1.0, 0.95, 0.95, 0.8, 0.6, 1.1, 1.15, 1.15, 1.0),
    "waste-centre": (0.6, 0.7, 1.1, 1.35, 1.3, 1.15, 1.0, 0.9, 1.1, 1.15, 0.9, 0.6),
    "transport": (1.05, 1.05, 1.05, 1.0, 1.0, 1.0, 0.75, 0.55, 1.1, 1.1, 1.1, 1.0),
}
"""January to December, around 1."""

_HOURS: dict[str, tuple[int, ...]] = {
    "pool": (0, 0, 0, 0, 0, 0, 0, 4, 3, 5, 8, 6, 9, 6, 8, 9, 8, 10, 11, 8, 3, 0, 0, 0),
    "library": (0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 7, 4, 5, 9, 10, 10, 9, 5, 1, 0, 0, 0, 0),
    "waste-centre": (0, 0, 0, 0, 0, 0, 0, 0, 2, 10, 12, 9, 2, 5, 10, 11, 9, 6, 3, 0, 0, 0, 0, 0),
    "transport": (0, 0, 0, 0, 0, 1, 5, 14, 10, 4, 3, 4, 6, 5, 4, 5, 10, 14, 9, 4, 2, 1, 1, 0),
}
"""Weight of each hour of the day."""

STAYS = {"pool": (35, 75, 140), "waste-centre": (8, 14, 35)}
"""Shortest, usual and longest stay in minutes where there are exit gates."""

LAST_ENTRY = {"pool": 40, "waste-centre": 15}
"""Minutes before closing after which hardly anybody comes in any more."""

_DAY = range(24)


def minute_of(dice: Random, service: str, hours: tuple[tuple[int, int], ...]) -> int:
    """Draw a minute of the day at which somebody comes in, within the opening hours."""
    margin = LAST_ENTRY.get(service, 5)
    weights = _HOURS[service]
    for _ in range(6):
        minute = dice.choices(_DAY, weights)[0] * 60 + dice.randrange(60)
        if any(opens <= minute < closes - margin for opens, closes in hours):
            return minute
    opens, closes = dice.choice(hours)
    return dice.randrange(opens, max(opens + 1, closes - margin))


def stay_of(dice: Random, service: str) -> int:
    """Draw a stay in minutes."""
    shortest, usual, longest = STAYS[service]
    return int(dice.triangular(shortest, longest, usual))

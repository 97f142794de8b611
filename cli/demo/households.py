"""Households that could exist: who lives with whom, how old they are, where. Pure: dice in, people out."""

from datetime import date, timedelta
from random import Random

from msgspec import Struct

from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.territory import COMMUNES

_SIZES = (1, 2, 3, 4, 5, 6)
_SHARES = (37, 33, 13, 12, 4, 1)
"""Percent of French households by size, rounded."""

_LONE_PARENT = 0.25
_TWO_SURNAMES = 0.35


class Person(Struct, frozen=True):
    """Somebody, before they are in the register."""

    first_name: str
    last_name: str
    born_on: date


class Home(Struct, frozen=True):
    """People at one address, adults first."""

    commune_code: str
    members: tuple[Person, ...]


def homes(dice: Random, residents: int, today: date) -> list[Home]:
    """Draw households until exactly so many residents live in them."""
    found: list[Home] = []
    housed = 0
    populations = [commune.population for commune in COMMUNES]
    while housed < residents:
        size = min(dice.choices(_SIZES, _SHARES)[0], residents - housed)
        commune = dice.choices(COMMUNES, populations)[0]
        found.append(Home(commune.code, _members(dice, size, today)))
        housed += size
    return found


def _members(dice: Random, size: int, today: date) -> tuple[Person, ...]:
    surname = dice.choice(SURNAMES)
    names = dice.sample(FIRST_NAMES, size)
    ages = _ages(dice, size)
    surnames = [surname] * size
    if size > 1 and ages[1] >= 18 and dice.random() < _TWO_SURNAMES:
        surnames[1] = dice.choice(SURNAMES)
    return tuple(
        Person(first, last, today - timedelta(days=int(age * 365.2425) + dice.randrange(365)))
        for first, last, age in zip(names, surnames, ages, strict=True)
    )


def _ages(dice: Random, size: int) -> list[int]:
    """Completed years, adults first. Children come when the first adult is between 24 and 40."""
    if size == 1:
        return [dice.choice((dice.randint(19, 34), dice.randint(35, 64), dice.randint(65, 92)))]
    lone = dice.random() < _LONE_PARENT
    if size == 2 and not lone:
        age = dice.choice((dice.randint(22, 34), dice.randint(50, 66), dice.randint(62, 86)))
        return [age, max(20, age + dice.randint(-5, 5))]
    parent = dice.randint(27, 55)
    adults = [parent] if lone else [parent, max(22, parent + dice.randint(-6, 6))]
    youngest, oldest = max(0, parent - 40), min(22, parent - 24)
    return adults + sorted((dice.randint(youngest, oldest) for _ in range(size - len(adults))), reverse=True)

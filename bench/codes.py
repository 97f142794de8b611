"""Signed codes and the mix in which they are shown: 95 in 100 are granted and spend a quota."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random

from msgspec import Struct

from bench.population import Kind, Population, first, medium_id, status_place
from bench.rows import gate_code, site_codes
from domain.passes import medium_bytes
from nfc import keys, qr

Ask = tuple[str, str]
"""Gate and credential."""

CHUNK = 500

SERVICES = (("pool", 45), ("transport", 35), ("waste-centre", 20))
"""Where residents go, in hundredths."""

REFUSALS = ("lost", "empty", "no-right", "stranger", "forged", "noise")
REFUSED = 0.05


class Wanted(Struct, frozen=True):
    """A code to make and the gate at which it is shown. `later` seconds make another code of the same medium."""

    gate: str
    number: int
    later: int = 0
    forged: bool = False
    noise: bool = False


def wanted(population: Population, count: int, random: Random, *, new: bool) -> list[Wanted]:
    """Draw a mix of passages. With `new` every code differs from every other; without, each medium has one."""
    actives = population.actives()
    random.shuffle(actives)
    sites = {service: site_codes(service) for service in ("pool", "transport", "waste-centre", "library")}
    services = [service for service, _ in SERVICES]
    weights = [weight for _, weight in SERVICES]
    strangers = population.strangers()
    few = first(strangers, 64)
    found = []
    visits: Counter[tuple[int, str]] = Counter()
    for place in range(count):
        later = place + 1 if new else 0
        number = actives[place % len(actives)]
        if random.random() >= REFUSED:
            site = random.choice(sites[random.choices(services, weights)[0]])
            found.append(Wanted(gate_code(site, visits[number, site]), number, later))
            visits[number, site] += 1
            continue
        pool = gate_code(random.choice(sites["pool"]), place)
        match random.choice(REFUSALS):
            case "lost":
                found.append(Wanted(pool, random.choice(population.special(Kind.LOST)), later))
            case "empty":
                found.append(Wanted(pool, random.choice(population.special(Kind.EMPTY)), later))
            case "no-right":
                found.append(Wanted(gate_code(random.choice(sites["library"]), place), number, later))
            case "stranger":
                found.append(Wanted(pool, random.choice(few), later))
            case "forged":
                found.append(Wanted(pool, number, later, forged=True))
            case _:
                found.append(Wanted(pool, place, later, noise=True))
    return found


class Signer:
    """Signs on every core: a code takes about as long as a passage."""

    def __init__(self, key: keys.SigningKey, expires_at: int) -> None:
        self._pem = keys.dump_pem(key)
        self._expires_at = expires_at

    def sign(self, mix: Sequence[Wanted]) -> list[Ask]:
        """Make the codes of a mix; what stands in it twice is signed once."""
        distinct = list(dict.fromkeys((one.number, one.later, one.forged, one.noise) for one in mix))
        parts = [distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK)]
        with ProcessPoolExecutor() as pool:
            made = pool.map(_sign, parts, [self._pem] * len(parts), [self._expires_at] * len(parts))
            codes = dict(zip(distinct, (code for part in made for code in part), strict=True))
        return [(one.gate, codes[one.number, one.later, one.forged, one.noise]) for one in mix]


def _sign(part: list[tuple[int, int, bool, bool]], pem: bytes, expires_at: int) -> list[str]:
    key = keys.load_pem(pem)
    made = []
    for number, later, forged, noise in part:
        if noise:
            made.append(f"https://example.test/{number}/{later}")
            continue
        status_list, index = status_place(number)
        code = qr.issue_static(
            key,
            medium_id=medium_bytes(medium_id(number)),
            expires_at=expires_at + later,
            status_list=status_list,
            status_index=index,
        )
        # Another last pair of bytes: a signature that can be read and does not hold.
        made.append(code[:-3] + ("000" if code[-3:] != "000" else "111") if forged else code)
    return made

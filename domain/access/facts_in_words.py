"""What rules looked at, in the words of `rules.toml`: every fact that an explanation may show, French and English.

Facts are shown as an agent may read them, never as the register holds them: a birthday is "younger than eight: no".
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.access.facts import Facts, Right
from domain.access.prospects import best
from domain.access.reasons import REASONS, Reason
from domain.access.rule_words import SAY, WORDS, Fact, fill
from domain.limits import ONE, Measure
from domain.people import age_on
from domain.text import Text
from domain.waste import BY_CODE, counted_in

Given = Mapping[str, object]
"""The arguments that a rule was made with."""


def shown(fact: Fact, facts: Facts, given: Given) -> list[Text]:
    """Say what a fact is at this gate; several rights or counters are several texts."""
    return _SHOWN[fact](facts, given)


def quantity(amount: float, unit: Measure) -> Text:
    """Say so many whole units."""
    number, words = _number(round(amount * ONE)), WORDS.units[unit]
    # Both languages make the plurals of these words with an s: French from two on, English for all but one.
    if abs(amount) < 2:
        words = Text(words.fr.removesuffix("s"), words.en.removesuffix("s") if amount == 1 else words.en)
    return Text(f"{number.fr} {words.fr}", f"{number.en} {words.en}")


def _issuer(facts: Facts, _given: Given) -> list[Text]:
    issuer = facts.evidence.issuer
    return [_plain(issuer) if issuer is not None else SAY.nobody]


def _proof(facts: Facts, _given: Given) -> list[Text]:
    flaw = facts.evidence.flaw
    return [REASONS[Reason(flaw)].short if flaw is not None else SAY.holds]


def _register(facts: Facts, _given: Given) -> list[Text]:
    if facts.medium is None:
        return [SAY.no]
    ours = facts.medium.authority_id == facts.doorway.gate.authority_id
    return [SAY.yes if ours else SAY.other_authority]


def _showing(facts: Facts, _given: Given) -> list[Text]:
    if facts.evidence.mark is None:
        return [SAY.shown_alike]
    return [SAY.shown_old if facts.replayed else SAY.shown_new]


def _assurance(facts: Facts, _given: Given) -> list[Text]:
    return [fill(SAY.proof_level, given=facts.evidence.assurance, least=facts.least_assurance)]


def _medium_state(facts: Facts, _given: Given) -> list[Text]:
    return [WORDS.medium_states[facts.medium.medium_status] if facts.medium is not None else SAY.unknown]


def _pass_state(facts: Facts, _given: Given) -> list[Text]:
    return [WORDS.pass_states[facts.medium.pass_status] if facts.medium is not None else SAY.unknown]


def _pass_period(facts: Facts, _given: Given) -> list[Text]:
    medium = facts.medium
    return [_period(medium.pass_valid_from, medium.pass_valid_until) if medium is not None else SAY.unknown]


def _day(facts: Facts, _given: Given) -> list[Text]:
    return [_on(facts.day)]


def _moment(facts: Facts, _given: Given) -> list[Text]:
    return [_plain(_clock(facts.minute))]


def _hours(facts: Facts, _given: Given) -> list[Text]:
    if not facts.hours:
        return [SAY.shut]
    return [_plain(", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in facts.hours))]


def _passback(facts: Facts, _given: Given) -> list[Text]:
    zone = facts.doorway.zone
    return [fill(WORDS.passbacks[zone.passback], minutes=zone.passback_minutes)]


def _last_entry(facts: Facts, _given: Given) -> list[Text]:
    presence = facts.presence
    if presence.since is None:
        return [SAY.seen_never]
    when = _at(presence.since, facts.doorway.time_zone)
    if presence.zone_id is None:
        return [fill(SAY.seen_left, when=when)]
    return [fill(SAY.seen_in if presence.zone_id == facts.doorway.zone.id else SAY.seen_elsewhere, when=when)]


def _rights(facts: Facts, _given: Given) -> list[Text]:
    def one(right: Right) -> Text:
        said, back = SAY.covers, facts.day
        if facts.day < right.valid_from:
            said = SAY.starts_later
        elif not right.covers(facts.day):
            said = SAY.out_of_season if right.is_to_come(facts.day) else SAY.is_over
            back = max((balance.starts_on for balance in right.balances if not balance.in_season), default=back)
        period = _period(right.valid_from, right.valid_until)
        return fill(said, product=right.product.code, period=period, next=_on(back))

    return [one(right) for right in facts.rights] or [SAY.no_right]


def _asked(facts: Facts, _given: Given) -> list[Text]:
    return [quantity(amount / ONE, unit) for unit, amount in facts.asked.items()]


def _limits(facts: Facts, _given: Given) -> list[Text]:
    said = []
    for right in facts.rights:
        if not right.covers(facts.day):
            continue
        product = right.product.code
        said += [
            fill(
                SAY.counted,
                product=product,
                used=_number(balance.used),
                amount=_number(balance.limit.amount),
                unit=counted_in(WORDS.units[balance.limit.unit], balance.limit.kind),
                period=_period(balance.starts_on, balance.ends_before),
            )
            for balance in right.balances
        ] or [fill(SAY.unlimited, product=product)]
    return said or [SAY.none_covers]


def _session(facts: Facts, _given: Given) -> list[Text]:
    if facts.reserved:
        return [fill(SAY.held_for, codes=", ".join(facts.reserved))]
    return [_plain(", ".join(facts.sessions)) if facts.sessions else SAY.no_session]


def _residence(facts: Facts, _given: Given) -> list[Text]:
    """Say whether somebody lives in one of the right's communes, never in which."""
    prospect = best(facts)
    if prospect is None or not prospect.right.product.terms.conditions.communes:
        return [SAY.nothing_asked]
    return [SAY.no if prospect.objection is Reason.NOT_RESIDENT else SAY.yes]


def _tariff(facts: Facts, _given: Given) -> list[Text]:
    """Say whether the tariff still holds, never on what band or status it rests."""
    prospect = best(facts)
    conditions = prospect.right.product.terms.conditions if prospect is not None else None
    if prospect is None or conditions is None or not (conditions.bands or conditions.statuses):
        return [SAY.nothing_asked]
    if prospect.objection is Reason.TARIFF_ENDED:
        return [SAY.no]
    return [SAY.graced if prospect.graced else SAY.yes]


def _vehicle(facts: Facts, _given: Given) -> list[Text]:
    vehicle = facts.vehicle
    if vehicle is None:
        return [SAY.not_measured]
    kind = [WORDS.vehicles[vehicle.kind]] if vehicle.kind is not None else []
    sizes = [(vehicle.height_cm, "cm"), (vehicle.weight_kg, "kg")]
    return [*kind, *(_plain(f"{size} {unit}") for size, unit in sizes if size is not None)] or [SAY.not_measured]


def _kinds(facts: Facts, _given: Given) -> list[Text]:
    return [
        fill(
            Text("{kind} : {amount}", "{kind}: {amount}"), kind=BY_CODE[kind].name, amount=quantity(amount / ONE, unit)
        )
        for kind, brought in facts.kinds.items()
        for unit, amount in brought.items()
    ] or [SAY.nothing_brought]


def _price(facts: Facts, _given: Given) -> list[Text]:
    prospect = best(facts)
    cents = prospect.due_cents if prospect is not None else 0
    return [fill(SAY.euros, euros=Text(f"{cents / 100:.2f}".replace(".", ","), f"{cents / 100:.2f}"))]


def _crowd(facts: Facts, _given: Given) -> list[Text]:
    capacity = facts.doorway.zone.capacity
    return [fill(SAY.uncounted if capacity is None else SAY.crowded, inside=facts.crowd, capacity=capacity)]


def _admitted(facts: Facts, _given: Given) -> list[Text]:
    """Say how many came in today where the day has a maximum, and nothing elsewhere."""
    most = facts.doorway.zone.daily_capacity
    return [fill(SAY.crowded, inside=facts.admitted, capacity=most)] if most is not None else []


def _young(facts: Facts, given: Given) -> list[Text]:
    """Say on which side of the rule's own line somebody is, never how old they are."""
    if facts.medium is None or facts.medium.born_on is None:
        return [SAY.unknown]
    born_on, age = facts.medium.born_on, given["below_age"]
    assert isinstance(age, int)  # noqa: S101 - a rule that looks at this was made with an age
    return [SAY.yes if age_on(born_on, facts.day) < age else SAY.no]


_SHOWN: dict[Fact, Callable[[Facts, Given], list[Text]]] = {
    Fact.ISSUER: _issuer,
    Fact.PROOF: _proof,
    Fact.REGISTER: _register,
    Fact.SHOWING: _showing,
    Fact.ASSURANCE: _assurance,
    Fact.MEDIUM_STATE: _medium_state,
    Fact.PASS_STATE: _pass_state,
    Fact.PASS_PERIOD: _pass_period,
    Fact.DAY: _day,
    Fact.MOMENT: _moment,
    Fact.HOURS: _hours,
    Fact.PASSBACK: _passback,
    Fact.LAST_ENTRY: _last_entry,
    Fact.RIGHTS: _rights,
    Fact.ASKED: _asked,
    Fact.LIMITS: _limits,
    Fact.SESSION: _session,
    Fact.RESIDENCE: _residence,
    Fact.TARIFF: _tariff,
    Fact.VEHICLE: _vehicle,
    Fact.KINDS: _kinds,
    Fact.PRICE: _price,
    Fact.CROWD: _crowd,
    Fact.ADMITTED: _admitted,
    Fact.YOUNG: _young,
}


def _plain(text: str) -> Text:
    return Text(text, text)


def _number(amount: int) -> Text:
    english = f"{amount / ONE:.10g}"
    return Text(english.replace(".", ","), english)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _on(day: date) -> Text:
    return Text(f"{day:%d/%m/%Y}", day.isoformat())


def _at(instant: datetime, time_zone: str) -> Text:
    here = instant.astimezone(ZoneInfo(time_zone))
    day = _on(here.date())
    return Text(f"{day.fr} à {here:%H:%M}", f"{day.en} at {here:%H:%M}")


def _period(starts_on: date, ends_before: date) -> Text:
    """Say a period as people do: the last day counts."""
    return fill(SAY.period, first=_on(starts_on), last=_on(ends_before - timedelta(days=1)))

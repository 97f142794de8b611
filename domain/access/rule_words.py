"""The words of `rules.toml`: what each rule asks, the facts that stand beside its finding, and how both are said."""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from importlib import resources

import msgspec
from msgspec import Struct

from domain.access.rules import ALWAYS, Rule
from domain.conditions import VehicleClass
from domain.limits import Measure
from domain.passes import MediumStatus, PassStatus
from domain.places import Passback
from domain.services import SERVICES
from domain.text import Text


class Fact(StrEnum):
    """What a rule looks at, by the names that `rules.toml` uses."""

    ISSUER = "issuer"
    PROOF = "proof"
    REGISTER = "register"
    SHOWING = "showing"
    ASSURANCE = "assurance"
    MEDIUM_STATE = "medium_state"
    PASS_STATE = "pass_state"
    PASS_PERIOD = "pass_period"
    DAY = "day"
    MOMENT = "moment"
    HOURS = "hours"
    PASSBACK = "passback"
    LAST_ENTRY = "last_entry"
    RIGHTS = "rights"
    ASKED = "asked"
    LIMITS = "limits"
    SESSION = "session"
    RESIDENCE = "residence"
    TARIFF = "tariff"
    VEHICLE = "vehicle"
    KINDS = "kinds"
    PRICE = "price"
    CROWD = "crowd"
    ADMITTED = "admitted"
    YOUNG = "young"


class RuleWords(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `rules.toml`: what a rule asks, and which facts are shown beside its finding."""

    asks: Text
    looks_at: tuple[Fact, ...]


class _Phrases(Struct, frozen=True, forbid_unknown_fields=True):
    yes: Text
    no: Text
    nobody: Text
    holds: Text
    other_authority: Text
    shown_alike: Text
    shown_new: Text
    shown_old: Text
    proof_level: Text
    unknown: Text
    shut: Text
    period: Text
    seen_never: Text
    seen_left: Text
    seen_in: Text
    seen_elsewhere: Text
    no_right: Text
    none_covers: Text
    covers: Text
    starts_later: Text
    out_of_season: Text
    is_over: Text
    counted: Text
    unlimited: Text
    crowded: Text
    uncounted: Text
    all_fine: Text
    one_objects: Text
    first_wins: Text
    unproved: Text
    nobody_kept_in: Text
    nothing_asked: Text
    no_session: Text
    held_for: Text
    not_measured: Text
    nothing_brought: Text
    brought: Text
    graced: Text
    euros: Text


class _Words(Struct, frozen=True, forbid_unknown_fields=True):
    rules: dict[str, RuleWords]
    facts: dict[Fact, Text]
    phrases: _Phrases
    medium_states: dict[MediumStatus, Text]
    pass_states: dict[PassStatus, Text]
    passbacks: dict[Passback, Text]
    units: dict[Measure, Text]
    vehicles: dict[VehicleClass, Text]


def name_of(rule: Rule) -> str:
    """Return the name under which a rule is known: its own, or that of the function which made it."""
    return rule.__qualname__.partition(".")[0]


def _read() -> _Words:
    """Read the words. A rule, fact or state without any stops the program before anybody asks."""
    table = tomllib.loads(resources.files("domain.access").joinpath("rules.toml").read_text(encoding="utf-8"))
    words = msgspec.convert(table, _Words)
    asked = (ALWAYS, *(service.rules for service in SERVICES), *(service.deposit_rules for service in SERVICES))
    in_use = {name_of(rule) for rules in asked for rule in rules}
    listed: tuple[tuple[set[str], Iterable[str]], ...] = (
        (in_use, words.rules),
        (set(Fact), words.facts),
        (set(MediumStatus), words.medium_states),
        (set(PassStatus), words.pass_states),
        (set(Passback), words.passbacks),
        (set(Measure), words.units),
        (set(VehicleClass), words.vehicles),
    )
    missing = sorted(name for names, there in listed for name in names - set(there))
    if missing:
        msg = f"domain/access/rules.toml has no words for {', '.join(missing)}"
        raise LookupError(msg)
    return words


WORDS = _read()
SAY = WORDS.phrases


def fill(text: Text, **values: object) -> Text:
    """Fill the braces of a text; a value that is a text itself is taken in its language."""
    french = {name: value.fr if isinstance(value, Text) else value for name, value in values.items()}
    english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
    return Text(text.fr.format_map(french), text.en.format_map(english))

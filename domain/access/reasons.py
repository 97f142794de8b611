"""Why a passage was granted or not: a closed list, in one order.

The order of `Reason` **is** the precedence: where several rules object, the person hears the first one listed,
because nothing behind it can be put right before it. Codes are stable: terminals, exports and statistics use them.
Words stand in `reasons.toml`, where whoever writes for the public can read them all at once.
"""

import tomllib
from enum import StrEnum
from importlib import resources

import msgspec
from msgspec import Struct

from domain.text import Text


class Outcome(StrEnum):
    """The five answers of a gate."""

    GRANTED = "granted"
    GRANTED_WITH_WARNING = "granted_with_warning"
    PAYMENT_REQUIRED = "payment_required"
    MANUAL_CHECK = "manual_check"
    DENIED = "denied"


class Colour(StrEnum):
    """Class of colour and sound on a terminal, always doubled by an icon and words."""

    GREEN = "green"
    ORANGE = "orange"
    BLUE = "blue"
    RED = "red"


COLOURS = {
    Outcome.GRANTED: Colour.GREEN,
    Outcome.GRANTED_WITH_WARNING: Colour.ORANGE,
    Outcome.PAYMENT_REQUIRED: Colour.BLUE,
    Outcome.MANUAL_CHECK: Colour.ORANGE,
    Outcome.DENIED: Colour.RED,
}


class Reason(StrEnum):
    """Stable codes, in order of precedence."""

    UNREADABLE = "unreadable"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_KEY = "unknown_key"
    WITHDRAWN_KEY = "withdrawn_key"
    BAD_SIGNATURE = "bad_signature"
    OTHER_AUTHORITY = "other_authority"
    UNKNOWN_MEDIUM = "unknown_medium"
    MEDIUM_LOST = "medium_lost"
    MEDIUM_BLOCKED = "medium_blocked"
    MEDIUM_SUSPENDED = "medium_suspended"
    MEDIUM_REPLACED = "medium_replaced"
    MEDIUM_NOT_ACTIVE = "medium_not_active"
    CODE_EXPIRED = "code_expired"
    CODE_STALE = "code_stale"
    CARD_TOO_LATE = "card_too_late"
    REPLAYED = "replayed"
    OTHER_SERVICE = "other_service"
    PROOF_TOO_WEAK = "proof_too_weak"
    PASS_ENDED = "pass_ended"
    PASS_SUSPENDED = "pass_suspended"
    PASS_NOT_STARTED = "pass_not_started"
    SERVICE_SUSPENDED = "service_suspended"
    SITE_CLOSED = "site_closed"
    LAST_ENTRY_PASSED = "last_entry_passed"
    SESSION_RESERVED = "session_reserved"
    ALREADY_INSIDE = "already_inside"
    TOO_SOON = "too_soon"
    NOT_INSIDE = "not_inside"
    NO_RIGHT = "no_right"
    RIGHT_EXPIRED = "right_expired"
    RIGHT_NOT_STARTED = "right_not_started"
    DAY_NOT_INCLUDED = "day_not_included"
    SITE_NOT_INCLUDED = "site_not_included"
    SESSION_NEEDED = "session_needed"
    AGE_NOT_INCLUDED = "age_not_included"
    NOT_RESIDENT = "not_resident"
    TARIFF_ENDED = "tariff_ended"
    VEHICLE_NOT_ALLOWED = "vehicle_not_allowed"
    VEHICLE_TOO_HIGH = "vehicle_too_high"
    VEHICLE_TOO_HEAVY = "vehicle_too_heavy"
    WASTE_NOT_ACCEPTED = "waste_not_accepted"
    SAME_TRIP = "same_trip"
    QUOTA_SPENT = "quota_spent"
    DAY_FULL = "day_full"
    SITE_FULL = "site_full"
    TICKET_NEEDED = "ticket_needed"
    CARNET_EMPTY = "carnet_empty"
    QUANTITY_NEEDED = "quantity_needed"
    PAYMENT_DUE = "payment_due"
    CHILD_WITH_ADULT = "child_with_adult"
    WHITE_PERIOD = "white_period"
    OVERAGE = "overage"
    GRACE = "grace"
    LAST_VISIT = "last_visit"
    LOW_BALANCE = "low_balance"
    EXPIRES_SOON = "expires_soon"
    TIME_OVERRUN = "time_overrun"
    EXIT_WITHOUT_ENTRY = "exit_without_entry"
    CANCELLED_ALREADY = "cancelled_already"
    CANCELLED_TOO_LATE = "cancelled_too_late"
    DOUBLE_READ = "double_read"
    OVERRIDDEN = "overridden"
    CANCELLED = "cancelled"
    DEPOSITED = "deposited"
    WELCOME = "welcome"
    GOODBYE = "goodbye"


class Meaning(Struct, frozen=True):
    """What a reason says. `short` fits a terminal's two words, `next_step` tells the person what to do now."""

    outcome: Outcome
    short: Text
    next_step: Text
    overridable: bool = False


def _read() -> dict[Reason, Meaning]:
    """Read the words. A missing, unknown or incomplete entry stops the program before its first passage."""
    table = tomllib.loads(resources.files("domain.access").joinpath("reasons.toml").read_text(encoding="utf-8"))
    meanings = msgspec.convert(table, dict[Reason, Meaning])
    return {reason: meanings[reason] for reason in Reason}


REASONS = _read()
RANK = {reason: place for place, reason in enumerate(Reason)}

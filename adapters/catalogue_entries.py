"""What a catalogue file may say: the entries that people write, in whole units and euros.

A word that is not known is a mistake, never a wish.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from domain.calendars import BankHolidays, Closure
from domain.conditions import NO_CONDITIONS, Conditions, Lift, VehicleClass
from domain.limits import Measure, Settlement, Window
from domain.offline_policy import OfflinePolicy
from domain.passes import MediumKind
from domain.people import Subject
from domain.periods import FOREVER
from domain.places import Passback, VehicleLimits, Water
from domain.products import Attendance, Grace
from domain.replacements import ReplacementReason
from domain.text import Text

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Number = Annotated[int, Meta(le=1_000_000_000)]
"""What fits the columns of a database; whether it makes sense is for the domain to say."""

Day = Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A month and a day of it, as `05-15`."""


class RateEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A price of a limit for some vehicles and some loads, in euros."""

    euros: Decimal
    vehicles: tuple[VehicleClass, ...] = ()
    kinds: tuple[str, ...] = ()


class LimitEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A limit of a product, in whole units and euros."""

    unit: Measure
    amount: Decimal
    window: Window
    starts: Day | None = None
    ends: Day | None = None
    days: Number | None = None
    kind: str | None = None
    free: Decimal | None = None
    price: Decimal = Decimal(0)
    settlement: Settlement = Settlement.BILLED
    rates: tuple[RateEntry, ...] = ()


class PriceEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A price of a product, in euros."""

    euros: Decimal
    since: date
    until: date = FOREVER
    conditions: Conditions = NO_CONDITIONS


class TermEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the product lasts once it is bought."""

    window: Window
    starts: Day | None = None
    ends: Day | None = None
    days: Number | None = None


class ProductEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A product."""

    code: Code
    service: str
    subject: Subject
    name: Text
    limits: tuple[LimitEntry, ...] = ()
    warn_below: Decimal = Decimal(0)
    conditions: Conditions = NO_CONDITIONS
    points: dict[VehicleClass, Decimal] = {}
    grace: Grace | None = None
    lifts: tuple[Lift, ...] = ()
    yearly: Number | None = None
    notice_days: Number = 0
    entry_minutes: Number = 0
    attends: Attendance = Attendance.USERS
    zones: tuple[Code, ...] = ()
    term: TermEntry | None = None
    prices: tuple[PriceEntry, ...] = ()
    offered_until: date | None = None


class HoursEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening of some weekdays (0 is Monday) over a season; `closes` 00:00 is the end of the day."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time
    since: date
    until: date = FOREVER


class SessionEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A session of a site."""

    code: Code
    name: Text
    weekdays: tuple[int, ...]
    opens: time
    closes: time
    since: date
    until: date
    reserved: bool = False


class GateEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A door."""

    code: Code
    name: Text


class ZoneEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a site."""

    code: Code
    gates: tuple[GateEntry, ...]
    capacity: Number | None = None
    capacity_others: Number | None = None
    passback: Passback = Passback.NONE
    passback_minutes: Number = 0
    supplement: Decimal = Decimal(0)
    daily_capacity: Number | None = None
    water: Water | None = None
    name: Text | None = None


class SiteEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A site with its calendar, zones and gates."""

    code: Code
    service: str
    name: Text
    commune: str
    hours: tuple[HoursEntry, ...]
    zones: tuple[ZoneEntry, ...]
    closures: tuple[Closure, ...] = ()
    sessions: tuple[SessionEntry, ...] = ()
    bank_holidays: BankHolidays = BankHolidays.AS_USUAL
    holiday_region: str | None = None
    last_entry_minutes: Number = 0
    white_until: date | None = None
    vehicles: VehicleLimits | None = None
    accepts: tuple[str, ...] = ()
    offline: OfflinePolicy | None = None


class CardDeskEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A desk where cards are fetched that residents have ordered; `code` is the one under which they are delivered."""

    code: str
    name: Text
    address: str = ""


class CardTermsEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether residents order cards, and where these go."""

    desks: tuple[CardDeskEntry, ...] = ()
    by_post: bool = False
    working_days: Number = 15
    paused: bool = False


class CatalogueFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a file says."""

    products: tuple[ProductEntry, ...] = ()
    sites: tuple[SiteEntry, ...] = ()
    replacement_fees: dict[MediumKind, dict[ReplacementReason, Decimal]] | None = None
    card_orders: CardTermsEntry | None = None

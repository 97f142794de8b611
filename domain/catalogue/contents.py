"""What may change of a product and of a site: all that an agent writes, without ids, in an order that tells no tale.

Two contents are equal where nobody could notice a difference; as JSON they are kept as versions.
"""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.calendars import BankHolidays, Calendar, Closure, Hours, Session
from domain.limits import Limit
from domain.offline_policy import OfflinePolicy
from domain.people import Subject
from domain.places import Gate, Passback, Site, VehicleLimits, Zone
from domain.products import NO_TERMS, Price, Product, Terms
from domain.text import Text


class ProductContent(Struct, frozen=True, tag="product"):
    """What a product says. `code`, `service_code` and `subject` stay what they are: rights were granted on them."""

    code: str
    service_code: str
    subject: Subject
    name: Text
    limits: tuple[Limit, ...] = ()
    warn_below: int = 0
    terms: Terms = NO_TERMS
    prices: tuple[Price, ...] = ()

    def product(self, id_: UUID, authority_id: UUID) -> Product:
        """Return the product that says this."""
        return Product(id_, authority_id, **asdict(self))


class Door(Struct, frozen=True):
    """A gate by its code, with what it is called."""

    code: str
    name: Text


class ZoneContent(Struct, frozen=True):
    """What a zone of a site says; its gates stay its gates."""

    code: str
    capacity: int | None = None
    capacity_others: int | None = None
    daily_capacity: int | None = None
    supplement_cents: int = 0
    passback: Passback = Passback.NONE
    passback_minutes: int = 0
    name: Text | None = None
    gates: tuple[Door, ...] = ()

    @property
    def called(self) -> Text:
        """What people call it: its name, or its code where it has none."""
        return self.name or Text(self.code, self.code)

    def over(self, zone: Zone) -> Zone:
        """Return a zone with what is said here."""
        said = {name: getattr(self, name) for name in self.__struct_fields__ if name not in {"code", "gates"}}
        return replace(zone, **said)


class SiteContent(Struct, frozen=True, tag="site"):
    """What a site says: its calendar, and its zones by code."""

    code: str
    service_code: str
    commune_code: str
    name: Text
    hours: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()
    sessions: tuple[Session, ...] = ()
    bank_holidays: BankHolidays = BankHolidays.AS_USUAL
    last_entry_minutes: int = 0
    holiday_region: str | None = None
    white_until: date | None = None
    vehicles: VehicleLimits | None = None
    accepts: tuple[str, ...] = ()
    offline: OfflinePolicy | None = None
    zones: tuple[ZoneContent, ...] = ()

    def over(self, site: Site) -> Site:
        """Return a site with what is said here, whose bank days are those of the region it names already."""
        return replace(
            site,
            name=self.name,
            calendar=Calendar(
                self.hours,
                self.closures,
                self.sessions,
                self.bank_holidays,
                site.calendar.bank_days,
                self.last_entry_minutes,
            ),
            holiday_region=self.holiday_region,
            white_until=self.white_until,
            vehicles=self.vehicles,
            accepts=self.accepts,
            offline=self.offline,
        )


Content = ProductContent | SiteContent


def kind_of(content: Content) -> str:
    """Name what it is: `product` or `site`."""
    return "product" if isinstance(content, ProductContent) else "site"


def content_of_product(product: Product) -> ProductContent:
    """Return what a product says."""
    said = {name: getattr(product, name) for name in ProductContent.__struct_fields__}
    return ProductContent(**said)


def content_of_site(site: Site, zones: list[Zone], gates: list[Gate]) -> SiteContent:
    """Return what a site says with its zones and gates."""
    calendar = site.calendar
    return in_order(
        SiteContent(
            code=site.code,
            service_code=site.service_code,
            commune_code=site.commune_code,
            name=site.name,
            hours=calendar.hours,
            closures=calendar.closures,
            sessions=calendar.sessions,
            bank_holidays=calendar.bank_holidays,
            last_entry_minutes=calendar.last_entry_minutes,
            holiday_region=site.holiday_region,
            white_until=site.white_until,
            vehicles=site.vehicles,
            accepts=site.accepts,
            offline=site.offline,
            zones=tuple(_zone(zone, gates) for zone in zones),
        )
    )


def in_order(content: SiteContent) -> SiteContent:
    """Put hours, closures, sessions, zones and gates in the one order in which contents are compared."""
    zones = (replace(zone, gates=tuple(sorted(zone.gates, key=lambda one: one.code))) for zone in content.zones)
    return replace(
        content,
        hours=tuple(sorted(content.hours, key=lambda one: (one.valid_from, one.weekday, one.opens))),
        closures=tuple(sorted(content.closures, key=lambda one: one.first_day)),
        sessions=tuple(sorted(content.sessions, key=_when_held)),
        zones=tuple(sorted(zones, key=lambda one: one.code)),
    )


def from_day(content: Content, day: date) -> Content:
    """Leave out what is over on a day: seasons, closures, sessions and prices of the past."""
    if isinstance(content, ProductContent):
        return replace(content, prices=tuple(one for one in content.prices if one.valid_until > day))
    return replace(
        content,
        hours=tuple(one for one in content.hours if one.valid_until > day),
        closures=tuple(one for one in content.closures if one.last_day >= day),
        sessions=tuple(one for one in content.sessions if one.valid_until > day),
    )


def _when_held(session: Session) -> tuple[date, int, int, str]:
    return session.valid_from, session.weekday, session.opens, session.code


def _zone(zone: Zone, gates: list[Gate]) -> ZoneContent:
    said = {name: getattr(zone, name) for name in ZoneContent.__struct_fields__ if name != "gates"}
    return ZoneContent(**said, gates=tuple(Door(gate.code, gate.name) for gate in gates if gate.zone_id == zone.id))

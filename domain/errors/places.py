"""What can be wrong with sites, their calendars, zones, gates and terminals."""

from domain.errors.family import Conflict, Forbidden, Invalid, NotFound


class SiteNotFound(NotFound):
    """No site with a gate has this code at this authority."""

    code = "site-not-found"


class GateNotFound(NotFound):
    """No gate has this code, or it is not one that this terminal serves."""

    code = "gate-not-found"


class BundleNotFound(NotFound):
    """No offline bundle of this service is for this terminal: none of its gates is one of the service."""

    code = "bundle-not-found"


class TerminalNotFound(NotFound):
    """No terminal with this id belongs to this authority."""

    code = "terminal-not-found"


class AuthorityNotFound(NotFound):
    """No authority has this code."""

    code = "authority-not-found"


class PairingRefused(Forbidden):
    """The pairing code is unknown, used or too old: one answer for the three, so that codes cannot be guessed."""

    code = "pairing-refused"


class NotThisTerminal(Forbidden):
    """The terminal's profile does not list what it asked for."""

    code = "not-this-terminal"


class GatewayNotFound(NotFound):
    """No gateway with this id belongs to this authority."""

    code = "gateway-not-found"


class DoorTaken(Invalid):
    """A zone or a gate would have the code of one that stands at another site, or twice at its own."""

    code = "door-taken"


class SiteWithoutDoors(Invalid):
    """A new site has no zone, or a zone has no gate: nobody could come in."""

    code = "site-without-doors"


class SiteNeverOpens(Invalid):
    """A site has no opening hours at all."""

    code = "site-never-opens"


class ImpossibleHours(Invalid):
    """Opening hours close before they open, or lie outside the day."""

    code = "impossible-hours"


class UnknownWeekday(Invalid):
    """A weekday is none of 0 (Monday) to 6 (Sunday)."""

    code = "unknown-weekday"


class OverlappingHours(Invalid):
    """A site would open twice at once: two of its hours overlap on one weekday of one season."""

    code = "overlapping-hours"


class ClosedTwice(Invalid):
    """Two closures of a site begin on the same day."""

    code = "closed-twice"


class ReversedClosure(Invalid):
    """A closure's last day lies before its first."""

    code = "reversed-closure"


class LastEntryTooEarly(Invalid):
    """The minutes before closing in which nobody is let in are negative, or leave nothing of some opening."""

    code = "last-entry-too-early"


class SessionOutsideHours(Invalid):
    """A session takes place while its site is shut."""

    code = "session-outside-hours"


class SessionNeverHeld(Invalid):
    """No day of a session's season falls on its weekday."""

    code = "session-never-held"


class SessionNamedTwice(Invalid):
    """One session has two names: its code stands for one thing."""

    code = "session-named-twice"


class OverlappingSessions(Invalid):
    """Two sessions overlap, and one is reserved or they are the same: who may come in cannot be known."""

    code = "overlapping-sessions"


class UnknownHolidayRegion(Invalid):
    """No region of France has bank holidays of its own under this code."""

    code = "unknown-holiday-region"


class UnknownKind(Invalid):
    """No kind of waste of the program has this code."""

    code = "unknown-kind"


class RepeatedKind(Invalid):
    """A site accepts one kind of waste twice."""

    code = "repeated-kind"


class VehicleLimitOfNothing(Invalid):
    """Limits for vehicles let none in, or limit nothing."""

    code = "vehicle-limit-of-nothing"


class AgesNotAscending(Invalid):
    """A site would trust an older bundle more than a younger one."""

    code = "ages-not-ascending"


class AllowanceBelowNothing(Invalid):
    """A site would let a medium in fewer times than none while nobody can be asked."""

    code = "allowance-below-nothing"


class CapacityOfNothing(Invalid):
    """A zone has room for nobody, or for less."""

    code = "capacity-of-nothing"


class CapacityNeverReached(Invalid):
    """A zone takes fewer people on a whole day than it has room for at one moment."""

    code = "capacity-never-reached"


class CapacityBeyondWater(Invalid):
    """A zone has room for more swimmers than its water allows."""

    code = "capacity-beyond-water"


class NegativeSupplement(Invalid):
    """Entering a zone would cost less than nothing."""

    code = "negative-supplement"


class ImpossiblePassback(Invalid):
    """An anti-passback by time has no minutes, or one that does not look at the time has some."""

    code = "impossible-passback"


class ZoneNotFound(NotFound):
    """No zone of the site has this code."""

    code = "zone-not-found"


class ZoneNotCounted(Invalid):
    """Nobody counts how many people are inside the zone: it has no maximum."""

    code = "zone-not-counted"


class HeadsBeyondBounds(Invalid):
    """An agent says that more people are inside than could be: three times the maximum, or fewer than nobody."""

    code = "heads-beyond-bounds"


class CountMoved(Conflict):
    """What an agent started to count from has changed: another has counted meanwhile, a terminal told late what was
    before, a passage was taken back, or it is more than an hour ago. Look at the count again.
    """

    code = "count-moved"

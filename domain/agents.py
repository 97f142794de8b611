"""The people who work for an authority, their roles, what each role may do, and where.

Deny by default: a permission that no role lists belongs to nobody, and a role that somebody has for one site or one
service reaches no further than `OF_FILES` says.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.names import plain_words
from domain.periods import FOREVER

LONGEST_SOUGHT: Final = 400


class Role(StrEnum):
    """What somebody does for the authority."""

    REVIEWER = "reviewer"
    """Looks at requests and what was sent with them."""
    DESK = "desk"
    SITE_AGENT = "site_agent"
    MANAGER = "manager"
    EDITOR = "editor"
    """Writes what the tour of the connected city says."""
    KEY_HOLDER = "key_holder"
    """Answers for cards that are made with the city's keys."""
    OFFICIAL = "official"
    """Somebody elected, or who reports to them: sees how the city is doing, and nobody's file."""
    DPO = "dpo"
    ADMINISTRATOR = "administrator"
    """Runs the installation and says who works with it. Sees no resident's file by that alone."""


class Permission(StrEnum):
    """One thing that a role allows."""

    PASS_READ = "pass:read"
    PASS_ISSUE = "pass:issue"
    MEDIUM_BLOCK = "medium:block"
    PHOTO_SEE = "photo:see"
    PERSON_MANAGE = "person:manage"
    RIGHT_MANAGE = "right:manage"
    TERMINAL_READ = "terminal:read"
    TERMINAL_MANAGE = "terminal:manage"
    VALIDATION_EXPORT = "validation:export"
    VALIDATION_OVERRIDE = "validation:override"
    VALIDATION_CANCEL = "validation:cancel"
    OVERRIDE_REVIEW = "override:review"
    OFFER_READ = "offer:read"
    SALE_CANCEL = "sale:cancel"
    CARD_BATCH = "card:batch"
    SENSOR_READ = "sensor:read"
    SENSOR_MANAGE = "sensor:manage"
    FLOOD_READ = "flood:read"
    FLOOD_MANAGE = "flood:manage"
    FLOOD_CONFIRM = "flood:confirm"
    WEBHOOK_MANAGE = "webhook:manage"
    EXPRESSION_MODERATE = "expression:moderate"
    POINT_EDIT = "point:edit"
    POINT_PUBLISH = "point:publish"
    FEE_READ = "fee:read"
    AGENT_MANAGE = "agent:manage"
    FIGURES_READ = "figures:read"
    FIGURES_ENTER = "figures:enter"
    REQUEST_READ = "request:read"
    REQUEST_ENTER = "request:enter"
    REQUEST_REVIEW = "request:review"
    REQUEST_CONFIGURE = "request:configure"
    PEOPLE_IMPORT = "people:import"
    SITE_WATCH = "site:watch"
    JOURNAL_READ = "journal:read"
    CATALOGUE_MANAGE = "catalogue:manage"
    NOTICE_WRITE = "notice:write"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.REVIEWER: frozenset(
        {Permission.PASS_READ, Permission.OFFER_READ, Permission.REQUEST_READ, Permission.REQUEST_REVIEW}
    ),
    Role.DESK: frozenset(
        {
            Permission.PASS_READ,
            Permission.PASS_ISSUE,
            Permission.MEDIUM_BLOCK,
            Permission.PHOTO_SEE,
            Permission.PERSON_MANAGE,
            Permission.RIGHT_MANAGE,
            Permission.OFFER_READ,
            Permission.SALE_CANCEL,
            Permission.REQUEST_READ,
            Permission.REQUEST_ENTER,
            Permission.REQUEST_REVIEW,
        }
    ),
    Role.SITE_AGENT: frozenset(
        {
            Permission.PASS_READ,
            Permission.PHOTO_SEE,
            Permission.VALIDATION_OVERRIDE,
            Permission.VALIDATION_CANCEL,
            Permission.OFFER_READ,
            Permission.SITE_WATCH,
            Permission.NOTICE_WRITE,
        }
    ),
    Role.MANAGER: frozenset(
        {
            Permission.PASS_READ,
            Permission.TERMINAL_READ,
            Permission.VALIDATION_EXPORT,
            Permission.VALIDATION_CANCEL,
            Permission.OVERRIDE_REVIEW,
            Permission.SALE_CANCEL,
            Permission.CARD_BATCH,
            Permission.SENSOR_READ,
            Permission.FLOOD_READ,
            Permission.FLOOD_MANAGE,
            Permission.FLOOD_CONFIRM,
            Permission.EXPRESSION_MODERATE,
            Permission.POINT_EDIT,
            Permission.POINT_PUBLISH,
            Permission.FEE_READ,
            Permission.FIGURES_READ,
            Permission.FIGURES_ENTER,
            Permission.REQUEST_READ,
            Permission.REQUEST_CONFIGURE,
            Permission.PEOPLE_IMPORT,
            Permission.SITE_WATCH,
            Permission.CATALOGUE_MANAGE,
            Permission.NOTICE_WRITE,
        }
    ),
    Role.EDITOR: frozenset({Permission.POINT_EDIT, Permission.NOTICE_WRITE}),
    Role.KEY_HOLDER: frozenset({Permission.CARD_BATCH}),
    Role.OFFICIAL: frozenset({Permission.SENSOR_READ, Permission.FLOOD_READ, Permission.FIGURES_READ}),
    Role.DPO: frozenset({Permission.VALIDATION_EXPORT, Permission.JOURNAL_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.TERMINAL_READ,
            Permission.TERMINAL_MANAGE,
            Permission.SENSOR_READ,
            Permission.SENSOR_MANAGE,
            Permission.FLOOD_READ,
            Permission.FLOOD_MANAGE,
            Permission.WEBHOOK_MANAGE,
            Permission.AGENT_MANAGE,
        }
    ),
}

OF_FILES = frozenset(
    {
        Permission.PASS_READ,
        Permission.PASS_ISSUE,
        Permission.MEDIUM_BLOCK,
        Permission.PHOTO_SEE,
        Permission.PERSON_MANAGE,
        Permission.OFFER_READ,
        Permission.REQUEST_ENTER,
    }
)
"""What a role for one place allows as well: a resident and a pass belong to no place."""

OF_REQUESTS = frozenset({Permission.REQUEST_READ, Permission.REQUEST_REVIEW})
"""What a role for one place allows for its service's requests (`domain.reach`).

Whoever writes requests down serves whoever comes: a desk sees and decides those of all services.
"""

AT_PLACES = frozenset(
    {
        Permission.CATALOGUE_MANAGE,
        Permission.NOTICE_WRITE,
        Permission.RIGHT_MANAGE,
        Permission.SALE_CANCEL,
        Permission.TERMINAL_READ,
        Permission.VALIDATION_OVERRIDE,
        Permission.VALIDATION_CANCEL,
        Permission.OVERRIDE_REVIEW,
        Permission.SITE_WATCH,
    }
)
"""What a role for one place allows there: catalogue, notices, its service's rights, its tills' sales, its doors."""

SHOWS_NOBODY = frozenset(
    {
        Permission.TERMINAL_READ,
        Permission.TERMINAL_MANAGE,
        Permission.SENSOR_READ,
        Permission.SENSOR_MANAGE,
        Permission.FLOOD_READ,
        Permission.FLOOD_MANAGE,
        Permission.FLOOD_CONFIRM,
        Permission.WEBHOOK_MANAGE,
        Permission.EXPRESSION_MODERATE,
        Permission.POINT_EDIT,
        Permission.POINT_PUBLISH,
        Permission.FEE_READ,
        Permission.FIGURES_READ,
        Permission.FIGURES_ENTER,
        Permission.CATALOGUE_MANAGE,
        Permission.NOTICE_WRITE,
    }
)
"""What lets nobody see personal data. Whoever may do anything else is asked for a second factor, where one is asked."""


def reaches_places(role: Role) -> bool:
    """Tell whether a role is worth having for one place: some are for the whole authority or for nothing."""
    return role is not Role.ADMINISTRATOR and bool(PERMISSIONS[role] & (AT_PLACES | OF_REQUESTS))


class Place(Struct, frozen=True):
    """A site, by its code and that of its service."""

    site: str
    service: str


class Grant(Struct, frozen=True, order=True):
    """A role that somebody has: everywhere, or for one service, or at one site. Both are codes, empty for any.

    `until` is the first day on which it holds no more, where the authority is.
    """

    role: Role
    service: str = ""
    site: str = ""
    until: date = FOREVER

    @property
    def is_everywhere(self) -> bool:
        """Whether it is bound to no place."""
        return not self.service and not self.site

    def reaches_files(self, permission: Permission) -> bool:
        """Tell whether it allows this wherever it is for: what belongs to no place, and at a desk any request."""
        takes_any = permission in OF_REQUESTS and Permission.REQUEST_ENTER in PERMISSIONS[self.role]
        return takes_any or permission in OF_FILES

    def covers(self, place: Place) -> bool:
        """Tell whether a place is among those it is for."""
        return self.service in {"", place.service} and self.site in {"", place.site}

    def is_for_the_same(self, other: "Grant") -> bool:
        """Tell whether this is the same role for the same place, whenever either ends."""
        return (self.role, self.service, self.site) == (other.role, other.service, other.site)


def everywhere(*roles: Role) -> tuple[Grant, ...]:
    """Make grants of roles that are bound to no place."""
    return tuple(Grant(role) for role in dict.fromkeys(roles))


class Agent(Struct, frozen=True):
    """Somebody with a login. `password_hash` is an Argon2id string; empty where they come in by a provider alone.

    `only`: what a token for a program allows, of what the roles allow; None where they came in by themselves.
    """

    id: UUID
    authority_id: UUID
    login: str
    name: str
    password_hash: str
    grants: tuple[Grant, ...]
    active: bool
    created_at: datetime
    keep_until: date
    last_login_at: datetime | None = None
    only: frozenset[Permission] | None = None

    def on(self, day: date) -> "Agent":
        """Return them with the roles that they have on a day: whoever asks what they may do, asks this."""
        return replace(self, grants=tuple(grant for grant in self.grants if day < grant.until))

    @property
    def has_ends(self) -> bool:
        """Whether a role of theirs ends, or has ended, by itself."""
        return any(grant.until != FOREVER for grant in self.grants)

    def is_idle(self, now: datetime, days: int) -> bool:
        """Tell whether nobody has logged in with an open account for so many days."""
        return self.active and now - (self.last_login_at or self.created_at) >= timedelta(days=days)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles, wherever they are for, each once."""
        return tuple(dict.fromkeys(grant.role for grant in self.grants))

    def may(self, permission: Permission, at: Place | None = None) -> bool:
        """Tell whether this is allowed: at a place, or where no place is in question."""
        return any(
            grant.is_everywhere or grant.reaches_files(permission) or (at is not None and grant.covers(at))
            for grant in self.granting(permission)
        )

    def may_somewhere(self, permission: Permission) -> bool:
        """Tell whether this is allowed at some place at least; which, is still to be asked."""
        return bool(self.granting(permission))

    @property
    def sees_people(self) -> bool:
        """Whether something they may do shows personal data."""
        return any(PERMISSIONS[role] - SHOWS_NOBODY for role in self.roles)

    def granting(self, permission: Permission) -> tuple[Grant, ...]:
        """Return the grants that allow this, and so the places where."""
        if self.only is not None and permission not in self.only:
            return ()
        return tuple(grant for grant in self.grants if permission in PERMISSIONS[grant.role])


def sought_of(name: str, login: str) -> str:
    """Return what a list of agents sorts by and looks in: the words of name and login, each behind a space."""
    return "".join(f" {word}" for word in (*plain_words(name), *plain_words(login)))[:LONGEST_SOUGHT]

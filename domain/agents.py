"""The people who work for an authority, their roles, and what each role may do.

Deny by default: a permission that no role lists belongs to nobody.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Role(StrEnum):
    """What somebody does for the authority."""

    DESK = "desk"
    SITE_AGENT = "site_agent"
    MANAGER = "manager"
    EDITOR = "editor"
    """Writes what the tour of the connected city says."""
    DPO = "dpo"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that a role allows."""

    PASS_READ = "pass:read"
    PASS_ISSUE = "pass:issue"
    MEDIUM_BLOCK = "medium:block"
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
    FIGURES_READ = "figures:read"
    FIGURES_ENTER = "figures:enter"
    REQUEST_READ = "request:read"
    REQUEST_ENTER = "request:enter"
    REQUEST_REVIEW = "request:review"
    REQUEST_CONFIGURE = "request:configure"
    PEOPLE_IMPORT = "people:import"
    SITE_WATCH = "site:watch"
    JOURNAL_READ = "journal:read"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DESK: frozenset(
        {
            Permission.PASS_READ,
            Permission.PASS_ISSUE,
            Permission.MEDIUM_BLOCK,
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
            Permission.VALIDATION_OVERRIDE,
            Permission.VALIDATION_CANCEL,
            Permission.OFFER_READ,
            Permission.SITE_WATCH,
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
        }
    ),
    Role.EDITOR: frozenset({Permission.POINT_EDIT}),
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
        }
    ),
}


class Agent(Struct, frozen=True):
    """Somebody with a login. `password_hash` is an Argon2id string."""

    id: UUID
    authority_id: UUID
    login: str
    name: str
    password_hash: str
    roles: tuple[Role, ...]
    active: bool
    created_at: datetime
    keep_until: date

    def may(self, permission: Permission) -> bool:
        """Tell whether one of the roles allows this."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

"""The errors a verb may raise, drawn as the tree they are.

    DomainError
    ├── NotFound    what was named does not exist for this caller       (HTTP 404)
    ├── Conflict    it exists, and its state forbids the request         (HTTP 409, 422 for a reused key)
    ├── Forbidden   the caller may not do this                           (HTTP 403)
    └── Invalid     the request contradicts itself or a rule of form     (HTTP 400)

A refusal at a gate is never an error: it is a recorded verdict (`domain.access`). Every leaf has a stable
kebab-case `code`, documented in `docs/problems.md`; HTTP is spoken by `api/problems.py` alone. The families stand
here, each leaf in the module of the noun that it is about. All of those are loaded: the tree is whole for whoever
walks it.
"""

from domain.errors import (
    accounts,
    agents,
    archives,
    bands,
    bills,
    cards,
    devices,
    expression,
    figures,
    floods,
    imports,
    mail,
    notices,
    passes,
    people,
    places,
    points,
    products,
    requests,
    sales,
)
from domain.errors.family import (
    AlreadyExists,
    Conflict,
    ContradictoryPeriod,
    DomainError,
    Forbidden,
    Invalid,
    LedgerUnavailable,
    NameMissing,
    NotAuthenticated,
    NotFound,
    Overloaded,
    PassageUnsettled,
    TooManyAttempts,
    TooManyListeners,
    TooManyRequests,
    VersionChanged,
)

__all__ = [
    "AlreadyExists",
    "Conflict",
    "ContradictoryPeriod",
    "DomainError",
    "Forbidden",
    "Invalid",
    "LedgerUnavailable",
    "NameMissing",
    "NotAuthenticated",
    "NotFound",
    "Overloaded",
    "PassageUnsettled",
    "TooManyAttempts",
    "TooManyListeners",
    "TooManyRequests",
    "VersionChanged",
    "accounts",
    "agents",
    "archives",
    "bands",
    "bills",
    "cards",
    "devices",
    "expression",
    "figures",
    "floods",
    "imports",
    "mail",
    "notices",
    "passes",
    "people",
    "places",
    "points",
    "products",
    "requests",
    "sales",
]

"""The schema, readable. Alembic builds every database, tests included; a house test holds the two together.

Tables marked `personal` carry the authority and a `keep_until`: the first day on which the row may no longer say
anything about a person.
"""

from store.tables import (
    accounts,
    agents,
    arrivals,
    attendance,
    cards,
    expression,
    external_media,
    figures,
    floods,
    imports,
    jobs,
    journal,
    ledger,
    modifications,
    notices,
    passes,
    people,
    places,
    points,
    products,
    replacements,
    requests,
    sales,
    tour,
    webhooks,
)
from store.tables.types import metadata

__all__ = [
    "accounts",
    "agents",
    "arrivals",
    "attendance",
    "cards",
    "expression",
    "external_media",
    "figures",
    "floods",
    "imports",
    "jobs",
    "journal",
    "ledger",
    "metadata",
    "modifications",
    "notices",
    "passes",
    "people",
    "places",
    "points",
    "products",
    "replacements",
    "requests",
    "sales",
    "tour",
    "webhooks",
]

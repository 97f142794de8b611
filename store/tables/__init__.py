"""The schema, readable. Alembic builds every database, tests included; a house test holds the two together.

Tables marked `personal` carry the authority and a `keep_until`: the first day on which the row may no longer say
anything about a person.
"""

from store.tables import (
    agents,
    arrivals,
    attendance,
    cards,
    expression,
    external_media,
    figures,
    floods,
    imports,
    journal,
    ledger,
    modifications,
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
    "agents",
    "arrivals",
    "attendance",
    "cards",
    "expression",
    "external_media",
    "figures",
    "floods",
    "imports",
    "journal",
    "ledger",
    "metadata",
    "modifications",
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

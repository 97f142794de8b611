"""What the description of the API says of the dashboards."""

from typing import Any

from api import figures
from domain.figures.dashboards import Topic
from domain.figures.periods import Against

TAGS = {"Figures": "What dashboards show: counts of whole periods, about nobody, small ones hidden."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/figures/{topic}/{figure}/table", "get"): {"404": "The dashboard has no such table."},
}

BODIES = (figures.DashboardView,)

PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    "topic": {"type": "string", "enum": [one.value for one in Topic]},
    "against": {"type": "string", "enum": [one.value for one in Against], "default": Against.YEAR},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    "period": ("A month, a quarter, a school year or a year of which a day is over.", "2026-q4"),
    "against": ("The same period a year earlier, or the one before.", "year"),
    "topic": ("Which dashboard.", "passages"),
    "figure": ("The code of a table of the dashboard.", "passages-by-site"),
    "lang": ("The language of the file.", "fr"),
}

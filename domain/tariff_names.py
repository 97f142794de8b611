"""What a price is called at the till: made of its conditions, so that nobody can name it wrongly."""

from domain.conditions import Conditions
from domain.text import Text

FULL = Text(fr="plein tarif", en="full price")

STATUSES = {
    "student": Text(fr="étudiant", en="student"),
    "pupil": Text(fr="élève", en="pupil"),
    "job_seeker": Text(fr="demandeur d’emploi", en="job seeker"),
    "social_minimum": Text(fr="minima sociaux", en="social benefits"),
    "disability": Text(fr="situation de handicap", en="disability"),
    "staff": Text(fr="personnel", en="staff"),
}
"""Words for the statuses that most authorities know; any other is shown as it is written."""

_DAYS = (
    Text(fr="lundi", en="Monday"),
    Text(fr="mardi", en="Tuesday"),
    Text(fr="mercredi", en="Wednesday"),
    Text(fr="jeudi", en="Thursday"),
    Text(fr="vendredi", en="Friday"),
    Text(fr="samedi", en="Saturday"),
    Text(fr="dimanche", en="Sunday"),
)


def tariff_name(conditions: Conditions) -> Text:
    """Name a price by those for whom it is: "resident, under 25"; a price that asks nothing is the full one."""
    parts = [*_who(conditions), *_when(conditions)]
    if not parts:
        return FULL
    return Text(fr=", ".join(part.fr for part in parts), en=", ".join(part.en for part in parts))


def _who(conditions: Conditions) -> list[Text]:
    parts = []
    if conditions.communes:
        parts.append(Text(fr="habitant", en="resident"))
    first, below = conditions.age_from, conditions.age_below
    if first is not None and below is not None:
        parts.append(Text(fr=f"de {first} à {below - 1} ans", en=f"aged {first} to {below - 1}"))
    elif below is not None:
        parts.append(Text(fr=f"moins de {below} ans", en=f"under {below}"))
    elif first is not None:
        parts.append(Text(fr=f"{first} ans et plus", en=f"{first} and over"))
    if conditions.bands:
        bands = ", ".join(conditions.bands)
        parts.append(Text(fr=f"quotient familial {bands}", en=f"family quotient {bands}"))
    if conditions.statuses:
        said = [STATUSES.get(status, Text(fr=status, en=status)) for status in conditions.statuses]
        parts.append(Text(fr=" ou ".join(one.fr for one in said), en=" or ".join(one.en for one in said)))
    return parts


def _when(conditions: Conditions) -> list[Text]:
    parts = []
    if conditions.weekdays:
        days = [_DAYS[weekday] for weekday in conditions.weekdays]
        parts.append(Text(fr=" ou ".join(day.fr for day in days), en=" or ".join(day.en for day in days)))
    if not conditions.bank_holidays:
        parts.append(Text(fr="hors jours fériés", en="not on bank holidays"))
    if conditions.sessions:
        sessions = ", ".join(conditions.sessions)
        parts.append(Text(fr=f"séance {sessions}", en=f"session {sessions}"))
    if conditions.vehicles:
        vehicles = ", ".join(conditions.vehicles)
        parts.append(Text(fr=f"véhicule {vehicles}", en=f"vehicle {vehicles}"))
    return parts

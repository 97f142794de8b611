"""What the agglomération sells and grants."""

from uuid import UUID

from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.ports import Ids
from domain.products import Product
from domain.text import Text

CARNET, POOL_YEAR = "piscine-carnet-10", "piscine-annuel"
WASTE_YEAR, WASTE_ORGANISATION = "decheterie-foyer", "decheterie-structure"
LIBRARY_YEAR = "mediatheque-inscription"
BUS_MONTH, BUS_YEAR = "transport-mensuel", "transport-annuel"
POOL_SUMMER = "piscine-ete"


def city_products(ids: Ids, authority_id: UUID) -> tuple[Product, ...]:
    """The products of the agglomération, each under a new id."""

    def product(code: str, service: str, subject: Subject, name: Text, *limits: Limit, warn_below: int = 0) -> Product:
        return Product(ids.row(), authority_id, code, service, subject, name, limits, warn_below)

    return (
        product(
            CARNET,
            "pool",
            Subject.PERSON,
            Text(fr="Carnet de 10 entrées", en="Carnet of 10 entries"),
            Limit(1, Measure.VISIT, 10 * ONE, Window.WHOLE),
            warn_below=2 * ONE,
        ),
        product(POOL_YEAR, "pool", Subject.PERSON, Text(fr="Abonnement piscines à l’année", en="Pools for a year")),
        product(
            WASTE_YEAR,
            "waste-centre",
            Subject.HOUSEHOLD,
            Text(fr="24 passages par an et par foyer", en="24 visits a year for the household"),
            Limit(1, Measure.VISIT, 24 * ONE, Window.YEAR),
            warn_below=3 * ONE,
        ),
        product(
            WASTE_ORGANISATION,
            "waste-centre",
            Subject.ORGANISATION,
            Text(fr="4 passages par mois et par structure", en="4 visits a month for the organisation"),
            Limit(1, Measure.VISIT, 4 * ONE, Window.MONTH),
        ),
        library_product(ids, authority_id),
        product(BUS_MONTH, "transport", Subject.PERSON, Text(fr="Abonnement mensuel", en="Monthly subscription")),
        product(BUS_YEAR, "transport", Subject.PERSON, Text(fr="Abonnement annuel", en="Yearly subscription")),
        product(
            POOL_SUMMER,
            "pool",
            Subject.PERSON,
            Text(
                fr="Pass d’été, 30 entrées du 15 mai au 15 septembre",
                en="Summer pass, 30 entries, 15 May to 15 September",
            ),
            Limit(1, Measure.VISIT, 30 * ONE, Window.SEASON, starts=(5, 15), ends=(9, 16)),
            Limit(2, Measure.VISIT, 2 * ONE, Window.DAY),
            warn_below=3 * ONE,
        ),
    )


def library_product(ids: Ids, authority_id: UUID) -> Product:
    """The registration of readers, which the neighbour grants too."""
    name = Text(fr="Inscription d’un an", en="Registration for a year")
    return Product(ids.row(), authority_id, LIBRARY_YEAR, "library", Subject.PERSON, name)

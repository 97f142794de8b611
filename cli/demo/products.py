"""What the agglomération sells and grants, and at which price."""

from datetime import date
from uuid import UUID

from cli.demo.territory import COMMUNES
from domain.conditions import NO_CONDITIONS, Conditions
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.ports import Ids
from domain.products import NO_TERMS, Price, Product, Term, Terms
from domain.text import Text

CARNET, POOL_YEAR = "piscine-carnet-10", "piscine-annuel"
WASTE_YEAR, WASTE_ORGANISATION = "decheterie-foyer", "decheterie-structure"
WASTE_PAID = "decheterie-au-dela"
LIBRARY_YEAR = "mediatheque-inscription"
BUS_MONTH, BUS_YEAR = "transport-mensuel", "transport-annuel"
POOL_SUMMER = "piscine-ete"
POOL_ENTRY = "piscine-entree"
LIBRARY_QUARTER = "mediatheque-temporaire"
BUS_30_DAYS, BUS_SCHOOL = "transport-30-jours", "transport-scolaire"

_FIRST, _END = date(2021, 1, 1), date(2041, 1, 1)
"""The demonstration's prices outlive it."""

_HERE = tuple(commune.code for commune in COMMUNES)
_REDUCED = ("disability", "job_seeker", "social_minimum", "student")
_CHILD = 18

RESIDENT = Conditions(communes=_HERE)
REDUCED = (Conditions(age_below=_CHILD), Conditions(statuses=_REDUCED))
RESIDENT_REDUCED = (
    Conditions(communes=_HERE, age_below=_CHILD),
    Conditions(communes=_HERE, statuses=_REDUCED),
)

_BAND_A = Conditions(bands=("A",))
_YEAR = Term(Window.ROLLING_DAYS, days=365)


def _prices(*rows: tuple[int, tuple[Conditions, ...]]) -> tuple[Price, ...]:
    """Write prices down: cents, and each case in which they apply."""
    cases = [(cents, conditions) for cents, several in rows for conditions in several]
    return tuple(
        Price(position, cents, _FIRST, _END, conditions) for position, (cents, conditions) in enumerate(cases, 1)
    )


def _pool(entries: int) -> tuple[Price, ...]:
    """So many single entries at the prices of Bassens and Carbon-Blanc (2021)."""
    return _prices(
        (360 * entries, (NO_CONDITIONS,)),
        (270 * entries, (RESIDENT,)),
        (210 * entries, REDUCED),
        (180 * entries, RESIDENT_REDUCED),
    )


def city_products(ids: Ids, authority_id: UUID) -> tuple[Product, ...]:
    """The products of the agglomération, each under a new id."""

    def product(
        code: str,
        service: str,
        name: Text,
        *limits: Limit,
        subject: Subject = Subject.PERSON,
        warn_below: int = 0,
        terms: Terms = NO_TERMS,
        prices: tuple[Price, ...] = (),
    ) -> Product:
        return Product(ids.row(), authority_id, code, service, subject, name, limits, warn_below, terms, prices)

    return (
        product(
            CARNET,
            "pool",
            Text(fr="Carnet de 10 entrées", en="Carnet of 10 entries"),
            Limit(1, Measure.VISIT, 10 * ONE, Window.WHOLE),
            warn_below=2 * ONE,
            # Ten for nine; unused entries are lost after 365 days (Villers-Bocage).
            terms=Terms(term=_YEAR),
            prices=_pool(9),
        ),
        product(
            POOL_YEAR,
            "pool",
            Text(fr="Abonnement piscines à l’année", en="Pools for a year"),
            terms=Terms(term=_YEAR),
            prices=_prices((25_000, (NO_CONDITIONS,)), (23_000, (RESIDENT,))),
        ),
        product(
            WASTE_YEAR,
            "waste-centre",
            Text(fr="24 passages par an et par foyer", en="24 visits a year for the household"),
            Limit(1, Measure.VISIT, 24 * ONE, Window.YEAR),
            subject=Subject.HOUSEHOLD,
            warn_below=3 * ONE,
        ),
        product(
            WASTE_PAID,
            "waste-centre",
            Text(fr="24 passages gratuits, 10 autres à 20 €", en="24 free visits, 10 more at €20"),
            # Billed at the start of the next year, and none after the thirty-fourth (Pau).
            Limit(1, Measure.VISIT, 34 * ONE, Window.YEAR, free=24 * ONE, price_cents=2_000),
            subject=Subject.HOUSEHOLD,
            warn_below=3 * ONE,
            # For who lives here: a household that moves away stops by itself.
            terms=Terms(conditions=RESIDENT),
        ),
        product(
            WASTE_ORGANISATION,
            "waste-centre",
            Text(fr="4 passages par mois et par structure", en="4 visits a month for the organisation"),
            Limit(1, Measure.VISIT, 4 * ONE, Window.MONTH),
            subject=Subject.ORGANISATION,
        ),
        library_product(ids, authority_id),
        product(
            BUS_MONTH,
            "transport",
            Text(fr="Abonnement mensuel", en="Monthly subscription"),
            terms=Terms(term=Term(Window.MONTH)),
            prices=_prices((3_500, (NO_CONDITIONS,)), (1_750, (Conditions(age_below=26),)), (900, (_BAND_A,))),
        ),
        product(
            BUS_YEAR,
            "transport",
            Text(fr="Abonnement annuel", en="Yearly subscription"),
            terms=Terms(term=_YEAR),
            prices=_prices((35_000, (NO_CONDITIONS,)), (17_500, (Conditions(age_below=26),)), (9_000, (_BAND_A,))),
        ),
        product(
            POOL_SUMMER,
            "pool",
            Text(
                fr="Pass d’été, 30 entrées du 15 mai au 15 septembre",
                en="Summer pass, 30 entries, 15 May to 15 September",
            ),
            Limit(1, Measure.VISIT, 30 * ONE, Window.SEASON, starts=(5, 15), ends=(9, 16)),
            Limit(2, Measure.VISIT, 2 * ONE, Window.DAY),
            warn_below=3 * ONE,
        ),
        product(
            POOL_ENTRY,
            "pool",
            Text(fr="Entrée", en="Single entry"),
            Limit(1, Measure.VISIT, ONE, Window.WHOLE),
            terms=Terms(term=Term(Window.DAY)),
            prices=_pool(1),
        ),
        product(
            LIBRARY_QUARTER,
            "library",
            Text(fr="Carte temporaire, 3 mois", en="Temporary card, 3 months"),
            # 3 months for 5 euros (La Domitienne).
            terms=Terms(term=Term(Window.ROLLING_DAYS, days=92)),
            prices=_prices((500, (NO_CONDITIONS,))),
        ),
        product(
            BUS_30_DAYS,
            "transport",
            Text(fr="30 jours", en="30 days"),
            terms=Terms(term=Term(Window.ROLLING_DAYS, days=30)),
            prices=_prices((3_700, (NO_CONDITIONS,)), (1_850, (Conditions(age_below=26),)), (950, (_BAND_A,))),
        ),
        product(
            BUS_SCHOOL,
            "transport",
            Text(fr="Abonnement scolaire", en="School subscription"),
            # Below 21, for the school year (Île-de-France, carte scolaire bus).
            terms=Terms(conditions=Conditions(age_below=21), term=Term(Window.SCHOOL_YEAR)),
            prices=_prices((12_000, (NO_CONDITIONS,)), (6_000, (RESIDENT,))),
        ),
    )


def library_product(ids: Ids, authority_id: UUID) -> Product:
    """The registration of readers, which the neighbour grants too.

    Free below 25 and in social cases, 20 euros for others (Saint-Étienne).
    """
    free = (Conditions(age_below=25), Conditions(statuses=("disability", "job_seeker", "social_minimum")))
    return Product(
        ids.row(),
        authority_id,
        LIBRARY_YEAR,
        "library",
        Subject.PERSON,
        Text(fr="Inscription d’un an", en="Registration for a year"),
        terms=Terms(term=_YEAR),
        prices=_prices((2_000, (NO_CONDITIONS,)), (0, free)),
    )

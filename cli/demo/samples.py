"""Passes worth showing at a gate. They live apart from the crowd: their history is written here."""

from msgspec import Struct

from cli.demo.products import BUS_YEAR, CARNET, LIBRARY_YEAR, POOL_YEAR, WASTE_PAID, WASTE_YEAR
from domain.passes import BlockReason, MediumKind
from domain.text import Text


class Held(Struct, frozen=True):
    """A right, in days from the day the city is built."""

    product: str
    since: int = -120
    until: int = 245


class Visits(Struct, frozen=True):
    """So many entries at one site, spread over the days that are lived through."""

    site: str
    times: int


class Showpiece(Struct, frozen=True):
    """One sample pass. `shows` may say `{used}` and `{left}` of its first limit, as the ledger has counted them.

    `media` are all given; those in `blocked` are stopped for that reason.
    """

    key: str
    first_name: str
    last_name: str
    age: int
    shows: Text
    rights: tuple[Held, ...] = ()
    visits: tuple[Visits, ...] = ()
    media: tuple[MediumKind, ...] = (MediumKind.PRINT,)
    blocked: tuple[tuple[MediumKind, BlockReason], ...] = ()
    suspended: bool = False
    second_home: bool = False


_CARD, _PHONE, _PRINT = MediumKind.CARD, MediumKind.PHONE, MediumKind.PRINT

SHOWPIECES = (
    Showpiece(
        "carnet",
        "Camille",
        "Verdelhan",
        34,
        Text(fr="Carnet de piscine, {left} entrées restantes", en="Pool carnet, {left} entries left"),
        rights=(Held(CARNET),),
        visits=(Visits("piscine-ourlea", 7),),
    ),
    Showpiece(
        "everything",
        "Solène",
        "Rochevive",
        41,
        Text(fr="Tous les services ouverts", en="Every service open"),
        rights=(Held(POOL_YEAR), Held(LIBRARY_YEAR), Held(WASTE_YEAR, -400, 700), Held(BUS_YEAR)),
        media=(_CARD, _PHONE),
        visits=(Visits("piscine-ourlea", 4), Visits("mediatheque-clairourle", 5), Visits("decheterie-plaine", 3)),
    ),
    Showpiece(
        "waste-spent",
        "Gérard",
        "Malaterre",
        58,
        Text(
            fr="Déchèterie : {used} passages utilisés sur 24 cette année",
            en="Waste centre: {used} of 24 visits used this year",
        ),
        rights=(Held(WASTE_YEAR, -400, 700),),
        visits=(Visits("decheterie-plaine", 24),),
    ),
    Showpiece(
        "waste-low",
        "Noémie",
        "Garancelle",
        37,
        Text(fr="Déchèterie : plus que {left} passages", en="Waste centre: only {left} visits left"),
        rights=(Held(WASTE_YEAR, -400, 700),),
        visits=(Visits("decheterie-plaine", 22),),
    ),
    Showpiece(
        "waste-paid",
        "Lucien",
        "Terrefort",
        63,
        Text(
            fr="Déchèterie : {used} passages, les suivants sont facturés 20 €",
            en="Waste centre: {used} visits, the next ones are billed at €20",
        ),
        rights=(Held(WASTE_PAID, -400, 700),),
        visits=(Visits("decheterie-plaine", 25),),
    ),
    Showpiece(
        "lost-card",
        "Étienne",
        "Hautefaye",
        46,
        Text(fr="Carte perdue : refusée partout", en="Lost card: refused everywhere"),
        rights=(Held(LIBRARY_YEAR), Held(POOL_YEAR)),
        media=(_CARD, _PHONE),
        blocked=((_CARD, BlockReason.LOST),),
        visits=(Visits("mediatheque-clairourle", 4),),
    ),
    Showpiece(
        "transport",
        "Inès",
        "Benyoucef",
        22,
        Text(fr="Abonnement de transport annuel", en="Yearly transport subscription"),
        rights=(Held(BUS_YEAR),),
        visits=(Visits("ligne-a", 12),),
    ),
    Showpiece(
        "library-expired",
        "Odette",
        "Vieilleroche",
        79,
        Text(fr="Inscription à la médiathèque expirée", en="Library registration expired"),
        rights=(Held(LIBRARY_YEAR, -385, -20),),
    ),
    Showpiece(
        "child",
        "Malo",
        "Fontanrose",
        6,
        Text(fr="Enfant de 6 ans : avec un adulte à la piscine", en="Child of 6: with an adult at the pool"),
        rights=(Held(POOL_YEAR),),
        second_home=True,
    ),
    Showpiece(
        "suspended",
        "Karim",
        "Tardivelle",
        29,
        Text(fr="Pass suspendu", en="Pass suspended"),
        rights=(Held(POOL_YEAR), Held(BUS_YEAR)),
        suspended=True,
    ),
)

PHONE_STILL_WORKS = Text(fr="Téléphone du même pass : fonctionne encore", en="Phone of the same pass: still works")

NEIGHBOUR = Showpiece(
    "neighbour",
    "Romane",
    "Estrévalle",
    31,
    Text(fr="Pass de la collectivité voisine : refusé ici", en="The neighbour’s pass: refused here"),
    rights=(Held(LIBRARY_YEAR),),
    media=(MediumKind.CARD,),
)

"""The invented agglomération de Val-Clair: communes, sites, doors. Data only.

No commune of France bears any of these names, and no department is numbered 00.
"""

from msgspec import Struct

from cli.demo.hours import Shut, Timetable
from cli.demo.timetables import (
    BUS,
    BUS_ALL_NIGHT,
    LIBRARY_LARGE,
    LIBRARY_SMALL,
    POOL_LARGE,
    POOL_SMALL,
    POOL_WEST,
    WASTE,
    WASTE_RURAL,
)
from domain.access.facts import Direction
from domain.places import Passback, VehicleLimits
from domain.text import Text

TIME_ZONE = "Europe/Paris"


class CommunePlan(Struct, frozen=True):
    """A commune; `x` and `y` are kilometres on an imaginary map, for who goes where."""

    code: str
    name: str
    population: int
    x: int
    y: int


class Door(Struct, frozen=True):
    """A gate and the way one goes through it. Each has one terminal."""

    code: str
    name: Text
    way: Direction = Direction.ENTRY


class ZonePlan(Struct, frozen=True):
    """A zone that one enters from inside its site."""

    code: str
    doors: tuple[Door, ...]
    capacity: int
    supplement_cents: int
    name: Text


class SitePlan(Struct, frozen=True):
    """A site with its first zone. `capacity` counts people (pools, libraries) or vehicles (waste centres)."""

    code: str
    service_code: str
    name: Text
    commune_code: str
    table: Timetable
    doors: tuple[Door, ...]
    passback: Passback = Passback.NONE
    passback_minutes: int = 0
    capacity: int | None = None
    shut: Shut | None = None
    inner: tuple[ZonePlan, ...] = ()
    vehicles: VehicleLimits | None = None
    accepts: tuple[str, ...] = ()


COMMUNES = (
    CommunePlan("00101", "Clairourle", 21_400, 0, 0),
    CommunePlan("00102", "Brévanne-sur-Ourle", 9_200, 4, 1),
    CommunePlan("00103", "Corlanges", 6_100, -3, 5),
    CommunePlan("00104", "Pont-d’Ourle", 4_800, 7, -2),
    CommunePlan("00105", "Trévigny-sous-Bois", 3_900, -6, -1),
    CommunePlan("00106", "Chantelys", 3_100, 2, -6),
    CommunePlan("00107", "Orsevaux", 2_600, 1, 8),
    CommunePlan("00108", "Les Morvettes", 1_900, 10, 3),
    CommunePlan("00109", "Montaubry-les-Prés", 1_450, -8, 6),
    CommunePlan("00110", "La Fresnoline", 980, -2, -9),
    CommunePlan("00111", "Sainte-Élovie", 760, 8, 8),
    CommunePlan("00112", "Saint-Aurin-le-Haut", 540, -11, -4),
    CommunePlan("00113", "Vieux-Tilloux", 410, 12, -6),
    CommunePlan("00114", "Marvaloux", 260, -5, 11),
)
NEIGHBOUR_COMMUNE = CommunePlan("00201", "Bourdevaire", 3_300, 24, 9)


def _entry(site: str, number: int = 1) -> Door:
    return Door(f"{site}-entree-{number}", Text(fr=f"Entrée {number}", en=f"Entrance {number}"))


def _easy(site: str) -> Door:
    return Door(f"{site}-entree-pmr", Text(fr="Entrée accessible", en="Accessible entrance"))


def _exit(site: str, number: int = 1) -> Door:
    return Door(f"{site}-sortie-{number}", Text(fr=f"Sortie {number}", en=f"Exit {number}"), Direction.EXIT)


def _barriers(site: str) -> tuple[Door, Door]:
    return (
        Door(f"{site}-entree", Text(fr="Barrière d’entrée", en="Entry barrier")),
        Door(f"{site}-sortie", Text(fr="Barrière de sortie", en="Exit barrier"), Direction.EXIT),
    )


def _buses(site: str, first: int) -> tuple[Door, ...]:
    return tuple(Door(f"{site}-bus-{n}", Text(fr=f"Bus {n}", en=f"Bus {n}")) for n in range(first, first + 8))


_LOW_BARRIER = VehicleLimits(max_height_cm=190, max_weight_kg=3_500)
"""Est Ensemble's: what is higher or heavier is a professional's, or asks for a derogation."""

_USUAL_KINDS = ("bulky", "green", "rubble", "wood", "metal", "cardboard", "weee")
_HAZARDOUS_KINDS = ("paint", "solvent", "oil", "tyre")

SITES = (
    SitePlan(
        "piscine-ourlea",
        "pool",
        Text(fr="Centre aquatique Ourléa", en="Ourléa aquatic centre"),
        "00101",
        POOL_LARGE,
        (
            _entry("piscine-ourlea"),
            _entry("piscine-ourlea", 2),
            _easy("piscine-ourlea"),
            _exit("piscine-ourlea"),
            _exit("piscine-ourlea", 2),
        ),
        Passback.HARD,
        capacity=420,
        inner=(
            ZonePlan(
                "piscine-ourlea-spa",
                (
                    Door("piscine-ourlea-spa-entree", Text(fr="Entrée de l’espace détente", en="Spa entrance")),
                    Door(
                        "piscine-ourlea-spa-sortie",
                        Text(fr="Sortie de l’espace détente", en="Spa exit"),
                        Direction.EXIT,
                    ),
                ),
                capacity=25,
                supplement_cents=450,
                name=Text(fr="Espace détente", en="Spa"),
            ),
        ),
    ),
    SitePlan(
        "piscine-brevanne",
        "pool",
        Text(fr="Piscine des Deux-Rives", en="Two Banks pool"),
        "00102",
        POOL_SMALL,
        (_entry("piscine-brevanne"), _easy("piscine-brevanne"), _exit("piscine-brevanne")),
        Passback.HARD,
        capacity=120,
        shut=Shut(-33, 7, Text(fr="Vidange et entretien du bassin", en="Basin drained for maintenance")),
    ),
    SitePlan(
        "piscine-corlanges",
        "pool",
        Text(fr="Piscine des Peupliers", en="Poplars pool"),
        "00103",
        POOL_WEST,
        (_entry("piscine-corlanges"), _easy("piscine-corlanges"), _exit("piscine-corlanges")),
        Passback.HARD,
        capacity=90,
    ),
    SitePlan(
        "piscine-chantelys",
        "pool",
        Text(fr="Bassin de Chantelys", en="Chantelys basin"),
        "00106",
        POOL_SMALL,
        (_entry("piscine-chantelys"), _easy("piscine-chantelys"), _exit("piscine-chantelys")),
        Passback.HARD,
        capacity=10,
    ),
    SitePlan(
        "mediatheque-clairourle",
        "library",
        Text(fr="Médiathèque Jeanne-Auvernois", en="Jeanne Auvernois library"),
        "00101",
        LIBRARY_LARGE,
        (
            _entry("mediatheque-clairourle"),
            Door("mediatheque-clairourle-jardin", Text(fr="Entrée du jardin", en="Garden entrance")),
        ),
        Passback.TIMED,
        2,
        shut=Shut(20, 3, Text(fr="Inventaire annuel", en="Yearly stocktaking")),
    ),
    SitePlan(
        "mediatheque-brevanne",
        "library",
        Text(fr="Médiathèque du Lavoir", en="Washhouse library"),
        "00102",
        LIBRARY_SMALL,
        (_entry("mediatheque-brevanne"),),
    ),
    SitePlan(
        "mediatheque-trevigny",
        "library",
        Text(fr="Bibliothèque de Trévigny", en="Trévigny library"),
        "00105",
        LIBRARY_SMALL,
        (_entry("mediatheque-trevigny"),),
    ),
    SitePlan(
        "decheterie-plaine",
        "waste-centre",
        Text(fr="Déchèterie de la Plaine", en="La Plaine waste centre"),
        "00101",
        WASTE,
        _barriers("decheterie-plaine"),
        Passback.TIMED,
        10,
        capacity=14,
        vehicles=_LOW_BARRIER,
        accepts=(*_USUAL_KINDS, "plaster", *_HAZARDOUS_KINDS, "asbestos"),
    ),
    SitePlan(
        "decheterie-pont",
        "waste-centre",
        Text(fr="Déchèterie de Pont-d’Ourle", en="Pont-d’Ourle waste centre"),
        "00104",
        WASTE,
        _barriers("decheterie-pont"),
        Passback.TIMED,
        10,
        capacity=6,
        vehicles=_LOW_BARRIER,
        accepts=(*_USUAL_KINDS, *_HAZARDOUS_KINDS),
        shut=Shut(-12, 1, Text(fr="Vent violent", en="Strong wind")),
    ),
    SitePlan(
        "decheterie-montaubry",
        "waste-centre",
        Text(fr="Déchèterie de Montaubry", en="Montaubry waste centre"),
        "00109",
        WASTE_RURAL,
        _barriers("decheterie-montaubry"),
        Passback.TIMED,
        10,
        capacity=4,
        vehicles=_LOW_BARRIER,
        accepts=_USUAL_KINDS,
    ),
    SitePlan(
        "ligne-a",
        "transport",
        Text(
            fr="Ligne A, jour et nuit, Clairourle – Pont-d’Ourle", en="Line A, day and night, Clairourle – Pont-d’Ourle"
        ),
        "00101",
        BUS_ALL_NIGHT,
        _buses("ligne-a", 101),
        Passback.SOFT,
        60,
    ),
    SitePlan(
        "ligne-b",
        "transport",
        Text(fr="Ligne B, Corlanges – Chantelys", en="Line B, Corlanges – Chantelys"),
        "00103",
        BUS,
        _buses("ligne-b", 201),
        Passback.SOFT,
        45,
    ),
)

NEIGHBOUR_SITE = SitePlan(
    "mediatheque-bourdevaire",
    "library",
    Text(fr="Médiathèque de Bourdevaire", en="Bourdevaire library"),
    "00201",
    LIBRARY_SMALL,
    (_entry("mediatheque-bourdevaire"),),
)

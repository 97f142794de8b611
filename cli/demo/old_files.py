"""Old files of the demonstration: sent and checked, with the mistakes that such files have, and there to be sent again.

A manager finds three of them in the console, of cards, of households and of firms, sees what is wrong line by line, and
lets the good lines come in with one button. The files themselves lie in the demonstration's folder.
"""

from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from adapters.card_files import read_card_file
from api.importing import Importer
from cli.demo.city import Login
from cli.demo.ids import dice
from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.products import WASTE_ORGANISATION, WASTE_YEAR
from cli.demo.territory import COMMUNES
from domain import imports
from domain.agents import Role
from domain.import_headings import guess
from domain.import_kinds import ImportKind
from domain.imports import Plan
from domain.places import Authority
from store.database import Database

FOLDER = "old-files"
"""Where they lie in the folder of a demonstration."""

GOOD_CARDS = 60

_DRAWERS = Path(__file__).parent / "drawers"
_HEADINGS = "N° carte;NOM;Prénom;Date de naissance;Commune;UID puce"
_MISTAKES = (
    "P-900;ROUGEMONTET;Zoé;31/02/1984;{commune};",
    "P-901;;Émile;04/05/1971;{commune};",
    "P-902;SÉGUÉLA;Loïc;12/11/1969;Ville-d’Ailleurs;",
    "P-903;MERLEVAL;Inès;23/08/2001;{commune};04A1",
    "P-001;TISSERANDEAU;Jules;23/08/1958;{commune};",
)
_WINDOWS, _EXCEL = "cp1252", "utf-8-sig"
"""What programs of 1998 wrote, and what spreadsheets write: with a mark before the first letter."""


class OldFile(Struct, frozen=True):
    """A file as an older program has left it. `products` are granted to all of it."""

    code: str
    kind: ImportKind
    name: str
    encoding: str
    lines: tuple[str, ...]
    products: tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return "\r\n".join((*self.lines, "")).encode(self.encoding)


def old_files() -> tuple[OldFile, ...]:
    """Return the files, the same for every demonstration."""
    return (
        OldFile("piscine-1998", ImportKind.CARDS, "Cartes piscine 1998-2019.csv", _WINDOWS, _cards()),
        OldFile(
            "foyers-2014",
            ImportKind.HOUSEHOLDS,
            "Foyers déchèterie 2014.csv",
            _WINDOWS,
            _drawer("foyers.csv"),
            (WASTE_YEAR,),
        ),
        OldFile(
            "entreprises-2021",
            ImportKind.ORGANISATIONS,
            "Entreprises déchèterie 2021.csv",
            _EXCEL,
            _drawer("entreprises.csv"),
            (WASTE_ORGANISATION,),
        ),
    )


async def send_in(
    database: Database, importer: Importer, authority: Authority, logins: tuple[Login, ...], now: datetime
) -> None:
    """Send the files and have them checked, by the verbs of the console."""
    login = next(one.login for one in logins if one.role is Role.MANAGER)
    for old in old_files():
        table = read_card_file(old.content)
        async with database.begin() as unit:
            manager = await unit.agents.by_login(login)
            if manager is None:
                raise LookupError("The city has no manager yet.")
            await imports.begin_import(
                unit,
                authority_id=authority.id,
                code=old.code,
                kind=old.kind,
                file_name=old.name,
                content=old.content,
                headings=table.headings,
                lines=len(table.rows),
                plan=Plan(
                    guess(table.headings, old.kind),
                    until=date(now.year + 2, 1, 1),
                    products=old.products,
                ),
                agent_id=manager.id,
                now=now,
            )
        await importer.check(authority, old.code)


def lay_out(folder: Path) -> None:
    """Write the files into the folder of a demonstration, for whoever wants to send one themself."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for old in old_files():
        place.joinpath(old.name).write_bytes(old.content)


def _drawer(name: str) -> tuple[str, ...]:
    return tuple(_DRAWERS.joinpath(name).read_text(encoding="utf-8").splitlines())


def _cards() -> tuple[str, ...]:
    chance, commune = dice("old cards"), COMMUNES[0].name
    good = [
        f"P-{number:03};{chance.choice(SURNAMES).upper()};{chance.choice(FIRST_NAMES)};"
        f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1940, 2015)};{commune};"
        f"{'04' + chance.randbytes(6).hex().upper() if number % 3 else ''}"
        for number in range(1, GOOD_CARDS + 1)
    ]
    return (_HEADINGS, *good, *(line.format(commune=commune) for line in _MISTAKES))

"""An old card file of the demonstration's pool: sent and checked, with the mistakes that such files have.

A manager finds it in the console, sees what is wrong line by line, and lets the good lines come in with one button.
"""

from datetime import date, datetime

from adapters.card_files import read_card_file
from api.importing import Importer
from cli.demo.city import Login
from cli.demo.ids import dice
from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.territory import COMMUNES
from domain import imports
from domain.agents import Role
from domain.import_headings import guess
from domain.imports import Plan
from domain.places import Authority
from store.database import Database

CODE = "piscine-1998"
GOOD = 60
HEADINGS = "N° carte;NOM;Prénom;Date de naissance;Commune;UID puce"
MISTAKES = (
    "P-900;ROUGEMONTET;Zoé;31/02/1984;{commune};",
    "P-901;;Émile;04/05/1971;{commune};",
    "P-902;SÉGUÉLA;Loïc;12/11/1969;Ville-d’Ailleurs;",
    "P-903;MERLEVAL;Inès;23/08/2001;{commune};04A1",
    "P-001;TISSERANDEAU;Jules;23/08/1958;{commune};",
)


async def send_in(
    database: Database, importer: Importer, authority: Authority, logins: tuple[Login, ...], now: datetime
) -> None:
    """Send the file and have it checked, by the verbs of the console."""
    content = "\r\n".join((HEADINGS, *_lines())).encode("cp1252")
    table = read_card_file(content)
    login = next(one.login for one in logins if one.role is Role.MANAGER)
    async with database.begin() as unit:
        manager = await unit.agents.by_login(login)
        if manager is None:
            raise LookupError("The city has no manager yet.")
        await imports.begin_import(
            unit,
            authority_id=authority.id,
            code=CODE,
            file_name="Cartes piscine 1998-2019.csv",
            content=content,
            headings=table.headings,
            lines=len(table.rows),
            plan=Plan(guess(table.headings), until=date(now.year + 1, 12, 31)),
            agent_id=manager.id,
            now=now,
        )
    await importer.check(authority, CODE)


def _lines() -> list[str]:
    chance, commune = dice("old cards"), COMMUNES[0].name
    good = [
        f"P-{number:03};{chance.choice(SURNAMES).upper()};{chance.choice(FIRST_NAMES)};"
        f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1940, 2015)};{commune};"
        f"{'04' + chance.randbytes(6).hex().upper() if number % 3 else ''}"
        for number in range(1, GOOD + 1)
    ]
    return [*good, *(line.format(commune=commune) for line in MISTAKES)]

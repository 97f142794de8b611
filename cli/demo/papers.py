"""Papers that people of the demonstration send: drawn here, and plainly nobody's."""

import io
from datetime import UTC, date, datetime, time

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from adapters.card_face import FONT_FILES
from adapters.document_file import Readable
from cli.demo.ids import dice
from domain.applications import Address, Person

_SIZE = (860, 540)


def identity(person: Person) -> Readable:
    """A picture of a card that says who somebody is, and that it is a specimen."""
    picture = Image.new("RGB", _SIZE, "#e7edf3")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 820, 500), fill="#f8fafc", outline="#5b6b7a", width=3)
    draw.rectangle((80, 150, 290, 430), fill="#c4ced8")
    draw.ellipse((140, 190, 230, 280), fill="#8796a5")
    draw.pieslice((105, 290, 265, 480), 180, 360, fill="#8796a5")
    lines = (
        (30, "CARTE D'IDENTITÉ (SPÉCIMEN)", "bold"),
        (34, person.last_name.upper(), "bold"),
        (34, person.first_name, "regular"),
        (26, f"Né(e) le {person.born_on:%d/%m/%Y}", "regular"),
    )
    top = 70
    for points, text, weight in lines:
        font = ImageFont.truetype(FONT_FILES[weight], points)  # type: ignore[index] # one of its two keys
        draw.text((80 if top == 70 else 330, top), text, fill="#1b1f24", font=font)
        top += 95 if top == 70 else 62
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return Readable("image/jpeg", written.getvalue(), 1)


def face(of: str) -> bytes:
    """A face that is nobody's, the same each time for the same person."""
    chance = dice(f"face {of}")
    skin, hair, shirt = (
        chance.choice(colours)
        for colours in (
            ("#f1d3bd", "#d9a982", "#a9744f", "#6f4a33"),
            ("#2b211c", "#6b4a2f", "#b98a4e", "#9a9a9a"),
            ("#2f5d7c", "#7c2f4a", "#3f6b3a", "#55506b"),
        )
    )
    picture = Image.new("RGB", (600, 800), "#dfe6ec")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 590, 540, 1_060), fill=shirt)
    draw.rectangle((250, 480, 350, 640), fill=skin)
    draw.ellipse((150, 150, 450, 470), fill=hair)
    draw.ellipse((175, 200, 425, 560), fill=skin)
    for left in (240, 330):
        draw.ellipse((left, 350, left + 30, 374), fill="#2b2b2b")
    draw.arc((250, 400, 350, 490), 20, 160, fill="#7a3b32", width=8)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def bill(name: str, address: Address, day: date) -> Readable:
    """A bill for water, from a company that does not exist."""
    page = FPDF(format="A4")
    page.set_creation_date(datetime.combine(day, time(), UTC))
    page.add_page()
    page.set_font("helvetica", style="B", size=15)
    page.text(15, 22, "Eaux du Val-Clair (exemple)")
    page.set_font("helvetica", size=11)
    for place, line in enumerate((name, address.line, f"{address.postcode} {address.city}")):
        page.text(80, 42 + 6 * place, line.replace("’", "'"))  # the font has no other
    page.text(15, 80, f"Facture du {day:%d/%m/%Y}")
    page.text(15, 90, "Abonnement et consommation : 47,10 EUR")
    return Readable("application/pdf", bytes(page.output()), 1)

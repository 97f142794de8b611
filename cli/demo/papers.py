"""Papers that people of the demonstration send: drawn here, and plainly nobody's."""

import io
from datetime import UTC, date, datetime, time

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from adapters.card_face import FONT_FILES
from adapters.document_file import Readable
from domain.requests import Address, Person

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

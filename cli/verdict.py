"""The verdict on a screen of text: a colour, an icon and a word that all say the same, then what to do."""

from datetime import date, timedelta

from msgspec import UNSET
from rich.align import Align
from rich.console import Group
from rich.panel import Panel
from rich.text import Text as Line

from cli.screen import console, long_date
from domain.access.answer import Answer, Price, Remaining
from domain.access.reasons import Colour, Outcome
from domain.limits import Measure
from domain.text import Text
from domain.waste import counted_in

_HEADINGS = {
    Outcome.GRANTED: ("✔", Text(fr="ACCORDÉ", en="GRANTED")),
    Outcome.GRANTED_WITH_WARNING: ("✔", Text(fr="ACCORDÉ, À NOTER", en="GRANTED, PLEASE NOTE")),
    Outcome.PAYMENT_REQUIRED: ("€", Text(fr="À PAYER", en="TO PAY")),
    Outcome.MANUAL_CHECK: ("?", Text(fr="À VÉRIFIER", en="TO CHECK")),
    Outcome.DENIED: ("✘", Text(fr="REFUSÉ", en="REFUSED")),
}
_STYLES = {
    Colour.GREEN: "bold bright_white on dark_green",
    Colour.ORANGE: "bold black on dark_orange",
    Colour.BLUE: "bold bright_white on dark_blue",
    Colour.RED: "bold bright_white on dark_red",
}
UNITS = {
    Measure.VISIT: Text(fr="passages", en="visits"),
    Measure.POINT: Text(fr="points", en="points"),
    Measure.M3: Text(fr="m³", en="m³"),
    Measure.LITRE: Text(fr="litres", en="litres"),
    Measure.MINUTE: Text(fr="minutes", en="minutes"),
    Measure.PIECE: Text(fr="pièces", en="pieces"),
}
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_BAR = 20
_OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


def show(answer: Answer, *, french: bool, whole: bool = False) -> None:
    """Show an answer; `whole`: on the whole screen, to be read from two metres."""
    icon, word = _HEADINGS[answer.outcome]
    # A warning's reason is the text itself: no need to hear it twice.
    heard = [notice.text for notice in answer.warnings if notice.text != answer.text]
    lines = [
        Align.center(Line(f"{icon}  {_in(word, french=french)}")),
        Align.center(Line(_in(answer.text, french=french))),
        *(Align.center(Line(_in(text, french=french))) for text in heard),
    ]
    out = console()
    if whole:
        out.clear()
        below = 3 + (answer.price is not UNSET) + len(answer.remaining)
        words = Align.center(Group(*lines), vertical="middle")
        out.print(Panel(words, style=_STYLES[answer.colour], height=max(7, out.height - below)))
    else:
        block = Group(*lines)
        out.print(Panel(block, style=_STYLES[answer.colour], padding=(1, 2), width=min(out.width, 60), expand=True))
    out.print(_in(answer.next_step, french=french), soft_wrap=True)
    if answer.price is not UNSET:
        out.print(_price(answer.price, french=french, opened=answer.outcome in _OPENS), soft_wrap=True)
    for remaining in answer.remaining:
        out.print(_left(remaining, french=french), soft_wrap=True)


def _price(price: Price, *, french: bool, opened: bool) -> str:
    """What is due now, what was paid for a gate that opened, or what comes on a bill."""
    now = price.due_cents > 0
    euros = f"{(price.due_cents if now else price.billed_cents) / 100:.2f}"
    if not now:
        said = Text(fr="Facturé plus tard", en="Billed later")
    elif opened:
        said = Text(fr="Réglé", en="Paid")
    else:
        said = Text(fr="À régler avant d’entrer", en="To pay before entering")
    return f"{said.fr} : {euros.replace('.', ',')} €" if french else f"{said.en}: €{euros}"


def _left(remaining: Remaining, *, french: bool) -> str:
    """What is left of a limit, as a bar and in words. `until` is excluded, people count the last day in."""
    full = round(_BAR * remaining.left / remaining.of) if remaining.of else 0
    kind = None if remaining.kind is UNSET else remaining.kind
    unit = _in(counted_in(UNITS[remaining.unit], kind), french=french)
    last_day = remaining.until - timedelta(days=1)
    left, most = f"{remaining.left:g}", f"{remaining.of:g}"
    words = (
        f"reste {left.replace('.', ',')} sur {most.replace('.', ',')} {unit} jusqu’au {_french_date(last_day)}"
        if french
        else f"{left} of {most} {unit} left until {long_date(last_day)}"
    )
    return f"{'━' * full}{'╌' * (_BAR - full)}  {words} ({remaining.product})"


def _french_date(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _in(text: Text, *, french: bool) -> str:
    return text.fr if french else text.en

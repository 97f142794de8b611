"""The files of a card: a picture, a drawing and a sheet to print."""

from pathlib import Path

from adapters.card_face import Card
from adapters.card_sheet import card_png, card_svg, sheet_pdf
from adapters.clock import utc_now
from cli.screen import say
from cli.stop import Stop


def write_card(card: Card, folder: Path) -> None:
    """Write card.png, card.svg and card.pdf into a folder, and say where they are.

    Raises:
        Stop: the card cannot be drawn.
    """
    try:
        contents = {
            "card.png": card_png(card),
            "card.svg": card_svg(card).encode(),
            "card.pdf": sheet_pdf([card], made_at=utc_now()),
        }
    except ValueError as problem:
        raise Stop(f"The card cannot be drawn: {problem}.") from problem
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    say(f"Card in {folder}: {', '.join(contents)}.")

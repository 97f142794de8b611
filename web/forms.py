"""What somebody typed into a form: kept as it was typed, read as what it means, with what is wrong at its field.

    form = await read(request)
    name, until = form.text("name", longest=120), form.day("until", required=False)
    if form.is_wrong:
        return draw(request, "people/new.html", words=WORDS, status_code=422, form=form)

`pages/fields.html` draws the fields and the summary above them.
"""

import contextlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from litestar import Request

Choice = TypeVar("Choice", bound=StrEnum)

_NOT_ON_A_LINE = frozenset(map(chr, range(0x20))) | {"\x7f"}


class Form:
    """The fields of a form. Reading one that does not fit notes what is wrong with it, and returns nothing."""

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        self.typed = dict(typed or {})
        self.wrong: dict[str, str] = {}

    @property
    def is_wrong(self) -> bool:
        """Whether something does not fit."""
        return bool(self.wrong)

    def refuse(self, name: str, word: str) -> None:
        """Note what is wrong with a field, by the key of its words; the first thing stays."""
        self.wrong.setdefault(name, word)

    def kept(self, name: str) -> str:
        """Return what was typed, to be shown again."""
        return self.typed.get(name, "")

    def text(self, name: str, *, longest: int, required: bool = True) -> str:
        """Read one line of text, without the spaces around it."""
        text = self.kept(name).strip()
        if required and not text:
            self.refuse(name, "field_missing")
        elif len(text) > longest or _NOT_ON_A_LINE & set(text):
            self.refuse(name, "field_too_long" if len(text) > longest else "field_not_a_line")
        return text

    def lines(self, name: str, *, longest: int, required: bool = True) -> str:
        """Read a text of several lines."""
        text = self.kept(name).replace("\r\n", "\n").strip()
        if required and not text:
            self.refuse(name, "field_missing")
        elif len(text) > longest or (_NOT_ON_A_LINE - {"\n", "\t"}) & set(text):
            self.refuse(name, "field_too_long" if len(text) > longest else "field_not_a_line")
        return text

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Read a day as a date field sends it (2026-11-24), or as French people type it (24/11/2026)."""
        text = self.text(name, longest=10, required=required)
        if name in self.wrong or not text:
            return None
        if text[2:3] == text[5:6] == "/":
            text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
        self.refuse(name, "field_no_day")
        return None

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        """Read a whole number between two bounds."""
        text = self.text(name, longest=12)
        if name in self.wrong:
            return None
        number = int(text) if text.isascii() and text.isdigit() else None
        if number is None or not least <= number <= most:
            self.refuse(name, "field_no_number")
            return None
        return number

    def one_of(self, name: str, choices: type[Choice]) -> Choice | None:
        """Read which of a few was chosen."""
        with contextlib.suppress(ValueError):
            return choices(self.kept(name))
        self.refuse(name, "field_not_chosen")
        return None

    def ticked(self, name: str) -> bool:
        """Read whether a box was ticked."""
        return bool(self.kept(name))


async def read(request: Request[Any, Any, Any]) -> Form:
    """Read the form of a request; of a field that was sent twice, the last."""
    sent = await request.form()
    return Form({name: value for name, value in sent.multi_items() if isinstance(value, str)})

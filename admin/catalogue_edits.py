"""The forms that change a product, or a text: what is shown in each, and what is typed read as a step of its own."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from adapters.catalogue_text import read_one, written
from admin.catalogue_fields import LONGEST_NAME, MOST, conditions, conditions_shown, parts
from admin.forms import Form
from domain.catalogue import edits
from domain.catalogue.contents import Content, ProductContent
from domain.errors.products import ProductFixed
from domain.limits import ONE
from domain.text import Text

Step = Callable[[Content], Content]
"""From what is said to what is to be said."""

LONGEST_TEXT = 60_000


class Edit(Struct, frozen=True):
    """One form: the field at which a contradiction is told, what stands in it first, and what it means."""

    field: str
    shown: Callable[[Content, Mapping[str, str]], dict[str, str]]
    read: Callable[[Form], Step | None]


def _product(content: Content) -> ProductContent:
    if not isinstance(content, ProductContent):
        raise ProductFixed("This is said of products alone.")
    return content


def nothing(_content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {}


def _price(form: Form) -> Step | None:
    position, cents, since = form.whole("position", least=0, most=MOST), parts(form, "euros", 100), form.day("since")
    if position is None or cents is None or since is None:
        return None
    return lambda content: edits.price_from(_product(content), position, cents, since)


def _quota(form: Form) -> Step | None:
    position, amount = form.whole("position", least=0, most=MOST), parts(form, "amount", ONE)
    if position is None or amount is None:
        return None
    return lambda content: edits.quota(_product(content), position, amount)


def _texts_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {"name_fr": content.name.fr, "name_en": content.name.en}


def _texts(form: Form) -> Step | None:
    name = Text(form.text("name_fr", longest=LONGEST_NAME), form.text("name_en", longest=LONGEST_NAME))
    return None if form.is_wrong else lambda content: replace(content, name=name)


def _whole_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {"text": written(content)}


def _whole(form: Form) -> Step | None:
    text = form.lines("text", longest=LONGEST_TEXT)
    if form.is_wrong:
        return None
    said = read_one(text)

    def step(content: Content) -> Content:
        if (said.code, type(said)) != (content.code, type(content)):
            raise ProductFixed(f"The text is that of {said.code}, not of {content.code}.")
        return said

    return step


def _tariff(form: Form) -> Step | None:
    cents, since, who = parts(form, "euros", 100), form.day("since"), conditions(form)
    if cents is None or since is None or who is None:
        return None
    return lambda content: edits.tariff(_product(content), cents, since, who)


def _who_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return conditions_shown(_product(content).terms.conditions)


def _who(form: Form) -> Step | None:
    who = conditions(form)
    return None if who is None else lambda content: edits.for_whom(_product(content), who)


def _end_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    until = _product(content).terms.offered_until
    return {"offered_until": "" if until is None else str(until)}


def _end(form: Form) -> Step | None:
    until = form.day("offered_until", required=False)
    return None if form.is_wrong else lambda content: edits.withdrawn(_product(content), until)


TEXTS = Edit("name_fr", _texts_shown, _texts)
WHOLE = Edit("text", _whole_shown, _whole)
PRODUCT_EDITS: dict[str, Edit] = {
    "price": Edit("euros", nothing, _price),
    "tariff": Edit("euros", nothing, _tariff),
    "quota": Edit("amount", nothing, _quota),
    "who": Edit("age_from", _who_shown, _who),
    "withdrawal": Edit("offered_until", _end_shown, _end),
    "texts": TEXTS,
    "whole": WHOLE,
}

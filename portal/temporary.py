"""The code that opens something the same evening: shown to whoever has sent a request, until it is decided."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from adapters.keyring import KeyRing
from api.days import named
from api.resident_temporary import MyTemporaryCode, codes_for
from domain.ports import Clock
from nfc.picture import render_svg
from portal.account import RESIDENT
from portal.shell import Page, draw
from portal.visits import Asked
from portal.words import read_words
from store.database import Database

WORDS = read_words("temporary")


class Shown(Struct, frozen=True):
    """A code and its picture; None where it opens nothing any more."""

    code: MyTemporaryCode
    picture: Markup | None


@get("/requests/{request_reference:str}/temporary-code", opt=RESIDENT, include_in_schema=False)
async def show(
    *,
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Page:
    """Show the temporary code of each person, what it opens and how often, to be kept as a picture or printed."""
    reference = named(request_reference)
    found = await codes_for(database, keyring, request.user.account, reference, now=clock())
    return draw(
        request,
        "requests/temporary.html",
        words=WORDS,
        reference=reference,
        shown=[Shown(one, _picture(one.code)) for one in found.codes],
    )


def _picture(code: str | None) -> Markup | None:
    # The picture is ours, drawn from signs of a known alphabet.
    return None if code is None else Markup(render_svg(code))  # noqa: S704


ROUTES = (show,)

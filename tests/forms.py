"""The forms of a page, as a browser would fill them in and send them."""

from html.parser import HTMLParser

from msgspec import Struct, field

_FREE = {"text", "search", "tel", "email", "url", "password"}


class Form(Struct):
    """A form: `sent` is what it sends untouched, `free` the fields in which people write what they like."""

    method: str
    action: str
    sent: dict[str, str] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)

    def filled(self, words: str) -> dict[str, str | float | bool]:
        """What is sent where somebody has written these words everywhere."""
        return {**self.sent, **dict.fromkeys(self.free, words)}


def forms(page: str) -> list[Form]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(said.get("method", "get"), said.get("action", ""))
            self.found.append(self._form)
        elif self._form is not None and (said.get("name") or tag == "option"):
            self._take(tag, said, self._form)

    def _take(self, tag: str, said: dict[str, str], form: Form) -> None:
        name = said.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and (self._select not in form.sent or "selected" in said):
            form.sent[self._select] = said.get("value", "")
        elif tag == "textarea" or (tag == "input" and said.get("type", "text") in _FREE):
            form.free.append(name)
            form.sent[name] = said.get("value", "")
        elif tag == "input" and said.get("type") not in {"checkbox", "radio", "file", "submit"}:
            form.sent[name] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

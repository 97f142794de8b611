"""Pages that are drawn beside the loop: what their readers and their gates get."""

import threading

import pytest
from litestar import Litestar, get
from litestar.datastructures import Cookie
from litestar.testing import TestClient

from web.drawing import DrawnPage

DRAWN_BY: list[int] = []
LOOP: list[int] = []


@get("/page")
async def page() -> DrawnPage:
    """Show who draws."""
    LOOP.append(threading.get_ident())

    def drawing() -> str:
        DRAWN_BY.append(threading.get_ident())
        return "<p>Été à la piscine</p>"

    return DrawnPage(
        drawing, status_code=201, headers={"Content-Language": "fr"}, cookies=[Cookie(key="said", value="yes")]
    )


@get("/broken")
async def broken() -> DrawnPage:
    """Show what cannot be drawn."""

    def drawing() -> str:
        raise LookupError("a word is missing")

    return DrawnPage(drawing, status_code=200, headers={}, cookies=[])


@pytest.fixture(scope="module")
def reader() -> TestClient[Litestar]:
    return TestClient(Litestar([page, broken]), raise_server_exceptions=False)


def test_a_page_is_drawn_by_another_thread_than_the_one_that_answers_gates(reader: TestClient[Litestar]) -> None:
    reader.get("/page")
    assert DRAWN_BY[-1] != LOOP[-1]


def test_a_page_comes_whole_with_its_frame(reader: TestClient[Litestar]) -> None:
    answer = reader.get("/page")
    assert (answer.status_code, answer.text) == (201, "<p>Été à la piscine</p>")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (answer.headers["content-language"], answer.cookies["said"]) == ("fr", "yes")


def test_a_page_that_cannot_be_drawn_is_an_error_and_nothing_of_it_was_sent(reader: TestClient[Litestar]) -> None:
    answer = reader.get("/broken")
    assert (answer.status_code, answer.text.count("<p>")) == (500, 0)

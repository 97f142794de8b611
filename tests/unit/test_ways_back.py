"""A login leads back to a page of its own surface, and nowhere else."""

import pytest

from web.cookies import local_path


@pytest.mark.parametrize("wanted", ["/moi", "/moi/passes/1", "/moi/account?lang=en"])
def test_a_page_of_the_portal_is_gone_back_to(wanted: str) -> None:
    assert local_path(wanted, "/moi") == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "moi",
        "https://evil.example/moi",
        "//evil.example/moi",
        "/moi//evil.example",
        "/\\evil.example",
        "/moi\r\nSet-Cookie: x",
        "/moi/é",
        "/moineau",
        "/console",
        "/moi/login?next=/moi",
        "javascript:alert(1)",
    ],
)
def test_anything_else_is_not(wanted: str) -> None:
    assert local_path(wanted, "/moi") == "/moi"

"""What agents write: as HTML that does no harm whatever was typed, and as plain text that says the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.markdown import to_html, to_text

TEXT = """# La piscine

Elle est **fermée** jusqu’au [15 mai](https://ville.example/p?a=1&b=2).

- un
- deux
  1. a
  2. b

> Merci
"""


def test_markdown_becomes_paragraphs_lists_and_links() -> None:
    html = to_html(TEXT)
    assert html.startswith("<h3>La piscine</h3>")
    assert "<strong>fermée</strong>" in html
    assert '<a href="https://ville.example/p?a=1&amp;b=2" rel="noopener noreferrer nofollow">15 mai</a>' in html
    assert html.count("<li>") == 4


def test_plain_text_says_the_same_without_marks() -> None:
    assert to_text(TEXT) == (
        "La piscine\n\nElle est fermée jusqu’au 15 mai (https://ville.example/p?a=1&b=2).\n\n"
        "- un\n- deux\n  1. a\n  2. b\n\nMerci"
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](https://tracker.example/p.gif)",
    '[x](https://a.example/"onmouseover="alert(1))',
    "<https://a.example/'onclick='x>",
    "<a href='x' onclick='y'>z</a>",
    "```html\n</code></pre><script>x</script>\n```",
    "<style>*{display:none}</style>",
    "<form action=//evil><input name=csrf>",
    "[x]: javascript:alert(1)\n\n[x]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_harmless(text: str) -> None:
    check(to_html(text))


@given(st.text(alphabet="<>/\"'=[]()!`*_&:;# \nasrcipthefonlkdt", max_size=60))
def test_no_text_at_all_leaves_the_list_of_what_may_stand_there(text: str) -> None:
    check(to_html(text))
    to_text(text)


def check(html: str) -> None:
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html))
    assert tags <= {"p", "br", "strong", "em", "a", "ul", "ol", "li", "h3", "h4", "blockquote", "hr", "code", "pre"}
    for tag in re.findall(r"<[^>]*>", html):
        names = set(re.findall(r'([a-z-]+)="', re.sub(r'"[^"]*"', '""', tag)))
        assert names <= {"href", "rel"}
    for address in re.findall(r'href="([^"]*)"', html):
        assert not re.match(r"\s*(?!https?:|mailto:|tel:)[a-z][a-z0-9+.-]*:", address, re.IGNORECASE)

"""Markdown as agents write it: to HTML that can do no harm, and to plain text.

Read twice by strangers to each other: markdown-it-py writes no HTML that was typed, and nh3 keeps of what is left only
what a notice needs. Pictures are left out: one that is loaded from elsewhere tells when a letter is read.
"""

from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_READER: Final = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline"])
_TAGS: Final = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "h3", "h4", "blockquote", "hr", "code", "pre"}
_SCHEMES: Final = {"https", "http", "mailto", "tel"}


def to_html(text: str) -> str:
    """Return a text as HTML. Headings begin at the third level: pages and letters have their own above."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3" if token.tag in {"h1", "h2", "h3"} else "h4"
    html: str = _READER.renderer.render(tokens, _READER.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()


def to_text(text: str) -> str:
    """Return a text for those who read no HTML: without its marks, links with their address, lists with dashes."""
    lines: list[str] = []
    depth: list[int] = []
    prefix = ""
    for token in _READER.parse(text):
        match token.type:
            case "bullet_list_open":
                depth.append(0)
            case "ordered_list_open":
                depth.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                depth.pop()
                prefix = ""
                _gap(lines, at=not depth)
            case "list_item_open":
                prefix = "  " * (len(depth) - 1) + (f"{depth[-1]}. " if depth[-1] else "- ")
                depth[-1] += bool(depth[-1])
            case "inline":
                lines.append(prefix + _inline(token.children or []))
                prefix = " " * len(prefix) if depth else ""
            case "paragraph_close" | "heading_close":
                _gap(lines, at=not depth)
            case "fence" | "code_block":
                lines += [f"    {line}" for line in token.content.rstrip("\n").split("\n")]
                _gap(lines, at=True)
            case "hr":
                lines += ["---", ""]
    return "\n".join(lines).strip()


def _gap(lines: list[str], *, at: bool) -> None:
    if at and lines and lines[-1]:
        lines.append("")


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline" | "image":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                links.append((str(token.attrGet("href") or ""), len(parts)))
            case "link_close":
                address, begins = links.pop()
                if "".join(parts[begins:]) != address:
                    parts.append(f" ({address})")
    return "".join(parts)

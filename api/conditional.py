"""Conditional requests (RFC 9110 section 13)."""


def names(if_none_match: str, tag: str) -> bool:
    """Tell whether an `If-None-Match` names an entity tag.

    They are compared weakly (section 13.1.2): a proxy that compresses marks the tag as weak.
    """
    tags = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag.removeprefix("W/") in tags or tags == ["*"]

"""Conditional requests (RFC 9110 section 13)."""


def names(if_none_match: str, tag: str) -> bool:
    """Tell whether an `If-None-Match` names an entity tag.

    They are compared weakly (section 13.1.2): a proxy that compresses marks the tag as weak.
    """
    tags = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag.removeprefix("W/") in tags or tags == ["*"]


def allows(if_match: str, tag: str) -> bool:
    """Tell whether an `If-Match` lets a change of what has this entity tag through.

    They are compared strongly (section 13.1.1): a weak tag is never the same.
    """
    tags = [each.strip() for each in if_match.split(",")]
    return tag in tags or tags == ["*"]

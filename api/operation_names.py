"""What programs call the routes of the API: the words of their summaries, so that a generated client reads as they do.

A summary is part of the contract: whoever changes one renames a function in other people's programs.
"""

import re
from typing import Any

_WORD = re.compile(r"[A-Za-z0-9]+")
_APOSTROPHE = re.compile(r"[’']s?\b")


def name_operations(document: dict[str, Any]) -> None:
    """Give every operation its name (`operationId`)."""
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["operationId"] = named(operation["summary"])


def named(summary: str) -> str:
    """Return the name of an operation: "Renew the tokens" is `RenewTheTokens`."""
    words = _WORD.findall(_APOSTROPHE.sub("", summary))
    return "".join(word[0].upper() + word[1:] for word in words)

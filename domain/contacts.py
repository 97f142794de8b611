"""How people are reached, in the one form under which a telephone number or an address for e-mail is found again."""

import re
from enum import StrEnum

_NOT_DIALLED = re.compile(r"[\s.\-/()\u00a0\u2009\u202f\u2010-\u2014]")
_TRUNK = re.compile(r"\(\s*0\s*\)")
"""`+33 (0)6 …`: the zero is dialled at home alone."""
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # ITU-T E.164
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\s@<>\".]{2,63}")


LONGEST_KEY = 254
"""Letters of an address for e-mail (RFC 5321, erratum 1690)."""


class ContactKind(StrEnum):
    """By what somebody is reached."""

    PHONE = "phone"
    EMAIL = "email"


def phone_key(said: str) -> str | None:
    """Return a number as `+33612345678`, however it is written; None where it is none.

    A number without a country is French: ten digits, the first a zero (national numbering plan, ARCEP).
    """
    plain = _NOT_DIALLED.sub("", _TRUNK.sub("", said.strip()))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    elif plain.startswith("0") and len(plain) == 10:
        plain = f"+33{plain[1:]}"
    if plain.startswith("+330") and len(plain) == 13:
        plain = f"+33{plain[4:]}"
    return plain if plain.isascii() and _NUMBER.fullmatch(plain) else None


def email_key(said: str) -> str | None:
    """Return an address in small letters; None where it is none. What stands before the @ is kept as it is."""
    plain = said.strip().removeprefix("mailto:").casefold()
    return plain if len(plain) <= LONGEST_KEY and _EMAIL.fullmatch(plain) else None


def contact_key(said: str) -> tuple[ContactKind, str] | None:
    """Read a number or an address for e-mail, whichever it is; None where it is neither."""
    for kind, read in ((ContactKind.EMAIL, email_key), (ContactKind.PHONE, phone_key)):
        key = read(said)
        if key is not None:
            return kind, key
    return None


def contact_keys(*said: str | None) -> list[tuple[ContactKind, str]]:
    """Return by what somebody is found who gave these: what nobody could call or write to is left out."""
    found = (contact_key(one) for one in said if one)
    return list(dict.fromkeys(one for one in found if one is not None))

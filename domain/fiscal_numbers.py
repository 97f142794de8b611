"""A household under a name that its fiscal number leads to, and that leads to no fiscal number.

The number stays the same after a move, so whoever asks for a second card under a new address is found out (SMITOM
Lombric). The register never holds it: it holds a keyed hash, made with a key that lies apart from the database.
"""

import hmac
from base64 import b32encode

from domain.errors.people import BadFiscalNumber

_DIGITS = 13
_MODULUS = 511


def household_reference(key: bytes, fiscal_number: str) -> str:
    """Return the reference of the household that files under a fiscal number: `N-` and sixteen characters.

    The number is the thirteen digits of a tax notice, spaces allowed. The last three are what the first ten leave when
    divided by 511.

    Raises:
        BadFiscalNumber: it has another form, or does not check.
    """
    digits = "".join(fiscal_number.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()) or digits[0] not in "0123":
        raise BadFiscalNumber("A fiscal number has thirteen digits and begins with 0, 1, 2 or 3.")
    if int(digits[:10]) % _MODULUS != int(digits[10:]):
        raise BadFiscalNumber("These digits do not check: one may be wrong, or two swapped.")
    return "N-" + b32encode(hmac.digest(key, digits.encode(), "sha256")[:10]).decode()

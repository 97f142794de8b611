"""The issuer of the design examples, and the vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from nfc.keys import KeySet, SigningKey, key_set, signing_key, verify_key
from nfc.phone import Phone

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


def vectors(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def design() -> dict[str, Any]:
    return vectors("design_examples.json")


@pytest.fixture(scope="session")
def cose_vectors() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = vectors("cose_cwt_hcert.json")["vectors"]
    return entries


@pytest.fixture(scope="session")
def base45_vectors() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = vectors("primitives.json")["vectors"]
    return entries


@pytest.fixture(scope="session")
def issuer(design: dict[str, Any]) -> SigningKey:
    return signing_key(int(design["issuer"]["private_d"], 16))


@pytest.fixture(scope="session")
def trusted(issuer: SigningKey) -> KeySet:
    return key_set([verify_key(issuer.public, purpose="print", authority="clairmont")])


@pytest.fixture(scope="session")
def printed(design: dict[str, Any]) -> str:
    """The printed code of the design examples."""
    text: str = next(entry["text"] for entry in design["payloads"] if entry["id"] == "static_qr")
    return text


@pytest.fixture(scope="session")
def trusted_phones(issuer: SigningKey) -> KeySet:
    return key_set([verify_key(issuer.public, purpose="phone", authority="clairmont")])


@pytest.fixture(scope="session")
def phone(design: dict[str, Any]) -> Phone:
    """The phone of the design examples, with its credential."""
    private = signing_key(int(design["device"]["private_d"], 16)).private
    return Phone(private, bytes.fromhex(design["credential"]))

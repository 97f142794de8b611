"""The keys of an authority as its offline root signed them."""

import httpx

from adapters import roots
from nfc import key_set, keys
from nfc.keys import SigningKey
from tests.house_app import House

ROOT = keys.signing_key(0x4007)


def pinned(root: SigningKey = ROOT) -> keys.KeySet:
    return keys.key_set([keys.verify_key(root.public, purpose="root", authority="ville")])


def publish(house: House) -> None:
    """What two machines do: ask, sign offline, install."""
    roots.trust(house.keyring.folder, "ville", (ROOT.public,))
    asked = roots.request(house.keyring, "ville", now=house.clock())
    roots.install(house.keyring, "ville", key_set.sign(ROOT, asked), now=house.clock())


async def fetch(house: House, authority: str = "ville") -> httpx.Response:
    return await house.client.get(f"/v1/keys/{authority}/signed")


async def test_anybody_fetches_the_set_that_the_root_signed(house: House) -> None:
    publish(house)
    answer = await fetch(house)
    assert (answer.status_code, answer.headers["content-type"]) == (200, key_set.MEDIA_TYPE)
    now = int(house.clock().timestamp())
    found = key_set.read(answer.content, pinned(), authority="ville", now=now, last_version=0)
    assert (found.version, {key.authority for same in found.keys.values() for key in same}) == (1, {"ville"})


async def test_a_withdrawn_key_is_not_in_the_next_set_whose_version_is_greater(house: House) -> None:
    publish(house)
    old = next(entry.kid for entry in house.keyring.entries if (entry.authority, entry.purpose) == ("ville", "print"))
    house.keyring.withdraw(old, now=house.clock())
    publish(house)
    now = int(house.clock().timestamp())
    found = key_set.read((await fetch(house)).content, pinned(), authority="ville", now=now, last_version=1)
    assert found.version == 2
    assert bytes.fromhex(old) not in found.keys


async def test_versions_go_on_from_one_root_to_the_next(house: House) -> None:
    publish(house)
    other = keys.signing_key(0x4008)
    roots.trust(house.keyring.folder, "ville", (other.public,))
    asked = roots.request(house.keyring, "ville", now=house.clock())
    assert roots.install(house.keyring, "ville", key_set.sign(other, asked), now=house.clock()).version == 2


async def test_without_a_signed_set_the_answer_is_a_problem(house: House) -> None:
    for authority in ("ville", "nobody", "..", "%2e%2e%2fkeyring"):
        answer = await fetch(house, authority)
        assert answer.status_code == 404, authority
        assert answer.json()["code"] in {"key-missing", "not-found"}

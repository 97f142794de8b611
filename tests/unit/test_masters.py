"""Masters: wrapped at rest, and never in one person's hands."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from adapters.custody import Approval, Custodian, CustodianConflict, NotApproved
from adapters.keyring import KeyMissing, KeyRing, Purpose
from adapters.masters import KINDS, TRANSPORT
from adapters.shares import Share, ShareRefused, unseal
from adapters.wrapping import KeyringAltered, WrongSecret
from domain.errors import AlreadyExists
from nfc import keys
from nfc.diversify import Slot
from tests.city import NOW
from tests.custody import ALICE, BRUNO, MALLORY, appoint_two, approved, make_card_masters, make_master

SECRET = "canary-secret-of-the-keyring"
CARD = "ville card-2 1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    """A keyring without a secret, so that no test waits for one to be stretched; its rules are the same."""
    ring = KeyRing(folder)
    ring.make_master("ville", now=NOW)
    appoint_two(ring, now=NOW)
    return ring


def made(ring: KeyRing) -> bytes:
    ring.masters.make("ville", "card-2", 1, approval=approved("make", CARD, ALICE, BRUNO, now=NOW), now=NOW)
    return ring.card_master("ville", Slot.SERVER, 1)


def shared_out(ring: KeyRing, *, now: timedelta = timedelta(hours=1)) -> tuple[Share, ...]:
    approval = approved("export", CARD, ALICE, BRUNO, now=NOW + now)
    return ring.masters.share_out("ville", "card-2", 1, approval=approval)


# --- what others rely on ----------------------------------------------------------------------------


def test_each_slot_and_version_of_a_card_has_a_master_of_its_own(ring: KeyRing) -> None:
    for version in (1, 2):
        make_card_masters(ring, "ville", version=version, now=NOW)
    masters = {ring.card_master("ville", slot, version) for slot in Slot for version in (1, 2)}
    assert len(masters) == 10
    assert {len(master) for master in masters} == {16}
    assert ring.card_versions("ville") == (1, 2)
    assert ring.card_versions("voisine") == ()


def test_a_version_counts_once_a_server_can_read_its_cards(ring: KeyRing) -> None:
    made(ring)
    assert ring.card_versions("ville") == (), "without slot 1 nobody knows which card it is"


def test_a_withdrawn_version_is_no_longer_read_and_the_others_are(ring: KeyRing) -> None:
    for version in (1, 2):
        make_card_masters(ring, "ville", version=version, now=NOW)
    ring.masters.withdraw("ville", "card-2", 1)
    assert ring.card_versions("ville") == (2,)
    with pytest.raises(KeyMissing):
        ring.card_master("ville", Slot.SERVER, 1)
    with pytest.raises(AlreadyExists):
        make_card_masters(ring, "ville", version=1, now=NOW + timedelta(hours=1))


def test_the_key_of_uids_is_there_from_the_start_and_each_authority_has_its_own(ring: KeyRing, folder: Path) -> None:
    ring.make_master("voisine", now=NOW)
    assert len(ring.uid_key("ville")) == 32
    assert ring.uid_key("ville") != ring.uid_key("voisine")
    assert KeyRing(folder).uid_key("ville") == ring.uid_key("ville")


def test_a_running_program_follows_what_another_does_with_masters(ring: KeyRing, folder: Path) -> None:
    running = KeyRing(folder)
    ring.change_masters(lambda masters: masters.withdraw("ville", "uid", 1))
    assert running.refresh()
    with pytest.raises(KeyMissing):
        running.uid_key("ville")


# --- at rest ----------------------------------------------------------------------------------------


def test_no_file_shows_a_master_a_private_key_or_the_secret(folder: Path) -> None:
    ring = KeyRing(folder, password=SECRET)
    ring.make_master("ville", now=NOW)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    make_card_masters(ring, "ville", now=NOW)
    make_master(ring, "ville", TRANSPORT, now=NOW)
    secrets = [ring.masters.secret_of("ville", kind) for kind in KINDS]
    for path in folder.iterdir():
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert b"BEGIN PRIVATE" not in content
        for secret in secrets:
            assert not any(
                form in content for form in (secret, secret.hex().encode(), msgspec.json.encode(secret)[1:-1])
            )


def test_the_wrong_secret_opens_nothing(folder: Path) -> None:
    KeyRing(folder, password=SECRET).make_master("ville", now=NOW)
    for wrong in ("", "guess"):
        with pytest.raises(WrongSecret):
            KeyRing(folder, password=wrong).uid_key("ville")


def test_another_secret_takes_the_place_of_the_first_and_nothing_else_changes(folder: Path) -> None:
    ring = KeyRing(folder, password=SECRET)
    ring.make_master("ville", now=NOW)
    entry = ring.generate("ville", Purpose.PRINT, now=NOW)
    uid_key, running = ring.uid_key("ville"), KeyRing(folder, password=SECRET)
    assert running.uid_key("ville") == uid_key

    ring.rewrap("another-secret", now=NOW)

    again = KeyRing(folder, password="another-secret")
    assert (again.uid_key("ville"), again.signing_key("ville", Purpose.PRINT).kid.hex()) == (uid_key, entry.kid)
    with pytest.raises(WrongSecret):
        KeyRing(folder, password=SECRET).uid_key("ville")
    assert running.refresh()
    assert running.uid_key("ville") == uid_key, "a running server goes on"


def test_a_keyring_from_before_is_read_and_taken_in_when_it_is_wrapped(folder: Path) -> None:
    """0.1 left the master of pseudonyms open, and private keys under the secret itself."""
    ring = KeyRing(folder)
    entry = ring.generate("ville", Purpose.PRINT, now=NOW)
    (folder / "master-ville").write_bytes(bytes(range(32)))
    key = ring.signing_key("ville", Purpose.PRINT)
    (folder / f"print-{entry.kid}.pem").write_bytes(keys.dump_pem(key, password=SECRET.encode()))
    before = KeyRing(folder, password=SECRET).sector_key("ville", "leisure")
    assert KeyRing(folder, password=SECRET).signing_key("ville", Purpose.PRINT).kid.hex() == entry.kid

    KeyRing(folder, password=SECRET).rewrap("another-secret", now=NOW)

    assert not (folder / "master-ville").exists()
    after = KeyRing(folder, password="another-secret")
    assert after.sector_key("ville", "leisure") == before
    assert after.signing_key("ville", Purpose.PRINT).kid.hex() == entry.kid


@pytest.mark.parametrize(
    ("was", "becomes"), [("card-2", "card-3"), ("withdrawn", "in force"), ("alice", "malice"), ("uid", "pseudonym")]
)
def test_what_somebody_changes_in_the_file_is_not_believed(ring: KeyRing, folder: Path, was: str, becomes: str) -> None:
    make_card_masters(ring, "ville", now=NOW)
    ring.masters.withdraw("ville", "card-4", 1)
    path = folder / "secrets.json"
    changed = path.read_text().replace(f'"{was}"', f'"{becomes}"', 1)
    assert changed != path.read_text()
    path.write_text(changed)
    with pytest.raises(KeyringAltered):
        KeyRing(folder).card_master("ville", Slot.META, 1)


def test_a_rehearsal_changes_nothing_and_says_what_would(ring: KeyRing, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    rehearsal = ring.rehearsal()
    made(rehearsal)
    rehearsal.generate("ville", Purpose.PRINT, now=NOW)
    rehearsal.rewrap("another-secret", now=NOW)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {"secrets.json", "keyring.json"} <= rehearsal.folder.would_change.keys()
    assert len(rehearsal.entries) == 1


# --- two people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "approval",
    [
        approved("export", CARD, now=NOW),
        approved("export", CARD, ALICE, now=NOW),
        approved("export", CARD, ALICE, ALICE, now=NOW),
        approved("export", CARD, ALICE, MALLORY, now=NOW),
        approved("export", CARD, ALICE, BRUNO, ALICE, now=NOW),
        approved("make", CARD, ALICE, BRUNO, now=NOW + timedelta(hours=2)),
        approved("export", "ville card-2 2", ALICE, BRUNO, now=NOW),
        Approval(approved("export", CARD, now=NOW).act, approved("make", CARD, ALICE, BRUNO, now=NOW).signatures),
        Approval(approved("export", CARD, now=NOW).act, (b"", b"\x80")),
    ],
    ids=["nobody", "one", "one twice", "a stranger", "three", "another deed", "another master", "moved", "garbage"],
)
def test_one_person_alone_takes_no_master_out(ring: KeyRing, approval: Approval) -> None:
    made(ring)
    with pytest.raises(NotApproved):
        ring.masters.share_out("ville", "card-2", 1, approval=approval)


def test_one_person_alone_makes_no_master_and_brings_none(ring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(NotApproved):
        ring.masters.make("ville", "card-2", 1, approval=approved("make", CARD, ALICE, now=NOW), now=NOW)
    assert ring.card_versions("ville") == ()
    made(ring)
    shares = shared_out(ring)
    other = KeyRing(tmp_path / "other")
    appoint_two(other, now=NOW)
    with pytest.raises(NotApproved):
        other.masters.take_in(
            "ville",
            "card-2",
            1,
            halves=((shares[0], ALICE.private), (shares[1], BRUNO.private)),
            approval=approved("import", CARD, ALICE, ALICE, now=NOW),
            now=NOW,
        )
    assert not other.masters.entries


def test_an_approval_is_good_once(ring: KeyRing) -> None:
    made(ring)
    shared_out(ring)
    with pytest.raises(NotApproved, match="used"):
        shared_out(ring)


def test_whoever_runs_the_export_reads_neither_share_and_each_custodian_their_own_alone(ring: KeyRing) -> None:
    master = made(ring)
    ours, theirs = shared_out(ring)
    assert (ours.custodian, theirs.custodian) == ("alice", "bruno")
    for share, stranger in ((ours, BRUNO), (theirs, ALICE), (ours, MALLORY)):
        with pytest.raises(ShareRefused):
            unseal(share, stranger.private)
    one, other = unseal(ours, ALICE.private), unseal(theirs, BRUNO.private)
    assert master not in (one, other)
    assert bytes(a ^ b for a, b in zip(one, other, strict=True)) == master


def test_two_exports_of_one_master_have_no_share_in_common(ring: KeyRing) -> None:
    made(ring)
    first, second = shared_out(ring), shared_out(ring, now=timedelta(hours=2))
    assert unseal(first[0], ALICE.private) != unseal(second[0], ALICE.private)
    assert first[0].check == second[0].check


@pytest.mark.parametrize("mixed", ["twice the same", "of two exports", "altered", "swapped keys", "another master's"])
def test_two_shares_that_are_no_pair_make_no_master(ring: KeyRing, tmp_path: Path, mixed: str) -> None:
    made(ring)
    (ours, theirs), (_, later) = shared_out(ring), shared_out(ring, now=timedelta(hours=2))
    halves = {
        "twice the same": ((ours, ALICE.private), (ours, ALICE.private)),
        "of two exports": ((ours, ALICE.private), (later, BRUNO.private)),
        "altered": ((ours, ALICE.private), (msgspec.structs.replace(theirs, check="00000000"), BRUNO.private)),
        "swapped keys": ((ours, BRUNO.private), (theirs, ALICE.private)),
        "another master's": ((ours, ALICE.private), (msgspec.structs.replace(theirs, master="x"), BRUNO.private)),
    }[mixed]
    fresh = KeyRing(tmp_path / "fresh")
    appoint_two(fresh, now=NOW)
    with pytest.raises(ShareRefused):
        fresh.masters.take_in(
            "ville", "card-2", 1, halves=halves, approval=approved("import", CARD, ALICE, BRUNO, now=NOW), now=NOW
        )
    assert not fresh.masters.entries


def test_a_lost_keyring_gets_its_master_back_from_the_two_shares(ring: KeyRing, tmp_path: Path) -> None:
    master = made(ring)
    ours, theirs = shared_out(ring)
    fresh = KeyRing(tmp_path / "fresh")
    appoint_two(fresh, now=NOW)
    fresh.masters.take_in(
        "ville",
        "card-2",
        1,
        halves=((ours, ALICE.private), (theirs, BRUNO.private)),
        approval=approved("import", CARD, ALICE, BRUNO, now=NOW),
        now=NOW,
    )
    assert fresh.card_master("ville", Slot.SERVER, 1) == master


def test_nobody_becomes_a_custodian_without_two_of_those_there_are(ring: KeyRing) -> None:
    new = Custodian("mallory", keys.dump_point(MALLORY.public), NOW)
    subject = f"mallory {new.fingerprint}"
    for approval in (None, approved("appoint", subject, MALLORY, ALICE, now=NOW)):
        with pytest.raises(NotApproved):
            ring.masters.appoint(new, approval=approval)
    ring.masters.appoint(new, approval=approved("appoint", subject, BRUNO, ALICE, now=NOW))
    assert [one.name for one in ring.masters.custodians] == ["alice", "bruno", "mallory"]
    assert [past.act.deed for past in ring.masters.acts] == ["appoint"]


@pytest.mark.parametrize(
    "new",
    [Custodian("alice", keys.dump_point(MALLORY.public), NOW), Custodian("carla", keys.dump_point(ALICE.public), NOW)],
)
def test_one_person_is_not_two_custodians(ring: KeyRing, new: Custodian) -> None:
    with pytest.raises(CustodianConflict):
        ring.masters.appoint(new, approval=approved("appoint", f"{new.name} {new.fingerprint}", ALICE, BRUNO, now=NOW))


def test_two_custodians_are_always_left(ring: KeyRing) -> None:
    fingerprint = ring.masters.custodians[0].fingerprint
    with pytest.raises(CustodianConflict):
        ring.masters.dismiss("alice", approval=approved("dismiss", f"alice {fingerprint}", ALICE, BRUNO, now=NOW))

"""The keyring: what it keeps, who may read it, and how keys succeed one another."""

import stat
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from adapters.key_entries import KeyEntry
from adapters.keyring import INSTALLATION, SHOWN_AT_GATES, KeyMissing, KeyRing, KeyState, Purpose
from domain.passes import Medium, MediumKind, MediumStatus
from domain.privacy import pseudonym
from tests.city import NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_an_empty_keyring_names_the_command_that_fills_it(folder: Path) -> None:
    ring = KeyRing(folder)
    assert ring.entries == ()
    assert not ring.verify_keys(Purpose.PRINT)
    with pytest.raises(KeyMissing, match="multipass keys new"):
        ring.signing_key("ville", Purpose.PRINT)
    assert not folder.exists(), "looking makes nothing"


def test_a_key_signs_from_the_moment_it_is_made_and_is_there_tomorrow(folder: Path) -> None:
    made = KeyRing(folder).generate("ville", Purpose.PRINT, now=NOW)
    again = KeyRing(folder)
    assert again.entries == (made,)
    assert again.signing_key("ville", Purpose.PRINT).kid.hex() == made.kid
    assert (made.state, made.created_at) == (KeyState.SIGNING, NOW)


def test_a_new_key_takes_over_and_the_old_one_goes_on_verifying(folder: Path) -> None:
    ring = KeyRing(folder)
    old = ring.generate("ville", Purpose.PRINT, now=NOW)
    new = ring.generate("ville", Purpose.PRINT, now=NOW)
    assert [entry.state for entry in ring.entries] == [KeyState.VERIFYING, KeyState.SIGNING]
    assert ring.signing_key("ville", Purpose.PRINT).kid.hex() == new.kid
    known = ring.verify_keys(Purpose.PRINT)
    assert {kid.hex() for kid in known} == {old.kid, new.kid}
    assert not any(key.withdrawn for same in known.values() for key in same)


def test_a_withdrawn_key_stays_known_so_that_it_can_be_refused_by_name(folder: Path) -> None:
    ring = KeyRing(folder)
    entry = ring.generate("ville", Purpose.PRINT, now=NOW)
    assert ring.withdraw(entry.kid, now=NOW).state is KeyState.WITHDRAWN
    (key,) = ring.verify_keys(Purpose.PRINT)[bytes.fromhex(entry.kid)]
    assert key.withdrawn
    with pytest.raises(KeyMissing):
        ring.signing_key("ville", Purpose.PRINT)
    assert KeyRing(folder).entries[0].state is KeyState.WITHDRAWN


def test_a_withdrawn_key_never_comes_back_when_another_is_made(folder: Path) -> None:
    ring = KeyRing(folder)
    entry = ring.generate("ville", Purpose.PRINT, now=NOW)
    ring.withdraw(entry.kid, now=NOW)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    assert [entry.state for entry in ring.entries] == [KeyState.WITHDRAWN, KeyState.SIGNING]


# --- ADR 0066: what a key was ------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


def made_at(at: int, *, kind: MediumKind = MediumKind.PRINT) -> Medium:
    nobody = UUID(int=0)
    made = NOW + at * HOUR
    return Medium(1, nobody, nobody, kind, MediumStatus.ACTIVE, 0, 0, made + 9_999 * HOUR, made, made.date())


def withdrawn(ring: KeyRing, hour: int) -> bool:
    return any(key.withdrawn for same in ring.gate_keys_at(NOW + hour * HOUR).values() for key in same)


def test_a_key_was_in_force_until_it_was_withdrawn(folder: Path) -> None:
    ring = KeyRing(folder)
    kid = ring.generate("ville", Purpose.PRINT, now=NOW).kid
    ring.withdraw(kid, now=NOW + 5 * HOUR)
    ring.withdraw(kid, now=NOW + 8 * HOUR)
    again = KeyRing(folder)
    assert [withdrawn(again, hour) for hour in (-1, 4, 5, 9)] == [False, False, True, True]
    assert all(key.withdrawn for same in again.verify_keys(Purpose.PRINT).values() for key in same), "now as ever"


def test_a_key_from_before_its_past_was_kept_is_judged_as_it_is_now() -> None:
    old = KeyEntry("ville", Purpose.PRINT, "00000000", KeyState.WITHDRAWN, NOW)
    assert old.state_at(NOW + HOUR) is KeyState.WITHDRAWN
    assert [old.signed_between(NOW, NOW + hour * HOUR) for hour in (-1, 1)] == [False, True]


def test_a_code_is_refused_from_the_withdrawal_of_its_key_until_another_can_have_signed_it_anew(folder: Path) -> None:
    ring = KeyRing(folder)
    first = ring.generate("ville", Purpose.PRINT, now=NOW).kid
    ring.withdraw(first, now=NOW + 5 * HOUR)
    ring.generate("ville", Purpose.PRINT, now=NOW + 7 * HOUR)
    told = {hour: ring.flaw_then("ville", made_at(1), NOW + hour * HOUR) for hour in (2, 5, 6, 7)}
    assert told == {2: None, 5: "withdrawn_key", 6: "withdrawn_key", 7: None}
    assert ring.flaw_then("ville", made_at(1, kind=MediumKind.CARD), NOW + 6 * HOUR) is None, "a chip proves masters"
    assert ring.flaw_then("voisine", made_at(1), NOW + 6 * HOUR) is None, "another authority's keys are its own"


def test_a_key_that_stepped_down_before_a_medium_was_made_has_not_signed_it(folder: Path) -> None:
    ring = KeyRing(folder)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    second = ring.announce("ville", Purpose.PRINT, now=NOW + HOUR).kid
    ring.take_over("ville", Purpose.PRINT, now=NOW + 3 * HOUR, announced=HOUR)
    ring.withdraw(second, now=NOW + 5 * HOUR)
    told = [ring.flaw_then("ville", made_at(hour), NOW + 6 * HOUR) for hour in (1, 4)]
    assert told == [None, "withdrawn_key"], "the first is signed by the key that was not withdrawn"


@pytest.mark.parametrize("kid", ["", "00000000", "../keyring", "zz"])
def test_a_key_that_is_not_there_cannot_be_withdrawn(folder: Path, kid: str) -> None:
    ring = KeyRing(folder)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    with pytest.raises(KeyMissing):
        ring.withdraw(kid, now=NOW)


def test_authorities_and_purposes_do_not_share_keys(folder: Path) -> None:
    ring = KeyRing(folder)
    entries = [
        ring.generate(authority, purpose, now=NOW)
        for authority, purpose in (
            ("ville", Purpose.PRINT),
            ("voisine", Purpose.PRINT),
            (INSTALLATION, Purpose.TOKEN),
        )
    ]
    assert all(entry.state is KeyState.SIGNING for entry in entries)
    assert {kid.hex() for kid in ring.verify_keys(Purpose.TOKEN)} == {entries[2].kid}
    owners = {key.kid.hex(): key.authority for same in ring.verify_keys(Purpose.PRINT).values() for key in same}
    assert owners == {entries[0].kid: "ville", entries[1].kid: "voisine"}
    with pytest.raises(KeyMissing):
        ring.signing_key("ville", Purpose.TOKEN)


def test_only_its_owner_may_read_the_folder(folder: Path) -> None:
    ring = KeyRing(folder)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    ring.make_master("ville", now=NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert not any(name.startswith(".") for name in modes), "nothing half written stays"


def test_private_keys_are_encrypted_when_there_is_a_password(folder: Path) -> None:
    ring = KeyRing(folder, password="canary-password")
    entry = ring.generate("ville", Purpose.PRINT, now=NOW)
    assert b"ENCRYPTED" in (folder / f"print-{entry.kid}.pem").read_bytes()
    assert KeyRing(folder, password="canary-password").signing_key("ville", Purpose.PRINT).kid.hex() == entry.kid
    for wrong in ("", "guess"):
        with pytest.raises((TypeError, ValueError)):
            KeyRing(folder, password=wrong).signing_key("ville", Purpose.PRINT)
    assert all(b"canary-password" not in path.read_bytes() for path in folder.iterdir())


def test_keys_and_entries_print_without_a_secret(folder: Path) -> None:
    ring = KeyRing(folder, password="canary-password")
    ring.generate("ville", Purpose.PRINT, now=NOW)
    secret = ring.signing_key("ville", Purpose.PRINT).private.private_numbers().private_value
    for shown in (repr(ring), repr(ring.entries), repr(ring.signing_key("ville", Purpose.PRINT))):
        assert "canary-password" not in shown
        assert str(secret) not in shown
        assert "BEGIN" not in shown


def test_the_master_is_made_once(folder: Path) -> None:
    ring = KeyRing(folder)
    ring.make_master("ville", now=NOW)
    before = ring.sector_key("ville", "leisure")
    ring.make_master("ville", now=NOW)
    assert ring.sector_key("ville", "leisure") == before
    assert KeyRing(folder).sector_key("ville", "leisure") == before


def test_sectors_and_authorities_have_keys_of_their_own(folder: Path) -> None:
    ring = KeyRing(folder)
    for authority in ("ville", "voisine"):
        ring.make_master(authority, now=NOW)
    keys = {
        ring.sector_key(authority, sector)
        for authority in ("ville", "voisine")
        for sector in ("leisure", "culture", "waste", "transport")
    }
    assert len(keys) == 8
    assert len({pseudonym(key, UUID(int=7)) for key in keys}) == 8


def test_without_a_master_there_is_no_sector(folder: Path) -> None:
    with pytest.raises(KeyMissing, match="ville"):
        KeyRing(folder).sector_key("ville", "leisure")


def test_a_running_program_follows_what_another_one_does(folder: Path) -> None:
    running, other = KeyRing(folder), KeyRing(folder)
    assert not running.refresh()
    entry = other.generate("ville", Purpose.PRINT, now=NOW)
    assert running.refresh()
    assert running.entries == (entry,)
    assert not running.refresh(), "nothing new"
    other.withdraw(entry.kid, now=NOW)
    assert running.refresh()
    assert running.entries[0].state is KeyState.WITHDRAWN


def test_what_one_changes_itself_is_no_news(folder: Path) -> None:
    ring = KeyRing(folder)
    ring.generate("ville", Purpose.PRINT, now=NOW)
    assert not ring.refresh()


def test_two_programs_that_make_keys_in_turn_lose_none(folder: Path) -> None:
    one, other = KeyRing(folder), KeyRing(folder)
    first = one.generate("ville", Purpose.PRINT, now=NOW)
    second = other.generate("voisine", Purpose.PRINT, now=NOW)
    assert {entry.kid for entry in KeyRing(folder).entries} == {first.kid, second.kid}


def test_a_keyring_that_cannot_be_read_stops_the_program(folder: Path) -> None:
    KeyRing(folder).generate("ville", Purpose.PRINT, now=NOW)
    (folder / "keyring.json").write_text("[{]")
    with pytest.raises(ValueError, match="JSON"):
        KeyRing(folder)


@pytest.mark.parametrize("name", ["../outside", "a/b"])
def test_an_authoritys_code_cannot_lead_out_of_the_folder(folder: Path, name: str) -> None:
    """Codes of authorities come from the command line; a mistake there must not overwrite a file elsewhere."""
    ring = KeyRing(folder)
    with pytest.raises((ValueError, OSError)):
        ring.make_master(name, now=NOW)
    assert not (folder.parent / "outside").exists()


def test_keys_of_several_purposes_are_trusted_together_each_for_its_own(folder: Path) -> None:
    ring = KeyRing(folder)
    made = {purpose: ring.generate("ville", purpose, now=NOW).kid for purpose in Purpose}
    trusted = ring.verify_keys(*SHOWN_AT_GATES)
    assert {key.kid.hex(): key.purpose for same in trusted.values() for key in same} == {
        made[Purpose.PRINT]: "print",
        made[Purpose.PHONE]: "phone",
    }

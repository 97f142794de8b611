"""`multipass card`, `phone` and `gateway` on an installation of one authority."""

import re
import secrets
import shutil
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.clock import utc_now
from cli.main import front
from nfc import gateway_statement, keys, phone_binding, phone_credential
from nfc.gateway_statement import Statement
from tests.migrated import lay


class Desk:
    """The command line, on one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str | Path, answer: str | None = None) -> Result:
        settings = {
            "MULTIPASS_DATABASE_URL": f"sqlite:///{self.folder}/multipass.sqlite3",
            "MULTIPASS_KEYS_FOLDER": str(self.folder / "keys"),
        }
        words_ = [str(word) for word in words]
        return CliRunner().invoke(front, words_, prog_name="multipass", env=settings, input=answer)

    def pass_(self, name: str = "Ada") -> str:
        """A new holder's pass number."""
        told = self(
            "pass", "issue", "--first-name", name, "--last-name", "L", "--born", "1990-12-10", "--commune", "59350"
        )
        assert told.exit_code == 0, told.output
        found = re.search(r"Pass (\d{10})", told.output)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    desk = Desk(folder)
    lay(folder / "multipass.sqlite3")
    assert desk("authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia").exit_code == 0
    return folder


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Desk:
    return Desk(Path(shutil.copytree(built, tmp_path / "installation")))


def test_a_card_is_enrolled_from_what_a_reader_types_and_listed_without_its_uid(desk: Desk) -> None:
    number = desk.pass_()
    enrolled = desk("card", "enrol", number, "--technology", "uid_only", answer="04112233445566\n")
    assert enrolled.exit_code == 0, enrolled.output
    assert "04112233445566" not in enrolled.output
    listed = desk("card", "list", number)
    assert "uid_only" in listed.output
    assert "04112233445566" not in listed.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nonsense",), "hexadecimal"),
        (("08112233", "--technology", "uid_only"), "changes at each tap"),
        (("04112233445566", "--technology", "uid_only", "--key-version", "1"), "has no keys of ours"),
        (("04112233445566",), "masters for cards"),
        (("04112233445566", "--signature", "00" * 56), "did not sign"),
    ],
)
def test_a_card_that_cannot_be_enrolled_is_told_in_one_line(desk: Desk, words: tuple[str, ...], told: str) -> None:
    answer = desk("card", "enrol", desk.pass_(), *words)
    assert answer.exit_code == 2
    assert told in answer.output
    assert answer.output.count("\n") == 1


def test_a_phone_is_bound_by_its_proof_and_gets_its_credential(desk: Desk) -> None:
    number, phone = desk.pass_(), keys.generate().private
    proof = phone_binding.prove(phone, number, int(utc_now().timestamp()))
    bound = desk("phone", "bind", number, proof)
    assert bound.exit_code == 0, bound.output
    credential = bound.output.splitlines()[-1]
    assert len(urlsafe_b64decode(credential + "==")) <= phone_credential.MAX_BYTES
    assert "key in software" in desk("card", "list", number).output
    again = desk("phone", "bind", number, proof)
    assert (again.exit_code, "already" in again.output) == (2, True)


def test_a_gateway_is_added_reads_a_card_and_is_revoked(desk: Desk) -> None:
    key, secret = keys.generate(), secrets.token_bytes(32)
    public = desk.folder / "gateway.pub.pem"
    public.write_bytes(keys.dump_public_pem(key.public))
    added = desk("gateway", "add", public, "--name", "Métro")
    assert keys.thumbprint(key.public).hex()[:16] in added.output

    def said(sector: str) -> str:
        names = (gateway_statement.serial_hash(secret, sector, b"serial"), sector, sector.encode().ljust(8))
        moment = int(utc_now().timestamp())
        return gateway_statement.state(key, Statement("amc", *names, True, moment, secrets.token_bytes(16)))  # noqa: FBT003

    number = desk.pass_()
    first = desk("card", "external", number, said("leisure"))
    assert first.exit_code == 0, first.output
    found = re.search(r"medium ([0-9a-f]{16})", first.output)
    assert found is not None
    second = desk("card", "external", number, said("culture"), "--medium", found[1])
    assert "known in: culture, leisure." in second.output

    listed = desk("gateway", "list").output
    gateway = re.search(r"[0-9a-f-]{36}", listed)
    assert gateway is not None
    assert desk("gateway", "revoke", gateway[0]).exit_code == 0
    assert "revoked" in desk("gateway", "list").output
    refused = desk("card", "external", number, said("waste"))
    assert (refused.exit_code, "was revoked" in refused.output) == (2, True)


def test_a_file_that_is_no_key_adds_no_gateway(desk: Desk) -> None:
    public = desk.folder / "nonsense.pem"
    public.write_text("nonsense")
    refused = desk("gateway", "add", public, "--name", "Métro")
    assert (refused.exit_code, "no P-256 public key" in refused.output) == (2, True)
    assert "gateway add" in desk("gateway", "list").output

"""A van brings rubble: the gate, the quay, a slip of the finger, an agent who puts it right; by the command line."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from cli.main import front
from domain.agents import Role
from store.database import Database
from terminal import state
from tests.city import resident
from tests.served import Served, served

Run = Callable[..., Result]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def run(tmp_path: Path) -> Run:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{tmp_path}/city.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(tmp_path / "keys"),
        "LANG": "en",
    }

    def run_here(*words: str | Path, status: int = 0) -> Result:
        done = CliRunner().invoke(front, [str(word) for word in words], prog_name="multipass", env=settings)
        assert done.exit_code == status, f"{words}: {done.output}"
        return done

    return run_here


async def newcomer(city: Served, folder: Path) -> str:
    """Register a household with 24 visits; return the number of its pass."""
    database = Database(f"sqlite:///{folder}/city.sqlite3")
    shown = await resident(database, KeyRing(folder / "keys"), city.city, "R2", rights=("waste-24",), now=utc_now())
    await database.close()
    return shown.pass_.number


def be_the_terminal(city: Served, path: Path) -> None:
    terminal = city.city.terminal
    pem = terminal.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    paired = state.State(
        server=city.url,
        terminal_id=str(terminal.terminal.id),
        name="quay",
        authority="ville",
        gates=terminal.gates,
        private_key=pem,
    )
    state.save(path, paired)


def test_a_wrong_volume_is_taken_back_at_the_quay_and_later_by_an_agent(city: Served, tmp_path: Path, run: Run) -> None:
    number = asyncio.run(newcomer(city, tmp_path))
    run("pass", "print", number, "--out", tmp_path / "out", "--authority", "ville")
    card, gate = tmp_path / "out" / "card.png", tmp_path / "gate.json"
    be_the_terminal(city, gate)
    here = ("--state", gate, "--gate", "waste-1")

    entered = run("terminal", "scan", card, *here, "--vehicle", "van", "--height", "190", "--pay", "2.50:cb-1")
    assert "GRANTED" in entered.stdout
    assert "23 of 24 visits left" in entered.stdout
    wrong = run("terminal", "deposit", card, *here, "--kind", "rubble=30m3", "--kind", "paint=4litre")
    assert "Deposit recorded" in wrong.stdout
    key = re.findall(r"multipass terminal cancel (\w+)", wrong.stdout)[0]
    assert "Passage cancelled" in run("terminal", "cancel", key, "--state", gate).stdout
    assert "Cancelled already" in run("terminal", "cancel", key, "--state", gate, status=1).stdout
    assert '"reason":"deposited"' in run("terminal", "deposit", card, *here, "--kind", "rubble=3m3", "--json").stdout

    agent = ("--agent", city.city.agents[Role.SITE_AGENT].login, "--authority", "ville")
    listed = run("passage", "list", number, "--authority", "ville").stdout
    assert re.findall(r"(?m)^ ?(\d+) .*?(entry|deposit) +(.+?) *$", listed) == [
        ("5", "deposit", "Deposit recorded"),
        ("4", "deposit", "Cancelled already"),
        ("3", "deposit", "Passage cancelled"),
        ("2", "deposit", "Deposit recorded, cancelled since"),
        ("1", "entry", "Welcome"),
    ]
    cancelled = run("passage", "cancel", "5", "--motive", "wrong_quantity", *agent)
    assert "Passage cancelled" in cancelled.stdout
    run("passage", "cancel", "5", "--motive", "wrong_quantity", *agent, status=1)
    assert "nothing was counted" in run("passage", "cancel", "3", "--motive", "other", *agent, status=2).stderr.lower()
    assert "GRANTED, PLEASE NOTE" in run("passage", "let-in", number, "bus-1", "--motive", "good_faith", *agent).stdout


def test_who_may_not_act_is_told_so(city: Served, run: Run) -> None:
    desk = ("--agent", city.city.agents[Role.DESK].login, "--authority", "ville")
    refused = run("passage", "let-in", city.pass_number, "free-1", "--motive", "medical", *desk, status=2)
    assert "validation:override" in refused.stderr
    ours = ("--agent", city.city.agents[Role.SITE_AGENT].login)
    refused = run("passage", "cancel", "1", "--motive", "other", *ours, "--authority", "voisine", status=2)
    assert "no active agent" in refused.stderr
    refused = run(
        "passage", "let-in", city.pass_number, "nowhere", "--motive", "other", *ours, "--authority", "ville", status=2
    )
    assert "No gate has the code nowhere" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "rubble"), "rubble=0.5m3"),
        (("--kind", "rubble=x"), "rubble=0.5m3"),
        (("--kind", "rubble=1m3", "--pay", "20"), "20.00:cb-42"),
    ],
)
def test_what_was_typed_wrong_is_told_with_an_example(
    city: Served, tmp_path: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    be_the_terminal(city, tmp_path / "gate.json")
    refused = run(
        "terminal", "deposit", "card.png", "--state", tmp_path / "gate.json", "--gate", "waste-1", *words, status=2
    )
    assert said in refused.stderr

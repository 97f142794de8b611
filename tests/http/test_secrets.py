"""G1: canaries go in everywhere, and come out nowhere: no log line, at any level, and no error's body."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.clock import utc_now
from api.logs import redact
from tests.city import PASSWORD
from tests.http.test_terminals import public_jwk
from tests.served import ALMIGHTY, Served, served

CANARY = "canary9f3e"
PASSWORD_CANARY, CODE_CANARY, LOGIN_CANARY = f"pw-{CANARY}", f"MP2:{CANARY.upper()}", f"{CANARY}@nowhere.example"


class Heard:
    """Every error's body that came back, and every secret that went in."""

    def __init__(self, city: Served) -> None:
        self.city = city
        self.bodies: list[str] = []
        self.secrets: set[str] = {CANARY, CANARY.upper(), PASSWORD, city.pass_number, city.code, "Lefèvre", "Zoé"}

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        answer = httpx.request(method, self.city.url + path, timeout=20, **request)
        if answer.status_code >= 400:
            self.bodies.append(answer.text + repr(answer.headers))
        return answer


def everything(heard: Heard) -> None:
    """What goes right and wrong in a day, with a secret in each place where one can stand."""
    city = heard.city
    agent = heard.ask("POST", "/v1/agents/tokens", json={"login": ALMIGHTY, "password": PASSWORD}).json()["accessToken"]
    proof = city.city.terminal.proof(utc_now(), nonce=f"nonce-{CANARY}")
    terminal = heard.ask("POST", "/v1/terminals/tokens", json={"assertion": proof}).json()["accessToken"]
    heard.secrets |= {agent, terminal, proof}
    as_agent, as_terminal = ({"Authorization": f"Bearer {token}"} for token in (agent, terminal))

    # Logins, right and wrong, that fit and do not.
    for body in (
        {"login": LOGIN_CANARY, "password": PASSWORD_CANARY},
        {"login": ALMIGHTY, "password": PASSWORD_CANARY},
        {"login": ALMIGHTY, "password": PASSWORD_CANARY * 40},
        {"login": [LOGIN_CANARY], "password": {"is": PASSWORD_CANARY}},
        {"login": ALMIGHTY, "password": PASSWORD_CANARY, "pin": CANARY},
    ):
        heard.ask("POST", "/v1/agents/tokens", json=body)
    heard.ask("POST", "/v1/agents/tokens", content=f'{{"login":"{LOGIN_CANARY}","password":"{PASSWORD_CANARY}'.encode())
    heard.ask("POST", "/v1/agents/tokens", content=f'{{"password":"{PASSWORD_CANARY}'.encode() + b'\xff"}')

    # Tokens, forged and misplaced.
    for token in (CANARY, f"{agent}{CANARY}", agent[:-5], terminal, proof):
        heard.ask("GET", "/v1/agents/me", headers={"Authorization": f"Bearer {token}"})
    for token in (CANARY, agent, terminal + CANARY):
        heard.ask("POST", "/v1/access/validations", json={}, headers={"Authorization": f"Bearer {token}"})
    for assertion in (proof, proof[:-8], CANARY * 4, "x" * 3_000 + CANARY):
        heard.ask("POST", "/v1/terminals/tokens", json={"assertion": assertion})

    # Passes and media.
    shown = heard.ask("GET", f"/v1/passes/{city.pass_number}", headers=as_agent).json()
    medium = shown["media"][0]["id"]
    heard.secrets.add(medium)
    where = f"/v1/passes/{city.pass_number}/media"
    heard.ask("GET", f"/v1/passes/{city.pass_number}")
    heard.ask("GET", f"/v1/passes/{city.pass_number}/{CANARY}", headers=as_agent)
    heard.ask("DELETE", f"/v1/passes/{city.pass_number}", headers=as_agent)
    heard.ask("GET", f"/v1/passes/{CANARY}", headers=as_agent)
    heard.ask("POST", f"{where}/{CANARY}/block", json={"reason": "lost"}, headers=as_agent)
    heard.ask("POST", f"{where}/{medium}/block", json={"reason": "no reason"}, headers=as_agent)

    # The gate: credentials that are read, refused, too long, in bodies that do not fit.
    def tap(number: int, **more: object) -> httpx.Response:
        body = {"key": f"k{number}", "gate": "pool-1", "credential": city.code, **more}
        return heard.ask("POST", "/v1/access/validations", json=body, headers=as_terminal)

    assert tap(1).json()["outcome"] == "granted"
    tap(1, credential=CODE_CANARY)
    tap(2, credential=CODE_CANARY)
    tap(3, credential=city.code[:-2] + "00")
    tap(4, credential=[city.code])
    tap(5, credential=city.code * 20)
    tap(6, gate=f"gate-{CANARY}")
    tap(7, quantities=[{"unit": "visit", "amount": 1, "note": CANARY}])
    heard.ask(
        "POST",
        "/v1/access/validations",
        content=f'{{"credential":"{city.code}","credential":"{CODE_CANARY}"}}'.encode(),
        headers=as_terminal,
    )

    # Pairing codes.
    key = public_jwk(ec.generate_private_key(ec.SECP256R1()))
    heard.ask("POST", "/v1/terminals/pairings", json={"code": CANARY, "publicKey": key})
    heard.ask("POST", "/v1/terminals/pairings", json={"code": CANARY * 9, "publicKey": key})

    # The export, and a medium blocked twice at the end.
    heard.ask("GET", "/v1/exports/validations", headers=as_agent)
    heard.ask("GET", f"/v1/exports/validations?after={CANARY}", headers=as_agent)
    for _ in range(2):
        heard.ask("POST", f"{where}/{medium}/block", json={"reason": "stolen"}, headers=as_agent)


@pytest.fixture(scope="module", params=["json", "text"])
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder = tmp_path_factory.mktemp("canaries")
    settings = {"log_level": "debug", "log_format": request.param, "key_password": ""}
    with served(folder, **settings) as city:
        said = Heard(city)
        everything(said)
        spoil(city, folder)
        for path in ("/v1/agents/me", "/health/ready"):
            said.ask("GET", path, headers={"Authorization": f"Bearer {CANARY}"})
        said.ask("POST", "/v1/agents/tokens", json={"login": LOGIN_CANARY, "password": PASSWORD_CANARY})
        tapped = said.ask(
            "POST",
            "/v1/access/validations",
            json={"key": "after", "gate": "pool-1", "credential": city.code},
            headers={"Authorization": f"Bearer {next(s for s in said.secrets if len(s) == 43)}"},
        )
        assert tapped.status_code >= 500
    return said


def spoil(city: Served, folder: Path) -> None:
    """Break the database under the running server: statements fail, and tracebacks are written."""
    connection = sqlite3.connect(folder / "city.sqlite3")
    connection.execute("ALTER TABLE agent RENAME COLUMN password_hash TO spoilt")
    connection.execute("ALTER TABLE validation RENAME COLUMN charges TO spoilt")
    connection.commit()
    connection.close()
    assert city.log.exists()


def test_enough_went_wrong_to_prove_something(heard: Heard) -> None:
    log = heard.city.log.read_text(encoding="utf-8")
    assert len(heard.bodies) > 30
    assert "unforeseen" in log
    assert "batch_failed" in log
    assert "Traceback" in log


def test_no_secret_is_written_to_the_log(heard: Heard) -> None:
    log = heard.city.log.read_text(encoding="utf-8")
    assert [secret[:12] for secret in heard.secrets if secret in log] == []


def test_no_error_repeats_a_secret(heard: Heard) -> None:
    found = [(secret[:12], body[:200]) for body in heard.bodies for secret in heard.secrets if secret in body]
    assert found == []


def test_no_error_tells_how_the_server_is_built(heard: Heard) -> None:
    telling = re.compile(r"Traceback|sqlite|SELECT |site-packages|\.py\b|sqlalchemy", re.IGNORECASE)
    assert [body for body in heard.bodies if telling.search(body)] == []


def test_a_log_call_with_a_secret_by_name_is_blanked() -> None:
    event = {"event": "x", "password": "a", "api_token": "b", "Authorization": "c", "medium_code": "d", "path": "/"}
    assert redact(None, "info", dict(event)) == {
        "event": "x",
        "password": "…",
        "api_token": "…",
        "Authorization": "…",
        "medium_code": "…",
        "path": "/",
    }

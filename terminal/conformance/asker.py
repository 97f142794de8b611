"""A terminal that does exactly what a case wants, right or wrong, and looks at every byte of the answer."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import httpx
import jwt
import msgspec

from nfc import keys
from terminal.conformance.cases import Failed, Skipped
from terminal.connection import AUDIENCE
from terminal.state import State

SECONDS: Final = 10.0


class Asker:
    """Tries one server. `code` pairs, or `state` is paired already; `good` opens `gate`, `stopped` does not."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime],
        code: str | None = None,
        state: State | None = None,
        good: str | None = None,
        stopped: str | None = None,
        gate: str | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.clock = clock
        self.code = code
        self.state = state
        self.good = good
        self.stopped = stopped
        self.wanted_gate = gate
        self.paired_here = False
        self._token = ""
        self.http = httpx.Client(base_url=self.url, timeout=SECONDS, trust_env=False)

    @property
    def me(self) -> State:
        """The pairing.

        Raises:
            Skipped: there is none.
        """
        if self.state is None:
            raise Skipped("There is no paired terminal to try it with: give --code or --state.")
        return self.state

    @property
    def gate(self) -> str:
        """The gate at which passes are shown."""
        return self.wanted_gate or self.me.gates[0]

    @property
    def pass_(self) -> str:
        """A pass that opens the gate.

        Raises:
            Skipped: none was given.
        """
        if self.good is None:
            raise Skipped("No pass to show: give --pass.")
        return self.good

    def proof(self, *, key: keys.SigningKey | None = None, **claims: object) -> str:
        """Sign a proof of key; `claims` replace what a right one says."""
        me, now = self.me.terminal_id, int(self.clock().timestamp())
        said = {"iss": me, "sub": me, "aud": AUDIENCE, "iat": now, "exp": now + 60, "jti": secrets.token_hex(16)}
        signer = key or keys.load_pem(self.me.private_key.encode())
        return jwt.encode({**said, **claims}, signer.private, algorithm="ES256")

    def token(self, *, fresh: bool = False) -> str:
        """Return an access token."""
        if fresh or not self._token:
            said = self.expect(self.prove(self.proof()), 200)
            self._token = str(said.get("accessToken", ""))
        return self._token

    def prove(self, assertion: str) -> httpx.Response:
        """Bring a proof of key."""
        return self.ask("POST", "/v1/terminals/tokens", json={"assertion": assertion}, token="")

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,  # noqa: ANN401 - what httpx takes: json, content, params
    ) -> httpx.Response:
        """Send a request with our token; another where `token` is given, none where it is empty.

        Raises:
            Failed: no answer came.
            Skipped: the profile of this terminal does not allow the request.
        """
        bearer = self.token() if token is None else token
        said = {**(headers or {}), **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        try:
            answer = self.http.request(method, path, headers=said, **body)
        except httpx.HTTPError as problem:
            raise Failed(f"{method} {path}: no answer ({type(problem).__name__}).") from problem
        if answer.status_code == 403 and _json(answer).get("code") == "not-this-terminal":
            raise Skipped("The profile of this terminal does not allow it.")
        return answer

    def validate(self, credential: str, *, key: str | None = None, **more: object) -> httpx.Response:
        """Show a credential at the gate."""
        return self.ask("POST", "/v1/access/validations", json=self.question(credential, key=key, **more))

    def question(self, credential: str, *, key: str | None = None, **more: object) -> dict[str, object]:
        """The body of a validation."""
        asked = {"key": key or new_key(), "gate": self.gate, "credential": credential, "direction": "entry"}
        return {**asked, "terminalTime": self.clock().isoformat(), **more}

    def upload(self, body: bytes, *, sent_at: datetime | None = None) -> list[dict[str, Any]]:
        """Send lines, and return what is said of each."""
        answer = self.ask(
            "POST",
            "/v1/access/uploads",
            params={"sentAt": (sent_at or self.clock()).isoformat()},
            headers={"Content-Type": "application/x-ndjson"},
            content=body,
        )
        results = self.expect(answer, 200).get("results")
        if not isinstance(results, list):
            raise Failed("The answer to an upload has no `results`.")
        return results

    def expect(self, answer: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
        """Return the body of an answer that is as it should be.

        Raises:
            Failed: another status, another code, or a problem that is no problem report.
        """
        asked = f"{answer.request.method} {answer.request.url.path}"
        said = _json(answer)
        if answer.status_code != status or said.get("code", "") != code:
            heard = f"{answer.status_code} {said.get('code', '')}".strip()
            raise Failed(f"{asked} answers {heard} instead of {f'{status} {code}'.strip()}.")
        if code and not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
            raise Failed(f"{asked}: the problem is no application/problem+json.")
        return said

    def close(self) -> None:
        """Let go of the connection."""
        self.http.close()


def new_key() -> str:
    """A key that was never used."""
    return f"kit-{secrets.token_hex(12)}"


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}

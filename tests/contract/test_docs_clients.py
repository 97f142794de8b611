"""docs/clients.md tells the truth: a program writes a client of the description, and the example runs with it."""

import asyncio
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from api.app import build_app
from api.documentation import description
from api.settings import Settings
from tests.contract.test_docs_mobile import code_in_the_letter, on_paper, settings
from tests.house_app import TestClock
from tests.pages import ROOT, blocks, run

__all__ = ["settings"]

PAGE = "docs/clients.md"

BY_HAND = {
    "POST /v1/access/uploads",
    "POST /v1/card-batches/{batch}/order-file",
    "POST /v1/card-batches/{batch}/report",
    "GET /v1/exports/validations",
    "POST /v1/resident/requests/{request_reference}/documents",
}
"""Lines and files as they are. What hears sensors is no part of this application."""


def generated(document: bytes, folder: Path) -> str:
    """Have a client written, and return what its writer had to say."""
    (folder / "openapi.json").write_bytes(document)
    given = ["--path", str(folder / "openapi.json"), "--config", str(ROOT / "deploy" / "clients.yaml")]
    where = ["--meta", "none", "--output-path", str(folder / "multipass_client")]
    command = [sys.executable, "-m", "openapi_python_client", "generate", *given, *where]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def test_a_program_writes_a_client_of_every_route_and_the_example_runs_with_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(on_paper(settings))
    app = build_app(settings, clock=TestClock())
    said = generated(description(app), tmp_path)
    assert set(re.findall(r"parsing ([A-Z]+ /[^ ]+) within", said)) == BY_HAND
    assert said.count("WARNING") == len(BY_HAND)
    monkeypatch.syspath_prepend(str(tmp_path))
    with TestClient(app) as city:

        class Here(httpx.Client):
            """What the client sends to the city of the page comes to this application."""

            def __init__(self, **more: Any) -> None:  # noqa: ANN401 - as httpx has it
                super().__init__(transport=city._transport, **more)

        monkeypatch.setattr(httpx, "Client", Here)
        known: dict[str, Any] = {"code_from_the_letter": lambda: code_in_the_letter(settings)}
        for source in blocks(PAGE, "python"):
            known = run(source, PAGE, known)
        models = importlib.import_module("multipass_client.models")
        assert known["mine"] == []
        assert isinstance(known["token"], models.ResidentToken)
        again = known["log_in_with_a_code"].sync_detailed(client=known["city"], body=known["typed"])
        assert isinstance(again.parsed, models.Problem)
        assert (again.status_code, again.parsed.code) == (400, "login-code-wrong")

"""Secrets are compared in a time that does not tell where they differ: never with `==`."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRET = {"mac", "binding", "signature", "serial_hash", "rnd_a", "rnd_b", "token_hash", "handle", "password_hash"}


def compared(program: str) -> Iterator[int]:
    """The lines where a secret's name stands beside `==` or `!=`; its length may."""
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            for side in (node.left, *node.comparators):
                name = side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""
                if name in SECRET:
                    yield node.lineno


def test_no_secret_is_compared_by_its_bytes_one_after_the_other() -> None:
    """A query asks an index for a hash, and is left out: `store`."""
    looked_at = [path for folder in ("nfc", "adapters", "api", "domain") for path in (ROOT / folder).rglob("*.py")]
    assert len(looked_at) > 50
    assert [(path.name, line) for path in looked_at for line in compared(path.read_text(encoding="utf-8"))] == []


def test_such_a_comparison_would_be_found() -> None:
    assert list(compared("if mac == said:\n    pass\nif said.mac != mine:\n    pass\n")) == [1, 3]
    assert list(compared("len(mac) == 8\nhmac.compare_digest(mac, said)\n")) == []

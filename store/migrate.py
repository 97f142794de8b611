"""Building and changing databases: always by the migrations, never by `create_all`."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_HERE = Path(__file__).parent


def _scripts() -> Path:
    """The migrations: beside this file in an installed wheel, at the top of a checkout."""
    installed = _HERE / "migrations"
    return installed if installed.is_dir() else _HERE.parent / "alembic"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision. Runs its own event loop: call it from a thread inside async code."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take a database back to a revision."""
    command.downgrade(_config(url), revision)


@functools.cache
def newest() -> str:
    """Name the newest revision that this program knows. Every migration is read for it: once is enough."""
    head = ScriptDirectory(str(_scripts())).get_current_head()
    if head is None:
        msg = "there is no migration"
        raise RuntimeError(msg)
    return head

"""Statements are compiled once in a process, not once for each database that a test opens.

SQLAlchemy keeps what it has compiled with its engine, under the statement's structure and the engine's dialect. A
server has one engine; this suite opens some thousands, and half of what a short test computed was the same SQL again.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Compiled] = LRUCache(10_000)


class _Shared(MutableMapping[Any, Compiled]):
    """The part of one kind of database, for its engines: their dialects differ by nothing but their identity."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def _key(self, key: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own: the dialect, then the statement
        _dialect, *statement = key
        return (self._kind, *statement)

    def __getitem__(self, key: Any) -> Compiled:  # noqa: ANN401 - as above
        return _COMPILED[self._key(key)]

    def __setitem__(self, key: Any, compiled: Compiled) -> None:  # noqa: ANN401 - as above
        _COMPILED[self._key(key)] = compiled

    def __delitem__(self, key: Any) -> None:  # noqa: ANN401 - as above
        del _COMPILED[self._key(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(_COMPILED)

    def __len__(self) -> int:
        return len(_COMPILED)


def share() -> None:
    """Let every engine that is made from now on keep its statements here."""

    def created(_kind: type[DefaultDialect], engine: Engine) -> None:
        engine._compiled_cache = _Shared(type(engine.dialect))

    DefaultDialect.engine_created = classmethod(created)  # type: ignore[assignment, method-assign]

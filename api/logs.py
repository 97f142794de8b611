"""Structured logs: one line per event that matters, never one per passage (the event in the database is the record)."""

import logging

import structlog

from api.settings import Settings

_SECRET = ("password", "token", "credential", "authorization", "code", "assertion", "key")

_TALKATIVE = ("aiosqlite", "sqlalchemy", "asyncio", "redis", "httpx", "httpcore")
"""Libraries whose lower levels write statements with their parameters: names, numbers and hashes are no log lines."""


def configure(settings: Settings) -> None:
    """Send every log line, ours and the server's, through one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))


def redact(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank what must never be written, whatever somebody passes by mistake."""
    for name in event:
        if name != "event" and any(secret in name.lower() for secret in _SECRET):
            event[name] = "…"
    return event

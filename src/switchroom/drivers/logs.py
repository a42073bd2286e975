"""Structured logs for the whole process, the libraries' own included: one line per event."""

import logging
import sys
from collections.abc import Iterable
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "console"]
"``auto``: console on a terminal, JSON elsewhere."

_QUIET = ("asyncio", "uvicorn", "uvicorn.error", "sqlalchemy", "alembic")
"Libraries whose chatter below a warning nobody reads."


def configure_logs(level: LogLevel, log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send every log line to ``stream`` (standard error by default); call once, at start.

    Times are UTC in ISO 8601. Tracebacks show no values of variables. Values come quoted, so
    hostile text from the network cannot forge a line or command a terminal.
    """
    out = sys.stderr if stream is None else stream
    number = logging.getLevelNamesMapping()[level.upper()]
    before: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render = _renderers(log_format, out)
    structlog.configure(
        processors=[*before, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _adopt_standard_logging(number, before, render, out)


def _renderers(log_format: LogFormat, out: TextIO) -> list[Processor]:
    # Both kinds of traceback would show local variables by default: passwords are among them.
    is_console = log_format == "console" or (log_format == "auto" and out.isatty())
    if is_console:
        tracebacks = structlog.dev.RichTracebackFormatter(show_locals=False)
        return [
            structlog.dev.ConsoleRenderer(
                colors=out.isatty(), repr_native_str=True, exception_formatter=tracebacks
            )
        ]
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(transformer),
        structlog.processors.JSONRenderer(default=str),
    ]


def _adopt_standard_logging(
    level: int, before: Iterable[Processor], render: Iterable[Processor], out: TextIO
) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, _name_logger],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(level, logging.WARNING))


def _name_logger(_logger: object, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event

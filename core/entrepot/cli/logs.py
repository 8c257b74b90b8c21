"""Log lines on stderr, with every secret taken out: ours and those of the libraries that we use, in one form."""

import logging
import sys
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from entrepot.secrets import Redactor

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("console", "json")

CHATTY = ("httpcore", "httpx")
"""Libraries whose line for each request would drown ours."""


def configure(level: str, form: str, redactor: Redactor, *first: Any) -> None:
    """From now on log at `level`, as `form`. `redactor` may learn secrets later; `first`: processors of our lines."""
    number = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [redactor.redact, _renderer(form)]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *first, *shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    foreign = [*shared, structlog.stdlib.add_logger_name]
    handler.setFormatter(
        ProcessorFormatter(processors=[ProcessorFormatter.remove_processors_meta, *last], foreign_pre_chain=foreign)
    )
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _renderer(form: str) -> Any:
    if form == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # format_exc_info has made it text, for the redactor
    )

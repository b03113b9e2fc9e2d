"""Structured logs, one JSON object a line; never a name, an e-mail address or a token."""

import logging
import re
import sys

import structlog

#: What the database adds to an error: the very row or key it refuses, with names and addresses.
DETAIL = re.compile(
    r"^DETAIL:.*?(?=^CONTEXT:|^HINT:|^\[SQL: |^\(Background |^The above exception was|\Z)",
    re.MULTILINE | re.DOTALL,
)
_as_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def configure(level: str) -> None:
    """Send our logs and those of the libraries to standard output as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _discreet,
    ]
    structlog.configure(
        # Ours are written straight to the output: a line passes through no other logger.
        processors=[*shared, _as_json],
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _as_json,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These write what they send or count: addresses, amounts, tokens in query strings.
    for name in ("stripe", "urllib3", "mail", "flask-limiter"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _discreet(
    _logger: structlog.typing.WrappedLogger, _name: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if "exception" in line:
        line["exception"] = without_rows(line["exception"])
    return line


def without_rows(exception: str) -> str:
    """Return what was written of an exception without the row that the database names in it."""
    return DETAIL.sub("", exception)

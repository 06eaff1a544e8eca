"""The log of a process: one JSON object a line, and never what a customer wrote.

A traceback names places in the code only. The text of an exception and the values around it may hold a customer's
words (a database error quotes the values of its statement), so neither is written.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def log_as_json() -> None:
    """Sets up structlog, and the loggers of the libraries from warnings on."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_of_library],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered()],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_rendered()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
    )


def _rendered() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places_only,
        structlog.processors.JSONRenderer(),
    ]


def _of_library(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's record by where it comes from: its message may hold anything."""
    record: logging.LogRecord = event["_record"]
    place = f"{record.pathname}:{record.lineno}"
    return {**event, "event": "A library reports.", "action": record.name, "place": place, "exc_info": record.exc_info}


def _places_only(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The kind of an exception and where it arose, instead of its text."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[0]:
        frames = traceback.extract_tb(found[2])
        event["error"] = found[0].__name__
        event["places"] = [f"{frame.filename}:{frame.lineno}" for frame in frames[-8:]]
    return event

"""The log of the process: one JSON object per line, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..domain.time.instant import to_rfc3339

_STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# JSON may contain these control characters as they are, but a terminal obeys them.
_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
_encode = msgspec.json.Encoder(enc_hook=str).encode


class StructuredFormatter(logging.Formatter):
    """Formats a record as a JSON object: `at`, `level`, `event`, the record's extra attributes and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns one line."""
        line = {
            "at": to_rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        reserved = _STANDARD_ATTRIBUTES | line.keys()
        line |= {key: value for key, value in record.__dict__.items() if key not in reserved}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return _to_json(line)


def _to_json(line: dict[str, Any]) -> str:
    try:
        text = _encode(line).decode()
    except UnicodeEncodeError:
        # `json` escapes a lone surrogate, which a file name that is not UTF-8 contains.
        text = json.dumps(line, default=str)
    return text.translate(_ESCAPES)


def log_to_stderr() -> None:
    """Writes the logs of Postdate and the warnings of its libraries to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(StructuredFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("postdate").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)

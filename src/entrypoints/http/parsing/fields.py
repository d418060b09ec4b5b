"""From the fields of a document to what the domain calls them, each fault with its path."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET

from ....domain.errors import InvalidDurationError, InvalidTimeError, UnknownTimezoneError
from ....domain.messages.retry import DEFAULT_RETRY, RetryPolicy
from ....domain.time.duration import parse_duration
from ....domain.time.instant import MILLISECOND
from ....domain.time.javascript import parse_javascript_time
from ....domain.time.local_time import LocalTime
from ..messages.message_documents import LocalDocument
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from ..messages.message_documents import RetryDocument, Time

MAX_ATTEMPTS = 1_000
MAX_WAIT = timedelta(days=365)
MAX_LABELS = 32
MAX_LABEL_CHARS = 128
MAX_DESTINATION_CHARS = 2_048
MAX_KEY_CHARS = 255
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def parse_time(value: Time, zone: tzinfo, path: str) -> tuple[datetime, LocalTime | None]:
    """Returns a moment, and the local time that it was given as, if it was.

    Raises:
        InvalidRequestError: it is no time; at its path, or at that of its zone.
    """
    try:
        if not isinstance(value, LocalDocument):
            return parse_javascript_time(value, zone), None
        local = LocalTime(local=value.local, timezone=value.timezone)
        return local.to_instant(), local
    except UnknownTimezoneError as error:
        raise InvalidRequestError(f"{path}.timezone", str(error)) from error
    except InvalidTimeError as error:
        place = f"{path}.local" if isinstance(value, LocalDocument) else path
        raise InvalidRequestError(place, str(error)) from error


def parse_duration_field(text: str, path: str) -> timedelta:
    """Returns a length of time.

    Raises:
        InvalidRequestError: it is none.
    """
    try:
        return parse_duration(text)
    except InvalidDurationError as error:
        raise InvalidRequestError(path, str(error)) from error


def parse_retry(document: RetryDocument) -> RetryPolicy:
    """Returns a policy, by default in what the document leaves out. A longer base alone lifts the cap with it.

    Raises:
        InvalidRequestError: a figure is out of bounds, or the base is above the cap.
    """
    attempts = DEFAULT_RETRY.attempts if document.attempts is UNSET else document.attempts
    if not 1 <= attempts <= MAX_ATTEMPTS:
        raise InvalidRequestError("$.retry.attempts", f"{attempts} is not between 1 and {MAX_ATTEMPTS:,}")
    base = DEFAULT_RETRY.base if document.base is UNSET else _bounded(document.base, "$.retry.base")
    cap = max(DEFAULT_RETRY.cap, base) if document.cap is UNSET else _bounded(document.cap, "$.retry.cap")
    if base > cap:
        place = "$.retry.cap" if document.base is UNSET else "$.retry.base"
        raise InvalidRequestError(place, "The first wait, `base`, is longer than the longest, `cap`")
    return RetryPolicy(
        attempts=attempts,
        backoff=DEFAULT_RETRY.backoff if document.backoff is UNSET else document.backoff,
        base=base,
        cap=cap,
        jitter=DEFAULT_RETRY.jitter if document.jitter is UNSET else document.jitter,
    )


def _bounded(text: str, path: str) -> timedelta:
    wait = parse_duration_field(text, path)
    if wait > MAX_WAIT:
        raise InvalidRequestError(path, f"It is longer than {MAX_WAIT.days} days")
    return wait // MILLISECOND * MILLISECOND


def parse_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns labels that are few, short, legible and different from each other.

    Raises:
        InvalidRequestError: one is not.
    """
    if len(labels) > MAX_LABELS:
        raise InvalidRequestError("$.labels", f"There are {len(labels)}, more than the {MAX_LABELS} allowed")
    seen: set[str] = set()
    for number, label in enumerate(labels):
        path = f"$.labels[{number}]"
        require_legible(label, path, MAX_LABEL_CHARS)
        if label in seen:
            raise InvalidRequestError(path, f"The label {label!r} is there already")
        seen.add(label)
    return tuple(labels)


def parse_destination(to: str) -> str:
    """Returns a destination that is not long. Which there are, the use case knows.

    Raises:
        InvalidRequestError: it is long.
    """
    if len(to) > MAX_DESTINATION_CHARS:
        detail = f"It has {len(to):,} characters, more than the {MAX_DESTINATION_CHARS:,} allowed"
        raise InvalidRequestError("$.to", detail)
    return to


def require_legible(text: str, path: str, most_chars: int) -> None:
    """Refuses a text that is empty, too long, or has control characters in it.

    Raises:
        InvalidRequestError: it is.
    """
    if not 1 <= len(text) <= most_chars:
        detail = f"It has {len(text):,} characters; between 1 and {most_chars} are allowed"
        raise InvalidRequestError(path, detail)
    if _CONTROL.search(text):
        raise InvalidRequestError(path, "It has a control character in it")

"""Parses the fields of a JSON document into values of the domain. Each error has the path of its field."""

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
from ..problems.request_errors import InvalidRequestError
from .documents import LocalTimeDocument
from .limits import MAX_ATTEMPTS, MAX_DESTINATION_CHARS, MAX_LABEL_CHARS, MAX_LABELS, MAX_RETRY_WAIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from .documents import RetryDocument, Time

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def parse_time(value: Time, zone: tzinfo, path: str) -> tuple[datetime, LocalTime | None]:
    """Returns an instant, and the local time that it was given as; `None` if it was not given as one.

    Raises:
        InvalidRequestError: It is not a time. The path is that of the value, or of its `local` or `timezone`.
    """
    try:
        if not isinstance(value, LocalTimeDocument):
            return parse_javascript_time(value, zone), None
        local = LocalTime(local=value.local, timezone=value.timezone)
        return local.to_instant(), local
    except UnknownTimezoneError as error:
        raise InvalidRequestError(f"{path}.timezone", str(error)) from error
    except InvalidTimeError as error:
        time_path = f"{path}.local" if isinstance(value, LocalTimeDocument) else path
        raise InvalidRequestError(time_path, str(error)) from error


def parse_duration_field(text: str, path: str) -> timedelta:
    """Returns a duration.

    Raises:
        InvalidRequestError: It is not a duration.
    """
    try:
        return parse_duration(text)
    except InvalidDurationError as error:
        raise InvalidRequestError(path, str(error)) from error


def parse_retry(document: RetryDocument) -> RetryPolicy:
    """Returns a retry policy. A field that is left out has its default.

    If only `base` is given and is longer than the default cap, the cap is as long as `base`.

    Raises:
        InvalidRequestError: A value is out of bounds, or `base` is longer than `cap`.
    """
    attempts = DEFAULT_RETRY.attempts if document.attempts is UNSET else document.attempts
    if not 1 <= attempts <= MAX_ATTEMPTS:
        raise InvalidRequestError("$.retry.attempts", f"{attempts} is not between 1 and {MAX_ATTEMPTS:,}")
    base = DEFAULT_RETRY.base if document.base is UNSET else _parse_wait(document.base, "$.retry.base")
    cap = max(DEFAULT_RETRY.cap, base) if document.cap is UNSET else _parse_wait(document.cap, "$.retry.cap")
    if base > cap:
        path = "$.retry.cap" if document.base is UNSET else "$.retry.base"
        raise InvalidRequestError(path, "The first wait, `base`, is longer than the longest, `cap`")
    return RetryPolicy(
        attempts=attempts,
        backoff=DEFAULT_RETRY.backoff if document.backoff is UNSET else document.backoff,
        base=base,
        cap=cap,
        jitter=DEFAULT_RETRY.jitter if document.jitter is UNSET else document.jitter,
    )


def _parse_wait(text: str, path: str) -> timedelta:
    wait = parse_duration_field(text, path)
    if wait > MAX_RETRY_WAIT:
        raise InvalidRequestError(path, f"It is longer than {MAX_RETRY_WAIT.days} days")
    return wait // MILLISECOND * MILLISECOND


def parse_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns labels, after checking their number and each label's text.

    Raises:
        InvalidRequestError: There are too many, two are equal, or one has a text that `require_legible` rejects.
    """
    if len(labels) > MAX_LABELS:
        raise InvalidRequestError("$.labels", f"There are {len(labels)}, more than the {MAX_LABELS} allowed")
    seen: set[str] = set()
    for index, label in enumerate(labels):
        path = f"$.labels[{index}]"
        require_legible(label, path, MAX_LABEL_CHARS)
        if label in seen:
            raise InvalidRequestError(path, f"The label {label!r} is there already")
        seen.add(label)
    return tuple(labels)


def parse_destination(to: str) -> str:
    """Returns a destination, after checking its length. The use case checks whether a channel leads there.

    Raises:
        InvalidRequestError: It is too long.
    """
    if len(to) > MAX_DESTINATION_CHARS:
        detail = f"It has {len(to):,} characters, more than the {MAX_DESTINATION_CHARS:,} allowed"
        raise InvalidRequestError("$.to", detail)
    return to


def require_legible(text: str, path: str, max_chars: int) -> None:
    """Rejects a text that is empty, too long, or has control characters.

    Raises:
        InvalidRequestError: The text is one of these.
    """
    if not 1 <= len(text) <= max_chars:
        detail = f"It has {len(text):,} characters; between 1 and {max_chars} are allowed"
        raise InvalidRequestError(path, detail)
    if _CONTROL.search(text):
        raise InvalidRequestError(path, "It has a control character in it")

"""The encoding of retry policies in the records of messages and schedules."""

from __future__ import annotations

import msgspec

from ....domain.messages.retry import Backoff, RetryPolicy
from ....domain.time.instant import MILLISECOND


class RetryRecord(msgspec.Struct, array_like=True, frozen=True):
    """A retry policy. Records leave out the default policy."""

    attempts: int
    backoff: Backoff
    base_ms: int
    cap_ms: int
    jitter: bool


def encode_retry(retry: RetryPolicy) -> RetryRecord:
    """Returns the record of a policy."""
    return RetryRecord(
        attempts=retry.attempts,
        backoff=retry.backoff,
        base_ms=retry.base // MILLISECOND,
        cap_ms=retry.cap // MILLISECOND,
        jitter=retry.jitter,
    )


def decode_retry(record: RetryRecord) -> RetryPolicy:
    """Returns the policy of a record."""
    return RetryPolicy(
        attempts=record.attempts,
        backoff=record.backoff,
        base=record.base_ms * MILLISECOND,
        cap=record.cap_ms * MILLISECOND,
        jitter=record.jitter,
    )

"""An event recorder that writes to the process's log. Routine successes and message bodies are not logged."""

from __future__ import annotations

import logging
from functools import singledispatch
from typing import TYPE_CHECKING

from ...application.events import events as e

if TYPE_CHECKING:
    from ...application.events.events import Event

logger = logging.getLogger("postdate")


class LoggingEventRecorder:
    """Logs the events that an operator may need to know."""

    def record(self, event: Event) -> None:
        """Logs an event, unless it is routine."""
        _log(event)


@singledispatch
def _log(event: Event) -> None:
    """Ignores routine events."""


@_log.register
def _(event: e.MessagesClaimed) -> None:
    if event.taken_over:
        logger.warning(
            "took over claims of a lost owner",
            extra={"partition": event.lease.partition, "claims": event.taken_over},
        )


@_log.register
def _(event: e.MessageRetried) -> None:
    logger.warning(
        "delivery failed and will be tried again",
        extra={
            "id": event.message.id,
            "attempts": event.message.attempts,
            "due_at": event.message.due_at.isoformat(),
            "reason": event.message.failures[-1].reason,
        },
    )


@_log.register
def _(event: e.MessageDied) -> None:
    logger.error(
        "message is dead",
        extra={
            "id": event.message.id,
            "attempts": event.message.attempts,
            "reason": event.message.failures[-1].reason,
        },
    )


@_log.register
def _(event: e.MessageExpired) -> None:
    logger.warning(
        "message expired undelivered",
        extra={"id": event.message.id, "attempts": event.message.attempts},
    )


@_log.register
def _(event: e.SettlementIgnored) -> None:
    logger.warning(
        "claims were lost before they were settled; these messages may be delivered twice",
        extra={"ids": sorted(event.message_ids)[:100], "count": len(event.message_ids)},
    )


@_log.register
def _(event: e.LeaseLost) -> None:
    logger.warning(
        "lease lost",
        extra={"partition": event.lease.partition, "token": event.lease.token},
    )


@_log.register
def _(event: e.LeaseReleased) -> None:
    if event.given_back:
        logger.info("gave back claims", extra={"claims": event.given_back})


@_log.register
def _(event: e.StoreDisconnected) -> None:
    logger.error("the store is away; waiting for it", extra={"partition": event.partition, "reason": event.reason})


@_log.register
def _(event: e.StoreReconnected) -> None:
    logger.info(
        "the store is back",
        extra={"partition": event.partition, "away_since": event.away_since.isoformat()},
    )


@_log.register
def _(event: e.UnexpectedErrorCaught) -> None:
    logger.error("unexpected error; the work of the partition continues", exc_info=event.error)

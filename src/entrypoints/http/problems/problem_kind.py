"""Every kind of problem. `docs/problems.md` and the page `/docs/problems` explain each kind under its name."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus

PAGE = "/docs/problems"
"""The path of the page that explains the kinds."""


class ProblemKind(Enum):
    """A kind of problem.

    Attributes:
        slug: Its name, part of its URI reference.
        status: The HTTP status of its answer.
        meaning: What it means for a client.
    """

    def __init__(self, slug: str, status: HTTPStatus, meaning: str) -> None:
        self.slug = slug
        self.status = status
        self.meaning = meaning

    @property
    def type(self) -> str:
        """The URI reference of the kind's explanation, a page of this service."""
        return f"{PAGE}#{self.slug}"

    @property
    def title(self) -> str:
        """The name as words."""
        return self.slug.replace("-", " ").capitalize()

    INVALID_REQUEST = (
        "invalid-request",
        HTTPStatus.BAD_REQUEST,
        "A part of the request cannot be understood or is not allowed. `errors` has its JSON path.",
    )
    UNKNOWN_DESTINATION = (
        "unknown-destination",
        HTTPStatus.BAD_REQUEST,
        "`to` names no known channel. `detail` lists the known channels.",
    )
    REFUSED_DESTINATION = (
        "refused-destination",
        HTTPStatus.BAD_REQUEST,
        "The channel of `to` refuses this destination, for example a private address. `detail` says why.",
    )
    EXPIRES_TOO_EARLY = (
        "expires-too-early",
        HTTPStatus.BAD_REQUEST,
        "The message would expire before its time, so it could never be delivered.",
    )
    NO_OCCURRENCE = (
        "no-occurrence",
        HTTPStatus.BAD_REQUEST,
        "The schedule would have no occurrence between its start, or now, and its end.",
    )
    UNAUTHORIZED = (
        "unauthorized",
        HTTPStatus.UNAUTHORIZED,
        "A known key is needed: send `Authorization: Bearer SECRET`.",
    )
    READ_ONLY_KEY = ("read-only-key", HTTPStatus.FORBIDDEN, "The key may only read.")
    NOT_FOUND = ("not-found", HTTPStatus.NOT_FOUND, "Nothing exists at this path.")
    MESSAGE_NOT_FOUND = (
        "message-not-found",
        HTTPStatus.NOT_FOUND,
        "No message has this id: it never existed, or it ended longer ago than the retention.",
    )
    SCHEDULE_NOT_FOUND = (
        "schedule-not-found",
        HTTPStatus.NOT_FOUND,
        "No schedule has this id: it never existed, or it was deleted.",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "The path does not accept this method. `Allow` lists the methods that it accepts.",
    )
    WRONG_STATE = (
        "wrong-state",
        HTTPStatus.CONFLICT,
        "The state of the message does not allow this: it is being delivered, has ended, or is not dead.",
    )
    SCHEDULE_ENDED = (
        "schedule-ended",
        HTTPStatus.CONFLICT,
        "The schedule has no occurrence left, so it cannot be paused or resumed. An edit may give it new ones.",
    )
    KEY_REUSED = (
        "idempotency-key-reused",
        HTTPStatus.CONFLICT,
        "A different request of the last 24 hours has this idempotency key. Use a new key for a new request.",
    )
    MESSAGE_FORGOTTEN = (
        "message-forgotten",
        HTTPStatus.GONE,
        "A request with this key was accepted before. Its message has ended and is no longer stored.",
    )
    PRECONDITION_FAILED = (
        "precondition-failed",
        HTTPStatus.PRECONDITION_FAILED,
        "The message has changed since it was read: `If-Match` names another state of it. Read it again.",
    )
    TOO_LARGE = (
        "too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The request, a message's body or the number of messages is over the limit.",
    )
    WRONG_CONTENT_TYPE = (
        "wrong-content-type",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The path does not accept a body of this `Content-Type`.",
    )
    RATE_LIMITED = (
        "rate-limited",
        HTTPStatus.TOO_MANY_REQUESTS,
        "The key has sent too many requests. Try again after `Retry-After` seconds.",
    )
    UNREADABLE_MESSAGE = (
        "unreadable-message",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This version cannot read the stored form of the message. An operator has to look at it.",
    )
    UNFORESEEN = (
        "unforeseen-error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The service met an unexpected error. Its log says more.",
    )
    UNAVAILABLE = (
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        (
            "The store did not answer, or messages are late. Try again after `Retry-After` seconds. It is unknown "
            "whether a message was stored; a request with an idempotency key is safe to send again."
        ),
    )
    TOO_MANY_WATCHERS = (
        "too-many-watchers",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This instance serves no more event streams at the same time. Try again after `Retry-After` seconds.",
    )
    STORE_FULL = (
        "store-full",
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The store has no room for another message. Its messages are still delivered.",
    )
    REFUSED = ("refused", HTTPStatus.BAD_REQUEST, "The request was refused. `detail` says why.")

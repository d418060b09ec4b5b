"""Every kind of problem there is. `docs/problems.md` and the page `/docs/problems` explain each under its name."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus

PAGE = "/docs/problems"


class ProblemKind(Enum):
    """A kind of problem: its name, the status it is answered with, and what it means for a client."""

    def __init__(self, slug: str, status: HTTPStatus, meaning: str) -> None:
        self.slug = slug
        self.status = status
        self.meaning = meaning

    @property
    def type(self) -> str:
        """The URI reference of the kind, which this very service answers."""
        return f"{PAGE}#{self.slug}"

    @property
    def title(self) -> str:
        """The name in words."""
        return self.slug.replace("-", " ").capitalize()

    INVALID_REQUEST = (
        "invalid-request",
        HTTPStatus.BAD_REQUEST,
        "Something in the request cannot be understood or is not allowed. `errors` has the JSON path of it.",
    )
    UNKNOWN_DESTINATION = (
        "unknown-destination",
        HTTPStatus.BAD_REQUEST,
        "No channel leads to `to`. The sentence lists the channels there are.",
    )
    REFUSED_DESTINATION = (
        "refused-destination",
        HTTPStatus.BAD_REQUEST,
        "A channel leads to `to`, but will not deliver there: to a private address, say. The sentence says why.",
    )
    EXPIRES_TOO_EARLY = (
        "expires-too-early",
        HTTPStatus.BAD_REQUEST,
        "The message would expire before its time, so that it could never be delivered.",
    )
    NO_OCCURRENCE = (
        "no-occurrence",
        HTTPStatus.BAD_REQUEST,
        "The schedule would never occur between its start, or now, and its end.",
    )
    UNAUTHORIZED = (
        "unauthorized",
        HTTPStatus.UNAUTHORIZED,
        "A known key is needed: send `Authorization: Bearer SECRET`.",
    )
    READ_ONLY_KEY = ("read-only-key", HTTPStatus.FORBIDDEN, "The key may only read.")
    NOT_FOUND = ("not-found", HTTPStatus.NOT_FOUND, "Nothing is at this path.")
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
        "The path does not take this method. `Allow` lists those it takes.",
    )
    WRONG_STATE = (
        "wrong-state",
        HTTPStatus.CONFLICT,
        "The message is not in a state that allows this: it is being delivered, has ended, or is not dead.",
    )
    SCHEDULE_ENDED = (
        "schedule-ended",
        HTTPStatus.CONFLICT,
        "The schedule has no occurrence left: it can neither pause nor go on. An edit may give it new ones.",
    )
    KEY_REUSED = (
        "idempotency-key-reused",
        HTTPStatus.CONFLICT,
        "The idempotency key belongs to another request of the last 24 hours. Take a new key for a new request.",
    )
    MESSAGE_FORGOTTEN = (
        "message-forgotten",
        HTTPStatus.GONE,
        "The request was accepted before under this key, and its message has ended and is kept no longer.",
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
        "The body's `Content-Type` is one that this path does not read.",
    )
    RATE_LIMITED = (
        "rate-limited",
        HTTPStatus.TOO_MANY_REQUESTS,
        "The key has sent too many requests. Come back after `Retry-After` seconds.",
    )
    UNREADABLE_MESSAGE = (
        "unreadable-message",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The store has the message in a form that this version cannot read: an operator has to look at it.",
    )
    UNFORESEEN = (
        "unforeseen-error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The service met an error that nobody foresaw. Its log says more.",
    )
    UNAVAILABLE = (
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        (
            "The store did not answer, or messages are late. Come back after `Retry-After` seconds. Whether a "
            "message was stored is then unknown: with an idempotency key it is safe to send it again."
        ),
    )
    TOO_MANY_WATCHERS = (
        "too-many-watchers",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "As many watch the events of this instance as it has room for. Come back after `Retry-After` seconds.",
    )
    STORE_FULL = (
        "store-full",
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The store has no room for another message; it still delivers those it has.",
    )
    REFUSED = ("refused", HTTPStatus.BAD_REQUEST, "The request was refused; the sentence says why.")

"""Errors of a request itself, which are found before a use case runs or by its condition."""

from __future__ import annotations

from ....domain.errors import PostdateError


class InvalidRequestError(PostdateError):
    """The request cannot be understood.

    Attributes:
        path: The JSON path of the error, such as `$.at`; `$` is the whole document. For a parameter or a header
            that is not in the document, its name.
        detail: What is wrong there, as a sentence.
    """

    def __init__(self, path: str, detail: str) -> None:
        """Builds a sentence that names the path."""
        super().__init__(f"{detail} - at `{path}`")
        self.path = path
        self.detail = detail


class NotJsonError(InvalidRequestError):
    """The request's body, or the part of it at a path, is not JSON."""

    def __init__(self, reason: str, path: str = "$") -> None:
        """Builds a sentence with the decoder's reason."""
        super().__init__(path, f"The request's body is not valid JSON: {reason}")


class WrongContentTypeError(PostdateError):
    """The path does not accept a body of this content type."""

    def __init__(self, given: str, wanted: str = "application/json") -> None:
        """Builds a sentence that names the content type given and the one wanted."""
        super().__init__(f"the Content-Type is {given!r:.80}; send {wanted}")


class BodyTooLargeError(PostdateError):
    """The body of a message is over the limit."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        """Builds a sentence with the size and the limit."""
        super().__init__(f"the message's body has {size_bytes} bytes, more than the {limit_bytes} allowed")


class RequestTooLargeError(PostdateError):
    """The request is over the limit."""

    def __init__(self, limit_bytes: int) -> None:
        """Builds a sentence with the limit."""
        super().__init__(f"the request has more than the {limit_bytes} bytes allowed")


class TooManyMessagesError(PostdateError):
    """The array has more messages than one request may have."""

    def __init__(self, count: int, limit: int) -> None:
        """Builds a sentence with the count and the limit, and with the content type that has no limit."""
        super().__init__(
            f"the array has {count:,} messages, more than the {limit:,} allowed; "
            "application/x-ndjson, one message per line, may have any number"
        )


class PreconditionFailedError(PostdateError):
    """The message is not in the state that its client expects."""

    def __init__(self, message_id: str, entity_tag: str) -> None:
        """Builds a sentence with the message's present entity tag."""
        super().__init__(f"message {message_id} has changed: its entity tag is {entity_tag} now")


class RateLimitedError(PostdateError):
    """The key has sent too many requests.

    Attributes:
        retry_after_seconds: When the key's next request is accepted.
    """

    def __init__(self, name: str, retry_after_seconds: int) -> None:
        """Builds a sentence that names the key."""
        super().__init__(f"{name} has sent too many requests; try again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class UnauthorizedError(PostdateError):
    """The request has no known key."""

    def __init__(self) -> None:
        """Builds a sentence that says how to send a key."""
        super().__init__("a known key is needed: send Authorization: Bearer SECRET")


class ForbiddenError(PostdateError):
    """The request's key does not allow the request."""

    def __init__(self, name: str) -> None:
        """Builds a sentence that names the key."""
        super().__init__(f"the key {name!r} may only read")

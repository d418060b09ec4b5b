"""What can be wrong with a request itself, before any use case sees it."""

from __future__ import annotations

from ....domain.errors import PostdateError


class InvalidRequestError(PostdateError):
    """A request that cannot be understood.

    Attributes:
        path: the JSON path of the fault: `$.at`; `$` is the whole document.
        detail: what is wrong there, as a sentence.
    """

    def __init__(self, path: str, detail: str) -> None:
        """Builds a sentence that names the place."""
        super().__init__(f"{detail} - at `{path}`")
        self.path = path
        self.detail = detail


class NotJsonError(InvalidRequestError):
    """A request whose body, or what is at a path in it, is no JSON at all."""

    def __init__(self, reason: str, path: str = "$") -> None:
        """Builds a sentence from what the decoder said."""
        super().__init__(path, f"The request's body is not valid JSON: {reason}")


class WrongContentTypeError(PostdateError):
    """A body of a content type that nobody here reads."""

    def __init__(self, given: str, wanted: str = "application/json") -> None:
        """Builds a sentence that shows what was given and what was wanted."""
        super().__init__(f"the Content-Type is {given!r:.80}; send {wanted}")


class BodyTooLargeError(PostdateError):
    """A message's body that is longer than a message may have."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        """Builds a sentence with both figures."""
        super().__init__(f"the message's body has {size_bytes} bytes, more than the {limit_bytes} allowed")


class RequestTooLargeError(PostdateError):
    """A request that is longer than it may be."""

    def __init__(self, limit_bytes: int) -> None:
        """Builds a sentence with the limit."""
        super().__init__(f"the request has more than the {limit_bytes} bytes allowed")


class TooManyMessagesError(PostdateError):
    """An array of more messages than one request may have."""

    def __init__(self, count: int, limit: int) -> None:
        """Builds a sentence with both figures, and what would be taken instead."""
        super().__init__(
            f"the array has {count:,} messages, more than the {limit:,} allowed; "
            "application/x-ndjson, a message a line, may have any number"
        )


class RateLimitedError(PostdateError):
    """A request too many.

    Attributes:
        retry_after_seconds: when the next one would be taken.
    """

    def __init__(self, name: str, retry_after_seconds: int) -> None:
        """Builds a sentence that names the key."""
        super().__init__(f"{name} has sent too many requests; come back in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class UnauthorizedError(PostdateError):
    """A request without a key that is known here."""

    def __init__(self) -> None:
        """Builds a sentence that says how to send a key."""
        super().__init__("a known key is needed: send Authorization: Bearer SECRET")


class ForbiddenError(PostdateError):
    """A request that its key does not allow."""

    def __init__(self, name: str) -> None:
        """Builds a sentence that names the key."""
        super().__init__(f"the key {name!r} may only read")

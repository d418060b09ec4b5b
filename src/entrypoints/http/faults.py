"""What can be wrong with a request itself, before any use case sees it."""

from __future__ import annotations

from ...domain.errors import PostdateError


class RequestFaultError(PostdateError):
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


class NotJsonError(RequestFaultError):
    """A request whose body, or what is at a path in it, is no JSON at all."""

    def __init__(self, reason: str, path: str = "$") -> None:
        """Builds a sentence from what the decoder said."""
        super().__init__(path, f"The request's body is not valid JSON: {reason}")


class WrongContentTypeError(PostdateError):
    """A body of a content type that nobody here reads."""

    def __init__(self, given: str) -> None:
        """Builds a sentence that shows what was given and what was wanted."""
        super().__init__(f"the Content-Type is {given!r:.80}; send application/json")


class BodyTooLargeError(PostdateError):
    """A message's body that is longer than a message may have."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        """Builds a sentence with both figures."""
        super().__init__(f"the message's body has {size_bytes} bytes, more than the {limit_bytes} allowed")


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

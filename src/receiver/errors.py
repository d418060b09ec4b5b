"""The errors of received webhooks, each with the HTTP status that tells Postdate what to do."""

from __future__ import annotations

from typing import ClassVar


class WebhookError(Exception):
    """A webhook is not accepted.

    Attributes:
        status: The HTTP status to respond with.
    """

    status: ClassVar[int] = 400


class InvalidHeadersError(WebhookError):
    """A header of the signature is missing or invalid."""


class WrongSignatureError(WebhookError):
    """No known secret made this signature, or the request was changed after it was signed."""

    status: ClassVar[int] = 401


class StaleError(WebhookError):
    """The request was signed too long ago or in the future; it may be a replay of a recorded request."""


class BodyTooLargeError(WebhookError):
    """The body is longer than this receiver accepts."""

    status: ClassVar[int] = 413


class InProgressError(WebhookError):
    """The same message is being handled now. The status 409 makes Postdate try again later."""

    status: ClassVar[int] = 409

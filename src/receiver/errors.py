"""Why a webhook is not taken, each with the status that tells Postdate what to do."""

from __future__ import annotations

from typing import ClassVar


class WebhookError(Exception):
    """A webhook that is not taken.

    Attributes:
        status: what to answer.
    """

    status: ClassVar[int] = 400


class InvalidHeadersError(WebhookError):
    """A request without the headers of a webhook, or with such as cannot be understood."""


class WrongSignatureError(WebhookError):
    """A request that nobody signed who knows the secret, or whose body is not the one that was signed."""

    status: ClassVar[int] = 401


class StaleError(WebhookError):
    """A request signed too long ago, or in the future: somebody may have recorded it and send it again."""


class BodyTooLargeError(WebhookError):
    """A request with more than this receiver takes."""

    status: ClassVar[int] = 413


class InProgressError(WebhookError):
    """The same message is being handled at this moment. 409 has Postdate try again later."""

    status: ClassVar[int] = 409

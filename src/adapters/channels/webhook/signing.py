"""Signs requests as the Standard Webhooks specification defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Signer:
    """Signs with every secret, so that receivers can change from an old secret to a new one at any time."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Accepts secrets of the form `whsec_…`."""
        self._webhooks = tuple(Webhook(secret) for secret in secrets)

    def headers(self, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """Returns the three signature headers of an attempt. All attempts of a message have the same id."""
        text = body.decode()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(webhook.sign(message_id, at, text) for webhook in self._webhooks),
        }

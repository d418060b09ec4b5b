"""Signatures as the Standard Webhooks specification has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Signer:
    """Signs with every secret it is given, so that receivers may change from one to the other at any time."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Takes secrets of the form `whsec_…`."""
        self._webhooks = tuple(Webhook(secret) for secret in secrets)

    def headers(self, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """Returns the three headers of an attempt. The id is the same for all attempts of a message."""
        text = body.decode()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(webhook.sign(message_id, at, text) for webhook in self._webhooks),
        }

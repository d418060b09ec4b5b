"""Signed requests, made by the reference library of the Standard Webhooks specification."""

from __future__ import annotations

from datetime import UTC, datetime

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - not a real secret
OTHER = "whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g="
BODY = b'{"cart":42}'


def signed(
    body: bytes = BODY, *, message_id: str = "msg_1", at: float | None = None, secret: str = SECRET
) -> dict[str, str]:
    signed_at = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(int(signed_at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign(message_id, signed_at, body.decode()),
    }

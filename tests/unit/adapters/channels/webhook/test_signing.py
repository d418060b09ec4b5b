from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from postdate.adapters.channels.webhook.signing import Signer

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g="
OTHER = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldC4uLi4uLi4u"
BODY = '{"čau":"😀"}'.encode()


def test_the_signature_of_the_specification_is_reproduced() -> None:
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    headers = Signer([OLD]).headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    # The example of the specification's reference libraries.
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_signature_is_an_hmac_over_id_timestamp_and_body_bytes() -> None:
    at = datetime.fromtimestamp(1_700_000_000.999, UTC)
    signature = Signer([NEW]).headers("id", at, BODY)["webhook-signature"]
    digest = hmac.new(base64.b64decode(NEW[6:]), b"id.1700000000." + BODY, hashlib.sha256).digest()
    assert signature == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize("known", [OLD, NEW])
def test_a_receiver_can_verify_with_either_secret_during_rotation(known: str) -> None:
    headers = Signer([OLD, NEW]).headers("id", datetime.now(UTC), BODY)
    Webhook(known).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(known).verify(BODY + b" ", headers)

"""For those who receive Postdate's webhooks: is it genuine, is it fresh, and was it here before?

`verify` answers the first two by itself. `idempotent` answers the third for any handler. `WebhookMiddleware` (for
ASGI) and `WsgiWebhookMiddleware` do all of it before an application. The kit needs the standard library alone;
`RedisDeliveries` takes the client that its user has.
"""

from .asgi import WebhookMiddleware
from .deliveries import Deliveries, Verdict
from .errors import InProgressError, InvalidHeadersError, StaleError, WebhookError, WrongSignatureError
from .idempotency import idempotent
from .memory import MemoryDeliveries
from .redis import RedisDeliveries
from .signature import verify
from .wsgi import WsgiWebhookMiddleware

__all__ = [
    "Deliveries",
    "InProgressError",
    "InvalidHeadersError",
    "MemoryDeliveries",
    "RedisDeliveries",
    "StaleError",
    "Verdict",
    "WebhookError",
    "WebhookMiddleware",
    "WrongSignatureError",
    "WsgiWebhookMiddleware",
    "idempotent",
    "verify",
]

"""A kit for applications that receive webhooks: is a request genuine, is it fresh, and was it handled before?

`verify` answers the first two questions. `idempotent` answers the third for any handler. `WebhookMiddleware`
(for ASGI) and `WsgiWebhookMiddleware` answer all three before the application sees the request. The kit needs only
the standard library; `RedisDeliveries` uses the Redis client of the application.
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

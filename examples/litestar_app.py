"""Receives webhooks with Litestar. Handled messages are remembered in this process.

export POSTDATE_WEBHOOK_SECRET=$(postdate webhook-secret)
granian --interface asgi --port 8000 examples/litestar_app.py:app
"""

from __future__ import annotations

import os

from litestar import Litestar, Request, post
from litestar.middleware import DefineMiddleware

from postdate.receiver import MemoryDeliveries, WebhookMiddleware


@post("/hook", status_code=202)
async def hook(request: Request) -> dict[str, str]:
    print(request.headers["webhook-id"], await request.json(), flush=True)
    return {"status": "accepted"}


app = Litestar(
    [hook],
    middleware=[
        DefineMiddleware(
            WebhookMiddleware, secrets=os.environ["POSTDATE_WEBHOOK_SECRET"], deliveries=MemoryDeliveries()
        )
    ],
)

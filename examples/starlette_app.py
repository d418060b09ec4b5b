"""Receives webhooks with Starlette.

Handled messages are remembered in Redis, for all processes, if REDIS_URL is set; otherwise in this process.

export POSTDATE_WEBHOOK_SECRET=$(postdate webhook-secret)
granian --interface asgi --port 8000 examples/starlette_app.py:app
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from postdate.receiver import MemoryDeliveries, RedisDeliveries, WebhookMiddleware

if TYPE_CHECKING:
    from starlette.requests import Request


async def hook(request: Request) -> JSONResponse:
    print(request.headers["webhook-id"], await request.json(), flush=True)
    return JSONResponse({"status": "accepted"}, status_code=202)


url = os.environ.get("REDIS_URL")
deliveries = RedisDeliveries(Redis.from_url(url)) if url else MemoryDeliveries()
app = Starlette(
    routes=[Route("/hook", hook, methods=["POST"])],
    middleware=[
        Middleware(
            WebhookMiddleware,
            secrets=os.environ["POSTDATE_WEBHOOK_SECRET"],
            deliveries=deliveries,
            path="/hook",
        )
    ],
)

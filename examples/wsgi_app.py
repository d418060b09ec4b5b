"""Receives webhooks with WSGI and the server of the standard library. Messages are remembered in this process.

For Flask: app.wsgi_app = WsgiWebhookMiddleware(app.wsgi_app, …).

export POSTDATE_WEBHOOK_SECRET=$(postdate webhook-secret)
python examples/wsgi_app.py 8000
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import make_server

from postdate.receiver import MemoryDeliveries, WsgiWebhookMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def hook(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    print(environ["HTTP_WEBHOOK_ID"], json.load(environ["wsgi.input"]), flush=True)
    start_response("202 Accepted", [("Content-Type", "application/json")])
    return [b'{"status":"accepted"}']


app = WsgiWebhookMiddleware(hook, os.environ["POSTDATE_WEBHOOK_SECRET"], MemoryDeliveries())

if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), app) as server:
        server.serve_forever()

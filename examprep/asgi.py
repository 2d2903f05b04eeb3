"""The door: `/live/` goes to the stream application, everything else to Django under WSGI.

Django's own ASGI handler serves 0.2 to 0.45 times the requests, since it takes a fresh
thread and database connection for each. On SQLite one worker thread serves more than
four, because there is one writer; the slow lane keeps a login (a slow password hash)
or an import from holding up answers.
"""

from typing import Any

from a2wsgi import WSGIMiddleware
from django.db import connection

from .wsgi import application as wsgi

from sandbox.streaming import stream  # isort: skip  (needs the app registry, ready after wsgi)

SLOW_PATHS = ("/accounts/", "/admin/")
FAST_WORKERS = 1 if connection.vendor == "sqlite" else 4

fast_lane = WSGIMiddleware(wsgi, workers=FAST_WORKERS)
slow_lane = WSGIMiddleware(wsgi, workers=1)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    path = scope.get("path", "")
    if path.startswith("/live/"):
        await stream(scope, receive, send)
    elif path.startswith(SLOW_PATHS):
        await slow_lane(scope, receive, send)
    else:
        await fast_lane(scope, receive, send)

"""The site plus one bare view: what this server, middleware and database cost at the least."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.floor_settings"

from django.contrib.auth.decorators import login_not_required  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.urls import path  # noqa: E402

from examprep.asgi import application  # noqa: E402
from examprep.urls import urlpatterns as site  # noqa: E402


@login_not_required
def floor(request: HttpRequest) -> HttpResponse:
    """One raw durable UPDATE and the same kind of answer as a saved choice."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE attempts_slot SET seq = seq + 1 WHERE id = %s", [request.POST["id"]])
    return HttpResponseRedirect("/")


urlpatterns = [path("floor/", floor), *site]

__all__ = ["application", "urlpatterns"]

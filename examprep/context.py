"""What every page knows."""

from typing import Any

from accounts.preferences import preferences_of
from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {"local_mode": settings.LOCAL_MODE, "preferences": preferences_of(request)}

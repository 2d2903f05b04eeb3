"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.preferences import preferences_of


def site(request: HttpRequest) -> dict[str, Any]:
    return {"local_mode": settings.LOCAL_MODE, "preferences": preferences_of(request)}

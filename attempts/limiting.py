"""Counts what one visitor does in an hour, in the cache that all web processes share."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

AN_HOUR_SECONDS = 3600


def is_too_often(request: HttpRequest, deed: str, at_most: int) -> bool:
    """Counts this deed and tells whether it is one too many: of a learner, else of an address."""
    learner = request.learner
    who = f"learner-{learner.pk}" if learner else get_adapter().get_client_ip(request)
    key = f"often:{deed}:{who}"
    cache.add(key, 0, AN_HOUR_SECONDS)
    try:
        return cache.incr(key) > at_most
    except ValueError:  # the hour ended between the two calls
        return False

"""The answer to a form that was taken: look at the page that follows (303)."""

from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    status_code = 303


def see_other(to: Any, *args: Any) -> SeeOther:
    """`to` as Django's redirect() takes it: an object with an address, a URL name, a URL."""
    return SeeOther(resolve_url(to, *args))

import ipaddress
import sys

import pytest
from django.core.cache import cache

NAMES_OF_THIS_MACHINE = {"localhost", ""}


def deny_network(event, arguments):
    """The whole suite runs without a network: a connection that leaves this machine is an error."""
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = arguments[1]
    if not isinstance(address, tuple) or address[0] in NAMES_OF_THIS_MACHINE:
        return
    if not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
        raise PermissionError(f"the tests have no network: {event} to {address}")


sys.addaudithook(deny_network)


@pytest.fixture(autouse=True)
def fresh_rate_limits():
    """What one test did counts against no other one's rate limits."""
    cache.clear()


@pytest.fixture(autouse=True)
def plain_static_storage(settings):
    """Pages name static files without hashes, so no test needs collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }

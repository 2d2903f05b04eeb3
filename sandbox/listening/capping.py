"""How many connections there may be, how fast they may come, how often a login may fail.

The caps of one address do not hold for loopback in local mode: everybody there is the same person.
"""

import ipaddress
import time
from collections import Counter, deque
from functools import lru_cache

from django.conf import settings

NEW_WINDOW_SECONDS = 60
FAILURE_WINDOW_SECONDS = 600


class Turnstile:
    def __init__(self) -> None:
        self._n_inside = 0
        self._per_address: Counter[str] = Counter()
        self._arrivals = Recent(NEW_WINDOW_SECONDS)
        self._failures = Recent(FAILURE_WINDOW_SECONDS)

    def enter(self, peer: str) -> str:
        """ "" if the connection is taken, or why it is not."""
        network = network_of(peer)
        if self._n_inside >= settings.SANDBOX_CONNECTIONS:
            return "Too many connections, try again later"
        if not _is_exempt(peer):
            if self._per_address[network] >= settings.SANDBOX_CONNECTIONS_PER_ADDRESS:
                return "Too many connections from your address, try again later"
            if self._arrivals.count(network) >= settings.SANDBOX_NEW_PER_MINUTE:
                return "Too many new connections from your address, wait a minute"
            self._arrivals.add(network)
        self._n_inside += 1
        self._per_address[network] += 1
        return ""

    def leave(self, peer: str) -> None:
        network = network_of(peer)
        self._n_inside -= 1
        self._per_address[network] -= 1
        if not self._per_address[network]:
            del self._per_address[network]

    def count_failed_login(self, peer: str) -> None:
        self._failures.add(network_of(peer))

    def may_log_in(self, peer: str) -> bool:
        """Whether a login is looked up at all."""
        failures = self._failures.count(network_of(peer))
        return _is_exempt(peer) or failures < settings.SANDBOX_LOGIN_FAILURES

    def sweep(self) -> None:
        self._arrivals.sweep()
        self._failures.sweep()


class Recent:
    """When something happened, by name, as long as it counts."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: dict[str, deque[float]] = {}

    def add(self, name: str) -> None:
        self._times.setdefault(name, deque()).append(time.monotonic())

    def count(self, name: str) -> int:
        times = self._times.get(name, deque())
        begin = time.monotonic() - self._seconds
        while times and times[0] < begin:
            times.popleft()
        return len(times)

    def sweep(self) -> None:
        for name in list(self._times):
            if not self.count(name):
                del self._times[name]


@lru_cache(maxsize=1024)
def network_of(peer: str) -> str:
    """An IPv6 host owns a whole /64, so that is what counts as one address."""
    if ":" not in peer:
        return peer
    return str(ipaddress.ip_network((peer.partition("%")[0], 64), strict=False))


def _is_exempt(peer: str) -> bool:
    return settings.LOCAL_MODE and _is_loopback(peer)


@lru_cache(maxsize=1024)
def _is_loopback(peer: str) -> bool:
    return ipaddress.ip_address(peer).is_loopback

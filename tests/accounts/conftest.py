import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_rate_limits():
    """Tries of one test do not count against the next."""
    cache.clear()

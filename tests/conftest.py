import pytest


@pytest.fixture(autouse=True)
def plain_static_storage(settings):
    """Pages name static files without hashes, so no test needs collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }

import tomllib

import pytest
from django.conf import settings

from accounts.learners import SESSION_KEY
from questions.cataloguing import load_labs
from sandbox.labs.reading import read_lab
from sandbox.models import Lab
from sandbox.tables import Table
from tests.factories import LearnerFactory


def read_file(slug):
    path = settings.CONTENT_DIR / "labs" / f"{slug}.toml"
    return read_lab(Table(tomllib.loads(path.read_text()), path.name, []), slug)


@pytest.fixture
def shipped(db):
    """Loads one of the shipped labs by its slug."""

    def load(slug):
        load_labs([*(lab.file for lab in Lab.objects.live()), read_file(slug)])
        return Lab.objects.get(slug=slug)

    return load


@pytest.fixture
def learner(client, db):
    """A guest whose browser is `client`."""
    guest = LearnerFactory()
    session = client.session
    session[SESSION_KEY] = guest.pk
    session.save()
    return guest


@pytest.fixture
def greet(shipped):
    return shipped("greet-and-leave")


@pytest.fixture
def first(shipped):
    return shipped("first-message")

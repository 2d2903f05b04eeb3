import pytest

from accounts.learners import SESSION_KEY
from tests.factories import LearnerFactory


@pytest.fixture
def guest(client):
    """A guest learner whose browser is `client`."""
    learner = LearnerFactory()
    session = client.session
    session[SESSION_KEY] = learner.pk
    session.save()
    return learner

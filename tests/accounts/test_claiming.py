import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.claiming import claim
from accounts.models import Learner, User
from attempts.models import Attempt
from tests.factories import AttemptFactory, LearnerFactory, UserFactory

PASSWORD = "correct horse 7"


@pytest.fixture
def robin(db):
    return User.objects.create_user("robin@learn.example", PASSWORD)


def become_guest(client):
    """Choosing a time zone is the smallest POST that makes a guest."""
    client.post(reverse("settings"), {"theme": "auto", "keys": "on", "time_zone": "Europe/Berlin"})
    return Learner.objects.guests().latest("pk")


def sign_up(client, email="robin@learn.example"):
    return client.post(
        reverse("account_signup"), {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    )


def log_in(client, password=PASSWORD):
    return client.post(
        reverse("account_login"), {"login": "robin@learn.example", "password": password}
    )


@pytest.mark.django_db
def test_sign_up_keeps_what_the_guest_did(client):
    guest = become_guest(client)
    attempt = AttemptFactory(learner=guest)

    sign_up(client)

    learner = Learner.objects.get()
    assert learner.user.email == "robin@learn.example"
    assert learner.time_zone == "Europe/Berlin"
    assert learner.attempts.get() == attempt


@pytest.mark.django_db
def test_sign_up_with_confirmation_by_code_keeps_it_once_the_code_is_given(
    client, settings, mailoutbox
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    attempt = AttemptFactory(learner=become_guest(client))

    sign_up(client)

    assert Learner.objects.get().is_guest
    (code,) = re.findall(r"^[A-Z0-9]{3,}-?[A-Z0-9]{3,}$", mailoutbox[0].body, re.MULTILINE)
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert Learner.objects.get().user.email == "robin@learn.example"
    assert Learner.objects.get().attempts.get() == attempt


@pytest.mark.django_db
def test_login_moves_what_the_guest_did_to_the_account(client, robin):
    learner = LearnerFactory(user=robin, time_zone="Asia/Tokyo")
    older = AttemptFactory(learner=learner)
    attempt = AttemptFactory(learner=become_guest(client))

    log_in(client)

    assert list(Learner.objects.all()) == [learner]
    assert set(learner.attempts.all()) == {older, attempt}
    assert Learner.objects.get().time_zone == "Asia/Tokyo"


@pytest.mark.django_db
def test_login_into_an_account_without_learner_gives_it_the_guest(client, robin):
    guest = become_guest(client)

    log_in(client)

    assert Learner.objects.get() == guest
    assert Learner.objects.get().user == robin


@pytest.mark.django_db
def test_failed_login_leaves_the_guest_alone(client, robin):
    guest = become_guest(client)
    attempt = AttemptFactory(learner=guest)

    log_in(client, password="wrong horse")

    assert Learner.objects.get().is_guest
    assert guest.attempts.get() == attempt
    assert client.session["guest"] == guest.pk


@pytest.mark.django_db
def test_first_page_after_the_login_writes_nothing(client, robin):
    become_guest(client)
    log_in(client)

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("settings"))

    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []


@pytest.mark.django_db
def test_session_forgets_the_guest_after_the_claim(client, robin):
    become_guest(client)

    log_in(client)

    assert "guest" not in client.session


@pytest.mark.django_db
def test_after_logout_the_next_guest_is_somebody_else(client, robin):
    become_guest(client)
    log_in(client)
    account_learner = Learner.objects.get()

    client.post(reverse("account_logout"))
    guest = become_guest(client)

    assert guest != account_learner
    assert guest.is_guest
    assert Learner.objects.get(user=robin) == account_learner


@pytest.mark.django_db
def test_guest_of_a_second_browser_comes_too(client, robin):
    second_browser = Client()
    first = AttemptFactory(learner=become_guest(client))
    second = AttemptFactory(learner=become_guest(second_browser))

    log_in(client)
    log_in(second_browser)

    learner = Learner.objects.get()
    assert learner.user == robin
    assert set(learner.attempts.all()) == {first, second}


@pytest.mark.django_db
def test_claiming_twice_changes_nothing_more(robin):
    learner = LearnerFactory(user=robin)
    guest = LearnerFactory()
    attempt = AttemptFactory(learner=guest)

    first, second = claim(guest.pk, robin), claim(guest.pk, robin)

    assert first == second == learner
    assert list(Learner.objects.all()) == [learner]
    assert learner.attempts.get() == attempt


@pytest.mark.django_db
def test_learner_of_another_account_is_never_claimed(robin):
    casey = LearnerFactory(user=UserFactory())
    attempt = AttemptFactory(learner=casey)

    claim(casey.pk, robin)

    assert Attempt.objects.get().learner == casey
    assert casey.attempts.get() == attempt
    assert robin.learner != casey


@pytest.mark.django_db
def test_claiming_a_guest_that_is_gone_gives_the_account_a_learner(robin):
    learner = claim(999_999, robin)

    assert learner == Learner.objects.get(user=robin)


@pytest.mark.django_db(transaction=True)
def test_two_guests_claimed_at_once_end_in_one_learner():
    robin = User.objects.create_user("robin@learn.example")
    guests = [LearnerFactory(), LearnerFactory()]
    attempts = {AttemptFactory(learner=guest) for guest in guests}
    both_ready = threading.Barrier(2)

    def claim_when_both_are_ready(guest):
        both_ready.wait(timeout=10)
        try:
            return claim(guest.pk, robin)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(claim_when_both_are_ready, guests)

    assert first == second == Learner.objects.get()
    assert Learner.objects.get().user == robin
    assert set(Learner.objects.get().attempts.all()) == attempts

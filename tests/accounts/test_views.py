from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.middleware import LearnerMiddleware
from accounts.models import Learner, User
from attempts.models import Attempt
from tests.factories import AttemptFactory, LearnerFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 7"
AS_IT_WAS = {"theme": "auto", "keys": "on", "time_zone": "UTC"}
IN_TOKYO = {"theme": "auto", "keys": "on", "time_zone": "Asia/Tokyo"}


@pytest.fixture
def robin():
    user = User.objects.create_user("robin@learn.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def guest(client):
    client.post(reverse("settings"), IN_TOKYO)
    return Learner.objects.get()


def text_of(response):
    return " ".join(response.content.decode().split())


def said(response):
    return [str(message) for message in response.context["messages"]]


# Settings


def test_settings_of_a_stranger_cost_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = text_of(client.get(reverse("settings")))

    assert "You are here as a guest" in page
    assert "Nothing is kept about you yet." in page
    assert reverse("data") not in page
    assert reverse("deletion") not in page
    assert '<option value="UTC" selected>' in page


def test_settings_of_a_guest_cost_one_query(client, guest, django_assert_num_queries):
    with django_assert_num_queries(1):  # the learner
        page = text_of(client.get(reverse("settings")))

    assert '<option value="Asia/Tokyo" selected>' in page
    assert "Delete what I did here" in page
    assert reverse("account_change_password") not in page


def test_settings_of_an_account_cost_two_queries(client, robin, django_assert_num_queries):
    LearnerFactory(user=robin)
    client.force_login(robin)

    with django_assert_num_queries(2):  # the user, the learner
        page = text_of(client.get(reverse("settings")))

    assert "You are logged in as robin@learn.example." in page
    for name in ("account_email", "account_change_password", "mfa_index", "account_logout"):
        assert f'"{reverse(name)}"' in page
    assert "Delete my account" in page


def test_settings_kept_in_cookies_make_no_guest(client):
    response = client.post(reverse("settings"), {**AS_IT_WAS, "theme": "dark"})

    assert response.url == reverse("settings")
    assert response.cookies["theme"].value == "dark"
    assert response.cookies["keys"].value == "on"
    assert Learner.objects.count() == 0
    assert said(client.get(response.url)) == ["Settings saved."]


def test_settings_with_another_zone_make_a_stranger_a_guest(client):
    client.post(reverse("settings"), IN_TOKYO)

    learner = Learner.objects.get()
    assert learner.is_guest
    assert learner.time_zone == "Asia/Tokyo"


def test_settings_change_the_zone_of_the_guest_there_is(client, guest):
    client.post(reverse("settings"), AS_IT_WAS)

    assert Learner.objects.get().pk == guest.pk
    assert Learner.objects.get().time_zone == "UTC"


def test_settings_change_the_zone_of_the_account_alone(client, robin):
    other = LearnerFactory(time_zone="Europe/Berlin")
    client.force_login(robin)

    client.post(reverse("settings"), IN_TOKYO)

    assert Learner.objects.get(user=robin).time_zone == "Asia/Tokyo"
    other.refresh_from_db()
    assert other.time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "sepia"),
        ("theme", '"><script>alert(1)</script>'),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
    ],
)
def test_settings_refuse_what_they_do_not_offer(client, field, value):
    response = client.post(reverse("settings"), {**AS_IT_WAS, field: value})

    page = text_of(response)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "<title>Error: Settings" in page
    assert 'id="errors"' in page
    assert "<script>alert" not in page
    assert not response.cookies.keys() & {"theme", "keys"}
    assert Learner.objects.count() == 0


def test_settings_refuse_an_empty_form(client):
    response = client.post(reverse("settings"))

    assert response.status_code == 422
    assert sorted(response.context["form"].errors) == ["theme", "time_zone"]


def test_error_summary_links_to_the_field_that_names_its_error(client):
    page = text_of(client.post(reverse("settings"), {**AS_IT_WAS, "time_zone": "Mars/Olympus"}))

    assert '<a href="#id_time_zone">Time zone</a>: Select a valid choice.' in page
    assert 'aria-describedby="id_time_zone_helptext id_time_zone_error"' in page
    assert 'class="field-error" id="id_time_zone_error"' in page
    assert 'class="hint" id="id_time_zone_helptext"' in page


def test_error_summary_links_to_the_first_choice_of_a_group(client):
    page = text_of(client.post(reverse("settings"), {**AS_IT_WAS, "theme": "sepia"}))

    assert '<a href="#id_theme_0">Theme</a>' in page
    assert 'type="radio" name="theme" value="auto"' in page
    assert 'id="id_theme_0"' in page


def test_settings_need_a_csrf_token():
    response = Client(enforce_csrf_checks=True).post(reverse("settings"), IN_TOKYO)

    assert response.status_code == 403
    assert Learner.objects.count() == 0


# The learner's zone


def test_pages_are_made_in_the_learners_zone_and_the_next_one_starts_afresh(client, guest):
    zones = []

    def note_the_zone(request):
        zones.append(str(timezone.get_current_timezone()))
        return HttpResponse()

    in_tokyo = client.get(reverse("keys")).wsgi_request
    stranger = Client().get(reverse("keys")).wsgi_request
    LearnerMiddleware(note_the_zone)(in_tokyo)
    LearnerMiddleware(note_the_zone)(stranger)

    assert zones == ["Asia/Tokyo", "UTC"]
    assert str(timezone.get_current_timezone()) == "UTC"


# Data


def test_data_of_a_stranger_are_none(client):
    response = client.get(reverse("data"))

    assert response.json()["account"] is None
    assert response.json()["learner"] is None


def test_data_are_a_file_to_keep_and_never_cached(client, guest):
    response = client.get(reverse("data"))

    today = f"{timezone.now():%Y-%m-%d}"
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="examprep-{today}.json"'
    assert "no-store" in response["Cache-Control"]


def test_data_hold_everything_the_learner_owns_and_nothing_else(client, guest):
    attempt = AttemptFactory(learner=guest)
    other = AttemptFactory()

    response = client.get(reverse("data"))

    learner = response.json()["learner"]
    owned = {relation.get_accessor_name() for relation in Learner._meta.related_objects}
    assert set(learner) == {"since", "time_zone"} | owned
    assert learner["time_zone"] == "Asia/Tokyo"
    assert [row["uuid"] for row in learner["attempts"]] == [str(attempt.uuid)]
    assert str(other.uuid) not in text_of(response)


def test_data_of_an_account_hold_addresses_and_dates_but_no_secret(client, robin):
    User.objects.filter(pk=robin.pk).update(
        date_joined=datetime(2026, 11, 23, 12, tzinfo=timezone.get_default_timezone())
    )
    LearnerFactory(user=robin)
    client.force_login(robin)

    response = client.get(reverse("data"))

    account = response.json()["account"]
    assert sorted(account) == ["email", "email_addresses", "joined_at", "last_login_at"]
    assert account["email"] == "robin@learn.example"
    assert account["joined_at"] == "2026-11-23T12:00:00Z"
    assert account["email_addresses"] == [
        {"email": "robin@learn.example", "verified": True, "primary": True}
    ]
    assert robin.password not in text_of(response)


def test_data_are_read_only(client, guest):
    assert client.post(reverse("data")).status_code == 405


# Deletion


def test_deletion_page_of_a_stranger_has_nothing_to_offer(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = text_of(client.get(reverse("deletion")))

    assert "There is nothing to delete" in page
    assert "button--danger" not in page


def test_deletion_by_a_stranger_deletes_nobody(client):
    LearnerFactory()

    response = client.post(reverse("deletion"))

    assert "There is nothing to delete" in text_of(response)
    assert Learner.objects.count() == 1


@pytest.mark.parametrize("n", [1, 3])
def test_deletion_page_counts_what_will_go(client, guest, n, django_assert_num_queries):
    for _ in range(n):
        AttemptFactory(learner=guest)
    AttemptFactory()

    with django_assert_num_queries(1 + len(Learner._meta.related_objects)):
        page = text_of(client.get(reverse("deletion")))

    assert f'<th scope="row">attempts</th><td>{n}</td>' in page
    assert Attempt.objects.count() == n + 1


def test_deletion_by_a_guest_takes_all_of_theirs_and_nothing_else(client, guest):
    AttemptFactory(learner=guest)
    other = AttemptFactory()

    response = client.post(reverse("deletion"))

    assert response.url == reverse("first_question")
    assert list(Attempt.objects.all()) == [other]
    assert list(Learner.objects.all()) == [other.learner]
    assert said(client.get(reverse("settings")))[-1] == "What you did here is deleted."


def test_guest_after_a_deletion_is_somebody_new(client, guest):
    client.post(reverse("deletion"))

    client.post(reverse("settings"), IN_TOKYO)

    assert Learner.objects.get().pk != guest.pk


def test_deletion_of_an_account_asks_for_the_password_and_then_does_it(client, robin):
    AttemptFactory(learner=LearnerFactory(user=robin))
    client.force_login(robin)

    asked = client.post(reverse("deletion"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert User.objects.count() == 1
    done = client.post(asked.url, {"password": PASSWORD, "next": reverse("deletion")})

    assert done.url == reverse("first_question")
    assert (User.objects.count(), Learner.objects.count(), Attempt.objects.count()) == (0, 0, 0)
    assert EmailAddress.objects.count() == 0
    assert not client.session.keys()
    assert said(client.get(reverse("settings"))) == [
        "Your account and everything you did here are deleted."
    ]


def test_deletion_of_an_account_stops_at_a_wrong_password(client, robin):
    client.force_login(robin)

    asked = client.post(reverse("deletion"))
    client.post(asked.url, {"password": "wrong horse", "next": reverse("deletion")})

    assert User.objects.get() == robin


def test_deletion_spares_the_other_accounts(client, robin):
    casey = AttemptFactory(learner=LearnerFactory(user=UserFactory())).learner.user
    client.force_login(robin)

    asked = client.post(reverse("deletion"))
    client.post(asked.url, {"password": PASSWORD, "next": reverse("deletion")})

    assert User.objects.get() == casey
    assert Attempt.objects.get().learner.user == casey


def test_deletion_page_names_the_account(client, robin):
    client.force_login(robin)

    page = text_of(client.get(reverse("deletion")))

    assert '<th scope="row">account</th><td>robin@learn.example</td>' in page
    assert User.objects.count() == 1


# Keys


def test_keys_page_lists_the_keys_there_are(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = text_of(client.get(reverse("keys")))

    for key in ("1", "9", "Enter", "J", "N", "K", "P", "F", "X", "R", "T", "E", "/", "?"):
        assert f"<kbd>{key}</kbd>" in page


@pytest.mark.parametrize("name", ["settings", "data", "deletion", "keys"])
def test_looking_writes_nothing(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert Learner.objects.count() == 0
    assert "sessionid" not in response.cookies

from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError

from accounts.models import Learner, OwnedQuerySet, User
from tests.factories import AttemptFactory, LearnerFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_email_is_unique_whatever_its_case():
    User.objects.create(email="robin@learn.example")

    with pytest.raises(IntegrityError, match="user_email_unique_whatever_case"):
        User.objects.create(email="Robin@Learn.Example")


def test_email_in_other_case_is_refused_with_a_sentence():
    User.objects.create(email="robin@learn.example")

    with pytest.raises(ValidationError, match="An account with this e-mail address exists"):
        User(email="Robin@Learn.Example", password="x").full_clean()


def test_account_without_an_address_is_refused():
    with pytest.raises(IntegrityError, match="user_email_not_empty"):
        User.objects.create(email="")


def test_create_user_lowers_the_address_and_hashes_the_password():
    user = User.objects.create_user(" Robin@Learn.Example ", "correct horse 7")

    assert user.email == "robin@learn.example"
    assert "correct horse 7" not in user.password
    assert user.check_password("correct horse 7")
    assert not user.is_staff


def test_user_is_found_by_address_in_any_case():
    user = UserFactory(email="robin@learn.example")

    assert User.objects.get_by_natural_key("ROBIN@learn.example") == user


def test_createsuperuser_asks_for_no_user_name(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse 7")

    call_command("createsuperuser", email="Author@Learn.Example", interactive=False, verbosity=0)

    author = User.objects.get()
    assert (author.email, author.is_staff, author.is_superuser) == (
        "author@learn.example",
        True,
        True,
    )
    assert author.check_password("correct horse 7")


def test_one_account_has_one_learner():
    user = UserFactory()
    LearnerFactory(user=user)

    with pytest.raises(IntegrityError):
        LearnerFactory(user=user)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Etc/GMT+5", "utc", ""])
def test_time_zone_of_a_learner_must_be_a_known_place(name):
    with pytest.raises(ValidationError) as refusal:
        Learner(time_zone=name).full_clean()

    assert list(refusal.value.message_dict) == ["time_zone"]


def test_zone_is_the_chosen_place():
    assert Learner(time_zone="Asia/Tokyo").zone == ZoneInfo("Asia/Tokyo")


def test_zone_is_utc_where_the_machine_does_not_know_the_name():
    assert Learner(time_zone="Europe/Atlantis").zone == ZoneInfo("UTC")


def test_owned_rows_are_the_learners_alone():
    own, other = LearnerFactory(), LearnerFactory()
    attempt = AttemptFactory(learner=own)
    AttemptFactory(learner=other)

    assert list(own.owned_rows()["attempts"]) == [attempt]


def test_owned_by_nobody_is_nothing():
    attempts = AttemptFactory().__class__.objects

    assert attempts.count() == 1
    assert attempts.owned_by(None).count() == 0


@pytest.mark.parametrize(
    "relation", Learner._meta.related_objects, ids=lambda relation: relation.name
)
def test_every_row_of_a_learner_can_be_claimed_exported_and_deleted(relation):
    manager = relation.related_model._default_manager

    assert isinstance(manager.get_queryset(), OwnedQuerySet)
    assert relation.field.name == "learner"
    assert relation.get_accessor_name() is not None
    assert relation.on_delete.__name__ == "CASCADE"

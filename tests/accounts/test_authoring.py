import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from accounts.authoring import ensure_author
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_author_is_made_with_all_rights_and_a_confirmed_address():
    assert ensure_author("Author@Learn.Example", "correct horse 7") is True

    author = User.objects.get()
    assert (author.email, author.is_staff, author.is_superuser) == (
        "author@learn.example",
        True,
        True,
    )
    assert author.check_password("correct horse 7")
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (author.pk, "author@learn.example", True, True)
    ]


def test_author_is_made_once_and_keeps_a_password_changed_since():
    ensure_author("author@learn.example", "correct horse 7")

    assert ensure_author("AUTHOR@learn.example", "another horse 8") is False

    assert User.objects.get().check_password("correct horse 7")


def test_learner_with_the_address_gets_no_rights():
    User.objects.create_user("robin@learn.example", "correct horse 7")

    assert ensure_author("robin@learn.example", "another horse 8") is False

    robin = User.objects.get()
    assert (robin.is_staff, robin.is_superuser) == (False, False)


def test_author_without_an_address_is_refused():
    with pytest.raises(ValidationError):
        ensure_author("author", "correct horse 7")

    assert User.objects.count() == 0

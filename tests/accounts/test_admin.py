import pytest
from django.urls import reverse

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(client):
    author = User.objects.create_superuser("author@learn.example")
    client.force_login(author)
    return author


@pytest.mark.parametrize("n", [1, 3])
def test_list_shows_accounts_in_the_same_number_of_queries(
    client, author, n, django_assert_num_queries
):
    for number in range(n):
        UserFactory(email=f"robin{number}@learn.example")

    # the session's user, its learner, two counts, the list
    with django_assert_num_queries(5):
        page = client.get(reverse("admin:accounts_user_changelist")).content.decode()

    assert page.count("@learn.example</a>") == n + 1


def test_author_is_appointed_but_neither_address_nor_password_nor_all_rights_are_set(
    client, author
):
    robin = UserFactory(email="robin@learn.example", password="unset")
    path = reverse("admin:accounts_user_change", args=[robin.pk])

    client.post(
        path,
        {
            "is_staff": "on",
            "is_active": "on",
            "is_superuser": "on",
            "email": "other@learn.example",
            "password": "known",
        },
    )

    robin.refresh_from_db()
    assert robin.is_staff
    assert not robin.is_superuser
    assert (robin.email, robin.password) == ("robin@learn.example", "unset")
    assert "unset" not in client.get(path).content.decode()


def test_closed_account_is_told_so_at_login(client, author):
    robin = User.objects.create_user("robin@learn.example", "correct horse 7")
    client.post(reverse("admin:accounts_user_change", args=[robin.pk]), {})
    client.logout()

    response = client.post(
        reverse("account_login"),
        {"login": "robin@learn.example", "password": "correct horse 7"},
        follow=True,
    )

    assert "This account is closed" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_accounts_are_not_made_in_the_admin(client, author):
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403

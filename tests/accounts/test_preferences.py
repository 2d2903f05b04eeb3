import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from accounts.preferences import Preferences, preferences_of, remember

A_CHOICE = {"theme": "dark", "time_zone": "UTC"}  # without "keys": the box is not ticked


def request_with(**cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    return request


def test_preferences_without_cookies_follow_the_device_and_keep_keys_on():
    assert preferences_of(request_with()) == Preferences(theme="auto", keys=True)


def test_preferences_are_read_from_the_cookies():
    assert preferences_of(request_with(theme="light", keys="off")) == Preferences("light", False)


@pytest.mark.parametrize("theme", ['"><script>', "DARK", ""])
def test_unknown_theme_in_a_cookie_counts_as_none(theme):
    assert preferences_of(request_with(theme=theme, keys="maybe")) == Preferences("auto", True)


def test_cookies_last_a_year_and_are_out_of_reach_of_scripts():
    response = HttpResponse()

    remember(response, Preferences("dark", False), secure=True)

    theme, keys = response.cookies["theme"], response.cookies["keys"]
    assert (theme.value, keys.value) == ("dark", "off")
    assert theme["max-age"] == 365 * 24 * 60 * 60
    assert (theme["httponly"], theme["samesite"], theme["secure"]) == (True, "Lax", True)
    assert (keys["httponly"], keys["samesite"], keys["secure"]) == (True, "Lax", True)


@pytest.mark.django_db
def test_chosen_look_and_keys_are_on_every_page_after(client):
    before = client.get(reverse("keys")).content.decode()

    client.post(reverse("settings"), A_CHOICE)

    after = client.get(reverse("keys")).content.decode()
    assert '<html lang="en" data-keys="on">' in before
    assert '<html lang="en" data-theme="dark" data-keys="off">' in after
    assert "They are switched on in this browser." in before
    assert "They are switched off in this browser." in after


@pytest.mark.django_db
def test_hostile_theme_cookie_never_reaches_the_page(client):
    client.cookies["theme"] = "x data-evil=1"

    page = client.get(reverse("keys")).content.decode()

    assert "data-theme" not in page
    assert "evil" not in page

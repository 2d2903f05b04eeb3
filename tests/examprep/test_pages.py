"""Headers and error pages of the whole site."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
DIRECTIVES = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "manifest-src 'self'",
    "report-uri /csp-report",
}


@pytest.mark.parametrize("path", ["/", "/notes/", "/accounts/login/", "/nothing/", "/admin/login/"])
def test_every_answer_carries_the_policy_and_headers(client, path):
    response = client.get(path)

    assert set(response["Content-Security-Policy"].split("; ")) == DIRECTIVES
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Permissions-Policy"].startswith("camera=()")


@pytest.mark.parametrize(
    "path", ["/", "/practice/", "/notes/", "/progress/", "/sandbox/", "/settings/", "/healthz"]
)
def test_head_is_answered_like_get(client, path):
    response = client.head(path)

    assert response.status_code == 200
    assert response.content == b""


def test_a_missing_page_says_what_to_do(client):
    response = client.get("/nothing/")

    page = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing here" in page
    assert 'href="/"' in page
    assert "Independent of the exam vendors" in page


def test_an_expired_form_says_that_nothing_was_saved():
    response = Client(enforce_csrf_checks=True).post("/practice/", {"number": "5"})

    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


def test_a_fault_of_ours_says_so_without_details(client, monkeypatch):
    def broken(*args):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("notes.views.render", broken)
    client.raise_request_exception = False

    response = client.get("/notes/")

    page = response.content.decode()
    assert response.status_code == 500
    assert "Something broke on our side" in page
    assert "secret detail" not in page


def test_an_unknown_host_is_refused(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400

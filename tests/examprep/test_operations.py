import json

import pytest

from tests.factories import NoteFactory, PublishedFactory

pytestmark = pytest.mark.django_db


def report(client, body, **headers):
    return client.post("/csp-report", body, content_type="application/csp-report", **headers)


def test_healthz_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert response.content == b"ok\n"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_by_address_whatever_the_host_name(client, settings, path):
    settings.ALLOWED_HOSTS = ["exam.example"]
    settings.SECURE_SSL_REDIRECT = True

    response = client.get(path, headers={"host": "10.0.0.7:8000"})

    assert response.status_code in (200, 503)
    assert "no-store" in response["Cache-Control"]


def test_readyz_names_what_is_missing(client):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "database": True,
        "content": False,
        "sandbox": False,
    }


def test_readyz_with_content_and_listener(client, monkeypatch):
    PublishedFactory()
    NoteFactory()
    monkeypatch.setattr("examprep.operations.is_listening", lambda: True)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["ready"] is True


def test_readyz_does_not_miss_a_sandbox_that_is_switched_off(client, settings):
    settings.SANDBOX_OPEN = False

    assert client.get("/readyz").json()["sandbox"] is True


def test_a_violation_is_logged_without_its_query(client, caplog):
    body = {"csp-report": {"violated-directive": "img-src", "document-uri": "/a/?secret=1"}}

    response = report(client, json.dumps(body))

    assert response.status_code == 204
    assert "img-src" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"csp-report": 7}', "\x00", '{"csp-report": {}}']
)
def test_a_report_that_is_none_is_refused(client, body):
    assert report(client, body).status_code == 400


def test_reports_are_bounded_in_size_and_number(client):
    assert report(client, "x" * 20_000).status_code == 413
    for _ in range(60):
        report(client, "{}")

    assert report(client, "{}").status_code == 429

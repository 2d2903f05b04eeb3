import re

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from sandbox.models import SandboxSession
from sandbox.presenting import performances_of

TITLES = [
    "A first message",
    "Encrypted, then logged in",
    "Several commands in one go",
    "One wrong recipient among three",
    "Come back later",
    "A message hidden inside a message",
]


def test_list_names_every_conversation_in_order(client, db):
    page = client.get("/sandbox/watch/").content.decode()

    assert re.findall(r'<a href="/sandbox/watch/[a-z-]+/">([^<]+)</a>', page) == TITLES
    assert "9 steps." in page


def test_page_shows_every_step_without_a_script(client, db):
    page = client.get("/sandbox/watch/first-message/").content.decode()

    assert re.findall(r'<li class="scene" id="step-(\d)"', page) == list("123456789")
    assert "hidden" not in "".join(re.findall(r'<li class="scene"[^>]*>', page))
    assert re.findall(r'class="w"[^>]*><span class="code code--\d">(\d{3})', page) == [
        "220", "250", "250", "250", "354", "250", "221",
    ]  # fmt: skip
    assert "the server speaks first" in page
    assert '<div class="player" id="player" role="group" aria-label="Player" hidden>' in page


def test_steps_say_where_the_session_stands(client, db):
    page = client.get("/sandbox/watch/first-message/").content.decode()

    places = re.findall(r'data-places="([^"]*)"', page)
    assert places[0] == "connected:here"
    assert places[1] == "connected:done greeted:here"
    assert places[6].endswith("transaction:done content:here")
    assert places[7].endswith("content:done accepted:here")
    assert places[8].endswith("accepted:done closed:here")


def test_tls_and_login_are_marked(client, db):
    page = client.get("/sandbox/watch/starttls-and-auth/").content.decode()

    places = re.findall(r'data-places="([^"]*)"', page)
    assert places[2] == "connected:done greeted:here"
    assert places[3] == "connected:here tls:done"
    assert places[5] == "connected:done greeted:here tls:done auth:done"


def test_rail_begins_anew_with_a_connection(client, db):
    page = client.get("/sandbox/watch/pipelining/").content.decode()

    places = re.findall(r'data-places="([^"]*)"', page)
    assert places[3].endswith("closed:here")
    assert places[4] == "connected:here"


def test_page_leads_on(client, db):
    page = client.get("/sandbox/watch/pipelining/").content.decode()

    assert '<a href="/notes/esmtp-extension-model/">' in page
    assert '<input type="hidden" name="profile" value="modern">' in page
    assert re.findall(r'<a href="/sandbox/watch/([a-z-]+)/">', page) == [
        "first-message", "starttls-and-auth", "rejected-recipient", "greylisting",
        "smuggling-attempt",
    ]  # fmt: skip


def test_new_connection_has_a_heading(client, db):
    page = client.get("/sandbox/watch/pipelining/").content.decode()

    assert "<h2>The same server, and a client that does not wait for the list</h2>" in page

    later = client.get("/sandbox/watch/greylisting/").content.decode()

    assert "<h2>15 minutes later</h2>" in later


def test_console_of_the_same_server_is_one_click_away(client, db):
    response = client.post("/sandbox/sessions/", {"profile": "submission"})

    assert response.status_code == 303
    assert SandboxSession.objects.get().profile == "submission"


@pytest.mark.parametrize("path", ["/sandbox/watch/no-such-thing/", "/sandbox/watch/..%2f/"])
def test_other_addresses_are_not_found(client, db, path):
    assert client.get(path).status_code == 404


def test_pages_only_answer_reading(client, db):
    assert client.post("/sandbox/watch/").status_code == 405
    assert client.post("/sandbox/watch/first-message/").status_code == 405


def test_page_needs_no_query(client, db, django_assert_num_queries):
    client.get("/sandbox/watch/first-message/")

    with django_assert_num_queries(0):
        client.get("/sandbox/watch/first-message/")


def test_broken_file_is_named(tmp_path):
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "tea.toml").write_text('title = "Tea"')

    with pytest.raises(ImproperlyConfigured, match="tea.toml"):
        performances_of(tmp_path)


def test_notes_and_conversations_lead_to_each_other():
    notes = (settings.CONTENT_DIR / "notes").glob("*.md")
    linked = re.findall(r"\(/sandbox/watch/([^)]+)/\)", "".join(note.read_text() for note in notes))

    assert set(linked) == set(performances_of(settings.CONTENT_DIR))

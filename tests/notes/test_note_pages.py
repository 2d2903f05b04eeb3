import pytest

from tests.factories import NoteFactory

pytestmark = pytest.mark.django_db


def test_a_note_describes_itself_to_search_engines(client):
    note = NoteFactory(summary='Who says "250" & why.')

    page = client.get(note.get_absolute_url()).content.decode()

    assert '<meta name="description" content="Who says &quot;250&quot; &amp; why.">' in page


def test_other_pages_describe_the_site(client):
    page = client.get("/notes/").content.decode()

    assert page.count('<meta name="description" content="Learn SMTP, POP3, IMAP and MIME') == 1

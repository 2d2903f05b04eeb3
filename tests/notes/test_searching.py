import pytest
from django.db import IntegrityError

from notes.models import Passage
from notes.searching import Section, excerpt, index, index_note, terms_of
from tests.factories import NoteFactory

pytestmark = pytest.mark.django_db

HTML = """<p>Start.</p><h2 id="n-one" tabindex="-1">One &amp; two</h2><p>RCPT <b>TO</b> names.</p>
<h3 id="n-codes">Codes</h3><pre>550 5.1.1 <i>unknown</i></pre>"""


def found(query):
    return [p.title for p in Passage.objects.matching(terms_of(query))]


@pytest.fixture
def passages():
    index(
        Passage.Kind.NOTE,
        "codes",
        [
            Section("Codes", "550 5.1.1 no such user; see RFC 5321 section 4.5.1.1.", "codes"),
            Section("Size", "It says 250-SIZE 1000000, then encrypts with STARTTLS.", "size"),
            Section("Greylisting", "A first try is put off with 450 4.7.1.", "grey"),
            Section("Waiting", "What greylisting costs: minutes. See _dmarc.mail.example.", "wait"),
        ],
    )


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("5.1.1", ["Codes"]),
        ("4.5.1.1", ["Codes"]),
        ("5.1", []),
        ("1.1", []),
        ("250", ["Size"]),
        ("250-size", ["Size"]),
        ("25", []),
        ("starttls", ["Size"]),
        ("STARTT", ["Size"]),
        ("encrypt", ["Size"]),
        ("first TRY", ["Greylisting"]),
        ("first codes", []),
        ("mail.example", ["Waiting"]),
        ("_dmarc", ["Waiting"]),
    ],
)
def test_words_codes_and_commands_are_found(passages, query, titles):
    assert found(query) == titles


def test_a_hit_in_the_title_comes_first(passages):
    assert found("greylisted") == ["Greylisting", "Waiting"]


@pytest.mark.parametrize(
    "query",
    ['"', "' OR 1=1", "a AND (", "NEAR(", "title_words:x", "*", "-", "\0", "&|!<->", "%s", ""],
)
def test_no_search_syntax_reaches_the_database(passages, query):
    assert found(query) == []


def test_a_text_taken_in_again_replaces_its_passages(passages):
    index(Passage.Kind.NOTE, "codes", [Section("Codes", "Only 421.")])

    assert found("421") == ["Codes"]
    assert found("starttls") == []


def test_a_changed_and_a_deleted_passage_are_followed(passages):
    Passage.objects.filter(anchor="size").update(words="pipelining")
    Passage.objects.filter(anchor="codes").delete()

    assert found("pipelining") == ["Size"]
    assert found("starttls") == found("5.1.1") == []


def test_a_note_is_cut_at_its_headings():
    index_note(NoteFactory(slug="smtp", title="SMTP", summary="In short.", html=HTML))

    assert [(p.anchor, p.title, p.text) for p in Passage.objects.order_by("pk")] == [
        ("", "SMTP", "In short. Start."),
        ("one", "One & two", "RCPT TO names."),
        ("codes", "Codes", "550 5.1.1 unknown"),
    ]


def test_a_passage_stands_once():
    index(Passage.Kind.NOTE, "a", [Section("A", "a")])

    with pytest.raises(IntegrityError):
        Passage.objects.create(kind="note", key="a", title="A", text="b")


def test_a_long_query_is_cut():
    assert len(terms_of("word " * 500)) == 12


def shown(text, query):
    return "".join(f"[{p.text}]" if p.is_hit else p.text for p in excerpt(text, terms_of(query)))


def test_an_excerpt_marks_words_by_how_they_begin():
    assert shown("RCPT TO: one rcpt, torn.", "rcpt to") == "[RCPT] [TO]: one [rcpt], [torn]."
    assert shown("5.1.1 is not 5.1.10", "5.1.1") == "[5.1.1] is not 5.1.10"
    assert shown("Greylisting.", "greylisted") == "[Greylisting]."
    assert shown("Nothing here.", "else") == "Nothing here."


def test_an_excerpt_begins_near_the_first_hit():
    text = "word " * 100 + "STARTTLS " + "after " * 100

    part = shown(text, "starttls")

    assert part.startswith("… word word")
    assert "word [STARTTLS] after" in part
    assert part.endswith("after …")
    assert len(part) < 250

"""The authors' form for each kind: it asks for what the kind uses and keeps nothing else."""

import re
from importlib import import_module

import pytest

from questions.kinds import KINDS
from questions.models import Option, Revision
from questions.publishing import blockers, make_revision
from tests.factories import NoteFactory, QuestionFactory, StandardFactory, UserFactory
from tests.questions.kinds.conftest import read  # noqa: F401
from tests.sandbox.labs.conftest import shipped  # noqa: F401

pytestmark = pytest.mark.django_db
ADD = "/admin/questions/revision/add/"


@pytest.fixture
def author(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def write(client, kind, rows, **changes):
    """Sends the add form with rows as the author typed them; the revision or the errors."""
    fields = {
        "question": QuestionFactory().pk,
        "kind": kind,
        "stem": "Which?",
        "choose": "1",
        "policy": "exact",
        "explanation": "Because.",
        "artefact": "",
        "artefact_kind": "",
        "level": "recall",
        "view": "rfc",
        "note": NoteFactory().pk,
        "note_anchor": "",
        "seconds": "40",
        "origin": "own work",
        "change_kind": "new",
        "options-TOTAL_FORMS": str(len(rows)),
        "options-INITIAL_FORMS": "0",
        "sources-TOTAL_FORMS": "1",
        "sources-INITIAL_FORMS": "0",
        "sources-0-position": "1",
        "sources-0-standard": StandardFactory().pk,
        "sources-0-section": "3.3",
        "proof-TOTAL_FORMS": "0",
        "proof-INITIAL_FORMS": "0",
        **changes,
    }
    for number, row in enumerate(rows):
        row = {"position": str(number + 1), "rationale": f"Reason {number + 1}.", **row}
        fields |= {f"options-{number}-{name}": value for name, value in row.items()}
    response = client.post(ADD, fields)
    if response.status_code == 200:
        errors = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode())
        pytest.fail(f"refused: {errors}")
    return Revision.objects.get()


def test_matching_is_written_with_right_sides_and_a_spare(client, author):
    revision = write(
        client,
        "matching",
        [
            {"text": "250", "counterpart": "yes"},
            {"text": "550", "counterpart": "no"},
            {"text": "", "counterpart": "bye", "is_key": "on", "group": "3"},
        ],
    )

    assert list(revision.options.values_list("text", "counterpart", "is_key", "group")) == [
        ("250", "yes", False, 0),
        ("550", "no", False, 0),
        ("", "bye", False, 0),
    ]
    assert blockers(revision) == []


def test_ordering_is_written_with_groups(client, author):
    rows = [{"text": text, "group": group} for text, group in [("A", "1"), ("B", "2"), ("C", "2")]]

    revision = write(client, "ordering", rows)

    assert list(revision.options.values_list("group", flat=True)) == [1, 2, 2]
    assert blockers(revision) == []


def test_short_answers_are_written_with_patterns_and_examples(client, author):
    revision = write(
        client,
        "short",
        [
            {
                "text": "503",
                "pattern_kind": "text",
                "weight": "1000",
                "matches": "503\r\n 503 ",
                "misses": "5.0.3",
            }
        ],
        expects="one reply code",
    )

    option = revision.as_item().options[0]
    assert option.pattern.matches == ("503", " 503")
    assert (option.pattern.weight, option.is_key) == (1000, False)
    assert blockers(revision) == []


def test_lines_of_an_artefact_need_no_more_than_their_numbers(client, author):
    revision = write(
        client,
        "hotspot",
        [{"position": "1"}, {"position": "2", "is_key": "on"}, {"position": "4", "text": "x"}],
        artefact=" one\r\ntwo\r\n\r\nfour\r\n",
        artefact_kind="log",
    )

    assert list(revision.options.values_list("ident", "text", "is_key")) == [
        ("line-1", " one", False),
        ("line-2", "two", True),
        ("line-4", "four", False),
    ]
    assert revision.artefact == " one\ntwo\n\nfour"
    assert blockers(revision) == []


def test_a_line_that_is_not_there_is_refused(client, author):
    with pytest.raises(pytest.fail.Exception, match="The artefact has nothing in this line"):
        write(
            client,
            "hotspot",
            [{"position": "1"}, {"position": "7"}],
            artefact="one",
            artefact_kind="log",
        )


def test_a_lab_has_no_rows(client, author, shipped):  # noqa: F811
    revision = write(client, "lab", [], lab=str(shipped("greet-and-leave").pk), policy="per_step")

    assert revision.as_item().lab == "greet-and-leave"
    assert blockers(revision) == []


def test_a_marking_that_the_kind_does_not_know_blocks(client, author):
    rows = [{"text": "A", "is_key": "on"}, {"text": "B"}]

    revision = write(client, "single", rows, policy="per_pair")

    assert blockers(revision) == ["policy: is per_pair; this kind has exact (K1)"]


@pytest.mark.parametrize("name", KINDS)
def test_form_and_preview_show_what_the_kind_uses(client, author, read, shipped, name):  # noqa: F811
    item = read(import_module(f"tests.questions.kinds.test_{name}").QUESTION)
    if item.lab:
        shipped(item.lab)
    revision = make_revision(
        QuestionFactory(),
        item,
        standards={5321: StandardFactory()},
        notes={"smtp": NoteFactory(slug="smtp")},
        objectives=[],
    )

    form = client.get(f"/admin/questions/revision/{revision.pk}/change/").content.decode()
    preview = client.get(f"/questions/revisions/{revision.pk}/").content.decode()

    shown = {
        column.name
        for column in Option._meta.get_fields()
        if f'name="options-0-{column.name}"' in form
    }
    ever = {"id", "revision", "position", "ident", "rationale"}
    assert shown - ever == (set(KINDS[name].columns) if item.options else set())
    assert "Not ready to be published" not in preview
    assert [row.ident for row in item.options if row.rationale in preview] == [
        row.ident for row in item.options if row.pattern is None or row.pattern.weight
    ]


def test_the_empty_form_offers_the_columns_of_every_kind(client, author):
    page = client.get(ADD).content.decode()

    for column in {name for kind in KINDS.values() for name in kind.columns}:
        assert f'name="options-__prefix__-{column}"' in page


def test_labs_are_found_by_title_unless_retired(client, author, shipped):  # noqa: F811
    lab = shipped("greet-and-leave")
    query = {
        "app_label": "questions",
        "model_name": "revision",
        "field_name": "lab",
        "term": "hello",
    }

    found = client.get("/admin/autocomplete/", query).json()["results"]
    assert [one["id"] for one in found] == [str(lab.pk)]

    lab.retire()
    assert client.get("/admin/autocomplete/", query).json()["results"] == []


def test_labs_are_written_in_files_only(client, author, shipped):  # noqa: F811
    lab = shipped("greet-and-leave")

    assert client.get("/admin/sandbox/lab/").status_code == 200
    assert client.get("/admin/sandbox/lab/add/").status_code == 403
    page = client.get(f"/admin/sandbox/lab/{lab.pk}/change/").content.decode()
    assert 'name="_save"' not in page

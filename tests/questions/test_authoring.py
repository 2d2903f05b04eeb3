"""Authors at work: write, preview, publish, change; what is published stays as it is."""

import pytest
from django.contrib.auth.models import Permission

from questions.models import Family, Question, Revision
from tests.factories import (
    NoteFactory,
    PublishedFactory,
    QuestionFactory,
    RevisionFactory,
    StandardFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
REVISION = "/admin/questions/revision/"


@pytest.fixture
def author(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def revision_form(question, **changes):
    """What the add form sends for a question with two options, one source and no proof."""
    return {
        "question": question.pk,
        "kind": "single",
        "stem": "Which port is for submission with TLS from the start?",
        "choose": "1",
        "policy": "exact",
        "explanation": "Each has a port of its own.",
        "artefact": "",
        "artefact_kind": "",
        "level": "recall",
        "view": "rfc",
        "note_anchor": "",
        "seconds": "40",
        "origin": "own work",
        "change_kind": "new",
        "options-TOTAL_FORMS": "2",
        "options-INITIAL_FORMS": "0",
        "options-0-position": "1",
        "options-0-ident": "p465",
        "options-0-text": "465",
        "options-0-is_key": "on",
        "options-0-rationale": "Registered for submissions.",
        "options-1-position": "2",
        "options-1-ident": "p587",
        "options-1-text": "587",
        "options-1-rationale": "Begins in clear text.",
        "sources-TOTAL_FORMS": "1",
        "sources-INITIAL_FORMS": "0",
        "sources-0-position": "1",
        "sources-0-standard": StandardFactory().pk,
        "sources-0-section": "3.3",
        "proof-TOTAL_FORMS": "0",
        "proof-INITIAL_FORMS": "0",
        **changes,
    }


def test_a_question_from_the_first_form_to_practice(client, author):
    topic = TopicFactory()
    response = client.post(
        "/admin/questions/question/add/",
        {
            "slug": "submission-port",
            "topic": topic.pk,
            "family": "",
            "pool": "practice",
        },
    )
    question = Question.objects.get(slug="submission-port")
    assert response.url == f"{REVISION}add/?question={question.pk}"
    assert question.family.slug == "submission-port"

    client.post(f"{REVISION}add/", revision_form(question))
    revision = question.revisions.get()
    assert (revision.number, revision.state, revision.author) == (1, "draft", author)

    preview = client.get(f"/questions/revisions/{revision.pk}/").content.decode()
    assert "Which port is for submission" in preview
    assert "Begins in clear text." in preview
    assert "Not ready" not in preview

    client.post(f"{REVISION}{revision.pk}/publication/")
    question.refresh_from_db()
    assert question.current_revision == revision

    client.post("/practice/", {"number": "1", "only": "any", "topics": topic.slug})
    assert author.learner.attempts.get().slots.get().revision == revision


def test_a_refused_question_form_leaves_nothing_behind(client, author):
    client.post("/admin/questions/question/add/", {"slug": "no-topic", "pool": "practice"})

    assert not Question.objects.filter(slug="no-topic").exists()
    assert not Family.objects.filter(slug="no-topic").exists()


def test_the_slug_of_a_question_stays(client, author):
    question = PublishedFactory().question
    form = {"slug": "renamed", "topic": question.topic_id, "family": question.family_id}

    client.post(
        f"/admin/questions/question/{question.pk}/change/",
        {**form, "pool": "probe", "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0"},
    )

    changed = Question.objects.get()
    assert (changed.slug, changed.pool) == (question.slug, "probe")


def test_a_file_draft_that_an_author_edits_passes_the_same_gate(client, author):
    """It is the author's then: checked like any other, and no file overwrites it."""
    revision = RevisionFactory(from_file=True, parts=[])
    client.post(
        f"{REVISION}{revision.pk}/change/",
        revision_form(revision.question, **{"options-1-is_key": "on"}),
    )
    revision.refresh_from_db()
    assert (revision.from_file, revision.author) == (False, author)

    page = client.post(f"{REVISION}{revision.pk}/publication/", follow=True).content.decode()

    assert "a single choice has one key, here are 2" in page
    assert not Revision.objects.get().is_published


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"note_anchor": "no-such"}, "has no heading no-such"),
        ({"historical": False}, "RFC 821 is obsolete"),
    ],
)
def test_the_gate_knows_headings_and_obsolete_standards(client, author, changes, message):
    revision = RevisionFactory(note=NoteFactory(anchors=["order"]), **changes)
    if "historical" in changes:
        old = StandardFactory(rfc=821, year=1982)
        old.obsoleted_by.add(StandardFactory())
        revision.sources.create(standard=old, section="3.3")

    page = client.post(f"{REVISION}{revision.pk}/publication/", follow=True).content.decode()

    assert message in page


def test_who_may_only_look_changes_nothing(client):
    viewer = UserFactory(is_staff=True)
    codes = ["view_revision", "view_question"]
    viewer.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(viewer)
    draft, published = RevisionFactory(), PublishedFactory()

    client.post(REVISION, {"action": "publish_selected", "_selected_action": [draft.pk]})
    client.post(f"{REVISION}{draft.pk}/publication/")
    client.post(
        "/admin/questions/question/",
        {"action": "suspend", "_selected_action": [published.question_id]},
    )

    draft.refresh_from_db()
    assert draft.state == "draft"
    assert Question.objects.practice().count() == 1
    viewer.user_permissions.clear()
    assert client.get(f"/questions/revisions/{draft.pk}/").status_code == 403


def test_an_option_without_id_gets_one(client, author):
    client.post(
        f"{REVISION}add/",
        revision_form(QuestionFactory(), **{"options-0-ident": "", "options-1-ident": ""}),
    )

    first, second = Revision.objects.get().options.all()
    assert first.ident.startswith("o-")
    assert first.ident != second.ident


def test_what_keeps_a_draft_from_being_published_is_named(client, author):
    revision = RevisionFactory(origin="")

    page = client.post(f"{REVISION}{revision.pk}/publication/", follow=True).content.decode()

    assert "origin: is missing (E1)" in page
    assert Revision.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"options-1-rationale": ""}, "This field is required."),
        ({"sources-0-section": ""}, "A source is an RFC with its section"),
        ({"choose": "2"}, "every other kind says 1 here"),
        ({"options-1-ident": "p465"}, "duplicate data for ident"),
        ({"artefact": "a log"}, "An artefact needs a kind"),
    ],
)
def test_the_form_refuses_what_the_bank_would_not_hold(client, author, changes, message):
    page = client.post(
        f"{REVISION}add/", revision_form(QuestionFactory(), **changes)
    ).content.decode()

    assert message in page
    assert Revision.objects.count() == 0


def test_a_published_revision_opens_read_only_and_refuses_a_post(client, author):
    revision = PublishedFactory()
    page = client.get(f"{REVISION}{revision.pk}/change/").content.decode()
    assert 'name="stem"' not in page
    assert "make a new draft" in page

    changed = client.post(
        f"{REVISION}{revision.pk}/change/", revision_form(revision.question, stem="Changed?")
    )
    deleted = client.post(f"{REVISION}{revision.pk}/delete/", {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert Revision.objects.get().stem.startswith("A client sends")


def test_changing_a_published_question_makes_a_draft(client, author):
    revision = PublishedFactory()

    response = client.post(f"{REVISION}{revision.pk}/copy/")

    draft = Revision.objects.get(number=2)
    assert response.url == f"{REVISION}{draft.pk}/change/"
    assert (draft.state, draft.author) == ("draft", author)


def test_suspending_takes_a_question_out_of_every_draw(client, author):
    question = PublishedFactory().question
    selected = {"_selected_action": [question.pk]}

    client.post("/admin/questions/question/", {"action": "suspend", **selected})
    assert Question.objects.practice().count() == 0
    client.post("/admin/questions/question/", {"action": "resume", **selected})
    assert Question.objects.practice().count() == 1


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    client, author, n, django_assert_num_queries
):
    for _ in range(n):
        PublishedFactory()
    client.get("/admin/questions/question/")

    with django_assert_num_queries(6):
        client.get("/admin/questions/question/")


def test_learners_and_strangers_are_kept_out(client):
    revision = RevisionFactory()
    paths = ["/admin/", f"{REVISION}{revision.pk}/change/", f"/questions/revisions/{revision.pk}/"]
    for path in paths:
        assert "/accounts/login/" in client.get(path, follow=True).redirect_chain[-1][0]
    client.force_login(UserFactory())

    for path in paths:
        assert client.get(path).status_code in (302, 403)
    client.post(f"{REVISION}{revision.pk}/publication/")
    assert Revision.objects.get().state == "draft"


def test_topics_exams_and_standards_are_written_in_files(client, author):
    topic = TopicFactory()

    page = client.get(f"/admin/questions/topic/{topic.pk}/change/")

    assert page.status_code == 200
    assert 'name="title"' not in page.content.decode()
    assert client.get("/admin/questions/topic/add/").status_code == 403


def note_form(**changes):
    return {
        "slug": "pop3",
        "title": "POP3",
        "summary": "Fetching mail.",
        "body": "## States\n\nThree of them.\n",
        "checked_on": "2026-11-23",
        "position": "1",
        "sources-TOTAL_FORMS": "0",
        "sources-INITIAL_FORMS": "0",
        **changes,
    }


def test_a_note_is_set_when_it_is_saved(client, author):
    client.post("/admin/notes/note/add/", note_form())

    page = client.get("/notes/pop3/").content.decode()
    assert '<h2 id="n-states">States</h2>' in page


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("# Title", "headings start at ##"),
        ("See [[no-such-note]].", "links to a note that does not exist: [[no-such-note]]"),
        ("See [[pop3#lost]].", "links to a heading that does not exist: [[pop3#lost]]"),
        ("<script>x</script>", "raw HTML is not allowed"),
        ("```smtp profile=modern\nS: 421\n```", "expected"),
        ("```smtp profile=modern\nnonsense\n```", "a line begins with C:, S: or E:"),
        ("```smtp profile=no-such\nS: 220\n```", "unknown profile"),
    ],
)
def test_a_note_with_a_fault_is_not_saved(client, author, body, problem):
    note = NoteFactory(slug="pop3", body="Old text.\n")

    page = client.post(f"/admin/notes/note/{note.pk}/change/", note_form(body=body))

    note.refresh_from_db()
    assert problem in page.content.decode().replace("&#x27;", "'")
    assert note.body == "Old text.\n"

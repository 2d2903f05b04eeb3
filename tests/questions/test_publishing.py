import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from questions.models import Option, PublishedRevisionIsFixed, Revision
from questions.publishing import NotPublishable, blockers, copy_to_draft, publish
from tests.factories import (
    TWO_KEYS,
    PublishedFactory,
    QuestionFactory,
    RevisionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_publishing_makes_the_revision_current():
    revision = RevisionFactory()

    publish(revision, reviewer=None)

    revision.refresh_from_db()
    assert revision.state == "published"
    assert revision.published_at is not None
    assert revision.question.current_revision == revision
    assert len(revision.content_hash) == len(revision.scoring_hash) == 64


def test_a_published_revision_and_its_rows_never_change():
    revision = PublishedFactory()
    revision.stem = "Another question?"

    with pytest.raises(PublishedRevisionIsFixed):
        revision.save()
    with pytest.raises(PublishedRevisionIsFixed):
        revision.delete()
    option = revision.options.first()
    option.is_key = True
    with pytest.raises(PublishedRevisionIsFixed):
        option.save()
    with pytest.raises(PublishedRevisionIsFixed):
        option.delete()
    with pytest.raises(PublishedRevisionIsFixed):
        Option(revision=revision, ident="late", text="Late", rationale="x").save()
    assert Revision.objects.get().stem.startswith("A client sends")


def test_a_copy_has_the_same_content_and_the_next_number():
    revision = PublishedFactory()

    draft = copy_to_draft(revision, author=None)

    assert draft.number == 2
    assert draft.state == "draft"
    assert draft.as_item() == revision.as_item()


def test_gate_names_every_reason():
    revision = RevisionFactory(kind="multiple", choose=2, origin="")

    with pytest.raises(NotPublishable) as refused:
        publish(revision, reviewer=None)

    assert refused.value.messages == [
        "origin: is missing (E1)",
        "choose: says “choose 2”, but 1 options are keys (K1)",
    ]
    assert Revision.objects.get().state == "draft"


def test_a_correction_of_words_must_not_change_the_key():
    first = PublishedFactory()
    draft = copy_to_draft(first, author=None)
    draft.options.filter(ident="order").update(is_key=False)
    draft.options.filter(ident="fine").update(is_key=True)
    draft = Revision.objects.get(pk=draft.pk)
    draft.change_kind = "typo"

    assert blockers(draft) == [
        "The key or the options change, so this is more than a correction of words."
    ]


def test_where_a_second_reader_is_needed_the_author_is_not_enough(settings):
    settings.SECOND_REVIEWER = True
    author, reviewer = UserFactory(), UserFactory()
    revision = RevisionFactory(author=author)

    with pytest.raises(NotPublishable, match="other than the author"):
        publish(revision, reviewer=author)
    with pytest.raises(NotPublishable, match="other than the author"):
        publish(revision, reviewer=None)
    publish(revision, reviewer=reviewer)

    assert revision.reviewer == reviewer


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("revision_choose_fits_kind", {"kind": "single", "choose": 2}),
        ("revision_choose_fits_kind", {"kind": "multiple", "choose": 1}),
        ("revision_state_known", {"state": "lost"}),
        ("revision_published_has_time", {"state": "published"}),
        ("revision_artefact_has_kind", {"artefact": "log line"}),
        ("revision_artefact_has_kind", {"artefact_kind": "log"}),
    ],
)
def test_constraints_of_a_revision(constraint, fields):
    revision = RevisionFactory()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(**fields)


def test_constraints_of_options():
    revision = RevisionFactory(parts=TWO_KEYS, kind="multiple", choose=2)

    with pytest.raises(IntegrityError, match="option_has_rationale"), transaction.atomic():
        revision.options.filter(ident="smtp").update(rationale="")
    with pytest.raises(IntegrityError), transaction.atomic():
        revision.options.filter(ident="smtp").update(ident="pop3")


def test_number_is_once_per_question():
    question = QuestionFactory()
    RevisionFactory(question=question)

    with pytest.raises(IntegrityError), transaction.atomic():
        RevisionFactory(question=question, number=1)


def test_not_publishable_is_a_validation_error():
    assert issubclass(NotPublishable, ValidationError)

"""Each kind's question through the database: what comes out is what a file said."""

from importlib import import_module

import pytest

from questions.kinds import KINDS
from questions.models import Revision
from questions.publishing import copy_to_draft, make_revision, publish
from tests.factories import NoteFactory, QuestionFactory, StandardFactory
from tests.sandbox.labs.conftest import shipped  # noqa: F401

pytestmark = pytest.mark.django_db
every_kind = pytest.mark.parametrize("name", KINDS)


@pytest.fixture
def store(read, shipped):  # noqa: F811
    """The item of a kind and its revision, a draft."""

    def store(name):
        item = read(import_module(f"tests.questions.kinds.test_{name}").QUESTION)
        if item.lab:
            shipped(item.lab)
        revision = make_revision(
            QuestionFactory(slug=item.slug, topic__slug="smtp", family__slug=item.slug),
            item,
            standards={5321: StandardFactory()},
            notes={"smtp": NoteFactory(slug="smtp")},
            objectives=[],
        )
        return item, Revision.objects.get(pk=revision.pk)

    return store


@every_kind
def test_a_revision_gives_its_item_back(store, name):
    item, revision = store(name)

    assert revision.as_item() == item
    assert revision.content_hash == item.content_hash
    assert revision.scoring_hash == item.scoring_hash


@every_kind
def test_a_right_question_can_be_published_and_copied(store, name):
    item, revision = store(name)

    publish(revision, reviewer=None)

    assert revision.question.current_revision == revision
    assert copy_to_draft(revision, author=None).as_item() == item


def test_lines_stand_at_their_number(store):
    _item, revision = store("hotspot")

    assert list(revision.options.values_list("position", flat=True)) == [1, 2, 4, 5, 6]

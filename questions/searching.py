"""Questions as passages of the search: each published revision under its content hash."""

from django.db.models import Subquery

from notes.models import Passage
from notes.searching import Section, index

from .items import Item
from .models import Revision
from .published import items_of


def index_item(item: Item) -> None:
    """The stem is the title; the explanation, the rationales and the artefact are the text."""
    texts = [item.explanation, *(option.rationale for option in item.options), item.artefact]
    text = "\n".join(filter(None, texts)).replace("`", "")
    index(Passage.Kind.QUESTION, item.content_hash, [Section(item.stem.replace("`", ""), text)])


def index_unindexed() -> None:
    """Takes in what was published before there was an index."""
    indexed = Passage.objects.filter(kind=Passage.Kind.QUESTION).values("key")
    missing = Revision.objects.filter(state=Revision.State.PUBLISHED).exclude(
        content_hash__in=Subquery(indexed)
    )
    for item in items_of(missing).values():
        index_item(item)

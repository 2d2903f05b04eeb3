"""Published revisions as plain items, read once: what never changes is kept in memory."""

from collections.abc import Iterable

from .items import Item
from .models import Revision

ITEMS_KEPT = 4096
_items: dict[str, Item] = {}


def item_of(revision: Revision) -> Item:
    """The item of a published revision; no query once it has been read."""
    return item_with(revision.content_hash, revision.pk)


def item_with(content_hash: str, revision_id: int) -> Item:
    """The same for who has only the revision's hash and key.

    Items are kept by content hash: equal content is one item, whatever its row.
    """
    return _items.get(content_hash) or _read([revision_id])[revision_id]


def items_of(revisions: Iterable[Revision]) -> dict[int, Item]:
    """Items by the key of their revision; those not read yet in a fixed number of queries."""
    items = {revision.pk: _items.get(revision.content_hash) for revision in revisions}
    return items | _read([pk for pk, item in items.items() if item is None])


def _read(revision_ids: list[int]) -> dict[int, Item]:
    if not revision_ids:
        return {}
    revisions = (
        Revision.objects.filter(pk__in=revision_ids)
        .select_related("question__topic", "question__family", "note", "proof", "lab")
        .prefetch_related("options", "sources__standard", "objectives__exam")
    )
    if len(_items) + len(revision_ids) > ITEMS_KEPT:
        _items.clear()
    items = {}
    for revision in revisions:
        items[revision.pk] = _items[revision.content_hash] = revision.as_item()
    return items

"""Published revisions as plain items, read once: what never changes is kept in memory."""

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
    item = _items.get(content_hash)
    if item is None:
        if len(_items) >= ITEMS_KEPT:
            _items.clear()
        item = _items[content_hash] = (
            Revision.objects.select_related("question__topic", "question__family", "note", "proof")
            .prefetch_related("options", "sources__standard", "objectives__exam")
            .get(pk=revision_id)
            .as_item()
        )
    return item

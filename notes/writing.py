"""A note as an author writes it: checked against the other notes, set, stored."""

from .models import Note
from .setting import RENDERER_VERSION, set_note


def problems_of(body: str, *, slug: str) -> list[str]:
    """Everything that keeps the text from being shown, in sentences."""
    notes = {note.slug: note for note in Note.objects.all()}
    set_ = set_note(body, slug=slug, titles={s: note.title for s, note in notes.items()})
    anchors = {s: note.anchors for s, note in notes.items()} | {slug: set_.page.anchors}
    return set_.problems(anchors)


def set_row(note: Note) -> None:
    """Fills in what follows from the text: HTML, anchors, version. Does not save."""
    titles = dict(Note.objects.values_list("slug", "title"))
    page = set_note(note.body, slug=note.slug, titles=titles).page
    note.html = page.html
    note.anchors = page.anchors
    note.renderer_version = RENDERER_VERSION

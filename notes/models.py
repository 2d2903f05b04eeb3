"""Protocol notes: Markdown in, safe HTML out; and the passages that a search finds."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sandbox.smtp.references import rfc_label, rfc_url


class NoteQuerySet(models.QuerySet["Note"]):
    def shown(self) -> "NoteQuerySet":
        return self.filter(retired_at__isnull=True)


class Note(models.Model):
    """A finished page about one subject. `file_hash` is the hash of the file last taken in;
    a row whose own hash differs from it was changed by an author, and files leave it alone."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"))
    body = models.TextField(
        _("text"),
        help_text=_("Markdown. Headings start at ##; [[slug#anchor]] links to another note."),
    )
    checked_on = models.DateField(_("checked on"), help_text=_("Facts were last checked on."))
    position = models.PositiveIntegerField(default=0)
    html = models.TextField(editable=False)
    anchors = models.JSONField(default=list, editable=False)
    renderer_version = models.CharField(max_length=10, editable=False)
    file_hash = models.CharField(max_length=64, blank=True, editable=False)
    waiting_file = models.TextField(
        _("newer file version"),
        blank=True,
        editable=False,
        help_text=_("Arrived after an author had changed the note here."),
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(name="note_has_text", condition=~models.Q(body="")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("note", args=[self.slug])


class NoteSource(models.Model):
    note = models.ForeignKey(Note, models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField()
    rfc = models.PositiveIntegerField(null=True, blank=True)
    section = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    read_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="notesource_section_or_date",
                condition=models.Q(rfc__isnull=False, section__gt="")
                | models.Q(url__gt="", read_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return rfc_label(self.rfc, self.section) if self.rfc else self.title or self.url

    @property
    def href(self) -> str:
        return rfc_url(self.rfc, self.section) if self.rfc else self.url


class PassageQuerySet(models.QuerySet["Passage"]):
    def matching(self, terms: Sequence[str]) -> "PassageQuerySet":
        """Passages that hold all `terms` (searching.terms_of), the best first; a hit in the
        title counts five times. A term of three letters or more is also found as a beginning."""
        if not terms:
            return self.none()
        clauses = {"sqlite": _sqlite_clauses, "postgresql": _postgresql_clauses}
        return self.extra(**clauses[connections[self.db].vendor](terms))


def _may_go_on(term: str) -> bool:
    """A code may not: whoever looks for 5.1.1 does not mean 5.1.10."""
    return term.isalpha() and len(term) >= 3


def _sqlite_clauses(terms: Sequence[str]) -> dict[str, Any]:
    return {
        "tables": ["notes_passage_index"],
        "select": {"badness": "bm25(notes_passage_index, 5.0, 1.0)"},
        "where": [
            "notes_passage_index.rowid = notes_passage.id",
            "notes_passage_index MATCH %s",
        ],
        "params": [" ".join(f'"{term}"{"*" * _may_go_on(term)}' for term in terms)],
        "order_by": ["badness"],
    }


def _postgresql_clauses(terms: Sequence[str]) -> dict[str, Any]:
    query = " & ".join(f"'{term}'{':*' * _may_go_on(term)}" for term in terms)
    return {
        "select": {"badness": "-ts_rank('{0, 0, 0.2, 1}', vector, to_tsquery('english', %s))"},
        "select_params": [query],
        "where": ["vector @@ to_tsquery('english', %s)"],
        "params": [query],
        "order_by": ["badness"],
    }


class Passage(models.Model):
    """A piece of text that a search finds: the section of a note, or what a learner has read
    about a question. `key` names the text: a note's slug, the hash of a published revision."""

    class Kind(models.TextChoices):
        NOTE = "note", _("note")
        QUESTION = "question", _("question")

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80)
    anchor = models.CharField(max_length=200, blank=True)
    title = models.TextField()
    text = models.TextField()
    title_words = models.TextField()
    words = models.TextField()

    objects = PassageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "anchor"], name="passage_once"),
            models.CheckConstraint(
                name="passage_kind_known", condition=models.Q(kind__in=["note", "question"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

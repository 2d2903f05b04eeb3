"""Revisions come to life: made from an item, checked at the gate, published, superseded."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from notes.models import Note
from sandbox.models import Lab

from .items import Item, ItemOption
from .kinds import KINDS
from .linting import lint
from .models import Objective, Option, Proof, Question, Revision, Source, Standard
from .proving import contradiction
from .searching import index_item
from .seating import seat


class NotPublishable(ValidationError):
    """Says in plain sentences what keeps a revision from being published."""


@transaction.atomic
def make_revision(
    question: Question,
    item: Item,
    *,
    standards: Mapping[int, Standard],
    notes: Mapping[str, Note],
    objectives: Iterable[Objective],
    from_file: bool = False,
    author: User | None = None,
) -> Revision:
    """A draft revision with the item's content, numbered after the question's last one."""
    note, _sep, anchor = item.note.partition("#")
    revision = Revision(
        question=question,
        number=next_number(question),
        kind=item.kind,
        stem=item.stem,
        artefact=item.artefact,
        artefact_kind=item.artefact_kind,
        choose=item.choose,
        policy=item.policy,
        expects=item.expects,
        lab=Lab.objects.get(slug=item.lab) if item.lab else None,
        explanation=item.explanation,
        level=item.level,
        view=item.view,
        note=notes.get(note),
        note_anchor=anchor,
        seconds=item.seconds,
        historical=item.historical,
        scenario=item.scenario,
        origin=item.origin,
        change_kind=_change_kind(question, item),
        content_hash=item.content_hash,
        scoring_hash=item.scoring_hash,
        from_file=from_file,
        author=author,
    )
    revision.save()
    revision.objectives.set(objectives)
    Option.objects.bulk_create(
        _option_of(revision, option, KINDS[item.kind].position_of(option, number))
        for number, option in enumerate(item.options, start=1)
    )
    Source.objects.bulk_create(
        Source(
            revision=revision,
            position=position,
            standard=standards[source.rfc] if source.rfc else None,
            section=source.section,
            url=source.url,
            title=source.title,
            read_on=source.read_on,
        )
        for position, source in enumerate(item.sources, start=1)
    )
    if item.proof:
        Proof.objects.create(
            revision=revision,
            profile=item.proof.profile,
            port=item.proof.port,
            needs=list(item.proof.needs),
            dialogue=item.proof.dialogue,
        )
    return revision


def _option_of(revision: Revision, option: ItemOption, position: int) -> Option:
    row = Option(
        revision=revision,
        ident=option.ident,
        position=position,
        text=option.text,
        counterpart=option.counterpart,
        group=option.group,
        is_key=option.is_key,
        rationale=option.rationale,
        is_fixed=option.is_fixed,
    )
    if pattern := option.pattern:
        row.pattern_kind, row.weight = pattern.kind, pattern.weight
        row.exact_case, row.exact_space = pattern.exact_case, pattern.exact_space
        row.matches, row.misses = "\n".join(pattern.matches), "\n".join(pattern.misses)
    return row


def next_number(question: Question) -> int:
    return (question.revisions.aggregate(last=Max("number"))["last"] or 0) + 1


def _change_kind(question: Question, item: Item) -> str:
    current = question.current_revision
    if current is None:
        return Revision.ChangeKind.NEW
    if current.scoring_hash == item.scoring_hash:
        return Revision.ChangeKind.CLARIFY
    return Revision.ChangeKind.CONTENT


def blockers(revision: Revision) -> list[str]:
    """What keeps the revision from being published, in sentences; empty if nothing does."""
    item = revision.as_item()
    problems = [f"{finding.field}: {finding.message} ({finding.rule})" for finding in lint(item)]
    if item.proof and (problem := contradiction(item.proof)):
        problems.append(f"proof: {problem}")
    if revision.note and revision.note_anchor and revision.note_anchor not in revision.note.anchors:
        problems.append(f"note: {revision.note.slug} has no heading {revision.note_anchor}")
    if revision.lab and revision.lab.retired:
        problems.append(f"lab: {revision.lab.slug} is retired")
    if not revision.historical:
        problems += [
            f"sources: {source.standard} is obsolete, and the question is not historical (E2)"
            for source in revision.sources.filter(standard__obsoleted_by__isnull=False).distinct()
        ]
    if revision.change_kind in ("typo", "clarify"):
        current = revision.question.current_revision
        if current and current.scoring_hash != item.scoring_hash:
            problems.append(
                _("The key or the options change, so this is more than a correction of words.")
            )
    return problems


@transaction.atomic
def publish(revision: Revision, *, reviewer: User | None) -> None:
    """Makes the revision the question's current one, for good.

    Raises NotPublishable with every reason. Files come reviewed, without `reviewer`.
    """
    if revision.is_published:
        raise NotPublishable(_("This revision is published already."))
    needs_reader = settings.SECOND_REVIEWER and not revision.from_file
    if needs_reader and (reviewer is None or reviewer == revision.author):
        raise NotPublishable(_("Somebody other than the author has to read it first."))
    problems = blockers(revision)
    if problems:
        raise NotPublishable(problems)
    item = revision.as_item()
    revision.content_hash = item.content_hash
    revision.scoring_hash = item.scoring_hash
    revision.state = Revision.State.PUBLISHED
    revision.reviewer = reviewer
    revision.published_at = timezone.now()
    revision.save()
    question = revision.question
    question.current_revision = revision
    question.save(update_fields=["current_revision"])
    seat([question])
    index_item(item)


@transaction.atomic
def copy_to_draft(revision: Revision, *, author: User | None) -> Revision:
    """A new draft with the same content, for an author to change."""
    return make_revision(
        revision.question,
        revision.as_item(),
        standards={s.standard.rfc: s.standard for s in revision.sources.all() if s.standard},
        notes={revision.note.slug: revision.note} if revision.note else {},
        objectives=revision.objectives.all(),
        author=author,
    )

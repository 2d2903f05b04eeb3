"""The smallest valid rows; nothing is drawn at random."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from accounts.models import Learner, User
from attempts.models import Attempt, Slot
from notes.models import Note
from questions.models import (
    Exam,
    Family,
    Option,
    Question,
    Revision,
    Source,
    Standard,
    Topic,
)
from questions.publishing import publish
from sandbox.models import SandboxEvent, SandboxSession, SandboxToken


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@learn.example")


class LearnerFactory(DjangoModelFactory):
    class Meta:
        model = Learner


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = Note

    slug = factory.Sequence(lambda n: f"note-{n}")
    title = "The mail transaction"
    summary = "MAIL, RCPT and DATA in order."
    body = "Text.\n"
    html = "<p>Text.</p>"
    checked_on = date(2026, 11, 23)
    renderer_version = "1"


class StandardFactory(DjangoModelFactory):
    class Meta:
        model = Standard
        django_get_or_create = ["rfc"]

    rfc = 5321
    title = "Simple Mail Transfer Protocol"
    year = 2008
    status = "Draft Standard"
    checked_on = date(2026, 11, 23)


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic
        django_get_or_create = ["slug"]

    slug = "smtp-transaction"
    title = "The mail transaction"
    area = "SMTP"
    summary = "MAIL, RCPT, DATA."


class FamilyFactory(DjangoModelFactory):
    class Meta:
        model = Family
        django_get_or_create = ["slug"]

    slug = factory.Sequence(lambda n: f"family-{n}")


class QuestionFactory(DjangoModelFactory):
    """A question without a revision: nothing to draw yet."""

    class Meta:
        model = Question

    slug = factory.Sequence(lambda n: f"question-{n}")
    topic = factory.SubFactory(TopicFactory)
    family = factory.SubFactory(FamilyFactory)


class RevisionFactory(DjangoModelFactory):
    """A draft: single choice, key `c503` at the second place, one RFC section."""

    class Meta:
        model = Revision
        skip_postgeneration_save = True

    question = factory.SubFactory(QuestionFactory)
    number = 1
    kind = "single"
    stem = "A client sends `RCPT` before `MAIL`. What does the server answer?"
    choose = 1
    explanation = "503 says that a correct command came out of turn."
    level = "apply"
    origin = "own work"

    @factory.post_generation
    def parts(self, create, extracted, **kwargs):
        for position, (ident, text, is_key, why) in enumerate(
            OPTIONS if extracted is None else extracted, 1
        ):
            Option.objects.create(
                revision=self,
                ident=ident,
                position=position,
                text=text,
                is_key=is_key,
                rationale=why,
            )
        if extracted != []:
            Source.objects.create(revision=self, standard=StandardFactory(), section="3.3")


OPTIONS = [
    ("syntax", "a syntax error", False, "The syntax is right."),
    ("order", "a bad sequence", True, "Only MAIL opens a transaction."),
    ("fine", "acceptance", False, "The sender must be known first."),
]
TWO_KEYS = [
    ("smtp", "SMTP", True, "It sends mail."),
    ("pop3", "POP3", False, "It fetches mail."),
    ("esmtp", "ESMTP", True, "SMTP opened with EHLO."),
    ("imap", "IMAP", False, "It reads mailboxes."),
]


class PublishedFactory(RevisionFactory):
    """A published revision that is its question's current one."""

    class Meta:
        skip_postgeneration_save = True

    @factory.post_generation
    def publication(self, create, extracted, **kwargs):
        publish(self, reviewer=None)


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = Attempt

    learner = factory.SubFactory(LearnerFactory)
    mode = "practice"
    seed = "seed"


class SlotFactory(DjangoModelFactory):
    """An unanswered slot that shows the options as `syntax`, `order`, `fine`."""

    class Meta:
        model = Slot

    attempt = factory.SubFactory(AttemptFactory)
    position = 1
    revision = factory.SubFactory(PublishedFactory)
    option_order = factory.LazyAttribute(
        lambda slot: [option.ident for option in slot.revision.options.all()]
    )


class ExamFactory(DjangoModelFactory):
    class Meta:
        model = Exam
        django_get_or_create = ["code"]

    code = "N10-009"
    version = "V9"
    name = "Network+"
    vendor = "CompTIA"


ROOM = {
    "code": "N10-009",
    "name": "Network+",
    "pass_percent": 75,
    "navigation": "free",
    "count_check": "warn",
    "has_flags": True,
    "has_review": True,
    "hides_clock_in_performance": False,
}
FORWARD = {"navigation": "forward", "has_flags": False, "has_review": False}


class ExamAttemptFactory(AttemptFactory):
    """Untimed and without slots; `rules` change the room, which is free."""

    class Meta:
        exclude = ["rules"]

    mode = "exam"
    exam = factory.SubFactory(ExamFactory)
    rules = {}
    room = factory.LazyAttribute(lambda attempt: {**ROOM, **attempt.rules})
    ended_by = factory.LazyAttribute(
        lambda attempt: "learner" if getattr(attempt, "finished_at", None) else ""
    )


class SandboxSessionFactory(DjangoModelFactory):
    """What a program on this machine left, unclaimed and still open; no rows."""

    class Meta:
        model = SandboxSession

    channel = "tcp"
    profile = "modern"
    nominal_port = 25
    peer = "127.0.0.1"
    engine_version = "1"


class SandboxEventFactory(DjangoModelFactory):
    """The greeting."""

    class Meta:
        model = SandboxEvent

    session = factory.SubFactory(SandboxSessionFactory)
    seq = 1
    direction = "out"
    at_us = 0
    octets = b"220 mx.lab.example ESMTP ready\r\n"
    data = factory.LazyFunction(
        lambda: {
            "event": "reply",
            "rule": "greeting.ok",
            "code": 220,
            "states": ["NEW", "GREETED"],
        }
    )


class SandboxTokenFactory(DjangoModelFactory):
    class Meta:
        model = SandboxToken

    learner = factory.SubFactory(LearnerFactory)
    value = factory.Sequence(lambda n: f"token{n:011d}")

"""Every page of the URLconf for people, in every look and at two widths: a page that is neither
listed nor exempt fails the test."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from attempts.drawing.choosing import order_options
from attempts.models import Bookmark, Report, Slot
from examprep.urls import urlpatterns
from questions.kinds import KINDS
from questions.models import Revision
from questions.published import item_of
from sandbox.labs.practising import start_run
from sandbox.models import Lab
from sandbox.recording import play_dialogue
from tests.browser.test_exam import cookie_of
from tests.factories import AttemptFactory, ExamAttemptFactory, ExamFactory, LearnerFactory

pytestmark = pytest.mark.django_db(transaction=True)

EXEMPT = {
    "slot_answer": "answers with JSON",
    "slot_look": "answers with JSON",
    "slot_flag": "answers with nothing",
    "slot_lab": "takes a form and leads on",
    "attempt_sheet": "parts of pages that are listed",
    "slot_bookmark": "takes a form and leads on",
    "proof": "takes a form and leads on",
    "revision_preview": "authors only",
    "sandbox_lines": "takes a form and leads on",
    "sandbox_clock": "takes a form and leads on",
    "sandbox_keeping": "takes a form and leads on",
    "sandbox_sharing": "takes a form and leads on",
    "sandbox_transcript": "plain text",
    "sandbox_rows": "JSON",
    "sandbox_token": "takes a form and leads on",
    "sandbox_shared": "the session's page, for others",
    "lab_runs": "takes a form and leads on",
    "lab_sessions": "takes a form and leads on",
    "lab_clock": "takes a form and leads on",
    "lab_hints": "takes a form and leads on",
    "settings_time": "takes a form and leads on",
    "data": "JSON",
    "csp_report": "for browsers",
}
ACCOUNT_PAGES = ["account_login", "account_signup", "account_reset_password"]
LOOKS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}
WIDTHS = [320, 1280]
if not os.environ.get("CI"):
    LOOKS, WIDTHS = {"light": LOOKS["light"]}, [1280]


@pytest.fixture
def world(bank):
    """A learner in the middle of everything. Exams are untimed, so that no book is closed."""
    learner = LearnerFactory()
    revisions = [
        Revision.objects.filter(kind=kind, current_of__isnull=False).first() for kind in KINDS
    ]

    def sit(attempt, *, sections=1, **fields):
        for position, revision in enumerate(revisions, 1):
            Slot.objects.create(
                attempt=attempt,
                position=position,
                revision=revision,
                option_order=order_options(item_of(revision), "seed"),
                section=1 + (position - 1) * sections // len(revisions),
                is_flagged=position == 2,
                **fields,
            )
        return attempt

    ended = {"started_at": timezone.now() - timedelta(hours=1), "finished_at": timezone.now()}
    running = sit(ExamAttemptFactory(learner=learner))
    sections = sit(
        ExamAttemptFactory(
            learner=learner,
            exam=ExamFactory(code="MS-102"),
            rules={"navigation": "sections", "count_check": "exact"},
        ),
        sections=2,
    )
    done = sit(
        ExamAttemptFactory(learner=learner, exam=ExamFactory(code="SY0-701"), **ended),
        mark=0,
        certainty="unsure",
    )
    practice = sit(AttemptFactory(learner=learner))
    Bookmark.objects.create(learner=learner, question=revisions[0].question)
    Report.objects.create(learner=learner, revision=revisions[0], reason="typo")
    session = play_dialogue("S: 220\nC: QUIT\nS: 221\n", "modern", learner)
    lab = Lab.objects.live().first()
    start_run(learner, lab)
    numbers = range(1, len(revisions) + 1)
    return SimpleNamespace(
        learner=learner,
        arguments={
            "exam": [["n10-009"], ["ms-102"], ["200-301"]],
            "attempt": [[running.uuid]],
            "slot": [[attempt.uuid, n] for attempt in (running, practice, done) for n in numbers],
            "attempt_overview": [[running.uuid]],
            "attempt_section": [[sections.uuid]],
            "attempt_submission": [[running.uuid]],
            "result": [[done.uuid]],
            "slot_report": [[done.uuid, 1]],
            "attempt_questions": [[done.uuid]],
            "note": [["smtp-transaction"], ["ports-map"]],
            "sandbox_session": [[session.uuid]],
            "sandbox_deletion": [[session.uuid]],
            "lab": [[lab.slug]],
            "watched": [["first-message"]],
        },
    )


def addresses(world):
    for pattern in urlpatterns:
        name = getattr(pattern, "name", None)
        if name is None or name in EXEMPT:
            continue
        needs = "<" in str(pattern.pattern)
        assert not needs or name in world.arguments, f"{name} is neither listed nor exempt"
        for arguments in world.arguments.get(name, [[]]):
            yield reverse(name, args=arguments)
    yield f"{reverse('search')}?q=STARTTLS"
    for name in ACCOUNT_PAGES:
        yield reverse(name)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(world, visit, site, width):
    """Each is fetched once and looked at in every look; without motion nothing is half-way."""
    visitor = visit(reduced_motion="reduce", viewport={"width": width, "height": 900})
    visitor.context.add_cookies([cookie_of(world.learner, site)])
    page = visitor.page
    found = []
    for address in addresses(world):
        assert page.goto(address).status == 200, address
        for look, media in LOOKS.items():
            page.emulate_media(**media)
            found += [(address, look, violation) for violation in visitor.axe()]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append((address, "is wider than the screen"))
        if page.locator("h1").count() != 1:
            found.append((address, "has not one h1"))

    assert found == []

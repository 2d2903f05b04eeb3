"""Runs of labs: begin one, connect again, move its clock, take a hint, see how far it has come."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Learner

from ..conversing import Conversation, new_session
from ..log.logbook import Entry
from ..models import Lab, LabRun, SandboxSession
from ..models.labs import LabRunQuerySet
from ..recording import CONSOLE_PEER, hang_up, move_clock, open_session, wait_after
from ..smtp import Explanation, explain
from ..tokens import exchange_token, token_of
from .grading import Grade, grade
from .lab import LabFile
from .rehearsing import rehearse

N_HINTS = 3
TRIES_BEFORE_SOLUTION = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """`n_tries` counts the runs of this lab, the one at hand among them."""

    run: LabRun
    file: LabFile
    grade: Grade
    n_tries: int
    has_passed: bool

    @property
    def may_see_solution(self) -> bool:
        is_open = self.has_passed or self.n_tries >= TRIES_BEFORE_SOLUTION
        return is_open and not self.run.is_examined

    @property
    def n_hints_open(self) -> int:
        if self.run.is_examined:
            return 0
        return N_HINTS if self.may_see_solution else N_HINTS - 1

    @property
    def may_take_hint(self) -> bool:
        return self.run.n_hints < self.n_hints_open

    @property
    def why(self) -> Explanation | None:
        """The rule of the reply by which the step that is due has failed."""
        missed = self.grade.missed
        answer = missed and missed.tried and missed.tried.answer
        return explain(answer.rule, answer.before, answer.case) if answer else None


def start_run(learner: Learner, lab: Lab, *, is_examined: bool = False) -> LabRun:
    """A fresh try: mailbox, clock and memory of the server are as new. The one before ends.

    A try that follows one of an exam belongs to the exam, too.
    """
    record_passes(learner.lab_runs.filter(lab=lab))
    try:
        return _begin_run(learner, lab, is_examined=is_examined, now=timezone.now())
    except IntegrityError:  # a double click: the other one was faster
        return learner.lab_runs.open().get(lab=lab)


def _begin_run(learner: Learner, lab: Lab, *, is_examined: bool, now: datetime) -> LabRun:
    with transaction.atomic():
        run = LabRun(learner=learner, lab=lab, started_at=now, is_examined=is_examined)
        before = learner.lab_runs.open().filter(lab=lab).first()
        if before:
            _replace(before, run)
        run.save(force_insert=True)
        if lab.file.server.programs and not token_of(learner):
            exchange_token(learner)
        connect(run)
    return run


def _replace(before: LabRun, run: LabRun) -> None:
    """A run in which nothing was tried goes, and hands its name on to the one of its like that
    takes its place: a question may know it by that."""
    run.is_examined = run.is_examined or before.is_examined
    end_run(before, now=run.started_at)
    if LabRun.objects.filter(pk=before.pk).silent().exists():
        if before.is_examined == run.is_examined:
            run.uuid = before.uuid
        before.delete()


def end_run(run: LabRun, *, now: datetime) -> None:
    _hang_up_all(run)
    run.ended_at = now
    run.save(update_fields=["ended_at"])


def connect(run: LabRun) -> Conversation:
    """Another session of the run; the console that was open hangs up."""
    _hang_up_all(run)
    server = run.lab.file.server
    session = new_session(
        "console", peer=CONSOLE_PEER, profile=server.profile.name, learner=run.learner
    )
    session.lab_run = run
    session.nominal_port = server.port
    session.fault_plan = server.fault
    return open_session(session)


def take_in_programs(run: LabRun) -> None:
    """Sessions that the learner's mail programs have begun since the run did join it."""
    server = run.lab.file.server
    if server.programs:
        begun = run.learner.sandbox_sessions.filter(channel="tcp", lab_run=None)
        begun = begun.filter(started_at__gte=run.started_at, nominal_port=server.port)
        begun.update(lab_run=run)


def _hang_up_all(run: LabRun) -> None:
    for session in run.sessions.open().filter(channel="console"):
        hang_up(session)


def measure(run: LabRun, *, until: datetime | None = None) -> Progress:
    """How far the run has come by its logs, as far as they go or `until` some moment. A pass is
    recorded the first time it is seen."""
    take_in_programs(run)
    file = run.lab.file
    result = grade(run.recording(until=until), file)
    if result.passed and run.passed_at is None:
        run.passed_at = timezone.now()
        LabRun.objects.filter(pk=run.pk, passed_at=None).update(passed_at=run.passed_at)
    others = run.learner.lab_runs.filter(lab=run.lab).exclude(pk=run.pk)
    return Progress(
        run,
        file,
        result,
        n_tries=others.count() + 1,
        has_passed=run.passed_at is not None or others.passed().exists(),
    )


def record_passes(runs: LabRunQuerySet) -> None:
    """Sees to what mail programs have earned in open runs since their pages were last asked for.
    A session that makes no pass joins none: it may be meant for another lab."""
    programs = SandboxSession.objects.filter(
        Q(lab_run=None) | Q(lab_run=OuterRef("pk")),
        learner=OuterRef("learner"),
        channel="tcp",
        started_at__gte=OuterRef("started_at"),
    )
    tried = runs.open().filter(Exists(programs), passed_at=None, is_examined=False)
    for run in tried.select_related("lab", "learner"):
        with transaction.atomic():
            if not measure(run).grade.passed:
                transaction.set_rollback(True)


def take_hint(run: LabRun) -> None:
    """The next rung; the last one only where it may be seen."""
    if measure(run).may_take_hint:
        LabRun.objects.filter(pk=run.pk).update(n_hints=F("n_hints") + 1)


def let_time_pass(run: LabRun, seconds: int) -> None:
    """In the session that is open, or before the next one."""
    session = newest_session(run)
    if session is None:
        return
    if session.ended_at is None and session.channel == "console":
        move_clock(session, seconds)
    else:
        wait_after(session, seconds)


def newest_session(run: LabRun) -> SandboxSession | None:
    """None if the learner has deleted what the run began with."""
    session = run.sessions.order_by("-pk").first()
    if session:
        session.lab_run = run
    return session


def earlier_sessions(run: LabRun, session: SandboxSession) -> QuerySet[SandboxSession]:
    return run.sessions.filter(pk__lt=session.pk).order_by("pk")


def solution(file: LabFile) -> list[list[Entry]]:
    """The passing sessions, with all that the server says in them."""
    return [list(log.rows) for log in rehearse(file, file.passing).logs]

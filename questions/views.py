"""Pages around single questions: a proof run in the sandbox, an author's preview."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from accounts.learners import ensure_learner
from accounts.redirecting import see_other
from sandbox.recording import play_dialogue

from .kinds import KINDS
from .models import Proof, Question, Revision
from .publishing import blockers
from .showing import ask, judge, lab_asked, lab_judged


@login_not_required
@require_POST
def proof(request: HttpRequest, slug: str) -> HttpResponse:
    """Runs the newest published proof of a practice question, also of a retired one, in a
    console session of the learner's own and leads there."""
    published = Proof.objects.filter(
        revision__state=Revision.State.PUBLISHED,
        revision__question__slug=slug,
        revision__question__pool=Question.Pool.PRACTICE,
    )
    proof = published.order_by("-revision__number").first()
    if proof is None:
        raise Http404
    session = play_dialogue(proof.dialogue, proof.profile, ensure_learner(request))
    return see_other(session)


@require_safe
def revision_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Behind the authors' login: examprep/urls.py wraps it."""
    if not request.user.has_perm("questions.view_revision"):
        raise PermissionDenied
    revision = get_object_or_404(
        Revision.objects.select_related("question__topic", "question__family", "note", "lab"), pk=pk
    )
    item = revision.as_item()
    rank = [option.ident for option in item.options].index
    order = KINDS[item.kind].arrange(item, lambda ident: f"{rank(ident):04}")
    file = revision.lab.file if revision.lab else None
    context = {
        "revision": revision,
        "asked": ask(item, order, lab=file and lab_asked(file)),
        "judged": judge(
            item, order, response=None, mark=0, max_mark=1, lab=file and lab_judged(file, None)
        ),
        "blockers": [] if revision.is_published else blockers(revision),
    }
    return render(request, "questions/revision_preview.html", context)

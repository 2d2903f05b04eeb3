"""Notes: the list and one page each."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .models import Note


@login_not_required
@require_safe
def notes(request: HttpRequest) -> HttpResponse:
    return render(request, "notes/notes.html", {"notes": Note.objects.shown()})


@login_not_required
@require_safe
def note(request: HttpRequest, slug: str) -> HttpResponse:
    shown = Note.objects.shown()
    note = get_object_or_404(shown.prefetch_related("sources"), slug=slug)
    context = {
        "note": note,
        "previous": shown.filter(position__lt=note.position).last(),
        "following": shown.filter(position__gt=note.position).first(),
    }
    return render(request, "notes/note.html", context)

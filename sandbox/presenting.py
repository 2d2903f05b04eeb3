"""Pages on which a conversation is watched, step by step or as a whole."""

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .watching import Performance, perform, read_scripts


@login_not_required
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    performances = performances_of(settings.CONTENT_DIR).values()
    return render(request, "sandbox/watch.html", {"performances": performances})


@login_not_required
@require_safe
def watched(request: HttpRequest, slug: str) -> HttpResponse:
    performances = performances_of(settings.CONTENT_DIR)
    if slug not in performances:
        raise Http404
    performance = performances[slug]
    titles = titles_of(settings.CONTENT_DIR)
    context = {
        "performance": performance,
        "script": performance.script,
        "topics": [(topic, titles[topic]) for topic in performance.script.topics],
        "others": [each.script for each in performances.values() if each is not performance],
    }
    return render(request, "sandbox/watched.html", context)


@cache
def performances_of(folder: Path) -> dict[str, Performance]:
    """Played once in a process: the same script always gives the same lines."""
    scripts, problems = read_scripts(folder / "sessions")
    if problems:
        raise ImproperlyConfigured("; ".join(map(str, problems)))
    return {script.slug: perform(script) for script in scripts}


@cache
def titles_of(folder: Path) -> dict[str, str]:
    topics = tomllib.loads((folder / "topics.toml").read_text())["topic"]
    return {topic["slug"]: topic["title"] for topic in topics}

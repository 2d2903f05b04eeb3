"""Pages on which a conversation is watched, step by step or as a whole."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .transcribing import TranscriptLine
from .viewing.railing import RailStep, rail_of, step_of
from .watching import Performance, Scene, perform, read_scripts


@dataclass(frozen=True, slots=True)
class Staged:
    """A scene and where the session stands behind it, for the rail of the player."""

    scene: Scene
    rail: list[RailStep]

    @property
    def places(self) -> str:
        """`connected:done greeted:here`, what is still to come left out."""
        return " ".join(f"{step.name}:{step.place}" for step in self.rail if step.place)


@dataclass(frozen=True, slots=True)
class Passed:
    """What a line changes about where the session stands."""

    step: str
    mark: tuple[str, str] | None = None


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
        "script": performance.script,
        "staged": list(stage(performance)),
        "rail": rail_of([]),
        "topics": [(topic, titles[topic]) for topic in performance.script.topics],
        "others": [each.script for each in performances.values() if each is not performance],
    }
    return render(request, "sandbox/watched.html", context)


def stage(performance: Performance) -> Iterator[Staged]:
    lines: list[TranscriptLine] = []
    for scene in performance.scenes:
        lines = [*([] if scene.connection else lines), *scene.lines]
        yield Staged(scene, rail_of(map(pass_by, lines)))


def pass_by(line: TranscriptLine) -> Passed:
    match line.rule:
        case "tls.started":  # the session is as after the greeting: RFC 3207 section 4.2
            return Passed("connected", ("tls", "TLS"))
        case "auth.ok":
            return Passed("", ("auth", _("logged in")))
    return Passed(step_of(line.rule, line.before, line.after))


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

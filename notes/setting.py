"""Sets a note: Markdown to HTML, its dialogues run on the engine and set as transcripts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.template.loader import render_to_string

from sandbox.proving import DialogueError, Verdict, parse_dialogue, prove
from sandbox.transcribing import TranscriptLine, explain_once

from .markdown import Fence, Page, to_html

RENDERER_VERSION = "7"


@dataclass(slots=True)
class SetNote:
    """A set page and the verdict on each dialogue that was run, with the line of its fence."""

    page: Page
    verdicts: list[tuple[int, Verdict]] = field(default_factory=list)

    def problems(self, anchors: Mapping[str, Collection[str]], *, first_line: int = 1) -> list[str]:
        """Everything that keeps the note from being shown. `anchors` of all notes by slug;
        `first_line` is the line of the file on which the text begins."""
        problems = list(self.page.problems)
        for link in self.page.links:
            if link.slug not in anchors:
                problems.append(f"links to a note that does not exist: [[{link}]]")
            elif link.anchor and link.anchor not in anchors[link.slug]:
                problems.append(f"links to a heading that does not exist: [[{link}]]")
        problems += [
            f"line {line + first_line - 1}: {verdict.difference}"
            for line, verdict in self.verdicts
            if not verdict.ok and not verdict.waiting
        ]
        return problems


def set_note(body: str, *, slug: str, titles: Mapping[str, str]) -> SetNote:
    verdicts: list[tuple[int, Verdict]] = []
    problems: list[str] = []

    def set_dialogue(fence: Fence) -> str:
        options = dict(word.partition("=")[::2] for word in fence.info.split()[1:])
        unknown = sorted(set(options) - {"profile", "port", "needs"})
        if unknown:
            problems.append(f"line {fence.line}: unknown word {unknown[0]!r} behind ```smtp")
        try:
            if "profile" not in options:
                return as_transcript(as_spoken(fence.text))
            verdict = prove(
                parse_dialogue(fence.text),
                profile=options["profile"],
                port=int(options.get("port", "25")),
                needs=tuple(filter(None, options.get("needs", "").split(","))),
            )
        except (DialogueError, ValueError) as error:
            problems.append(f"line {fence.line}: {error}")
            return ""
        verdicts.append((fence.line, verdict))
        return as_transcript(verdict.lines)

    page = to_html(body, slug=slug, titles=titles, set_dialogue=set_dialogue)
    page.problems += problems
    return SetNote(page, verdicts)


def as_transcript(lines: Sequence[TranscriptLine]) -> str:
    context = {"lines": explain_once(lines), "in_margin": True}
    return render_to_string("sandbox/_transcript.html", context)


def as_spoken(text: str) -> list[TranscriptLine]:
    """A dialogue that no engine of ours runs, set line by line: who speaks and what."""
    lines = []
    for line in text.splitlines():
        mark, _, words = line.partition(" ")
        if mark == "S:":
            code = int(words[:3]) if words[:3].isdigit() else None
            lines.append(TranscriptLine("server", words, code=code))
        elif mark == "C:":
            lines.append(TranscriptLine("client", words))
        elif line.strip():
            lines.append(TranscriptLine("event", line.strip()))
    return lines

"""Full-text search over passages: sections of notes, and whatever later rooms add.

SQLite finds them with FTS5, PostgreSQL with a text search vector; both stem English words. What
counts as a word is decided here, for both: `5.1.1` is one, `250-SIZE` and `mail.example` are two.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from django.db import transaction
from django.utils.html import strip_tags

from .models import Note, Passage

WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
MOST_TERMS = 12
EXCERPT = 240
"""Characters of a passage that a result shows."""
STEM = 7
"""Letters by which a word is marked as a hit."""
BLOCK_END = re.compile(r"<br>|</(?:b|p|li|td|th|h[2-4]|div|pre|dt|dd|details|summary)>")
HEADING = re.compile(r'<h[2-4][^>]*\bid="n-([^"]+)"[^>]*>(.*?)</h[2-4]>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a text under its heading; `anchor` is empty for what stands before the first."""

    title: str
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an excerpt; `is_hit` where it is what was searched for."""

    text: str
    is_hit: bool = False


def terms_of(query: str) -> list[str]:
    """The words of a query, without what any search syntax means by them."""
    return [word.casefold() for word in WORD.findall(query)][:MOST_TERMS]


@transaction.atomic
def index(kind: str, key: str, sections: Iterable[Section]) -> None:
    """Makes these the passages of one text, instead of those it had."""
    Passage.objects.filter(kind=kind, key=key).delete()
    Passage.objects.bulk_create(
        Passage(
            kind=kind,
            key=key,
            anchor=section.anchor,
            title=section.title,
            text=section.text,
            title_words=" ".join(WORD.findall(section.title)),
            words=" ".join(WORD.findall(section.text)),
        )
        for section in sections
    )


def index_note(note: Note) -> None:
    index(Passage.Kind.NOTE, note.slug, sections_of(note))


def sections_of(note: Note) -> Iterator[Section]:
    """A note as set, cut at its headings."""
    start, *rest = HEADING.split(note.html)
    yield Section(note.title, f"{note.summary} {_plain(start)}".strip())
    for anchor, heading, html in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        yield Section(_plain(heading), _plain(html), anchor)


def _plain(html: str) -> str:
    spaced = BLOCK_END.sub(" ", html.replace("</tr>", " · "))
    return " ".join(unescape(strip_tags(spaced)).split())


def excerpt(text: str, terms: Iterable[str]) -> list[Part]:
    """The neighbourhood of the first hit, hits apart from the rest. A term of letters is hit by
    any word that begins as it does, for the database knows its stem only."""
    stems = tuple(term[:STEM] for term in terms if term.isalpha())
    whole = {term for term in terms if not term.isalpha()}
    hits = [
        word
        for word in WORD.finditer(text)
        if (said := word[0].casefold()) in whole or (stems and said.startswith(stems))
    ]
    first = hits[0].start() if hits else 0
    begin = text.rfind(" ", 0, max(0, first - EXCERPT // 3)) + 1 if first > EXCERPT // 2 else 0
    end = len(text)
    if end > begin + EXCERPT:
        end = max(text.rfind(" ", begin, begin + EXCERPT), first + 1)
    parts = [Part("… ")] if begin else []
    place = begin
    for hit in hits:
        if hit.end() <= end:
            parts += [Part(text[place : hit.start()]), Part(hit[0], is_hit=True)]
            place = hit.end()
    parts.append(Part(text[place:end] + (" …" if end < len(text) else "")))
    return [part for part in parts if part.text]

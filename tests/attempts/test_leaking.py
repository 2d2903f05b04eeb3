"""An exam of the whole shipped bank: no response holds what is due at the end."""

import html
import re
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse

from attempts.drawing.choosing import order_options
from questions.kinds import KINDS
from questions.models import Revision
from questions.published import items_of
from tests.factories import ExamAttemptFactory, SlotFactory

pytestmark = pytest.mark.django_db
OWN_WORDS = {"all", "up", "down", "next", "previous", "review", "flag", "sure", "unsure"}


@pytest.mark.parametrize("rules", [{}, {"count_check": "exact"}], ids=["warn", "exact"])
def test_no_response_of_an_exam_holds_a_key_a_reason_or_an_id(client, guest, rules):
    call_command("loadcontent")
    attempt = ExamAttemptFactory(learner=guest, rules=rules)
    revisions = Revision.objects.filter(current_of__isnull=False).order_by("pk")
    items = items_of(revisions)
    for position, revision in enumerate(revisions, 1):
        order = order_options(items[revision.pk], "seed")
        SlotFactory(attempt=attempt, position=position, revision=revision, option_order=order)
    reasons = [reason for item in items.values() for reason in reasons_of(item)]

    leaks = [
        (item.slug, where, secret)
        for slot in attempt.slots.select_related("revision")
        for item in [items[slot.revision_id]]
        for where, text in way_through(client, slot, item)
        for secret in [*reasons_of(item), *hints_of(item)]
        if secret in text
    ]
    leaks += [
        (where, reason)
        for where, text in whole_form(client, attempt)
        for reason in reasons
        if reason in text
    ]

    assert len(items) >= 150
    assert leaks == []


def reasons_of(item):
    """As they would be set."""
    for text in (item.explanation, *(option.rationale for option in item.options)):
        yield readable(text)[:60]


def hints_of(item):
    """Ids as a value would hold them, patterns but numbers, and the marks of a judged page."""
    for option in item.options:
        if option.ident not in OWN_WORDS and item.kind != "hotspot":
            yield from (f'value="{option.ident}"', f'id="{option.ident}"', f', "{option.ident}"')
        if option.pattern and not (option.text.isdigit() or plainly_asked(option.text, item)):
            yield f">{option.text}<"
    yield from ("option--right", "is_key", "your answer, right")


def plainly_asked(text, item):
    return text.casefold() in (item.stem + item.artefact + item.expects).casefold()


def readable(text):
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()


def way_through(client, slot, item):
    """A question's page and every kind of answer to what is sent, as text and as it came."""
    yield from seen("page", client.get(slot.get_absolute_url()))
    fields = {"base_seq": slot.seq, "save_id": str(uuid.uuid4()), **an_answer(item, slot)}
    url = reverse("slot_answer", args=[slot.attempt.uuid, slot.position])
    yield from seen("answer", client.post(url, fields))
    again = {**fields, "save_id": str(uuid.uuid4())}
    yield from seen("conflict", client.post(url, again))
    yield from seen("stale form", client.post(slot.get_absolute_url(), {**again, "choice": "x"}))
    slot.refresh_from_db()
    form = {"base_seq": slot.seq, "go": "next", **an_answer(item, slot)}
    yield from seen("form", client.post(slot.get_absolute_url(), form))


def whole_form(client, attempt):
    for name in (
        "attempt_sheet",
        "attempt_overview",
        "attempt_submission",
        "attempt_section",
        "result",
        "attempt",
    ):
        yield from seen(name, client.get(reverse(name, args=[attempt.uuid])))


def an_answer(item, slot):
    """Some response that its kind takes: the first of everything."""
    if item.kind == "lab":
        return {}
    response = {
        "single": slot.option_order[:1],
        "multiple": slot.option_order[: item.choose],
        "hotspot": slot.option_order[: item.choose],
        "short": "something else",
    }.get(item.kind)
    if response is None:
        lefts = [option.ident for option in item.options if option.text]
        if item.kind == "matching":
            response = dict(zip(lefts, slot.option_order, strict=False))
        else:
            response = {ident: n for n, ident in enumerate(slot.option_order, 1)}
    fields = {}
    for name, value in KINDS[item.kind].say(item, slot.option_order, response):
        fields.setdefault(name, []).append(value)
    return fields


def seen(where, response):
    assert response.status_code < 500, where
    assert "no-store" in response["Cache-Control"], where
    text = response.content.decode() + str(response.headers)
    yield where, readable(html.unescape(re.sub(r"<[^>]+>", "", text)))
    yield where, html.unescape(text)

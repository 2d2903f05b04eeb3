"""A whole exam of the shipped bank in every room: no response holds what is due at the end."""

import html
import re
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse

from attempts.models import Attempt
from questions.kinds import KINDS
from questions.models import Room
from questions.published import item_of

pytestmark = pytest.mark.django_db
OWN_WORDS = {"all", "up", "down", "next", "previous", "review", "flag", "sure", "unsure"}


@pytest.fixture
def rooms(db):
    call_command("loadcontent")
    return list(Room.objects.order_by("slug"))


def test_no_response_of_an_exam_holds_a_key_a_reason_or_an_id(client, rooms):
    for room in rooms:
        client.post(room.get_absolute_url(), {"time_percent": 100})
        attempt = Attempt.objects.get(exam=room.exam)
        items = [item_of(slot.revision) for slot in attempt.slots.select_related("revision")]
        secrets = [secret for item in items for secret in secrets_of(item)]

        leaks = [
            (room.slug, where, secret)
            for where, text in whole_exam(client, attempt)
            for secret in secrets
            if secret in text
        ]

        assert len(items) >= 5
        assert leaks == []


def secrets_of(item):
    """Reasons and explanation as they would be set, ids as an attribute or a value would hold
    them, patterns, and the marks of a judged page."""
    for text in (item.explanation, *(option.rationale for option in item.options)):
        yield readable(text)[:60]
    for option in item.options:
        if option.ident not in OWN_WORDS and item.kind != "hotspot":
            yield from (f'value="{option.ident}"', f'id="{option.ident}"', f', "{option.ident}"')
        if option.pattern and len(option.text) > 4 and not plainly_asked(option.text, item):
            yield f">{option.text}<"
    yield from ("option--right", "is_key", "your answer, right")


def plainly_asked(text, item):
    return text.casefold() in (item.stem + item.artefact + item.expects).casefold()


def readable(text):
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()


def whole_exam(client, attempt):
    """Every page and every answer on the way, as readable text and as it came."""
    for position in range(1, attempt.slots.count() + 1):
        slot = attempt.slots.select_related("revision").get(position=position)
        item = item_of(slot.revision)
        yield from seen(f"question {position}", client.get(slot.get_absolute_url()))
        fields = {"base_seq": slot.seq, "save_id": str(uuid.uuid4()), **an_answer(item, slot)}
        answer = client.post(reverse("slot_answer", args=[attempt.uuid, position]), fields)
        yield from seen(f"answer {position}", answer)
        again = {**fields, "save_id": str(uuid.uuid4())}
        conflict = client.post(reverse("slot_answer", args=[attempt.uuid, position]), again)
        yield from seen(f"conflict {position}", conflict)
        slot.refresh_from_db()
        form = {"base_seq": slot.seq, "go": "next", "warned": "on", **an_answer(item, slot)}
        yield from seen(f"form {position}", client.post(slot.get_absolute_url(), form))
        if position == 1:
            for name in ("attempt_sheet", "attempt_overview"):
                yield from seen(name, client.get(reverse(name, args=[attempt.uuid])))
        section = client.get(reverse("attempt_section", args=[attempt.uuid]))
        if section.status_code == 200 and position * 2 == attempt.slots.count():
            yield from seen("section", section)
            client.post(reverse("attempt_section", args=[attempt.uuid]), {"section": "1"})
    for name in ("attempt_submission", "result", "attempt"):
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

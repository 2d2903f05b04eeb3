"""One claim all the way: content file, question, answer, mark, note, proof, progress."""

import re

import pytest
from django.core.management import call_command
from django.utils.html import escape

from attempts.models import Attempt, Slot
from attempts.starting import FIRST_QUESTION
from questions.kinds import KINDS
from questions.models import Option, Question
from questions.published import item_of
from sandbox.models import SandboxSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    call_command("loadcontent", verbosity=0)


def test_from_the_content_file_to_progress(client, bank):
    html = client.get("/").content.decode()
    fields = {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)[1]
        for name in ("draw", "step", "save_id", "opened")
    }
    keys = set(
        Option.objects.filter(revision__current_of__slug=FIRST_QUESTION, is_key=True).values_list(
            "text", flat=True
        )
    )
    assert keys == {"SMTP", "ESMTP"}
    places = re.findall(r'value="(\d)"[^>]*>.*?<span>(.*?)</span></label>', html)

    answered = client.post(
        "/", {**fields, "choice": [place for place, text in places if text in keys]}, follow=True
    )
    slot = Slot.objects.get()
    page = answered.content.decode()
    assert (slot.mark, slot.max_mark) == (1000, 1000)
    assert "250-PIPELINING" in page

    note_url = re.search(r'href="(/notes/[^"#]+)[^"]*">Read the note', page)[1]
    assert client.get(note_url).status_code == 200

    proof = client.post(f"/questions/{FIRST_QUESTION}/proof/")
    session = SandboxSession.objects.get()
    assert proof.url == f"/sandbox/sessions/{session.uuid}/"
    shown = client.get(proof.url).content.decode()
    assert "EHLO client.example" in shown
    assert "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1" in shown

    progress = client.get("/progress/").content.decode()
    assert "1 of 1 answers right" in progress


def test_every_question_of_the_bank_can_be_asked_and_judged(client, bank):
    """Sets over the whole practice bank, every page before and after the right answer."""
    families = Question.objects.practice().values("family").distinct().count()
    client.post("/practice/", {"number": "90", "which": "unseen"})
    answer_all(client)
    client.post("/practice/", {"number": "90", "which": "unseen"})
    answer_all(client)

    assert Slot.objects.values("revision__question__family").distinct().count() == families


def answer_all(client):
    attempt = Attempt.objects.latest("pk")
    for slot in attempt.slots.select_related("attempt", "revision").order_by("position"):
        url = slot.get_absolute_url()
        item = item_of(slot.revision)
        asked = client.get(url).content.decode()
        assert not any(escape(option.rationale) in asked for option in item.options)
        fields = {}
        for name, value in KINDS[item.kind].say(item, slot.option_order, right_response(item)):
            fields.setdefault(name, []).append(value)
        client.post(url, {"step": "check", **fields})
        judged = client.get(url).content.decode()
        assert item.kind == "lab" or "verdict--ok" in judged, item.slug


def right_response(item):
    if item.kind == "matching":
        return {option.ident: option.ident for option in item.options if option.text}
    if item.kind == "ordering":
        steps = sorted(item.options, key=lambda option: option.group)
        return {step.ident: place for place, step in enumerate(steps, 1)}
    if item.kind == "short":
        full = [o for o in item.options if o.pattern.weight == 1000]
        return full[0].pattern.matches[0]
    return [option.ident for option in item.options if option.is_key]


def test_every_proof_of_the_bank_plays_in_the_sandbox(client, bank):
    proven = Question.objects.practice().filter(current_revision__proof__needs=[])
    assert proven.count() > 20

    for question in proven:
        response = client.post(f"/questions/{question.slug}/proof/")
        assert client.get(response.url).status_code == 200


def test_prove_proves_the_whole_bank(bank, capsys):
    call_command("prove")

    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"([6-9]\d|\d{3,}) proven, 0 waiting, 0 different", last), last

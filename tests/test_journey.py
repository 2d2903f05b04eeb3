"""One claim all the way: content file, question, answer, mark, note, proof, progress."""

import re

import pytest
from django.core.management import call_command

from attempts.models import Slot
from attempts.starting import FIRST_QUESTION
from questions.models import Option, Question
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
    """Each page of a set over the whole bank, before and after the answer."""
    client.post("/practice/", {"number": "74", "only": "any"})
    slots = list(Slot.objects.select_related("attempt").order_by("position"))
    assert len(slots) == 74  # the headline and its sibling are one family

    for slot in slots:
        url = slot.get_absolute_url()
        rationales = [option.rationale for option in slot.revision.options.all()]
        asked = client.get(url).content.decode()
        assert not any(rationale in asked for rationale in rationales)
        client.post(url, {"step": "check", "choice": keys_of(slot)})
        judged = client.get(url).content.decode()
        assert "verdict--ok" in judged


def keys_of(slot):
    keys = {option.ident for option in slot.revision.options.all() if option.is_key}
    return [place for place, ident in enumerate(slot.option_order) if ident in keys]


def test_every_proof_of_the_bank_plays_in_the_sandbox(client, bank):
    proven = Question.objects.practice().filter(current_revision__proof__needs=[])
    assert proven.count() > 20

    for question in proven:
        response = client.post(f"/questions/{question.slug}/proof/")
        assert client.get(response.url).status_code == 200


def test_prove_proves_the_whole_bank(bank, capsys):
    call_command("prove")

    assert capsys.readouterr().out.endswith("56 proven, 0 waiting, 0 different\n")

"""Reasons are complete, short and plain, and lead to the standard and to a note."""

import dataclasses
import re
from pathlib import Path

import pytest

import sandbox.smtp
from sandbox.smtp import (
    RULES,
    VERB_NOTES,
    Close,
    Notice,
    Ref,
    Reply,
    State,
    Violation,
    describe,
    explain,
)
from sandbox.smtp.states import TABLE

from ..talking import Talk, of_type
from .test_rules import MET, STATES

ROOT = Path(sandbox.smtp.__file__).parents[2]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_is_complete(rule):
    assert rule.id == next(key for key, value in RULES.items() if value is rule)
    assert rule.refs
    assert all(
        re.fullmatch(r"https://www\.rfc-editor\.org/rfc/rfc\d+#\S+", r.url) for r in rule.refs
    )
    assert (ROOT / "content" / "notes" / f"{rule.note}.md").is_file()
    assert rule.origin in ("rfc", "our-choice", "product")
    assert rule.enhanced is None or rule.enhanced[0] == str(rule.code)[0]
    assert 0 < len(rule.title) <= 50
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_reasons_are_single_plain_sentences(rule):
    for why in (rule.why, *rule.whys.values(), *rule.misreadings):
        assert re.fullmatch(r"[A-Z0-9].*[^.]\.", why), why
        assert not re.search(r"[a-z][.] [A-Z]|!|  |\{", why), why
        assert why.isascii()
        assert len(why) <= 220


def test_whys_by_state_name_states_in_which_the_rule_occurs():
    """A sentence for a state that never gives this reply would never be read."""
    given = {(cell.rule, str(state)) for cells in TABLE.values() for state, cell in cells.items()}

    for rule in RULES.values():
        for state in STATES & set(rule.whys):
            assert (rule.id, state) in given


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Reply, (b"250 ok\r\n", 250, None, ("ok",), "no.rule", State.READY, State.READY)),
        (Violation, ("no.rule", State.READY, 0, b"")),
        (Notice, ("no.rule", State.READY, 0)),
        (Close, ("no.rule", True)),
    ],
)
def test_nothing_is_said_without_a_rule(kind, fields):
    with pytest.raises(ValueError, match="no rule 'no.rule'"):
        kind(*fields)


def test_events_cannot_be_changed():
    (reply,) = of_type(Talk().events, Reply)

    with pytest.raises(dataclasses.FrozenInstanceError):
        reply.rule = "noop.ok"


def test_reference_names_the_document_and_links_to_the_section():
    assert Ref("smtp", "4.1.1.2").label == "RFC 5321 section 4.1.1.2"
    assert Ref("smtp", "4.1.1.2").url == ("https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.2")
    assert Ref("smtp", "F").label == "RFC 5321 appendix F"
    assert Ref("size", "6.1").url == "https://www.rfc-editor.org/rfc/rfc1870#section-6.1"


def test_explanation_fits_the_state_and_the_case():
    in_greeted = explain("rcpt.order", "GREETED")
    in_ready = explain("rcpt.order", "READY")
    of_case = explain("mail.syntax", "READY", "space")

    assert in_greeted.why.startswith("RCPT names a recipient of an open transaction, and none can")
    assert in_ready.why.endswith("send MAIL FROM first.")
    assert of_case.why.startswith("There is a space beside the colon")
    assert in_ready.refs[0] == Ref("smtp", "3.3")
    assert in_ready.note == "smtp-transaction"


def test_verbs_of_the_client_are_described():
    assert set(VERB_NOTES) == {*TABLE, "response", "chunk", ".", "content"}
    assert describe("XYZZY") is None
    for note in VERB_NOTES.values():
        assert note.why.endswith(".")
        assert note.refs
        assert (ROOT / "content" / "notes" / f"{note.note}.md").is_file()


def test_every_reply_has_its_reason():
    for met in MET.values():
        for reply in of_type(met(), Reply):
            assert explain(reply.rule, reply.state, reply.case).why

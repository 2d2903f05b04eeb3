"""Whatever is pasted: bounded, linear in what is made of it, and never an exception."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.annotating import FORMATS, Unreadable, annotate
from sandbox.smtp import Session

HERE = Path(__file__).parent
SAMPLES = Path(annotate.__code__.co_filename).parent / "samples"
LINES = sorted({line for path in SAMPLES.glob("*.txt") for line in path.read_text().splitlines()})
ODD = ["C: AUTH PLAIN", "S: 334 ", "C: BDAT 9999999999 LAST", "S: 421 no", "reply: b'", "S: 220-x"]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(st.sampled_from(LINES), st.sampled_from(ODD), st.text(max_size=40)), max_size=40
    ),
    st.sampled_from([None, *FORMATS]),
)
def test_nothing_that_is_pasted_raises(lines, format):
    try:
        annotation = annotate("\n".join(lines), format=format)
    except Unreadable:
        return

    assert all(each.number <= len(lines) * 2 for each in annotation.lines)
    assert all("\x1b" not in each.text and "\0" not in each.text for each in annotation.lines)


def test_text_at_the_limits_is_taken():
    assert len(annotate("S: 220 x\n" * 5000).lines) == 5000
    assert annotate("S: 220 " + "x" * (262_144 - 7)).lines[0].text.endswith("…")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("S: 220 x\n" * 5001, "5,001 lines and 5,000"),
        ("S: 220 " + "x" * 262_144, "262,151 octets and 262,144"),
        ("S: 220 " + "\u00fc" * 131_072, "262,151 octets and 262,144"),
    ],
)
def test_text_over_a_limit_is_refused_by_name(text, told):
    with pytest.raises(Unreadable, match=told):
        annotate(text)


def test_each_reply_costs_at_most_one_new_session(monkeypatch):
    """A server that decides otherwise each time is followed by a session brought to its place."""
    made = []
    begin = Session.__init__
    monkeypatch.setattr(Session, "__init__", lambda *args: (made.append(1), begin(*args))[1])
    pair = "C: MAIL FROM: <a@b.example>\nS: 250 ok\nC: RSET\nS: 250 ok\n"

    annotate("S: 220 x\nC: EHLO a\nS: 250 x\n" + pair * 200)

    assert len(made) <= 402


def test_announced_chunks_are_judged_up_to_a_bound(monkeypatch):
    taken = []
    receive = Session.receive
    monkeypatch.setattr(
        Session,
        "receive",
        lambda self, octets, *, at: (taken.append(len(octets)), receive(self, octets, at=at))[1],
    )
    head = "S: 220 x\nC: EHLO a\nS: 250-x\nS: 250 CHUNKING\nC: MAIL FROM:<a@b.example>\nS: 250 ok\n"
    head += "C: RCPT TO:<c@d.example>\nS: 250 ok\n"

    annotate(head + "C: BDAT 2000000\nS: 250 ok\n" * 500)

    assert sum(taken) < 5 * 1024 * 1024

import pytest

from sandbox.smtp import State
from sandbox.smtp.commands import EFFECTS
from sandbox.smtp.states import EXTENSION_VERBS, TABLE

from .talking import EHLO, MAIL, RCPT, Talk, replies

WAY_TO = {"GREETED": (), "READY": (EHLO,), "SENDER": (EHLO, MAIL), "RCPTS": (EHLO, MAIL, RCPT)}

LINES = {
    "EHLO": "EHLO client.example",
    "HELO": "HELO client.example",
    "MAIL": "MAIL FROM:<casey@lab.example>",
    "RCPT": "RCPT TO:<robin@lab.example>",
    "VRFY": "VRFY robin",
    "EXPN": "EXPN staff",
    "ETRN": "ETRN lab.example",
    "SEND": "SEND FROM:<casey@lab.example>",
    "SOML": "SOML FROM:<casey@lab.example>",
    "SAML": "SAML FROM:<casey@lab.example>",
    "AUTH": "AUTH PLAIN",
    "BDAT": "BDAT 4 LAST",
    "unknown": "XYZZY",
    "empty": "",
}

EVERYWHERE = {
    "NOOP": (250, "2.0.0", "noop.ok"),
    "VRFY": (252, "2.5.0", "vrfy.ok"),
    "HELP": (214, "2.0.0", "help.ok"),
    "EXPN": (502, "5.5.1", "verb.not-offered"),
    "TURN": (502, "5.5.1", "verb.not-offered"),
    "SEND": (502, "5.5.1", "verb.not-offered"),
    "SOML": (502, "5.5.1", "verb.not-offered"),
    "SAML": (502, "5.5.1", "verb.not-offered"),
    "ETRN": (502, "5.5.1", "verb.not-offered"),
    "ATRN": (502, "5.5.1", "verb.not-offered"),
    "STARTTLS": (502, "5.5.1", "verb.not-offered"),
    "AUTH": (502, "5.5.1", "verb.not-offered"),
    "BDAT": (502, "5.5.1", "verb.not-offered"),
    "unknown": (500, "5.5.2", "verb.unknown"),
    "empty": (500, "5.5.2", "verb.unknown"),
}
CELLS = {
    ("EHLO", "GREETED"): (250, None, "ehlo.ok", "READY"),
    ("EHLO", "READY"): (250, None, "ehlo.ok", "READY"),
    ("EHLO", "SENDER"): (250, None, "ehlo.ok", "READY"),
    ("EHLO", "RCPTS"): (250, None, "ehlo.ok", "READY"),
    ("HELO", "GREETED"): (250, None, "helo.ok", "READY"),
    ("HELO", "READY"): (250, None, "helo.ok", "READY"),
    ("HELO", "SENDER"): (250, None, "helo.ok", "READY"),
    ("HELO", "RCPTS"): (250, None, "helo.ok", "READY"),
    ("MAIL", "GREETED"): (503, "5.5.1", "mail.order", "GREETED"),
    ("MAIL", "READY"): (250, "2.1.0", "mail.ok", "SENDER"),
    ("MAIL", "SENDER"): (503, "5.5.1", "mail.order", "SENDER"),
    ("MAIL", "RCPTS"): (503, "5.5.1", "mail.order", "RCPTS"),
    ("RCPT", "GREETED"): (503, "5.5.1", "rcpt.order", "GREETED"),
    ("RCPT", "READY"): (503, "5.5.1", "rcpt.order", "READY"),
    ("RCPT", "SENDER"): (250, "2.1.5", "rcpt.ok", "RCPTS"),
    ("RCPT", "RCPTS"): (250, "2.1.5", "rcpt.ok", "RCPTS"),
    ("DATA", "GREETED"): (503, "5.5.1", "data.order", "GREETED"),
    ("DATA", "READY"): (503, "5.5.1", "data.order", "READY"),
    ("DATA", "SENDER"): (503, "5.5.1", "data.order", "SENDER"),
    ("DATA", "RCPTS"): (354, None, "data.ok", "CONTENT"),
    ("RSET", "GREETED"): (250, "2.0.0", "rset.ok", "GREETED"),
    ("RSET", "READY"): (250, "2.0.0", "rset.ok", "READY"),
    ("RSET", "SENDER"): (250, "2.0.0", "rset.ok", "READY"),
    ("RSET", "RCPTS"): (250, "2.0.0", "rset.ok", "READY"),
    ("QUIT", "GREETED"): (221, "2.0.0", "quit.ok", "CLOSED"),
    ("QUIT", "READY"): (221, "2.0.0", "quit.ok", "CLOSED"),
    ("QUIT", "SENDER"): (221, "2.0.0", "quit.ok", "CLOSED"),
    ("QUIT", "RCPTS"): (221, "2.0.0", "quit.ok", "CLOSED"),
    **{
        (verb, state): (*reply, state)
        for verb, reply in EVERYWHERE.items()
        for state in ("GREETED", "READY", "SENDER", "RCPTS")
    },
}


@pytest.mark.parametrize(("verb", "state"), CELLS)
def test_cell_answers_and_leads_where_the_standard_says(verb, state):
    talk = Talk(*WAY_TO[state])
    assert talk.state == state

    events = talk.say(LINES.get(verb, verb).encode() + b"\r\n")

    assert (*replies(events)[0], talk.state) == CELLS[verb, state]
    assert len(replies(events)) == 1


def test_every_verb_of_the_engine_is_listed_for_every_state():
    verbs = {*TABLE, *EXTENSION_VERBS, "unknown", "empty"}

    assert set(CELLS) == {(verb, state) for verb in verbs for state in WAY_TO}


def test_states_are_those_the_table_knows_and_four_around_it():
    assert {str(state) for state in State} == {*WAY_TO, "NEW", "CONTENT", "CLOSED"}
    assert all({str(state) for state in cells} == set(WAY_TO) for cells in TABLE.values())


def test_every_effect_of_the_table_exists():
    named = {cell.effect for cells in TABLE.values() for cell in cells.values() if cell.effect}

    assert named == set(EFFECTS)


def test_verbs_are_known_in_any_case():
    talk = Talk()

    assert replies(talk.say(b"ehlo client.example\r\n")) == [(250, None, "ehlo.ok")]
    assert replies(talk.say(b"mAiL from:<casey@lab.example>\r\n")) == [(250, "2.1.0", "mail.ok")]


def test_legacy_knows_no_ehlo_and_writes_no_enhanced_codes():
    talk = Talk(
        b"EHLO client.example\r\n", b"HELO client.example\r\n", MAIL, RCPT, profile="legacy"
    )

    assert talk.wire == (
        b"220 mx.lab.example SMTP ready\r\n"
        b"500 Command not recognized\r\n"
        b"250 mx.lab.example greets client.example\r\n"
        b"250 Sender ok\r\n"
        b"250 Recipient ok\r\n"
    )
    assert talk.state == "RCPTS"


def test_ehlo_lists_only_what_works():
    talk = Talk(EHLO)

    assert talk.wire == (
        b"220 mx.lab.example ESMTP ready\r\n"
        b"250-mx.lab.example greets client.example\r\n"
        b"250-SIZE 2048000\r\n"
        b"250-8BITMIME\r\n"
        b"250-PIPELINING\r\n"
        b"250-ENHANCEDSTATUSCODES\r\n"
        b"250 HELP\r\n"
    )


def test_second_ehlo_drops_the_transaction():
    talk = Talk(EHLO, MAIL, RCPT)

    change = talk.say(EHLO)[-1]

    assert (change.before, change.after, change.cleared) == ("RCPTS", "READY", ("transaction",))
    assert replies(talk.say(RCPT)) == [(503, "5.5.1", "rcpt.order")]


def test_quit_closes_gracefully_and_what_follows_is_dropped():
    talk = Talk(EHLO)

    events = talk.say(QUIT_AND_MORE)

    assert replies(events) == [(221, "2.0.0", "quit.ok")]
    assert (events[-1].rule, events[-1].graceful) == ("quit.ok", True)
    assert talk.say(b"NOOP\r\n") == []


QUIT_AND_MORE = b"QUIT\r\nNOOP\r\n"


def test_data_is_554_once_every_recipient_was_refused():
    talk = Talk(EHLO, MAIL, b"RCPT TO:<nobody@lab.example>\r\n")

    assert replies(talk.say(b"DATA\r\n")) == [(554, "5.5.1", "data.no-valid-recipient")]
    assert talk.state == "SENDER"


def test_new_transaction_does_not_remember_refused_recipients():
    talk = Talk(EHLO, MAIL, b"RCPT TO:<nobody@lab.example>\r\n", b"RSET\r\n", MAIL)

    assert replies(talk.say(b"DATA\r\n")) == [(503, "5.5.1", "data.order")]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("DATA now", "args.unexpected"),
        ("RSET all", "args.unexpected"),
        ("QUIT please", "args.unexpected"),
        ("VRFY", "args.missing"),
    ],
)
def test_argument_that_may_not_stand_there_or_must(line, rule):
    talk = Talk(EHLO, MAIL, RCPT)

    assert replies(talk.say(line.encode() + b"\r\n")) == [(501, "5.5.4", rule)]
    assert talk.state == "RCPTS"


def test_white_space_before_the_line_end_is_tolerated():
    talk = Talk(EHLO, MAIL, RCPT)

    assert replies(talk.say(b"DATA \t \r\n")) == [(354, None, "data.ok")]

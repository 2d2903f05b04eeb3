"""One message stays one message: what does not end the content, however it is sent and cut."""

import pytest

from sandbox.smtp import PROFILES, LineIn, MessageAccepted, Reply

from ..talking import DATA, EHLO, HELO, MAIL, RCPT, Talk, of_type, replies, rules

# Swallowed if the content goes on, carried out if it had ended.
BEHIND = b"MAIL FROM:<casey@lab.example>\r\nRCPT TO:<sam@lab.example>\r\nDATA\r\nsecond\r\n"

# Number of the sequence: octets. None of these ends the content.
NOT_THE_END = {
    1: b"\n.\n",
    2: b"\n.\r\n",
    3: b"\n.\r",
    4: b"\r.\r",
    5: b"\r.\n",
    6: b"\r.\r\n",
    7: b"\r\n.\n",
    8: b"\r\n.\r",
    9: b"\r\n.\r\r\n",
    10: b"\r\r\n.\r\r\n",
    11: b"\r\n\0.\r\n",
    12: b"\r\n.\0\r\n",
    13: b"\r\0\n.\r\n",
    14: b"\r\n.\r\0\n",
}
HOLDS_BARE_NEWLINE = set(NOT_THE_END) - {11, 12}

# The whole input: content of the message, and what the server then says.
THE_END = {
    "plain": (b"text\r\n.\r\n", b"text\r\n", ["data.accepted"]),
    15: (b"text\0\r\n.\r\n", b"text\0\r\n", ["data.accepted"]),
    16: (b"text\r\n.\r\n\0\r\n", b"text\r\n", ["data.accepted", "line.nul"]),
    17: (b".\r\n", b"", ["data.accepted"]),
}
CHUNKING = [name for name in PROFILES if PROFILES[name].offers("CHUNKING")]


def recipient_named(profile, plan=""):
    """As far as an accepted recipient."""
    if PROFILES[profile].demands_login:
        return Talk(EHLO, MAIL, RCPT, profile=profile, demands_login=False, plan=plan)
    return Talk(HELO if profile == "legacy" else EHLO, MAIL, RCPT, profile=profile, plan=plan)


def in_content(profile, plan=""):
    talk = recipient_named(profile, plan)
    talk.say(DATA)
    assert talk.state == "CONTENT"
    return talk


def n_messages(events):
    """Messages that came to an end, taken or not."""
    ends = ("data.accepted", "data.bare-newline", "data.8bit")
    return len([rule for rule in rules(events) if rule in ends])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", NOT_THE_END)
@pytest.mark.parametrize("behind", [b"", BEHIND], ids=["alone", "commands"])
def test_only_crlf_dot_crlf_ends_the_content(number, profile, behind):
    talk = in_content(profile)

    events = talk.say(b"Subject: x\r\n\r\ntext" + NOT_THE_END[number] + b"more " + behind)

    assert replies(events) == []
    assert of_type(events, LineIn) == []
    assert talk.state == "CONTENT"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", NOT_THE_END)
def test_no_cut_makes_an_end_of_what_is_none(number, profile):
    octets = b"text" + NOT_THE_END[number] + b"more " + BEHIND
    for cut in range(1, 12):
        talk = in_content(profile)

        events = talk.say(octets[:cut]) + talk.go_on(octets[cut:]) + talk.go_on(b"\r\n.\r\n")

        assert n_messages(events) == 1, cut
        assert talk.state == "READY", cut


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", NOT_THE_END)
def test_sequence_that_comes_octet_by_octet_ends_nothing(number, profile):
    talk = in_content(profile)
    for octet in b"text" + NOT_THE_END[number] + b"more " + BEHIND:
        talk.say(bytes([octet]))

    assert talk.state == "CONTENT"
    assert rules(talk.events)[-1] == "data.ok"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", NOT_THE_END)
@pytest.mark.parametrize("begins", [b"", b"text"])
def test_content_with_such_a_sequence_is_one_message_at_most(number, profile, begins):
    talk = in_content(profile)

    events = talk.say(begins + NOT_THE_END[number] + b"more\r\n.\r\n")

    refused = number in HOLDS_BARE_NEWLINE and PROFILES[profile].newline != "normalize"
    assert rules(events) == ["data.bare-newline" if refused else "data.accepted"]
    assert len(of_type(events, MessageAccepted)) == (0 if refused else 1)
    assert talk.state == "READY"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", THE_END)
def test_legal_end_counts_wherever_it_stands(name, profile):
    octets, content, expected = THE_END[name]
    for cut in range(len(octets)):
        talk = in_content(profile)

        events = talk.say(octets[:cut]) + talk.go_on(octets[cut:])

        assert [message.content for message in of_type(events, MessageAccepted)] == [content]
        answers = of_type(events, Reply)
        if PROFILES[profile].sync == "close" and not PROFILES[profile].offers("PIPELINING"):
            assert rules(events)[:1] == expected[:1]
        else:
            assert [reply.rule for reply in answers] == expected, cut


@pytest.mark.parametrize("name", ["plain", 15, 17])
def test_commands_behind_the_dot_run_as_commands(name):
    talk = in_content("modern")

    events = talk.say(THE_END[name][0] + BEHIND[:-8])

    assert rules(events) == ["data.accepted", "mail.ok", "rcpt.ok", "data.ok"]


@pytest.mark.parametrize("number", [*NOT_THE_END, 15, 16, 17, "plain"])
@pytest.mark.parametrize("profile", CHUNKING)
@pytest.mark.parametrize("behind", [b"", BEHIND], ids=["alone", "commands"])
def test_nothing_ends_a_chunk_but_its_count(number, profile, behind):
    sequence = NOT_THE_END.get(number) or THE_END[number][0]
    chunk = b"text" + sequence + b"more " + behind + b"\r\n"

    for cut in range(len(chunk)):
        talk = recipient_named(profile)
        talk.say(b"BDAT %d LAST\r\n" % len(chunk) + chunk[:cut])
        assert n_messages(talk.events) == 0
        talk.go_on(chunk[cut:])

        assert n_messages(talk.events) == 1, cut
        assert [line.verb for line in of_type(talk.events, LineIn)][-1] == "BDAT"
        assert talk.state == "READY"


@pytest.mark.parametrize("number", [*NOT_THE_END, 15, 16, 17])
def test_binary_chunk_is_kept_octet_for_octet(number):
    sequence = NOT_THE_END.get(number) or THE_END[number][0]
    chunk = sequence + b"\xff\0" + BEHIND
    talk = Talk(EHLO, b"MAIL FROM:<casey@lab.example> BODY=BINARYMIME\r\n", RCPT)

    events = talk.say(b"BDAT %d LAST\r\n" % len(chunk) + chunk)

    assert [message.content for message in of_type(events, MessageAccepted)] == [chunk]
    assert talk.state == "READY"


@pytest.mark.parametrize("cut", range(15))
def test_vulnerable_plan_takes_the_first_sequence_for_an_end(cut):
    octets = b"first\n.\n" + MAIL
    talk = in_content("modern", plan="lf-ends-data")

    events = talk.say(octets[:cut]) + talk.go_on(octets[cut:])

    assert rules(events) == ["data.accepted", "mail.ok"]
    assert len(of_type(events, MessageAccepted)) == 1


@pytest.mark.parametrize("profile", ["modern", "postfix-like", "legacy"])
def test_vulnerable_plan_takes_two_messages_where_others_take_one(profile):
    """The lesson: the same octets, and a second message from whoever the smuggler likes."""
    smuggled = b"Subject: x\r\n\r\nhello\n.\n" + BEHIND + b".\r\n"

    vulnerable = in_content(profile, plan="lf-ends-data").say(smuggled)
    sound = in_content(profile).say(smuggled)

    assert [message.content for message in of_type(vulnerable, MessageAccepted)] == [
        b"Subject: x\r\n\r\nhello\r\n", b"second\r\n",
    ]  # fmt: skip
    assert n_messages(sound) == 1


@pytest.mark.parametrize("number", NOT_THE_END)
def test_vulnerable_plan_has_to_be_chosen(number):
    for plan in ("", "end-451", "slow-reply"):
        talk = in_content("modern", plan)

        talk.say(b"text" + NOT_THE_END[number] + b"more")

        assert talk.state == "CONTENT"


def test_stuffed_dots_are_taken_off():
    talk = in_content("modern")

    (message,) = of_type(
        talk.say(b"..profile\r\n..\r\n.x\r\na.b\r\n. \r\n...\r\n.\r\n"), MessageAccepted
    )

    assert message.content == b".profile\r\n.\r\nx\r\na.b\r\n \r\n..\r\n"


@pytest.mark.parametrize("cut", range(1, 18))
def test_stuffed_dots_are_taken_off_wherever_the_input_is_cut(cut):
    octets = b"..a\r\n..\r\n.b\r\n.\r\n"
    talk = in_content("modern")

    events = talk.say(octets[:cut]) + talk.go_on(octets[cut:])

    assert of_type(events, MessageAccepted)[0].content == b".a\r\n.\r\nb\r\n"


@pytest.mark.parametrize("line", [b". \r\n", b".\t\r\n", b" .\r\n", b"..\r\n", b".\x0b\r\n"])
def test_line_that_is_nearly_a_dot_ends_nothing(line):
    talk = in_content("modern")

    assert replies(talk.say(line)) == []
    assert talk.state == "CONTENT"

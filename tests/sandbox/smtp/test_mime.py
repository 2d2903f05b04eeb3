"""The bounded scan of a message's MIME tree, and what is read off its fields."""

import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.smtp.fields import display_field, safe_filename
from sandbox.smtp.mime import Caps, Part, TooMuch, decode, describe_tree, scan


def message(*lines):
    return "\r\n".join([*lines, ""]).encode()


SIMPLE = message(
    "From: casey@lab.example",
    "Subject: a long",
    " subject",
    "",
    "Hello",
    "",
    "World",
)

ATTACHED = message(
    "From: casey@lab.example",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="cut-here"',
    "",
    "A preamble.",
    "--cut-here",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "See the note.",
    "--cut-here",
    "Content-Type: text/plain; name=note.txt",
    'Content-Disposition: attachment; filename="note.txt"',
    "Content-Transfer-Encoding: base64",
    "",
    "T0sK",
    "--cut-here--",
    "An epilogue.",
)


def body(part, octets):
    return octets[part.start : part.end]


def test_message_without_content_type_is_text():
    part = scan(SIMPLE)

    assert part == Part(
        content_type="text/plain",
        parameters=(),
        disposition="",
        filename="",
        encoding="7bit",
        fields=(("From", b"casey@lab.example"), ("Subject", b"a long subject")),
        start=54,
        end=70,
    )
    assert body(part, SIMPLE) == b"Hello\r\n\r\nWorld\r\n"


def test_attachment_stands_in_the_tree_by_its_name():
    tree = scan(ATTACHED)
    text, note = tree.parts

    assert describe_tree(tree) == "multipart/mixed[text/plain, text/plain;name=note.txt]"
    assert tree.faults == text.faults == note.faults == ()
    assert tree.parameters == (("boundary", "cut-here"),)
    assert text.parameters == (("charset", "utf-8"),)
    assert body(text, ATTACHED) == b"See the note."
    assert (note.disposition, note.filename, note.encoding) == ("attachment", "note.txt", "base64")
    assert decode(note, ATTACHED, limit=100) == b"OK\n"


def test_alternatives_inside_a_mixed_message():
    octets = message(
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=a",
        "",
        "--a",
        "Content-Type: Multipart/Alternative; boundary=a-inner",
        "",
        "--a-inner",
        "",
        "plain",
        "--a-inner \t",
        "Content-Type: TEXT/HTML",
        "",
        "<p>",
        "--a-inner--",
        "",
        "--a",
        "Content-Type: image/png",
        "",
        "--a--",
    )

    tree = scan(octets)

    assert (
        describe_tree(tree)
        == "multipart/mixed[multipart/alternative[text/plain, text/html], image/png]"
    )
    assert body(tree.parts[0].parts[0], octets) == b"plain"
    assert body(tree.parts[1], octets) == b""


def test_message_in_a_message_has_a_tree_of_its_own():
    octets = message(
        "MIME-Version: 1.0",
        "Content-Type: multipart/digest; boundary=d",
        "",
        "--d",
        "",
        "Subject: inner",
        "Content-Type: multipart/mixed; boundary=e",
        "",
        "--e",
        "",
        "text",
        "--e--",
        "--d",
        "Content-Type: message/rfc822",
        "",
        "Subject: second",
        "",
        "text",
        "--d--",
    )

    tree = scan(octets)

    assert describe_tree(tree) == (
        "multipart/digest[message/rfc822[multipart/mixed[text/plain]], message/rfc822[text/plain]]"
    )
    assert tree.parts[0].parts[0].fields[0] == ("Subject", b"inner")


@pytest.mark.parametrize(
    ("before", "after", "faults"),
    [
        ("--cut-here--", "", ("no-closing-delimiter",)),
        ("--cut-here--", "--cut-here", ("no-closing-delimiter",)),
        ("--cut-here--", " --cut-here--", ("no-closing-delimiter",)),
        ("MIME-Version: 1.0\r\n", "", ("no-mime-version",)),
        ("MIME-Version: 1.0", "Content-Transfer-Encoding: BASE64\r\nMIME-Version: 1.0",
         ("encoding-on-multipart",)),
        ("; boundary=\"cut-here\"", "", ("no-boundary",)),
        ("cut-here\"", "other\"", ("no-closing-delimiter", "no-parts")),
        ("multipart/mixed;", "mixed;", ("bad-content-type",)),
        ("MIME-Version", "No field\r\nMIME-Version", ("no-empty-line",)),
    ],
)  # fmt: skip
def test_faults_of_a_multipart(before, after, faults):
    octets = ATTACHED.replace(before.encode(), after.encode())

    assert scan(octets).faults == faults


def test_part_without_an_empty_line_keeps_its_text():
    octets = ATTACHED.replace(b"utf-8\r\n\r\nSee", b"utf-8\r\nSee")

    text = scan(octets).parts[0]

    assert text.faults == ("no-empty-line",)
    assert body(text, octets) == b"See the note."


def test_encoded_message_in_a_part_is_not_opened():
    octets = message(
        "MIME-Version: 1.0",
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: base64",
        "",
        "U3ViamVjdDogeAoKdGV4dAo=",
    )

    part = scan(octets)

    assert (part.parts, part.faults) == ((), ("encoding-on-message",))


def test_boundary_inside_the_text_cuts_it():
    octets = ATTACHED.replace(b"See the note.", b"See\r\n--cut-here\r\nthe note.")

    assert describe_tree(scan(octets)) == (
        "multipart/mixed[text/plain, text/plain, text/plain;name=note.txt]"
    )


@pytest.mark.parametrize("text", ["x --cut-here", "--cut-here x", "--cut-her", "-- cut-here"])
def test_delimiter_is_a_whole_line(text):
    octets = ATTACHED.replace(b"See the note.", text.encode())

    assert body(scan(octets).parts[0], octets) == text.encode()


def test_what_follows_the_closing_delimiter_is_no_part():
    assert len(scan(ATTACHED + b"--cut-here\r\n\r\nmore\r\n").parts) == 2


def test_outer_delimiter_ends_the_multipart_inside():
    octets = message(
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=a",
        "",
        "--a",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "text",
        "--a--",
    )

    tree = scan(octets)

    assert tree.faults == ()
    assert tree.parts[0].faults == ("no-closing-delimiter",)
    assert body(tree.parts[0].parts[0], octets) == b"text"


@pytest.mark.parametrize("newline", [b"\n", b"\r"])
def test_bare_newlines_end_lines_too(newline):
    octets = ATTACHED.replace(b"\r\n", newline)

    tree = scan(octets)

    assert describe_tree(tree) == "multipart/mixed[text/plain, text/plain;name=note.txt]"
    assert body(tree.parts[0], octets) == b"See the note."
    assert tree.faults == ()


def nested(levels, content_type="multipart/mixed"):
    lines = ["MIME-Version: 1.0"]
    for level in range(levels):
        lines += [f"Content-Type: {content_type}; boundary=b{level}", "", f"--b{level}"]
    return message(*lines, "", "text")


def test_fifty_levels_are_taken():
    assert describe_tree(scan(nested(50))).count("[") == 50


@pytest.mark.parametrize("levels", [51, 300, 1500])
def test_more_levels_are_refused(levels):
    with pytest.raises(TooMuch) as refusal:
        scan(nested(levels))

    assert refusal.value.case == "nesting"


@pytest.mark.parametrize("levels", [51, 1500])
def test_messages_in_messages_count_as_levels(levels):
    octets = message(*["Content-Type: message/rfc822", ""] * levels, "text")

    with pytest.raises(TooMuch) as refusal:
        scan(octets)

    assert refusal.value.case == "nesting"
    assert describe_tree(scan(octets, Caps(nesting=1500, parts=2000))).count("[") == levels


def siblings(n):
    return message(
        "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", *["--b", ""] * n
    )


def test_five_hundred_parts_are_taken():
    assert len(scan(siblings(499)).parts) == 499


@pytest.mark.parametrize("n", [500, 200_000])
def test_more_parts_are_refused(n):
    with pytest.raises(TooMuch) as refusal:
        scan(siblings(n))

    assert refusal.value.case == "parts"


@pytest.mark.parametrize(
    ("octets", "case"),
    [
        (b"A: b\r\n" * 1001, "fields"),
        (b"A: b\r\n" + b" b\r\n" * 25_600, "header"),
        (b"A: " + b"b" * 102_400 + b"\r\n", "header"),
        (b"Content-Type: multipart/mixed; boundary=" + b"b" * 71 + b"\r\n\r\n", "boundary"),
        (ATTACHED.replace(b"T0sK", b"\r\n--cut-here\r\n" + b"A: b\r\n" * 1001), "fields"),
    ],
)
def test_header_bombs_are_refused(octets, case):
    with pytest.raises(TooMuch) as refusal:
        scan(octets)

    assert refusal.value.case == case


def test_headers_at_the_caps_are_taken():
    fields = b"A: b\r\n" * 999
    longest = b"A: " + b"b" * (102_400 - len(fields) - 7) + b"\r\n\r\n"
    boundary = b"Content-Type: multipart/mixed; boundary=" + b"b" * 70 + b"\r\n\r\n"

    assert len(scan(fields + longest).fields) == 1000
    assert scan(boundary).faults == ("no-mime-version", "no-closing-delimiter", "no-parts")


NO_CAPS = Caps(parts=10**9, fields=10**9, header=10**9)


def calls_for(octets, caps=NO_CAPS):
    """Function calls, Python's and C's, that the scan makes."""
    count = 0

    def tally(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        with suppress(TooMuch):
            scan(octets, caps)
    finally:
        sys.setprofile(None)
    return count


HEAD = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


@pytest.mark.parametrize(
    "octets_of",
    [
        siblings,
        lambda n: HEAD + b"--c\r\n" * n,
        lambda n: HEAD + b"-" * n,
        lambda n: HEAD + b"\r" * n,
        lambda n: HEAD + b"--b" + b" " * n + b"x",
        lambda n: HEAD + b"--b\r\n\r\n--b--\r\n" * n,
        lambda n: b"A: b\r\n" * n,
        lambda n: b"A: b\r\n" + b" b\r\n" * n,
    ],
)
def test_work_grows_with_the_message_and_no_faster(octets_of):
    small, large = (calls_for(octets_of(n)) for n in (1_000, 10_000))

    assert large <= 11 * small


def test_refused_siblings_cost_no_more_for_being_many():
    """The scan stops at the cap, so it does not see the rest."""
    few, many = (calls_for(siblings(n), Caps()) for n in (1_000, 200_000))

    assert many <= 1.01 * few  # the collector's own callbacks are counted too


HOSTILE = [
    b"Content-Type: text/plain" + b";a" * 40_000,
    b"Content-Type: text/plain" + b'; a="' * 20_000,
    b'Content-Type: text/plain; a="' + b"\\" * 90_001,
    b"Content-Type: text/plain;" + b" " * 90_000 + b"a",
    b"Content-Type:" + b" " * 90_000 + b"a",
    b"Content-Type: " + b"a" * 90_000 + b"/b",
    b"Content-Disposition: attachment; filename*=" + b"%" * 90_000,
    b"Content-Disposition: attachment; filename=" + b"=?" * 45_000,
    b"Content-Transfer-Encoding: " + b"a" * 90_000,
    b"a" * 90_000 + b" " * 5_000,
]


@pytest.mark.parametrize("field", HOSTILE, ids=lambda field: repr(field[:30]))
def test_hostile_fields_are_read_at_once(field):
    """A pattern that tries the same octets again and again would take minutes for these."""
    part = scan(field + b"\r\n\r\ntext\r\n")

    assert part.content_type == "text/plain"
    assert len(display_field(field)) <= 8192


SMALL = settings(max_examples=300, deadline=None, derandomize=True, database=None)
pieces = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [b"\r\n", b"\r\n\r\n", b"\n", b"--a", b"--a--", b"--b", b"Content-Type: ", b"a" * 80,
             b"multipart/mixed; boundary=a", b"multipart/digest; boundary=b", b"message/rfc822",
             b"Content-Transfer-Encoding: base64", b"Content-Disposition: x; filename*=utf-8''%e5",
             b"; filename*0*=", b"=?utf-8?q?=e5?=", b"=?utf-8?b?6Q?=", b"=?big5?b?/w==?="]
        ),
    ),
    max_size=30,
)  # fmt: skip


@SMALL
@given(pieces.map(b"".join))
def test_random_octets_raise_nothing_but_too_much(octets):
    try:
        waiting = [scan(octets, Caps(nesting=5, parts=10))]
    except TooMuch:
        return
    describe_tree(waiting[0])
    for part in waiting:
        assert 0 <= part.start <= part.end <= len(octets)
        assert len(decode(part, octets, limit=20)) <= 20
        assert part.filename == safe_filename(part.filename)
        for _, value in part.fields:
            display_field(value)
        waiting += part.parts


@pytest.mark.parametrize(
    ("encoding", "text", "octets"),
    [
        ("", "T0sK", b"T0sK"),
        ("binary", "T0sK", b"T0sK"),
        ("x-unknown", "T0sK", b"T0sK"),
        ("BASE64", "T0sK", b"OK\n"),
        ("base64", "T0\r\n s K", b"OK\n"),
        ("base64", "TwA=", b"O\0"),
        ("base64", "Tw", b"O"),
        ("base64", "T", b""),
        ("base64", "Tw==T0sK", b"O"),
        ("base64", "!!!", b""),
        ("quoted-printable", "S=C3=B8ren =\r\nhere", "Søren here".encode()),
        ("quoted-printable", "a=ZZb=", b"a=ZZb"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_possible(encoding, text, octets):
    field = f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    whole = f"{field}\r\n{text}".encode()

    assert decode(scan(whole), whole, limit=100) == octets


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_decoding_stops_at_its_limit(encoding):
    whole = f"Content-Transfer-Encoding: {encoding}\r\n\r\n{'T0sK' * 1000}".encode()

    assert len(decode(scan(whole), whole, limit=10)) == 10


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ("attachment; filename=note.txt", "note.txt"),
        ('attachment; filename="my note.txt"', "my_note.txt"),
        (r'attachment; filename="a\"b\\c.txt"', "c.txt"),
        ("attachment; filename=../../etc/passwd", "passwd"),
        (r"attachment; filename=C:\note.txt", "note.txt"),
        ("attachment; filename=.profile", "profile"),
        ("attachment; filename=..", ""),
        ("attachment; filename*=utf-8'da'S%C3%B8ren.txt", "S_ren.txt"),
        ("attachment; filename=b.txt; filename*=utf-8''a%20b.txt", "a_b.txt"),
        ("attachment; filename*0=no; filename*1=te.txt", "note.txt"),
        ("attachment; filename*0*=utf-8''n%6f; filename*1=te%.txt", "note_.txt"),
        ('attachment; filename="=?utf-8?q?note=2Etxt?="', "note.txt"),
        ("attachment", ""),
        ("attachment; filename=" + "a" * 100 + ".txt", "a" * 60 + ".txt"),
        ("attachment; filename=a.txt; filename=b.txt", "a.txt"),
    ],
)
def test_names_of_files_are_made_safe(disposition, filename):
    part = scan(f"Content-Disposition: {disposition}\r\n\r\n".encode())

    assert (part.disposition, part.filename) == ("attachment", filename)


def test_name_of_the_content_type_serves_where_no_filename_is():
    assert scan(b"Content-Type: image/png; name=a.png\r\n\r\n").filename == "a.png"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?S=C3=B8ren_S?=", "Søren S"),
        (b"=?ISO-8859-1?B?U/hyZW4=?= <s@lab.example>", "Søren <s@lab.example>"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),  # RFC 2047 section 8
        (b"=?utf-8?q?a?= b", "a b"),
        (b"=?utf-8?q?a?=b=?utf-8?q?c?=", "abc"),
        (b"=?utf-8?b?w7?= =?utf-8?b?g=?=", "\ufffd"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=B8?=", "ø"),
        (b"=?utf-8?q?=C3?= =?iso-8859-1?q?=F8?=", "\ufffdø"),
        (b"=?utf-8*da?q?a?=", "a"),
        (b"=?rot13?q?a?=", "=?rot13?q?a?="),
        (b"=?utf-8?x?a?=", "=?utf-8?x?a?="),
        (b"=?utf-8?q?a b?=", "=?utf-8?q?a b?="),
        ("Søren".encode(), "Søren"),
        (b"\xff", "\ufffd"),
    ],
)
def test_fields_are_decoded_for_display(raw, text):
    assert display_field(raw) == text


def test_display_of_a_field_is_bounded():
    assert len(display_field(b"x" * 100_000)) == 8192

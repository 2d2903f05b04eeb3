import pytest

from sandbox.spelling import BadEscape, as_chunk, read_escapes, split_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("NOOP", [b"NOOP\r\n"]),
        ("NOOP\r\n", [b"NOOP\r\n"]),
        ("NOOP\n\nQUIT\n", [b"NOOP\r\n", b"\r\n", b"QUIT\r\n"]),
        ("", [b"\r\n"]),
        ("a\rb", [b"a\r\n", b"b\r\n"]),
    ],
)
def test_text_is_split_into_lines_with_crlf(text, lines):
    assert split_lines(text) == lines


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        (r"NOOP\n", b"NOOP\n"),
        (r"a\r\n\0\t\\b", b"a\r\n\0\t\\b"),
        (r"\x1b\xE9", b"\x1b\xe9"),
        ("one\r\ntwo\n", b"onetwo"),
        ("s\u00f8ren", "s\u00f8ren".encode()),
    ],
)
def test_escapes_are_the_only_line_ends(text, octets):
    assert read_escapes(text) == octets


@pytest.mark.parametrize(("text", "wrong"), [(r"a\q", r"\q"), ("a\\", "\\"), (r"\x4", r"\x")])
def test_unknown_escape_is_named(text, wrong):
    with pytest.raises(BadEscape) as error:
        read_escapes(text)

    assert str(error.value) == wrong


@pytest.mark.parametrize(
    ("text", "last", "octets"),
    [
        ("Hi", False, b"BDAT 4\r\nHi\r\n"),
        ("a\n.\n", True, b"BDAT 6 LAST\r\na\r\n.\r\n"),
        ("", True, b"BDAT 0 LAST\r\n"),
        ("\u00e9", True, b"BDAT 4 LAST\r\n\xc3\xa9\r\n"),
    ],
)
def test_chunk_is_counted_in_octets_with_its_line_ends(text, last, octets):
    assert as_chunk(text, last=last) == octets

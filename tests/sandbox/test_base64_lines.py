import pytest

from sandbox.viewing.base64_lines import response_in, reveal


@pytest.mark.parametrize(
    ("line", "verb", "words"),
    [
        (b"AUTH PLAIN AGE=\r\n", "AUTH", b"AGE="),
        (b"AUTH LOGIN\r\n", "AUTH", b""),
        (b"Y2FzZXk=\r\n", "response", b"Y2FzZXk="),
        (b"\r\n", "response", b""),
        (b"NOOP TEST TEST\r\n", "NOOP", b""),
    ],
)
def test_response_is_found_in_the_line(line, verb, words):
    assert response_in(line, verb) == words


@pytest.mark.parametrize(
    ("words", "text"),
    [(b"VXNlcm5hbWU6", "Username:"), (b"AGE=", "NUL a"), (b"*", ""), (b"", ""), (b"\xff", "")],
)
def test_base64_is_revealed_as_visible_text(words, text):
    assert reveal(words) == text

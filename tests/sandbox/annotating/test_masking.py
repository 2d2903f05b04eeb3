"""Passwords of a pasted login: shown again only where they are those of the practice account."""

import pytest

from sandbox.annotating import annotate

HEAD = "S: 220 mx ready\nC: EHLO a.example\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN CRAM-MD5\n"
PLAIN = "AHBhdABzZWNyZXQ="  # NUL pat NUL secret
PRACTICE = "AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy"


def shown(dialogue, format="notation"):
    annotation = annotate(HEAD + dialogue, format=format)
    return annotation, "\n".join(each.text for each in annotation.lines)


@pytest.mark.parametrize(
    ("dialogue", "secrets"),
    [
        (f"C: AUTH PLAIN {PLAIN}\nS: 235 ok", [PLAIN]),
        (f"C: auth plain {PLAIN}\nS: 535 no", [PLAIN]),
        (f"C: AUTH PLAIN\nS: 334 \nC: {PLAIN}\nS: 235 ok", [PLAIN]),
        (
            "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: cGF0\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235",
            ["cGF0", "c2VjcmV0"],
        ),
        ("C: AUTH LOGIN cGF0\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535 no", ["cGF0", "c2VjcmV0"]),
        ("C: AUTH XOAUTH2 dXNlcj1wYXQB\nS: 504 no", ["dXNlcj1wYXQB"]),
        (f"note to self: AUTH PLAIN {PLAIN}", [PLAIN]),
        ("C: AUTH LOGIN\nC: cGF0\nC: c2VjcmV0", ["cGF0", "c2VjcmV0"]),
        ("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nClient> c2VjcmV0\nS: 535 no", ["c2VjcmV0"]),
        ("C: AUTH PLAIN \\x41HBhdABzZWNyZXQ=\nS: 535 no", ["HBhdABzZWNyZXQ="]),
    ],
)
def test_secret_is_neither_in_a_line_nor_in_the_text_to_paste_again(dialogue, secrets):
    annotation, text = shown(dialogue)

    for secret in secrets:
        assert secret not in text
        assert secret not in annotation.masked
    assert "********" in text


def test_practice_account_is_shown_as_it_was_typed():
    annotation, text = shown(f"C: AUTH PLAIN {PRACTICE}\nS: 235 2.7.0 ok")

    assert PRACTICE in text
    assert PRACTICE in annotation.masked


def test_cancelled_login_has_no_secret():
    _, text = shown("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 5.7.0 cancelled")

    assert "********" not in text
    assert text.endswith("*\n501 5.7.0 cancelled")


def test_masked_text_explains_the_same():
    annotation, _ = shown(f"C: AUTH PLAIN {PLAIN}\nS: 535 5.7.8 no")
    again = annotate(annotation.masked)

    assert [each.rule for each in again.lines] == [each.rule for each in annotation.lines]
    assert again.verdict == annotation.verdict


def test_literal_of_smtplib_is_masked_in_its_line():
    text = (
        "send: 'AUTH PLAIN\\r\\n'\nreply: b'334 \\r\\n'\n"
        f"send: '{PLAIN}\\r\\n'\nreply: b'235 2.7.0 ok\\r\\n'\n"
    )
    annotation = annotate(text)

    assert annotation.format == "smtplib"
    assert annotation.masked.split("\n")[2] == "send: '********\\r\\n'"


def test_answer_to_a_334_is_masked_where_the_transcript_begins_with_it():
    annotation = annotate("S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535 5.7.8 no\n")

    assert [each.text for each in annotation.lines] == [
        "334 UGFzc3dvcmQ6",
        "********",
        "535 5.7.8 no",
    ]
    assert "c2VjcmV0" not in annotation.masked


def test_answer_to_a_334_is_masked_in_a_format_that_was_chosen_wrongly():
    annotation, text = shown("C: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\n", format="swaks")

    assert "c2VjcmV0" not in text
    assert "c2VjcmV0" not in annotation.masked

import pytest

from sandbox.viewing.status_codes import read_status


@pytest.mark.parametrize(
    ("code", "meaning", "label"),
    [
        (
            "5.1.1",
            "failed for good · the address · no such mailbox, left of the @",
            "RFC 3463 §3.2",
        ),
        (
            "4.2.2",
            "failed so far, may work later · the mailbox · the mailbox is full",
            "RFC 3463 §3.3",
        ),
        ("2.0.0", "done · nothing in particular · only the class is known", "RFC 3463 §3.1"),
        ("5.7.8", "failed for good · security or policy · the credentials are invalid", "RFC 4954"),
        (
            "5.7.99",
            "failed for good · security or policy · a detail that is not in our table",
            "RFC 3463 §3.8",
        ),
    ],
)
def test_code_is_read_from_left_to_right(code, meaning, label):
    status = read_status(code)

    assert (status.meaning, status.label) == (meaning, label)


@pytest.mark.parametrize("code", ["", "5", "5.1", "3.1.1", "5.9.1", "5.1.1.1"])
def test_what_is_no_status_code_has_no_meaning(code):
    assert read_status(code) is None

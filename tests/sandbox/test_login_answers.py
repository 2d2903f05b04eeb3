import pytest

from sandbox.login_answers import work_out
from sandbox.recording import open_console, send_lines
from tests.factories import LearnerFactory

CASEY = ("casey@lab.example", "Spring-Tide-42")
TO_TLS = "EHLO laptop.example\nSTARTTLS\nEHLO laptop.example"


@pytest.mark.parametrize(("mechanism", "n_lines"), [("CRAM-MD5", 1), ("SCRAM-SHA-256", 3)])
def test_lines_worked_out_log_the_practice_account_in(db, mechanism, n_lines):
    console = open_console(LearnerFactory())
    rows = send_lines(console, f"{TO_TLS}\nAUTH {mechanism}").rows

    for _ in range(n_lines):
        conversation = send_lines(console, work_out(rows, *CASEY).line)
        rows = conversation.rows

    assert conversation.engine.user == "casey@lab.example"


@pytest.mark.parametrize("mechanism", ["LOGIN", "PLAIN"])
def test_lines_without_arithmetic_are_not_worked_out(db, mechanism):
    console = open_console(LearnerFactory())

    rows = send_lines(console, f"{TO_TLS}\nAUTH {mechanism}").rows

    assert work_out(rows, *CASEY) is None


def test_exchange_begun_in_another_way_is_gone_on_with(db):
    console = open_console(LearnerFactory())
    first = "AUTH SCRAM-SHA-256 biwsbj1jYXNleUBsYWIuZXhhbXBsZSxyPXg="  # n,,n=casey@…,r=x

    rows = send_lines(console, f"{TO_TLS}\n{first}").rows
    answered = send_lines(console, work_out(rows, *CASEY).line)

    assert answered.rows[-1].data["code"] == 334

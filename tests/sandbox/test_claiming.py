import base64
import smtplib
import ssl

import pytest
from django.db import DatabaseError

from sandbox import streaming
from sandbox.listening import listener
from sandbox.listening.claiming import tokens_in
from sandbox.models import SandboxSession, SandboxToken
from tests.factories import LearnerFactory

TOKEN = "k3v9q2m7x4w8n1zz"
OTHER_TOKEN = "aaaabbbbcccc1111"
ANY_CERTIFICATE = ssl._create_unverified_context()


@pytest.fixture
def learner(transactional_db):
    learner = LearnerFactory()
    SandboxToken.objects.create(learner=learner, value=TOKEN)
    return learner


@pytest.fixture
def stranger(transactional_db):
    stranger = LearnerFactory()
    SandboxToken.objects.create(learner=stranger, value=OTHER_TOKEN)
    return stranger


def claims_of(session):
    return [event.data["by"] for event in session.events.filter(data__event="claimed")]


def dial_with_smtplib(smtp, name="laptop.example"):
    return smtplib.SMTP("127.0.0.1", smtp.port, local_hostname=name, timeout=5)


def plain_login(client, user, password):
    response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    return client.docmd("AUTH", f"PLAIN {response}")[0]


@pytest.mark.parametrize("name", [TOKEN, f"{TOKEN}.sandbox.test", f"laptop.{TOKEN.upper()}.test"])
def test_label_of_the_ehlo_name_claims_the_session(smtp, learner, name):
    with dial_with_smtplib(smtp, name) as client:
        client.ehlo()
    smtp.stop()

    session = SandboxSession.objects.get()
    assert session.learner == learner
    assert claims_of(session) == ["EHLO"]


def test_login_with_the_token_claims_the_session(smtp, learner):
    with dial_with_smtplib(smtp) as client:
        client.starttls(context=ANY_CERTIFICATE)
        assert client.login(TOKEN, TOKEN)[0] == 235
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.learner, claims_of(session)) == (learner, ["AUTH"])


def test_recipient_in_the_own_domain_claims_the_session(smtp, learner):
    with dial_with_smtplib(smtp) as client:
        client.ehlo()
        client.mail("casey@lab.example")
        assert client.rcpt(f"anything@{TOKEN}.sandbox.test")[0] == 250
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.learner, claims_of(session)) == (learner, ["RCPT"])


def test_first_claim_counts_and_other_tokens_open_nothing(smtp, learner, stranger):
    with dial_with_smtplib(smtp, TOKEN) as client:
        client.starttls(context=ANY_CERTIFICATE)
        client.ehlo()
        while not SandboxSession.objects.filter(learner=learner).exists():
            pass
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(OTHER_TOKEN, OTHER_TOKEN)
        client.mail("casey@lab.example")
        assert client.rcpt(f"x@{OTHER_TOKEN}.sandbox.test")[0] == 550
        assert client.rcpt(f"x@{TOKEN}.sandbox.test")[0] == 250
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.learner, claims_of(session)) == (learner, ["EHLO"])


def test_wrong_password_claims_nothing(smtp, learner):
    with dial_with_smtplib(smtp) as client:
        client.starttls(context=ANY_CERTIFICATE)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(TOKEN, "Spring-Tide-42")
    smtp.stop()

    session = SandboxSession.objects.get()
    assert (session.learner, claims_of(session)) == (None, [])


def test_revoked_and_unknown_tokens_claim_nothing(smtp, learner):
    token = learner.sandbox_tokens.get()
    token.revoked_at = token.made_at
    token.save()

    for name in (TOKEN, "zzzzzzzzzzzzzzzz"):
        with dial_with_smtplib(smtp, name) as client:
            client.ehlo()
            client.mail("casey@lab.example")
            assert client.rcpt(f"x@{name}.sandbox.test")[0] == 550
    smtp.stop()

    assert not SandboxSession.objects.exclude(learner=None).exists()


def test_session_that_has_ended_already_is_claimed_too(smtp, dial, learner):
    client = dial()
    client.hear()

    client.say(f"EHLO {TOKEN}\r\n".encode())
    client.socket.shutdown(1)

    client.codes_to_end()
    smtp.stop()
    assert SandboxSession.objects.get().learner == learner


def test_secrets_stand_in_no_row(smtp, learner):
    secret = "correct horse battery staple"
    with dial_with_smtplib(smtp) as client:
        client.starttls(context=ANY_CERTIFICATE)
        client.ehlo()
        assert plain_login(client, "jo@home.example", secret) == 535
        assert plain_login(client, TOKEN, TOKEN) == 235
    smtp.stop()

    rows = SandboxSession.objects.get().events.all()
    said = b"".join(bytes(row.octets) + str(row.data).encode() for row in rows)
    for spelt in (secret.encode(), b"AGpvQGhvbWUu", b"Y29ycmVjdCBob3JzZSBi", b"jo@home.example"):
        assert spelt not in said


def test_login_that_cannot_be_looked_up_fails_and_the_session_goes_on(
    smtp, learner, monkeypatch, caplog
):
    def fail(tokens):
        raise DatabaseError("gone")

    monkeypatch.setattr(listener, "find_owner", fail)
    with dial_with_smtplib(smtp) as client:
        client.starttls(context=ANY_CERTIFICATE)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(TOKEN, TOKEN)
        assert client.noop()[0] == 250

    assert "sandbox_token_not_looked_up" in caplog.text


def test_others_stop_seeing_a_session_once_it_is_claimed(smtp, learner, stranger, settings):
    settings.LOCAL_MODE = True
    with dial_with_smtplib(smtp) as client:
        client.ehlo()
        while not SandboxSession.objects.exists():
            pass
        session = SandboxSession.objects.get()
        topic = str(session.uuid)
        assert streaming._read_session(topic, 0, stranger.pk) is not None

        client.mail("casey@lab.example")
        client.rcpt(f"x@{TOKEN}.sandbox.test")
    smtp.stop()

    assert streaming._read_session(topic, 0, stranger.pk) is None
    assert streaming._read_session(topic, 0, None) is None
    assert streaming._read_session(topic, 0, learner.pk) is not None


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        (b"EHLO k3v9q2m7x4w8n1zz\r\n", ["k3v9q2m7x4w8n1zz"]),
        (b"ehlo a.K3V9Q2M7X4W8N1ZZ.b\r\n", ["k3v9q2m7x4w8n1zz"]),
        (b"EHLO k3v9q2m7x4w8n1zz1\r\n", []),
        (b"EHLO k3v9q2m7-x4w8n1zz\r\n", []),
        (b"EHLO my-k3v9q2m7x4w8n1zz\r\n", []),
        (b"EHLO [192.0.2.1]\r\n", []),
        (b"EHLO " + b".".join([b"a" * 16] * 9) + b"\r\n", ["a" * 16] * 8),
    ],
)
def test_only_whole_labels_of_sixteen_may_be_tokens(line, tokens):
    assert tokens_in(line) == tokens

"""The sandbox as the mail programs of learners meet it: each one really runs, over a socket."""

import os
import shutil
import smtplib
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
import uvloop

from sandbox.listening import listener
from sandbox.models import SandboxSession
from sandbox.programs import Place, programs
from tests.factories import SandboxTokenFactory

from .conftest import Running

ROOT = Path(__file__).parents[2]
CASEY, PASSWORD = "casey@lab.example", "Spring-Tide-42"
ROBIN = "robin@lab.example"
MESSAGE = "From: Casey <casey@lab.example>\r\nSubject: Hello\r\n\r\nHello Robin.\r\n.A dot.\r\n"
PROGRAM_SECONDS = 30


def needs(program):
    """Missing programs are named; where everything has to be there, that is a failure."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    return pytest.mark.skipif(
        found is None and "CI" not in os.environ, reason=f"{program} is not installed"
    )


@pytest.fixture
def server(transactional_db, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(listener, "LEAVE_SECONDS", 0.2)
    running = Running(uvloop.new_event_loop)
    yield running
    running.stop()


@pytest.fixture
def token(transactional_db):
    return SandboxTokenFactory(value="abcdefgh12345678")


def run(*command, text="", shell=False, path=""):
    done = subprocess.run(
        command[0] if shell else command,
        input=text,
        shell=shell,
        capture_output=True,
        text=True,
        timeout=PROGRAM_SECONDS,
        env={
            **os.environ,
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
            "HOME": path or "/nonexistent",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def log_of(server, n=1):
    """The rows of the sessions, once all is stored: what happened in them, in order."""
    server.stop()
    sessions = list(SandboxSession.objects.order_by("pk"))
    assert len(sessions) == n
    return [list(session.events.order_by("seq")) for session in sessions]


def codes(rows):
    return [row.data["code"] for row in rows if row.data["event"] == "reply"]


def told(rows, event):
    return [row.data for row in rows if row.data["event"] == event]


def content(rows):
    return b"".join(bytes(r.octets) for r in rows if r.data["event"] in ("content", "chunk"))


def context():
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return trusting


# Python's smtplib


def test_smtplib_sends_in_the_clear(server):
    with smtplib.SMTP("127.0.0.1", server.port, "laptop.example") as client:
        client.sendmail(CASEY, [ROBIN], MESSAGE, mail_options=["BODY=8BITMIME"])

    (rows,) = log_of(server)
    (accepted,) = told(rows, "accepted")
    assert codes(rows) == [220, 250, 250, 250, 354, 250, 221]
    assert (accepted["sender"], accepted["recipients"]) == (CASEY, [ROBIN])
    assert content(rows).endswith(b"\r\nHello Robin.\r\n..A dot.\r\n.\r\n")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_smtplib_upgrades_and_logs_in(server, mechanism):
    with smtplib.SMTP("127.0.0.1", server.submission_port, "laptop.example") as client:
        client.starttls(context=context())
        client.ehlo()
        client.user, client.password = CASEY, PASSWORD
        client.auth(mechanism, getattr(client, "auth_" + mechanism.lower().replace("-", "_")))
        client.sendmail(CASEY, ["ann@remote.example"], MESSAGE)

    (rows,) = log_of(server)
    (tls,) = told(rows, "tls")
    (login,) = told(rows, "auth")
    (accepted,) = told(rows, "accepted")
    assert tls["version"] == "TLSv1.3"
    assert login == {"event": "auth", "mechanism": mechanism, "verdict": "ok", "user": CASEY}
    assert accepted["recipients"] == ["ann@remote.example"]
    assert "with ESMTPSA id" in accepted["trace"]


def test_smtplib_speaks_tls_from_the_first_octet(server):
    port = server.smtps_port
    with smtplib.SMTP_SSL("127.0.0.1", port, "laptop.example", context=context()) as client:
        client.login(CASEY, PASSWORD)

    (rows,) = log_of(server)
    assert [row.data["event"] for row in rows][:3] == ["tls", "notice", "reply"]
    assert codes(rows)[0] == 220
    assert 235 in codes(rows)
    assert SandboxSession.objects.get().nominal_port == 465


def test_smtplib_sends_an_address_beyond_ascii(server):
    with smtplib.SMTP("127.0.0.1", server.port, "laptop.example") as client:
        client.ehlo()
        client.mail(CASEY, ["SMTPUTF8", "BODY=8BITMIME"])
        client.command_encoding = "utf-8"
        code, _ = client.docmd("RCPT", "TO:<søren@remote.example>")

    (rows,) = log_of(server)
    assert code == 550
    assert told(rows, "reply")[-2]["rule"] == "rcpt.relay"


def test_a_password_of_somebody_else_is_in_no_row(server):
    with smtplib.SMTP("127.0.0.1", server.port, "laptop.example") as client:
        client.starttls(context=context())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("alice@example.org", "my-real-password")

    (rows,) = log_of(server)
    stored = b"".join(bytes(row.octets) for row in rows) + repr([r.data for r in rows]).encode()
    assert b"my-real-password" not in stored
    assert b"bXktcmVhbC1wYXNzd29yZA" not in stored
    assert b"alice" not in stored
    assert {data["verdict"] for data in told(rows, "auth")} == {"auth.bad"}


# swaks


def swaks(port, *options):
    return run(
        "swaks", "--server", f"127.0.0.1:{port}", "--ehlo", "laptop.example", "--from", CASEY,
        "--to", ROBIN, "--header", "Subject: Hello", *options,
    )  # fmt: skip


@needs("swaks")
def test_swaks_sends_a_message(server):
    output = swaks(server.port)

    (rows,) = log_of(server)
    assert "<-  221 2.0.0" in output
    assert [data["recipients"] for data in told(rows, "accepted")] == [[ROBIN]]


@needs("swaks")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_swaks_logs_in_under_tls(server, mechanism):
    output = swaks(
        server.submission_port, "--tls", "--auth", mechanism, "--auth-user", CASEY,
        "--auth-password", PASSWORD,
    )  # fmt: skip

    (rows,) = log_of(server)
    assert "<~  235 2.7.0" in output
    assert told(rows, "auth")[0]["verdict"] == "ok"
    assert len(told(rows, "accepted")) == 1


@needs("swaks")
def test_swaks_sends_its_commands_in_a_group(server):
    swaks(server.port, "--pipeline", "--to", "robin@lab.example,sam@lab.example")

    (rows,) = log_of(server)
    early = [row.data["verb"] for row in rows if row.data.get("early")]
    assert early == ["RCPT", "RCPT", "DATA"]
    assert told(rows, "violation") == []
    assert told(rows, "accepted")[0]["recipients"] == [ROBIN, "sam@lab.example"]


# curl


def curl(*options, path):
    path.write_text(MESSAGE, newline="")
    return run(
        "curl", "--silent", "--show-error", "--verbose", "--insecure", "--mail-from", CASEY,
        "--mail-rcpt", ROBIN, "--upload-file", str(path), *options,
    )  # fmt: skip


@needs("curl")
def test_curl_sends_in_the_clear(server, tmp_path):
    curl(f"smtp://127.0.0.1:{server.port}/laptop.example", path=tmp_path / "mail")

    (rows,) = log_of(server)
    assert told(rows, "accepted")[0]["sender"] == CASEY
    assert content(rows).endswith(b"..A dot.\r\n.\r\n")


@needs("curl")
def test_curl_upgrades_and_logs_in(server, tmp_path):
    address = f"smtp://127.0.0.1:{server.submission_port}/laptop.example"
    curl(address, "--ssl-reqd", "--user", f"{CASEY}:{PASSWORD}", path=tmp_path / "mail")

    (rows,) = log_of(server)
    assert told(rows, "auth")[0]["verdict"] == "ok"
    assert len(told(rows, "accepted")) == 1


@needs("curl")
def test_curl_speaks_tls_from_the_first_octet(server, tmp_path):
    address = f"smtps://127.0.0.1:{server.smtps_port}/laptop.example"
    curl(address, "--user", f"{CASEY}:{PASSWORD}", path=tmp_path / "mail")

    (rows,) = log_of(server)
    assert told(rows, "tls")[0]["version"] == "TLSv1.3"
    assert len(told(rows, "accepted")) == 1


@needs("curl")
def test_a_browser_that_calls_is_cut_off(server):
    done = subprocess.run(
        ["curl", "--silent", "--http0.9", f"http://127.0.0.1:{server.port}/"],
        capture_output=True,
        timeout=PROGRAM_SECONDS,
    )

    (rows,) = log_of(server)
    assert b"500 5.7.0 This is an SMTP server" in done.stdout
    assert told(rows, "violation")[0]["rule"] == "line.foreign"


# openssl s_client, telnet, nc: what is typed waits for each answer


def type_to(command, lines):
    """A person at a terminal: reads a whole reply, then types the next line; at the end the
    last reply is read and the program left."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        watchdog = threading.Timer(PROGRAM_SECONDS, process.kill)
        watchdog.start()
        heard = []
        for line in [*lines, None]:
            reply = b""
            while not (reply[:3].isdigit() and reply[3:4] == b" "):
                reply = process.stdout.readline()
                assert reply, heard
                heard.append(reply.rstrip(b"\r\n").decode())
            if line is not None:
                process.stdin.write(line.encode() + b"\n")
                process.stdin.flush()
        process.stdin.close()
        process.stdout.read()
        watchdog.cancel()
    return heard


DIALOGUE = [
    "EHLO laptop.example", f"MAIL FROM:<{CASEY}>", f"RCPT TO:<{ROBIN}>", "DATA",
    "Subject: Hello\n\nHello Robin.\n.", "QUIT",
]  # fmt: skip


@needs("openssl")
def test_openssl_types_under_starttls(server):
    address = f"127.0.0.1:{server.port}"
    command = ["openssl", "s_client", "-connect", address, "-starttls", "smtp", "-crlf", "-quiet"]
    # The program has greeted for itself; the last line of the offer is what it shows.
    heard = type_to(command, DIALOGUE)

    (rows,) = log_of(server)
    assert heard[-1].startswith("221 2.0.0")
    assert told(rows, "tls")[0]["version"] == "TLSv1.3"
    assert told(rows, "accepted")[0]["recipients"] == [ROBIN]


@needs("openssl")
def test_openssl_speaks_tls_from_the_first_octet(server):
    address = f"127.0.0.1:{server.smtps_port}"
    command = ["openssl", "s_client", "-connect", address, "-crlf", "-quiet"]
    login = "AUTH PLAIN AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy"
    heard = type_to(command, ["EHLO laptop.example", login, "QUIT"])

    (rows,) = log_of(server)
    assert heard[-2] == "235 2.7.0 Authentication succeeded"
    assert codes(rows) == [220, 250, 235, 221]


@needs("telnet")
def test_telnet_types_a_message(server):
    heard = type_to(["telnet", "127.0.0.1", str(server.port)], DIALOGUE)

    (rows,) = log_of(server)
    assert heard[-1] == "221 2.0.0 mx.lab.example closing connection"
    assert len(told(rows, "accepted")) == 1


@needs("nc.openbsd")
def test_nc_types_a_message_with_crlf(server):
    heard = type_to(["nc.openbsd", "-C", "127.0.0.1", str(server.port)], DIALOGUE)

    (rows,) = log_of(server)
    assert heard[-1].startswith("221 2.0.0")
    assert len(told(rows, "accepted")) == 1


@needs("nc.openbsd")
def test_nc_without_crlf_is_told_why(server):
    heard = type_to(["nc.openbsd", "127.0.0.1", str(server.port)], ["EHLO laptop.example"])

    (rows,) = log_of(server)
    assert heard[-1] == "550 Lines must end with CR LF, closing connection"
    assert told(rows, "violation")[0]["case"] == "lf"


# nodemailer, msmtp, smtp-source

NODEMAILER = """
const transport = require(process.argv[1]).createTransport({
  host: "127.0.0.1", port: Number(process.argv[2]), secure: process.argv[3] === "secure",
  name: "laptop.example", tls: { rejectUnauthorized: false },
  auth: { user: "casey@lab.example", pass: "Spring-Tide-42" },
});
transport.sendMail({
  from: "casey@lab.example", to: ["robin@lab.example", "sam@lab.example"], subject: "Grüße",
  text: "Hello.", html: "<p>Hello.</p>", attachments: [{ filename: "note.txt", content: "OK\\n" }],
}).then((info) => { console.log(info.response); transport.close(); })
  .catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(
    not (ROOT / "node_modules" / "nodemailer").is_dir() and "CI" not in os.environ,
    reason="nodemailer is not installed",
)
@pytest.mark.parametrize("mode", ["starttls", "secure"])
def test_nodemailer_sends_a_message_with_an_attachment(server, mode):
    port = server.smtps_port if mode == "secure" else server.submission_port
    library = str(ROOT / "node_modules" / "nodemailer")
    output = run("node", "-e", NODEMAILER, library, str(port), mode)

    (rows,) = log_of(server)
    assert "250 2.0.0 OK, accepted as" in output
    assert told(rows, "accepted")[0]["recipients"] == [ROBIN, "sam@lab.example"]
    assert told(rows, "violation") == []


@needs("msmtp")
@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5", "scram-sha-256"])
def test_msmtp_logs_in_with_every_mechanism(server, tmp_path, mechanism):
    settings = tmp_path / "msmtprc"
    settings.write_text(
        f"account default\nhost 127.0.0.1\nport {server.submission_port}\ndomain laptop.example\n"
        f"tls on\ntls_starttls on\ntls_certcheck off\nauth {mechanism}\nuser {CASEY}\n"
        f"password {PASSWORD}\nfrom {CASEY}\n"
    )
    settings.chmod(0o600)
    run("msmtp", f"--file={settings}", ROBIN, text=MESSAGE.replace("\r\n", "\n"))

    (rows,) = log_of(server)
    (login,) = told(rows, "auth")
    assert login == {
        "event": "auth", "mechanism": mechanism.upper(), "verdict": "ok", "user": CASEY,
    }  # fmt: skip
    assert len(told(rows, "accepted")) == 1


@needs("smtp-source")
def test_smtp_source_sends_many_at_once(server):
    run(
        "smtp-source", "-s", "5", "-m", "20", "-l", "2000", "-f", CASEY, "-t", ROBIN, "-M",
        "laptop.example", f"127.0.0.1:{server.port}",
    )  # fmt: skip

    logs = log_of(server, n=20)
    assert [len(told(rows, "accepted")) for rows in logs] == [1] * 20
    assert {len(told(rows, "violation")) for rows in logs} == {0}


# Whose session it is


@needs("swaks")
def test_a_token_as_login_claims_the_session(server, token):
    swaks(server.port, "--tls", "--auth", "PLAIN", "--auth-user", token.value,
          "--auth-password", token.value)  # fmt: skip

    (rows,) = log_of(server)
    assert SandboxSession.objects.get().learner == token.learner
    assert told(rows, "claimed") == [{"event": "claimed", "by": "AUTH"}]
    assert token.value.encode() not in b"".join(bytes(row.octets) for row in rows)


@needs("swaks")
def test_a_token_as_recipient_domain_claims_the_session(server, token):
    swaks(server.port, "--to", f"anyone@{token.value}.sandbox.test")

    (rows,) = log_of(server)
    assert SandboxSession.objects.get().learner == token.learner
    assert len(told(rows, "accepted")) == 1


@needs("curl")
def test_a_token_in_the_ehlo_name_claims_the_session_and_nobody_else_sees_it(
    server, token, tmp_path, client
):
    address = f"smtp://127.0.0.1:{server.port}/{token.value}.sandbox.test"
    curl(address, path=tmp_path / "mail")
    log_of(server)

    session = SandboxSession.objects.get()
    assert session.learner == token.learner
    assert client.get(session.get_absolute_url()).status_code == 404


@needs("swaks")
def test_a_fault_is_named_in_the_address(server, token):
    plan = f"end-451@{token.value}.sandbox.test"
    done = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{server.port}", "--from", CASEY, "--to", plan],
        capture_output=True,
        text=True,
        timeout=PROGRAM_SECONDS,
    )

    (rows,) = log_of(server)
    assert "451 4.3.0 Local error in processing, message not stored" in done.stdout
    assert told(rows, "fault") == [{"event": "fault", "plan": "end-451", "rule": "fault.end-451"}]
    assert told(rows, "accepted") == []


COPIED = {
    recipe.slug for program in programs(Place("127.0.0.1", 1, 2, 3)) for recipe in program.recipes
}
TYPED = {"openssl-starttls", "openssl-implicit", "telnet", "nc"}


@needs("swaks")
@needs("curl")
@pytest.mark.parametrize("slug", sorted(COPIED - TYPED))
def test_the_lines_to_copy_work_as_they_stand(server, token, slug):
    place = Place(
        "127.0.0.1", server.port, server.submission_port, server.smtps_port, token=token.value
    )
    (lines,) = (r.lines for program in programs(place) for r in program.recipes if r.slug == slug)

    run(lines, shell=True)

    (rows,) = log_of(server)
    assert len(told(rows, "accepted")) == 1
    assert SandboxSession.objects.get().learner == token.learner

import os
import signal
import smtplib
import socket
import threading

import pytest
from django.core.management import CommandError, call_command

from sandbox import live
from sandbox.listening import doors
from sandbox.models import SandboxSession


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_runsandbox_records_until_it_is_interrupted(transactional_db, settings, tmp_path, port):
    settings.DATA_DIR = tmp_path
    settings.SMTP_PORT = port
    settings.SUBMISSION_PORT = settings.SMTPS_PORT = 0
    seen = []

    class Talk:
        """What the command prints to; the first line says that it listens."""

        def write(self, text):
            if text.startswith("SMTP"):
                threading.Thread(target=talk).start()

        def flush(self):
            pass

    def talk():
        with smtplib.SMTP("127.0.0.1", port, local_hostname="laptop.example", timeout=5) as client:
            seen.append((client.ehlo()[0], live.other_listener().read_text()))
        os.kill(os.getpid(), signal.SIGINT)

    call_command("runsandbox", stdout=Talk())

    assert seen == [(250, str(os.getpid()))]
    assert not live.other_listener().exists()
    assert SandboxSession.objects.get().ended_at is not None


def test_taken_port_is_named_with_the_variable_to_set(settings, port):
    settings.SMTP_PORT = port
    complaint = f"Port {port} .*: set SMTP_PORT to another"

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(CommandError, match=complaint),
    ):
        call_command("runsandbox")


def test_taken_side_port_is_named_and_left_out(settings, port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.SMTP_PORT = port
        settings.SUBMISSION_PORT = taken.getsockname()[1]
        settings.SMTPS_PORT = 0
        complaints = []

        opened = doors.open_doors(complaints.append)

    (main,) = opened.values()
    main.close()
    assert [door.nominal_port for door in opened] == [25]
    (complaint,) = complaints
    assert complaint.startswith(f"Port {settings.SUBMISSION_PORT} is in use: set SUBMISSION_PORT")
    assert complaint.endswith("make run. Goes on without it.")


def test_sandbox_that_is_switched_off_takes_nobody(settings):
    settings.SANDBOX_OPEN = False

    with pytest.raises(CommandError, match="SANDBOX_OPEN is off"):
        call_command("runsandbox")

"""The one process as a newcomer starts it: first start, second start, Ctrl-C, a taken port."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def start(data_dir, **ports):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    ports = {"SUBMISSION_PORT": 0, "SMTPS_PORT": 0, **ports}
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env={**kept, "DATA_DIR": str(data_dir), **{n: str(p) for n, p in ports.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process, text):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    pytest.fail("".join(lines))


def test_serve_from_nothing_to_ctrl_c(tmp_path):
    web, smtp = free_port(), free_port()
    submission, smtps = free_port(), free_port()
    process = start(
        tmp_path, PORT=web, SMTP_PORT=smtp, SUBMISSION_PORT=submission, SMTPS_PORT=smtps
    )
    lines = read_until(process, "Ctrl-C ends it.")
    assert f"      127.0.0.1:{submission} (submission)\n" in lines
    assert f"      127.0.0.1:{smtps} (TLS from the first octet)\n" in lines
    assert f"Web   http://127.0.0.1:{web}/\n" in lines
    assert f"SMTP  127.0.0.1:{smtp}\n" in lines
    assert any("createsuperuser" in line for line in lines)

    with urllib.request.urlopen(f"http://127.0.0.1:{web}/readyz", timeout=10) as ready:
        assert b'"ready": true' in ready.read()
    with smtplib.SMTP("127.0.0.1", smtp, timeout=10) as client:
        refused = client.sendmail(
            "casey@lab.example", ["robin@lab.example", "nobody@lab.example"], "Subject: Tea\n\nHi\n"
        )
    assert refused["nobody@lab.example"][0] == 550

    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in rest
    assert rest.strip().endswith("Stopped.")

    again = start(tmp_path, PORT=web, SMTP_PORT=smtp)
    lines = read_until(again, "Ctrl-C ends it.")
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=10)
    assert lines[0] == f"Web   http://127.0.0.1:{web}/\n"


@pytest.mark.parametrize("variable", ["PORT", "SMTP_PORT"])
def test_a_taken_port_is_one_line_that_names_the_variable(tmp_path, variable):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"PORT": free_port(), "SMTP_PORT": free_port(), variable: port}

        output, _ = start(tmp_path, **ports).communicate(timeout=60)

    assert output.startswith(f"CommandError: Port {port} is in use: set {variable} to another")
    assert output.count("\n") == 1

"""Real mail servers from Debian packages, started on a loopback port with mail going nowhere.

Each is a context manager that gives the port. All know the domain lab.example with casey, robin,
sam and postmaster, have a certificate, and let casey log in under TLS.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import dovecot
from .connecting import HOST

DOMAIN = "lab.example"
USERS = ("casey", "robin", "sam", "postmaster")
LOGIN = (f"casey@{DOMAIN}", "Spring-Tide-42")

# What is not said here is as Postfix comes. `lab.example` is the only domain, nobody is trusted
# for an address, and what would go elsewhere is thrown away. Two defences that are the default
# from 3.9 on, and that Debian 12's 3.7 has, are switched on,
# and so is the check that RFC 6531 section 3.5 asks for.
POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.lab.example
myorigin = lab.example
mydestination = lab.example
mynetworks = 192.0.2.1/32
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps = inline:{{ {recipients} }}
local_transport = discard
default_transport = discard
relay_transport = discard
smtpd_peername_lookup = no
smtpd_helo_required = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_forbid_unauth_pipelining = yes
smtpd_forbid_bare_newline = normalize
strict_smtputf8 = yes
smtpd_error_sleep_time = 0
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
"""
POSTFIX_MASTER = """\
{host}:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
discard unix - - n - - discard
"""

# Exim takes the check for input that came too early away from hosts that it offers PIPECONNECT;
# that offer, to all by default, is not made here.
EXIM = """\
primary_hostname = mx.lab.example
qualify_domain = lab.example
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
local_interfaces = <; [{host}]:{port}
domainlist local_domains = lab.example
queue_only
host_lookup =
rfc1413_hosts =
pipelining_connect_advertise_hosts =
tls_advertise_hosts = *
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data

begin acl
check_rcpt:
  accept authenticated = *
  require message = relay not permitted
          domains = +local_domains
  require verify = recipient
  accept
check_data:
  accept

begin routers
users:
  driver = accept
  domains = +local_domains
  local_parts = {users}
  transport = nowhere

begin transports
nowhere:
  driver = appendfile
  file = /dev/null
  user = mail

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq{{$auth2}}{{{login}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and {{{{eq{{$auth1}}{{{login}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""

OPENSMTPD = """\
pki lab cert "{folder}/certificate.pem"
pki lab key "{folder}/key.pem"
table logins {{ "{login}" = "{encrypted}" }}
table users {{ {users} }}
table anybody {{ "@" = "nobody" }}
queue ttl 1m
listen on {host} port {port} hostname lab.example tls pki lab auth-optional <logins>
action "nowhere" mda "/bin/cat >/dev/null" userbase <users>
action "elsewhere" mda "/bin/cat >/dev/null" virtual <anybody>
match from any for domain "lab.example" action "nowhere"
match from any auth for any action "elsewhere"
"""


@dataclass(frozen=True, slots=True)
class Server:
    """`program` is what must be installed, `package` the Debian package that says its version."""

    name: str
    program: str
    package: str
    run: Callable[[Path, int], contextlib.AbstractContextManager[None]]

    def version(self) -> str:
        asked = ["dpkg-query", "--show", "--showformat=${Version}", self.package]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """Raises RuntimeError when it does not answer within ten seconds."""
        folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        folder.chmod(0o755)  # the server's own users come by here
        try:
            _make_certificate(folder)
            port = _find_port()
            with self.run(folder, port):
                _await(port)
                yield port
        finally:
            shutil.rmtree(folder)


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", "/CN=mx.lab.example"]
        + ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True,
        capture_output=True,
    )


def _find_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=5) as s:
            if s.recv(1):
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


@contextlib.contextmanager
def _run_postfix(folder: Path, port: int) -> Iterator[None]:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    recipients = ", ".join(f"{{ {user} = x }}" for user in USERS)
    (folder / "etc/main.cf").write_text(POSTFIX_MAIN.format(folder=folder, recipients=recipients))
    (folder / "etc/master.cf").write_text(POSTFIX_MASTER.format(host=HOST, port=port))
    command = ["postfix", "-c", str(folder / "etc")]
    with dovecot.answering(folder / "auth", *LOGIN):
        _call([*command, "start"])
        try:
            yield
        finally:
            _call([*command, "stop"])


@contextlib.contextmanager
def _run_exim(folder: Path, port: int) -> Iterator[None]:
    (folder / "spool").mkdir()
    for place in (folder, folder / "spool", folder / "key.pem"):
        shutil.chown(place, "Debian-exim", "Debian-exim")
    login, password = LOGIN
    config = folder / "exim.conf"
    config.write_text(
        EXIM.format(
            folder=folder,
            host=HOST,
            port=port,
            users=" : ".join(USERS),
            login=login,
            password=password,
        )
    )
    with _child(["exim4", "-C", str(config), "-bdf"]):
        yield


@contextlib.contextmanager
def _run_opensmtpd(folder: Path, port: int) -> Iterator[None]:
    login, password = LOGIN
    encrypted = _call(["smtpctl", "encrypt", password]).strip()
    config = folder / "smtpd.conf"
    config.write_text(
        OPENSMTPD.format(
            folder=folder,
            host=HOST,
            port=port,
            login=login,
            encrypted=encrypted,
            users=", ".join(f'{user} = "65534:65534:/nonexistent"' for user in USERS),
        )
    )
    (folder / "key.pem").chmod(0o600)
    with _child(["smtpd", "-d", "-f", str(config)]):
        yield


@contextlib.contextmanager
def _child(command: list[str]) -> Iterator[None]:
    """In a process group of its own, which ends with it."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _call(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


SERVERS = {
    server.name: server
    for server in (
        Server("postfix", "postfix", "postfix", _run_postfix),
        Server("exim", "exim4", "exim4-base", _run_exim),
        Server("opensmtpd", "smtpd", "opensmtpd", _run_opensmtpd),
    )
}

"""A real mail server: exim4 on loopback, with STARTTLS, logins by password, and one box for all letters."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.support.certificates import Certificate, made
from tests.support.logging_in import free_port
from tests.support.parts import missing, program

USER, PASSWORD = "me@example.org", "correct horse"
REMEDY = "apt-get install exim4-daemon-light"
_OWNER = "Debian-exim"
_LONGEST_S = 20
_CONFIGURATION = """
primary_hostname = localhost
exim_user = {owner}
exim_group = {owner}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts = *
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}
acl_smtp_rcpt = only_known
host_lookup =
keep_environment =
queue_run_in_order

begin acl
only_known:
  accept authenticated = *
  deny   message = log in first

begin routers
everybody:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  directory = {folder}/box
  user = {owner}
  group = {owner}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


@dataclass(frozen=True)
class Exim:
    """The server as it runs: its port, its certificate, and the letters that came."""

    port: int
    certificate: Certificate
    folder: Path

    def letters(self) -> list[EmailMessage]:
        """Give the letters in the box, as they came; each is a file of its own."""
        files = sorted((self.folder / "box").glob("q*"), key=lambda path: path.stat().st_mtime_ns)
        found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        return [letter for letter in found if isinstance(letter, EmailMessage)]

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Wait until so many letters have been delivered, by another process of the server."""
        deadline = time.monotonic() + _LONGEST_S
        while len(self.letters()) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.letters()

    def log(self) -> str:
        """Give what the server wrote of itself."""
        return "".join(path.read_text() for path in sorted((self.folder / "log").iterdir()))


@contextmanager
def exim() -> Iterator[Exim]:
    """Start the server, and end it with its last process."""
    command = program("exim4", REMEDY)
    if os.geteuid() != 0:
        missing("exim4 as another user", "run this test as root: the server gives its rights up by itself")
    with tempfile.TemporaryDirectory() as name:
        folder = _laid_out(Path(name))
        port = free_port()
        values = {"owner": _OWNER, "folder": folder, "port": port, "user": USER, "password": PASSWORD}
        (folder / "exim.conf").write_text(_CONFIGURATION.format(**values))
        server = subprocess.Popen([command, "-C", folder / "exim.conf", "-bdf", "-q1m"])
        try:
            _wait_for(port)
            yield Exim(port, Certificate(folder / "certificate.pem", folder / "key.pem"), folder)
        finally:
            server.terminate()
            server.wait(_LONGEST_S)


def _laid_out(folder: Path) -> Path:
    """Make the folders that the server's own user must be able to use."""
    made(folder)
    for name in ("spool", "log", "box"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, _OWNER, _OWNER)
    (folder / "key.pem").chmod(0o600)
    return folder


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return

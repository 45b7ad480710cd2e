"""What a person gets of the alerts of Prometheus: letters by mail, set up as the guide says."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.alertmanager import REMEDY, alerting, hasty
from tests.support.exim import PASSWORD, USER, Exim, exim
from tests.support.parts import missing, program
from tests.support.prometheus import FOLDER

ROOT = FOLDER.parents[1]
GUIDE = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
SECRET = "/etc/prometheus/secrets/smtp"
URL = "http://localhost:9093"
pytestmark = pytest.mark.system


def block(name: str) -> str:
    """Give lines of the guide that are marked as to be run."""
    found = re.search(rf"<!-- run: {name} -->\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None, name
    return found[1]


def body(letter: EmailMessage) -> str:
    """Give the text of a letter, which has nothing else."""
    (part,) = letter.iter_parts()
    assert part.get_content_type() == "text/plain"
    return str(part.get_content())


@pytest.fixture(scope="module")
def postbox() -> Iterator[Exim]:
    with exim() as running:
        yield running


@pytest.fixture
def alertmanager(tmp_path: Path, postbox: Exim) -> Iterator[str]:
    """Give the address of one with the mail that is shipped, at a server on this machine whose certificate is known."""
    secret = tmp_path / "smtp"
    secret.write_text(PASSWORD, encoding="utf-8")
    text = hasty().replace("smtp.example.org:587", f"127.0.0.1:{postbox.port}").replace(SECRET, str(secret))
    text = re.sub(r"(smtp_auth_username: |- to: )\S+", rf"\g<1>{USER}", text)
    with alerting(tmp_path / "alertmanager", text, SSL_CERT_FILE=str(postbox.certificate.certificate)) as address:
        yield f"http://{address}"


def test_a_letter_for_each_account_says_what_is_to_be_done_and_another_that_it_is_over(
    alertmanager: str, postbox: Exim
) -> None:
    amtool = program("amtool", REMEDY)
    add = [amtool, f"--alertmanager.url={alertmanager}", "alert", "add"]
    told = ["--annotation=description=Do this.", "--annotation=runbook=deploy/MONITORING.md#x"]
    ended = f"--end={dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    disk = ["alertname=CromwelldDiskFull", "instance=i", "--annotation=summary=less than 1 GB is free"]
    stale = ["alertname=CromwelldStale", "instance=i", "account=me", "--annotation=summary=the data of me are stale"]
    for words in (disk, stale):
        subprocess.run([*add, *words, *told], check=True)
    letters = postbox.wait_for(2)
    assert {letter["Subject"] for letter in letters} == {"less than 1 GB is free", "the data of me are stale"}
    about = {letter["Subject"]: body(letter).split("\n") for letter in letters}
    expected = ["the data of me are stale", "Do this.", "deploy/MONITORING.md#x"]
    assert [line.strip() for line in about["the data of me are stale"] if line.strip()] == expected
    subprocess.run([*add, *stale, *told, ended], check=True)
    over = postbox.wait_for(3)[2]
    assert over["Subject"] == "fixed: the data of me are stale"
    assert over["To"] == USER
    assert body(over).startswith("fixed: the data of me are stale\n")

    program("bash", "apt-get install bash")
    subprocess.run(["bash", "-euc", block("prometheus try").replace(URL, alertmanager)], check=True)
    assert postbox.wait_for(4)[3]["Subject"] == "only a test"
    assert PASSWORD not in "".join(letter.as_string() for letter in postbox.letters())


def test_the_guide_sets_both_up(tmp_path: Path) -> None:
    """Follow it where /etc/prometheus is another one, and nothing is installed or started."""
    try:
        pwd.getpwnam("prometheus")
    except KeyError:
        missing("the user prometheus", "apt-get install prometheus")
    if os.geteuid() != 0:
        missing("root", "the guide is typed as root")
    program("amtool", REMEDY)
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name in ("apt-get", "systemctl"):
        (stubs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n', encoding="utf-8")
        (stubs / name).chmod(0o755)
    lines = (
        "mount -t tmpfs none /etc/prometheus",
        block("prometheus"),
        f"printf secret | install -g prometheus -m 640 /dev/stdin {SECRET}",
        block("prometheus check"),
        f"setpriv --reuid=prometheus --regid=prometheus --clear-groups cat {SECRET} /etc/prometheus/*.yml",
        f"! setpriv --reuid=nobody --regid=nogroup --clear-groups cat {SECRET}",
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-euc", "\n".join(lines)],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        missing("a file system of its own", f"it needs the right to mount: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS: 1 rule files found" in done.stdout
    assert "2 inhibit rules" in done.stdout
    assert "systemctl restart prometheus prometheus-alertmanager\nsecret" in done.stdout

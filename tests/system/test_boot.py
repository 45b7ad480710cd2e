"""The guide of deploy/README.md, followed in a booted Debian: the unit in its sandbox, before a simulated vendor."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.boot import ROOT, Machine, booted, wheels
from tests.support.cli import Vendor
from tests.support.guide import block
from tests.support.parts import program

TOKENS = {
    "access_token": "a-synthetic-access-token",
    "refresh_token": "a-synthetic-refresh-token",
    "expires_in": 28800,
    "scope": "activity heartrate location profile respiratory_rate settings sleep temperature oxygen_saturation weight",
}
# Tried within the unit's sandbox, before the daemon itself starts: each of these must fail.
PROBE = """
import pathlib, socket
def tried(name, attempt):
    try:
        attempt()
    except OSError as err:
        print(f"PROBE {name} refused {err.errno}", flush=True)
    else:
        print(f"PROBE {name} went through", flush=True)
tried("write /etc", lambda: pathlib.Path("/etc/cromwelld/x").write_text(""))
tried("write /usr", lambda: pathlib.Path("/usr/x").write_text(""))
tried("write /opt", lambda: pathlib.Path("/opt/cromwelld/x").write_text(""))
tried("read /home", lambda: list(pathlib.Path("/home/somebody").iterdir()))
tried("read /root", lambda: list(pathlib.Path("/root").iterdir()))
tried("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
tried("packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0))
tried("read a secret of root", lambda: pathlib.Path("/etc/cromwelld/secrets/smtp").read_text())
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with booted(f"{ROOT}:/src", f"{wheels(tmp_path / 'wheels')}:/wheels") as one:
        yield one


def config(vendor: Vendor, port: int) -> str:
    return f"""
state_dir = "/var/lib/cromwelld"
[accounts.me]
source = "fitbit_web"
client_id = "TEST"
base_url = "{vendor.url}"
data_dir = "/srv/cromwelld/data"
prefix = "fitbit"
[archive]
folder = "/srv/cromwelld/archive"
[http]
listen = "127.0.0.1:{port}"
"""


def written(path: str, text: str) -> str:
    return f"cat > {path} <<'EOF_OF_FILE'\n{text}\nEOF_OF_FILE\n"


def test_the_guide_ends_with_a_daemon_that_survives(machine: Machine, vendor: Vendor) -> None:
    port = free_port()
    prepared = "export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1\n"
    prepared += "mkdir ~/source && cd /src && cp -r cromwelld deploy notebooks pyproject.toml README.md LICENSE "
    prepared += "~/source && cd ~/source\n"
    machine.typed(prepared + block("install"))
    machine.typed(written("/etc/cromwelld/config.toml", config(vendor, port)) + "cromwelld check-config")
    machine.typed(
        "echo secret > /etc/cromwelld/secrets/smtp; chmod 600 /etc/cromwelld/secrets/smtp; mkdir /home/somebody"
    )
    machine.typed(written("/opt/probe.py", PROBE) + "mkdir -p /etc/systemd/system/cromwelld.service.d\n" + written(
        "/etc/systemd/system/cromwelld.service.d/test.conf",
        "[Service]\nExecStartPre=/opt/cromwelld/bin/python3 /opt/probe.py\nWatchdogSec=6\nRestartSec=1\n",
    ) + "systemctl daemon-reload")  # fmt: skip
    machine.typed(block("start"))
    machine.until("systemctl is-active cromwelld", "active")
    said = machine.typed("journalctl -u cromwelld -o cat | grep '^PROBE'")
    assert said.count("PROBE") == 8
    assert "went through" not in said, said
    assert "needs" in machine.typed("cromwelld status") or "login" in machine.typed("cromwelld status")

    machine.typed(written("~/tokens.json", json.dumps(TOKENS)))
    assert "logged in: me" in machine.typed("cromwelld login --account me --import ~/tokens.json")
    assert "HeartRate_Intraday" in machine.typed("cromwelld collect yesterday")
    foreign = machine.typed("find /var/lib/cromwelld /srv/cromwelld -not -user cromwelld")
    assert foreign == ""
    assert machine.typed("ls /srv/cromwelld/archive/fitbit").count("fitbit_backup_") >= 1
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b"cromwelld_build_info" in answer.read()

    machine.typed("systemctl reload cromwelld")
    machine.typed("cp /etc/cromwelld/config.toml ~/right.toml; echo 'colour = 1' >> /etc/cromwelld/config.toml")
    assert machine.type("systemctl reload cromwelld").returncode != 0  # the check before it says no
    machine.typed("cp ~/right.toml /etc/cromwelld/config.toml; systemctl is-active cromwelld")

    main = "systemctl show -p MainPID --value cromwelld"
    for signal in ("KILL", "STOP"):  # dead at once; and silent, so that the watchdog must notice
        before = machine.typed(main).strip()
        machine.typed(f"kill -{signal} {before}")
        machine.until(f"[ $({main}) != {before} ] && [ $({main}) != 0 ] && systemctl is-active cromwelld", "active")
    machine.typed("systemctl stop cromwelld")
    assert machine.type("systemctl is-active cromwelld").stdout.strip() == "inactive"
    machine.typed("systemctl start cromwelld && cromwelld collect yesterday && cromwelld verify")
    machine.typed(block("uninstall"))
    machine.typed("test ! -e /opt/cromwelld && test -d /srv/cromwelld/data && test -d /var/lib/cromwelld")


def test_the_unit_is_sound_and_its_sandbox_is_tight(tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "apt install systemd")
    unit = tmp_path / "cromwelld.service"
    text = (ROOT / "deploy" / "systemd" / "cromwelld.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/cromwelld/bin/cromwelld", "/bin/true"), encoding="utf-8")
    verify = [analyze, "verify", "--man=no", "--recursive-errors=no", str(unit)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    secure = [analyze, "security", "--offline=true", "--threshold=15", "--no-pager", str(unit)]
    done = subprocess.run(secure, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

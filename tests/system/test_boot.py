"""The guide of deploy/README.md, followed in booted machines: the unit in its sandbox, before a simulated vendor."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.boot import ROOT, booted, disk
from tests.support.exim import exim
from tests.support.guide import blocks
from tests.support.household import (
    CONFIG,
    HTTP_TOKEN,
    OLD,
    OLDER,
    SECRETS,
    Household,
    monolith,
    secrets_of,
    token_file,
)
from tests.support.logging_in import Far, free_port
from tests.support.parts import program
from tests.support.podman import wheels
from tests.support.prometheus import scraping
from tests.support.s3 import Server

UNIT = "/etc/systemd/system/cromwelld.service"
SECTIONS = (
    "Install under systemd",
    "Notebooks on this machine",
    "Look after it",
    "Upgrade",
    "Back up",
    "Restore on a new machine",
    "Uninstall",
    "Move over from the cron scripts",
)
ACTIVE = ("systemctl is-active cromwelld", "active")
FINISHED, MID_DAY = ((dt.datetime.now(dt.UTC) - dt.timedelta(days=ago)).date().isoformat() for ago in (21, 20))
MAIN = "systemctl show -p MainPID --value cromwelld"
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
tried("read /home", lambda: list(pathlib.Path("/home/you").iterdir()))
tried("read /root", lambda: list(pathlib.Path("/root").iterdir()))
tried("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
tried("packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0))
tried("read a secret of root", lambda: pathlib.Path("/etc/cromwelld/secrets/smtp").read_text())
"""
DROP_IN = """[Service]
ExecStartPre=/opt/cromwelld/bin/python3 /opt/probe.py
Environment=SSL_CERT_FILE=/opt/mail.pem
WatchdogSec=4
RestartSec=1
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


@pytest.fixture
def far() -> Iterator[Far]:
    one = Far("google_health")
    with one.serving():
        yield one


def test_the_guide_holds_from_the_first_installation_to_the_last_line(
    tmp_path: Path, far: Far, seaweedfs: Server
) -> None:
    binds = (f"{ROOT}:/src", f"{wheels()}:/wheels")
    with exim() as mail, disk() as first:
        with booted(first, *binds) as machine:
            house = Household(far, seaweedfs, mail, free_port(), machine)
            house.fill()
            installed(house)
            configured(house)
            refusing_to_start_without_its_secrets(house)
            observed(house)
            taken_over_from_the_cron_scripts(house)
            in_its_sandbox(house)
            collecting_after_a_login(house)
            with scraping(tmp_path / "prometheus", f"http://127.0.0.1:{house.port}") as prometheus:
                assert prometheus.until("up", lambda values: values == [1]) == [1]
                saying_that_a_token_is_dead(house)
                needing = prometheus.until("cromwelld_login_needed", lambda values: values == [1])
                assert needing == [1]
                going_on_with_the_token_of_the_cron_scripts(house)
                assert prometheus.until("cromwelld_login_needed", lambda values: values == [0]) == [0]
            read_by_its_group_only(house)
            reloaded(house)
            survived(house)
            upgraded(house)
            backed_up(house, tmp_path)
            stopped_in_mid_day(house)
        with booted(first, *binds) as house.machine:
            completing_the_day_after_a_reboot(house)
        with disk() as second:
            shutil.copytree(first / "opt", second / "opt", symlinks=True, dirs_exist_ok=True)
            with booted(second, *binds) as house.machine:
                restored(house, tmp_path)
                uninstalled(house)
    assert house.followed == blocks(*SECTIONS)


def fetched(house: Household) -> None:
    """Have the source, and a pip that asks nobody elsewhere."""
    house.machine.typed(
        "mkdir ~/source; cd /src; cp -r cromwelld deploy notebooks pyproject.toml README.md LICENSE ~/source"
    )
    house.write("/etc/pip.conf", "[global]\nno-index = true\nfind-links = /wheels\ndisable-pip-version-check = true")


def installed(house: Household) -> None:
    fetched(house)
    house.follow("install")
    house.machine.typed("useradd -m you; useradd -m stranger")


def observed(house: Household) -> None:
    """Have the unit tried out: a probe in its sandbox, a watchdog that does not wait long, a mail server it knows."""
    house.write("/opt/probe.py", PROBE)
    house.write("/opt/mail.pem", house.mail.certificate.certificate.read_text())
    house.machine.typed(f"mkdir -p {UNIT}.d")
    house.write(f"{UNIT}.d/test.conf", DROP_IN)
    house.machine.typed("systemctl daemon-reload")


def configured(house: Household) -> None:
    asked = house.lines("configure").replace("cromwelld init", "cromwelld init --yes --client-id of-a-project")
    assert f"{CONFIG} is right." in house.machine.typed(asked)
    house.write(CONFIG, house.config())
    assert house.machine.typed("cromwelld check-config").startswith(f"{CONFIG} is right.")
    assert house.machine.typed(f"stat -c '%U %G %a' {CONFIG}").strip() == "root cromwelld 640"


def refusing_to_start_without_its_secrets(house: Household) -> None:
    secrets = secrets_of(house.far)
    house.machine.typed(f"mv {SECRETS} {SECRETS}.away")
    said = house.machine.type("systemctl start cromwelld; systemctl status cromwelld").stdout
    assert "status=243/CREDENTIALS" in said
    assert "Active: failed" in said  # and is not tried again
    house.machine.typed(f"mv {SECRETS}.away {SECRETS}")
    for missing in ("s3_secret_key", "http_token"):
        house.keep_secrets(**secrets)
        house.machine.typed(f"rm {SECRETS}/{missing}")
        refused = house.machine.type("systemctl start cromwelld")
        said = house.machine.typed("journalctl -u cromwelld -o cat -n 30; systemctl show -p ExecMainStatus cromwelld")
        assert refused.returncode != 0
        assert f"the credential secret_{missing} cannot be read" in said
        assert f"write the secret to /etc/cromwelld/secrets/{missing}" in said
        assert "ExecMainStatus=2" in said
        house.machine.typed("systemctl reset-failed cromwelld")
    house.keep_secrets(**secrets | {"s3_secret_key": "wrong"})
    said = house.machine.type(house.lines("doctor")).stdout
    assert "does not accept" in said
    assert "archive.secret_key_file" in said
    house.keep_secrets(**secrets)


def taken_over_from_the_cron_scripts(house: Household) -> None:
    before = house.objects()
    assert f"{len(OLD)} new" in house.follow("take-over")
    assert house.objects() == before
    monolith(house.machine.root / "root/source/fitbit_compiled.parquet")
    assert f"{len(OLDER)} dates written" in house.follow("split")


def in_its_sandbox(house: Household) -> None:
    house.follow("start")
    house.machine.until(*ACTIVE)
    said = house.machine.typed("journalctl -u cromwelld -o cat | grep '^PROBE'")
    assert said.count("PROBE") % 8 == 0
    assert "went through" not in said, said
    assert "me needs you: there is no login" in house.machine.typed("systemctl status cromwelld")
    assert house.mail.wait_for(1)[0]["Subject"]  # the server takes letters only with the password


def collecting_after_a_login(house: Household) -> None:
    said = house.log_in()
    assert "logged in: me" in said
    assert "HeartRate_Intraday" in said
    assert "login kept" in said
    assert house.machine.typed("find /var/lib/cromwelld /srv/cromwelld -not -user cromwelld") == ""
    assert len(house.objects()) > len(OLD)
    assert asked(house, HTTP_TOKEN) == 200
    assert asked(house, "another") == 401


def asked(house: Household, token: str) -> int:
    """Ask what needs the token."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{house.port}/v1/runs", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - http
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def saying_that_a_token_is_dead(house: Household) -> None:
    house.far.logins.withdraw()
    assert house.machine.type("cromwelld collect yesterday").returncode == 77
    house.machine.until("systemctl status cromwelld | grep -c 'Status: \"me needs you'", "1")
    assert "login needed" in house.machine.typed("cromwelld status; systemctl is-active cromwelld")
    assert "login.needed" in house.machine.typed("journalctl -u cromwelld -o cat -p err")


def going_on_with_the_token_of_the_cron_scripts(house: Household) -> None:
    house.machine.typed("mkdir -p /home/you/fitbit; echo '5 4 * * * /home/you/fitbit/run.sh' | crontab -u you -")
    house.write("/home/you/fitbit/tokens.json", token_file(house.far), 0o600)
    said = house.follow("take-login")
    assert "logged in: me" in said
    assert "HeartRate_Intraday" in said
    assert house.machine.typed("crontab -u you -l").strip().startswith("#5 4 * * *")
    house.machine.until("systemctl status cromwelld | grep -c 'needs you'", "0")


READING = """from cromwelld import load_date
print(*(load_date(date, "/srv/cromwelld/data")["RestingHR"]["value"][0] for date in {dates}))"""
CLOSED = {
    "you": (
        "touch /srv/cromwelld/data/x",
        "ls /var/lib/cromwelld",
        "cat /var/lib/cromwelld/tokens/me.json",
        "ls /run/credentials/cromwelld.service",
        "ls /etc/cromwelld/secrets",
    ),
    "stranger": ("ls /srv/cromwelld", "ls /var/lib/cromwelld", f"cat {CONFIG}"),
}


def read_by_its_group_only(house: Household) -> None:
    typed, values = house.machine.typed, OLDER | OLD
    house.write("/home/you/read.py", READING.format(dates=[*values]))
    read = "runuser -u you -- /opt/cromwelld/bin/python /home/you/read.py"
    assert house.machine.type(read).returncode != 0
    house.follow("notebooks")
    assert [float(word) for word in typed(read).split()] == [*values.values()]
    opened = house.machine.type("cd /home/you; runuser -u you -- cromwelld notebook").stdout
    assert "the notebooks are in" in opened  # and where the tables are was found
    for user, commands in CLOSED.items():
        for command in commands:
            assert "Permission denied" in house.machine.type(f"runuser -u {user} -- {command}").stdout
    assert typed("find /srv/cromwelld -perm /027") == ""
    assert typed("find /srv/cromwelld -type f -not -perm -040") == ""
    assert typed("stat -c %a /var/lib/cromwelld /var/lib/cromwelld/tokens").split() == ["700", "700"]
    assert typed("find /var/lib/cromwelld/tokens -name '*.json*' -not -name '*.lock' -perm /077") == ""


def reloaded(house: Household) -> None:
    machine = house.machine
    machine.typed("systemctl reload cromwelld")
    machine.typed(f"cp {CONFIG} ~/right.toml; echo 'colour = 1' >> {CONFIG}")
    assert machine.type("systemctl reload cromwelld").returncode != 0  # the check before it says no
    machine.typed(f"cat ~/right.toml > {CONFIG}; systemctl is-active cromwelld")


def survived(house: Household) -> None:
    """Be dead at once; and be silent, so that the watchdog must notice."""
    for signal in ("KILL", "STOP"):
        before = house.machine.typed(MAIN).strip()
        house.machine.typed(f"kill -{signal} {before}")
        again = f"[ $({MAIN}) != {before} ] && [ $({MAIN}) != 0 ] && systemctl is-active cromwelld"
        house.machine.until(again, "active")


def upgraded(house: Household) -> None:
    before = told(house)
    house.machine.typed("sed -i 's/^__version__ = .*/__version__ = \"9.9.9\"/' ~/source/cromwelld/__init__.py")
    assert "cromwelld 9.9.9, the daemon runs since" in house.follow("upgrade")
    after = told(house)
    assert after["login"] == before["login"] == "kept"
    assert before["runs"][0]["id"] in {run["id"] for run in after["runs"]}
    assert {day["date"] for day in before["days"]} <= {day["date"] for day in after["days"]}


def told(house: Household) -> Any:  # noqa: ANN401 - a test looks into it by hand
    (account,) = json.loads(house.machine.typed("cromwelld status --json"))["accounts"]
    return account


def backed_up(house: Household, folder: Path) -> None:
    house.follow("back-up")
    house.machine.until(*ACTIVE)
    assert house.machine.typed("stat -c %a /var/backups/cromwelld.tar.gz").strip() == "600"
    shutil.copy2(house.machine.root / "var/backups/cromwelld.tar.gz", folder)


def stopped_in_mid_day(house: Household) -> None:
    """Stop it while the vendor keeps silent about a date: what comes soon is stored; told twice, it waits no more."""
    stopping_at(house, FINISHED)
    house.far.silent = False
    ended_well(house)
    assert FINISHED in house.objects()
    house.machine.typed("systemctl start cromwelld")
    stopping_at(house, MID_DAY)
    house.machine.typed("systemctl kill --kill-whom=main cromwelld")
    ended_well(house)
    house.far.silent = False
    assert MID_DAY not in house.objects()


def stopping_at(house: Household, date: str) -> None:
    house.far.forget()
    house.far.silent = True
    house.machine.typed(f"echo {date} > /var/lib/cromwelld/rerun; systemctl reload cromwelld")
    house.machine.until(f"systemctl status cromwelld | grep -c 'collecting {date}'", "1")
    while not house.far.asked():
        time.sleep(0.1)
    house.machine.typed("systemctl stop --no-block cromwelld")
    house.machine.until("systemctl is-active cromwelld", "deactivating")


def ended_well(house: Household) -> None:
    house.machine.until("systemctl is-active cromwelld", "inactive", longest_s=20)
    ended = house.machine.typed("systemctl show -p Result -p ExecMainStatus -p ExecMainCode cromwelld").split()
    assert sorted(ended) == ["ExecMainCode=1", "ExecMainStatus=0", "Result=success"]


def completing_the_day_after_a_reboot(house: Household) -> None:
    house.machine.until(*ACTIVE)
    deadline = time.monotonic() + 60
    while MID_DAY not in house.objects():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    house.machine.until(f"cromwelld runs --json | grep -A8 {MID_DAY} | grep -c '\"done\"'", "1")
    assert "everything fits" in house.machine.typed("cromwelld verify")


def restored(house: Household, folder: Path) -> None:
    """Bring the household to a machine where the service's user has another number."""
    house.machine.typed("useradd -r somebody")
    fetched(house)
    # the program came with the folder /opt of the first machine: what is installed twice is all the rest
    lines = [line for line in house.lines("install").splitlines() if "/opt/cromwelld" not in line or "ln " in line]
    house.machine.typed("\n".join(["cd ~/source", *lines]))
    shutil.copy2(folder / "cromwelld.tar.gz", house.machine.root / "var/backups")
    house.far.forget()
    said = house.follow("restore")
    assert f"{len(house.objects())} dates written" in said
    assert "everything fits" in said
    house.machine.typed("cromwelld collect yesterday")
    assert told(house)["login"] == "kept"
    assert {one.asked for one in house.far.logins.said} <= {"refresh_token"}
    assert house.machine.typed("find /var/lib/cromwelld /srv/cromwelld -not -user cromwelld") == ""
    house.machine.typed("systemctl stop cromwelld")
    monolith(house.machine.root / "root/source/fitbit_compiled.parquet")  # its dates are in no object
    assert f"{len(OLDER)} dates written" in house.follow("split")


def uninstalled(house: Household) -> None:
    house.follow("uninstall")
    house.machine.typed("test ! -e /opt/cromwelld && test -d /srv/cromwelld/data && test -d /var/lib/cromwelld")


UNITS = sorted((ROOT / "deploy").rglob("*.service"))


def analyzed(unit: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let systemd read a unit; its programs are not on this machine."""
    analyze = program("systemd-analyze", "apt install systemd")
    unit.write_text(text.replace("/opt/cromwelld/bin/cromwelld", "/bin/true"), encoding="utf-8")
    return subprocess.run([analyze, *options, str(unit)], capture_output=True, text=True, check=False)


VERIFY = ("verify", "--man=no", "--recursive-errors=no")
SECURE = ("security", "--offline=true", "--threshold=15", "--no-pager")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_sound_and_its_sandbox_is_tight(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    done = analyzed(tmp_path / path.name, text, *VERIFY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = analyzed(tmp_path / path.name, text, *SECURE)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("options", "right"), [(VERIFY, "UMask="), (SECURE, "CapabilityBoundingSet=")])
def test_a_unit_that_is_not_would_be_noticed(options: tuple[str, ...], right: str, tmp_path: Path) -> None:
    (unit,) = UNITS
    text = unit.read_text(encoding="utf-8")
    assert right in text
    assert analyzed(tmp_path / unit.name, text.replace(right, right.lower()), *options).returncode != 0

"""The images of the Containerfile, built from a local base and run: without rights, and with systemd."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import cromwelld
from cromwelld import load_date
from tests.support.beside import Beside, bucket_beside
from tests.support.boot import ROOT
from tests.support.cli import Vendor
from tests.support.composed import compose_options, mount_options, quadlet, quadlet_options, secrets_of, services
from tests.support.guide import block, podman_run
from tests.support.logging_in import free_port
from tests.support.podman import IMAGE, Container, described, images, layers, once, podman, running

SECRET = "a-secret-that-no-image-may-hold"
FORBIDDEN = (SECRET.encode(), b"this-must-stay-outside")
ANYBODY = 12_345
# The unit starts again after ten seconds; here there is no need to wait that long.
QUICKLY = """cd /run/systemd/system && mkdir cromwelld.service.d
printf '[Service]\\nRestartSec=1\\n' > cromwelld.service.d/quickly.conf && systemctl daemon-reload"""
TOKENS = {
    "access_token": "a-synthetic-access-token",
    "refresh_token": "a-synthetic-refresh-token",
    "expires_in": 28800,
    "scope": "activity heartrate location profile respiratory_rate settings sleep temperature oxygen_saturation weight",
}
SOURCE = (
    *("LICENSE", "README.md", "pyproject.toml", "Containerfile", ".containerignore"),
    *("cromwelld", "notebooks", "deploy/container", "deploy/systemd"),
)
# What lies about in the folder of somebody who has used it: none of it may go into an image.
LITTER = (
    "config.toml",
    ".env",
    ".git/config",
    "state/tokens/me.json",
    "deploy/container/config.toml",
    "deploy/container/secrets/http_token",
    "cromwelld-demo/state/http_token",
    "cromwelld/__pycache__/secret.pyc",
)

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build all targets from a folder with litter in it."""
    context = tmp_path_factory.mktemp("source")
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, context / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, context / name)
    for name in LITTER:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(SECRET, encoding="utf-8")
    return images(context)


@dataclass(frozen=True)
class Home:
    """The folders that a container is given, in place of those that the guide names."""

    root: Path
    port: int

    def placed(self, options: Sequence[str]) -> list[str]:
        """Put our folders into options; what is not among them is none of ours and stays."""
        names = {"/etc/cromwelld": "etc", "/etc/cromwelld/secrets": "secrets", "/var/lib/cromwelld": "state"}
        names |= {"/srv/cromwelld": "data"}
        placed = [
            re.sub(r"^(--volume=)?(/[a-z/]+)(?=:/)", lambda m: f"{m[1] or ''}{self.root / names[m[2]]}", one)
            for one in options
        ]
        assert sum(str(self.root) in one for one in placed) >= 3
        return placed

    def mounts(self) -> list[str]:
        places = {"etc": "/etc/cromwelld:ro", "secrets": "/run/secrets:ro", "state": "/var/lib/cromwelld"}
        return [f"--volume={self.root / name}:{place}" for name, place in (places | {"data": "/srv/cromwelld"}).items()]

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read(), "utf-8")

    def objects(self) -> list[str]:
        return sorted(path.name for path in self.root.glob("data/archive/me/*.json.gz"))

    def owners(self) -> set[int]:
        return {path.stat().st_uid for name in ("state", "data") for path in (self.root / name).rglob("*")}


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


GIVEN = "/run/secrets/http_token"
FOLDER = """store = "folder"
folder = "/srv/cromwelld/archive"
"""


def home(root: Path, vendor: Vendor, owner: int, archive: str = FOLDER, token: str = GIVEN) -> Home:
    """Lay out the folders, with the example's configuration for a simulated vendor."""
    port = free_port()
    for name in ("etc/secrets", "secrets", "state", "data"):
        (root / name).mkdir(parents=True)
        os.chown(root / name, owner, owner)
    for place in (root / "secrets/http_token", root / "etc/secrets/http_token"):
        place.write_text("the-token-of-this-test", encoding="utf-8")
        os.chown(place, owner, owner)
        place.chmod(0o600)
    (root / "etc/tokens.json").write_text(json.dumps(TOKENS), encoding="utf-8")
    text = (ROOT / "deploy/container/config.toml.example").read_text("utf-8")
    account = f"""[accounts.me]
source = "fitbit_web"
client_id = "TEST"
base_url = "{vendor.url}"
data_dir = "/srv/cromwelld/data"
prefix = "me"
"""
    text = re.sub(r"\[accounts\.me\].*?\n\n", lambda _: f"{account}\n", text, flags=re.DOTALL)
    text = re.sub(r"\[archive\].*?\n\n", lambda _: f"[archive]\n{archive}\n", text, flags=re.DOTALL)
    text = text.replace("0.0.0.0:8377", f"0.0.0.0:{port}").replace("/run/secrets/http_token", token)
    (root / "etc/config.toml").write_text(text, encoding="utf-8")
    return Home(root, port)


def collects(container: Container, home: Home) -> None:
    container.until_healthy()
    said = container.typed("cromwelld", "login", "--account", "me", "--import", "/etc/cromwelld/tokens.json")
    assert "logged in: me" in said
    assert "HeartRate_Intraday" in container.typed("cromwelld", "collect", "yesterday")
    assert "cromwelld_build_info" in home.get("/metrics")


def test_the_guides_command_serves_anybody_on_a_read_only_image(
    built: dict[str, str], vendor: Vendor, tmp_path: Path
) -> None:
    made = home(tmp_path, vendor, ANYBODY)
    told, image = podman_run("podman run")
    assert image == [f"{IMAGE}:{cromwelld.__version__}"]
    options = [*made.placed(told), f"--user={ANYBODY}:{ANYBODY}", "--read-only-tmpfs=false"]
    with running("plain", built["plain"], options) as container:
        collects(container, made)
        assert container.typed("id", "-u").strip() == str(ANYBODY)
        for place in ("/", "/opt/cromwelld", "/etc", "/etc/cromwelld", "/tmp", "/usr/local/bin"):  # noqa: S108
            assert container.type("touch", f"{place}/x").returncode != 0, place
        assert "CapEff:\t0000000000000000\n" in container.typed("cat", "/proc/1/status")
        assert container.stop() == 0
    kept = made.objects()
    assert kept
    with running("plain", built["plain"], options) as container:  # as after an upgrade
        container.until_healthy()
        assert container.typed("cromwelld", "verify")
        assert "login needed" not in container.typed("cromwelld", "status")
        assert container.stop() == 0
    assert made.objects() == kept
    assert made.owners() == {ANYBODY}


def test_the_guides_command_restores_the_tables_of_an_archive(
    built: dict[str, str], vendor: Vendor, tmp_path: Path
) -> None:
    made = home(tmp_path, vendor, 8377)
    day = [{"measurement": "RestingHR", "time": "2025-10-08T11:00:00+00:00", "tags": {}, "fields": {"value": 61.0}}]
    (tmp_path / "data/archive/me").mkdir(parents=True)
    with gzip.open(tmp_path / "data/archive/me/fitbit_backup_2025-10-08.json.gz", "wt") as file:
        json.dump(day, file)
    for path in [tmp_path / "data/archive", *(tmp_path / "data/archive").rglob("*")]:
        os.chown(path, 8377, 8377)
    told, image = podman_run("restore a container")
    done = once(built["plain"], made.placed(told), image[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    table = load_date("2025-10-08", tmp_path / "data/data", timezone="UTC")["RestingHR"]
    assert table["value"].tolist() == [61.0]


def test_the_quadlet_serves_its_user_and_says_when_it_is_ready(
    built: dict[str, str], vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home(tmp_path, vendor, 8377)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))  # as systemd does for podman
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        with running("quadlet", built["plain"], made.placed(quadlet_options())) as container:
            assert systemd.recv(100).startswith(b"MAINPID=")
            assert systemd.recv(100) == b"READY=1"
            assert container.healthy()
            collects(container, made)
            for line in [value for key, value in quadlet("Service") if key == "ExecReload"]:
                program, *words = line.replace("cromwelld", container.name, 1).split()
                assert program == "/usr/bin/podman"
                done = podman(*words)
                assert done.returncode == 0, done.stderr
            container.until_healthy()
            assert container.stop() == 0
    assert made.owners() == {8377}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Make the secrets of compose as the guide does."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "deploy/container", source / "deploy/container")
    subprocess.run(["bash", "-eu", "-c", block("secrets of compose")], cwd=source, check=True)
    return source / "deploy/container/secrets"


@pytest.fixture
def bucket(secrets: Path, tmp_path: Path) -> Iterator[Beside]:
    with bucket_beside(tmp_path / "bucket", secrets / "seaweedfs.json") as made:
        yield made


def test_compose_keeps_the_archive_in_the_bucket_beside(
    built: dict[str, str], vendor: Vendor, secrets: Path, bucket: Beside, tmp_path: Path
) -> None:
    example = (ROOT / "deploy/container/config.toml.example").read_text("utf-8")
    (archive,) = re.findall(r"\[archive\].*?\n(.*?)\n\n", example, re.DOTALL)
    made = home(tmp_path / "home", vendor, 8377, archive.replace("seaweedfs:8333", f"127.0.0.1:{bucket.port}") + "\n")
    service = services()["cromwelld"]
    options = [*made.placed(mount_options(service)), *compose_options(service)]
    options += [f"--volume={secrets / name}:{place}:ro" for name, place in secrets_of(service).items()]
    with running("compose", built["plain"], options) as container:
        collects(container, made)
        assert container.typed("cromwelld", "verify")
        assert container.stop() == 0
    assert "fitbit_backup_" in bucket.typed("echo fs.ls /buckets/cromwelld/me | weed shell")
    assert made.objects() == []
    held = sum(path.stat().st_blocks * 512 for path in (tmp_path / "bucket").rglob("*") if path.is_file())
    assert held < 100_000_000


def test_a_container_whose_daemon_is_silent_is_not_well(built: dict[str, str], vendor: Vendor, tmp_path: Path) -> None:
    made = home(tmp_path, vendor, ANYBODY)
    options = ["--entrypoint=sleep", *made.mounts()]
    with running("silent", built["plain"], options, ["60"]) as container:
        assert container.typed("true") == ""
        assert not container.healthy()


def test_systemd_runs_the_same_unit(built: dict[str, str], vendor: Vendor, tmp_path: Path) -> None:
    made = home(tmp_path, vendor, 8377, token="credential:secret_http_token")
    os.chown(tmp_path / "etc/secrets", 0, 0)
    (tmp_path / "etc/secrets").chmod(0o700)
    told, image = podman_run("podman run systemd")
    assert image == [f"{IMAGE}:systemd"]
    with running("systemd", built["systemd"], made.placed(told)) as container:
        collects(container, made)
        assert made.objects()
        assert "active (running)" in container.typed("systemctl", "status", "--no-pager", "cromwelld")
        unit = (ROOT / "deploy/systemd/cromwelld.service").read_text("utf-8")
        assert container.typed("cat", "/etc/systemd/system/cromwelld.service") == unit
        assert container.typed("systemctl", "is-system-running").strip() == "running"
        assert container.typed("systemctl", "show", "-p", "DropInPaths", "--value", "cromwelld").strip() == ""
        main = container.typed("systemctl", "show", "-p", "MainPID", "--value", "cromwelld").strip()
        assert container.typed("stat", "-c", "%u", f"/proc/{main}").strip() == "8377"
        container.typed("systemctl", "reload", "cromwelld")
        podman("restart", container.name)
        container.until_healthy()
        container.typed("cromwelld", "collect", "yesterday")
        container.typed("sh", "-c", QUICKLY)
        container.typed("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "cromwelld")
        container.until_healthy()
        assert container.typed("systemctl", "show", "-p", "NRestarts", "--value", "cromwelld").strip() == "1"
        assert container.typed("cromwelld", "verify")
        assert container.stop() == 0
    assert made.owners() == {8377}


@pytest.mark.parametrize(
    ("target", "user", "starts", "signal"),
    [
        ("plain", "8377", ["/opt/cromwelld/bin/cromwelld", "run"], "SIGTERM"),
        ("systemd", "", ["/sbin/init"], "SIGRTMIN+3"),
    ],
)
def test_an_image_says_how_it_is_run(
    built: dict[str, str], target: str, user: str, starts: list[str], signal: str
) -> None:
    config = described(built[target])
    assert config.get("User", "") == user
    assert [*(config.get("Entrypoint") or []), *config["Cmd"]] == starts
    assert config["StopSignal"] == signal
    assert set(config["Volumes"]) == {"/var/lib/cromwelld", "/srv/cromwelld"}
    assert set(config["ExposedPorts"]) == {"8377/tcp"}
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert config["Labels"]["org.opencontainers.image.title"] == "cromwelld"
    assert config["Labels"]["org.opencontainers.image.licenses"] == "MIT"


@pytest.mark.parametrize("target", ["plain", "systemd"])
def test_no_layer_holds_a_secret_or_what_only_the_build_needed(built: dict[str, str], target: str) -> None:
    files = [
        (f"/{path.relative_to(layer)}", path)
        for layer in layers(built[target])
        for path in layer.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    assert "/opt/cromwelld/bin/cromwelld" in dict(files)  # the layers are really these
    assert not [name for name, path in files if any(word in path.read_bytes() for word in FORBIDDEN)]
    unwanted = ("/etc/pip.conf", "/opt/cromwelld/bin/pip", "/build", "/src", "/var/lib/apt/lists/")
    assert not [
        name
        for name, _ in files
        if name.startswith(unwanted) or name.endswith((".whl", "s.lock")) or "/.cache/" in name
    ]

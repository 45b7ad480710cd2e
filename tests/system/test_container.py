"""The images of the Containerfile, built from a local base and run: without rights, and with systemd."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.boot import ROOT
from tests.support.cli import Vendor
from tests.support.logging_in import free_port
from tests.support.podman import Container, described, images, layers, running

SECRET = "a-secret-that-no-image-may-hold"
FORBIDDEN = (SECRET.encode(), b"this-must-stay-outside")
ANYBODY = 12_345
TOKENS = {
    "access_token": "a-synthetic-access-token",
    "refresh_token": "a-synthetic-refresh-token",
    "expires_in": 28800,
    "scope": "activity heartrate location profile respiratory_rate settings sleep temperature oxygen_saturation weight",
}
SOURCE = (
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "Containerfile",
    ".containerignore",
    "cromwelld",
    "deploy",
    "notebooks",
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
    """The three folders that a container is given."""

    root: Path
    port: int

    def mounts(self) -> list[str]:
        places = {"etc": "/etc/cromwelld:ro", "state": "/var/lib/cromwelld", "data": "/srv/cromwelld"}
        return [f"--volume={self.root / name}:{place}" for name, place in places.items()]

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read(), "utf-8")

    def objects(self) -> list[str]:
        return sorted(path.name for path in self.root.glob("data/archive/fitbit/*.json.gz"))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


def home(root: Path, vendor: Vendor, owner: int) -> Home:
    port = free_port()
    for name in ("etc/secrets", "state", "data"):
        (root / name).mkdir(parents=True)
    for name in ("state", "data"):
        os.chown(root / name, owner, owner)
    (root / "etc/secrets").chmod(0o700)
    (root / "etc/secrets/client").write_text("for-the-service-alone", encoding="utf-8")
    (root / "etc/http_token").write_text("the-token-of-this-test", encoding="utf-8")
    os.chown(root / "etc/http_token", owner, owner)
    (root / "etc/http_token").chmod(0o600)
    (root / "etc/tokens.json").write_text(json.dumps(TOKENS), encoding="utf-8")
    (root / "etc/config.toml").write_text(
        f"""
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
listen = "0.0.0.0:{port}"
allowed_hosts = ["127.0.0.1", "localhost", "cromwelld"]
token_file = "/etc/cromwelld/http_token"
""",
        encoding="utf-8",
    )
    return Home(root, port)


def collects(container: Container, home: Home) -> None:
    container.until_healthy()
    said = container.typed("cromwelld", "login", "--account", "me", "--import", "/etc/cromwelld/tokens.json")
    assert "logged in: me" in said
    assert "HeartRate_Intraday" in container.typed("cromwelld", "collect", "yesterday")
    assert home.objects()
    assert "cromwelld_build_info" in home.get("/metrics")


def test_anybody_can_run_it_on_a_read_only_image(built: dict[str, str], vendor: Vendor, tmp_path: Path) -> None:
    made = home(tmp_path, vendor, ANYBODY)
    options = [f"--user={ANYBODY}:{ANYBODY}", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all"]
    options += ["--security-opt=no-new-privileges", *made.mounts()]
    with running("plain", built["plain"], options) as container:
        collects(container, made)
        assert container.typed("id", "-u").strip() == str(ANYBODY)
        for place in ("/", "/opt/cromwelld", "/etc", "/etc/cromwelld", "/tmp", "/usr/local/bin"):  # noqa: S108
            assert container.type("touch", f"{place}/x").returncode != 0, place
        assert container.stop() == 0
    kept = made.objects()
    with running(
        "plain", built["plain"], options
    ) as container:  # as after an upgrade: another container, the same folders
        container.until_healthy()
        assert container.typed("cromwelld", "verify")
        assert "login needed" not in container.typed("cromwelld", "status")
        assert container.stop() == 0
    assert made.objects() == kept
    assert {path.stat().st_uid for name in ("state", "data") for path in (tmp_path / name).rglob("*")} == {ANYBODY}


def test_a_container_whose_daemon_is_silent_is_not_well(built: dict[str, str], vendor: Vendor, tmp_path: Path) -> None:
    made = home(tmp_path, vendor, ANYBODY)
    options = ["--entrypoint=sleep", *made.mounts()]
    with running("silent", built["plain"], options, ["60"]) as container:
        assert container.typed("true") == ""
        assert not container.healthy()


def test_systemd_runs_the_same_unit(built: dict[str, str], vendor: Vendor, tmp_path: Path) -> None:
    made = home(tmp_path, vendor, 8377)
    with running("systemd", built["systemd"], made.mounts()) as container:
        collects(container, made)
        assert "active (running)" in container.typed("systemctl", "status", "--no-pager", "cromwelld")
        unit = (ROOT / "deploy/systemd/cromwelld.service").read_text("utf-8")
        assert container.typed("cat", "/etc/systemd/system/cromwelld.service") == unit
        assert container.typed("systemctl", "is-system-running").strip() == "running"
        assert container.typed("systemctl", "show", "-p", "DropInPaths", "--value", "cromwelld").strip() == ""
        credential = "/run/credentials/cromwelld.service/secret_client"
        assert container.typed("cat", credential) == "for-the-service-alone"
        main = container.typed("systemctl", "show", "-p", "MainPID", "--value", "cromwelld").strip()
        assert container.typed("stat", "-c", "%u", f"/proc/{main}").strip() == "8377"
        container.typed("systemctl", "reload", "cromwelld")
        assert container.stop() == 0
    assert {path.stat().st_uid for name in ("state", "data") for path in (tmp_path / name).rglob("*")} == {8377}


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

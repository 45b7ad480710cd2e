"""compose.yaml and the Quadlet as they lie, and what podman would be asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "container"
QUADLET = (FOLDER / "cromwelld.container").read_text("utf-8")
# What podman is asked for a key. Source: podman-systemd.unit(5), the table of [Container].
QUADLET_OPTIONS = {
    "ContainerName": "--name={}",
    "DropCapability": "--cap-drop={}",
    "HealthCmd": "--health-cmd={}",
    "HealthInterval": "--health-interval={}",
    "HealthOnFailure": "--health-on-failure={}",
    "HealthRetries": "--health-retries={}",
    "HealthStartPeriod": "--health-start-period={}",
    "HealthTimeout": "--health-timeout={}",
    "PodmanArgs": "{}",
    "PublishPort": "--publish={}",
    "Volume": "--volume={}",
}
QUADLET_SWITCHES = {
    "NoNewPrivileges": "--security-opt=no-new-privileges",
    "Notify": "--sdnotify=container",
    "ReadOnly": "--read-only",
}
QUADLET_OTHERS = {"Image", "User", "Group"}


@cache
def composed() -> dict[str, Any]:
    """Read compose.yaml."""
    document: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    return document


def services() -> dict[str, dict[str, Any]]:
    """Give what compose.yaml starts, by name."""
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


def secrets_of(service: Mapping[str, Any]) -> dict[str, str]:
    """Give the secrets of a service: name, and path in the container."""
    named = [one if isinstance(one, dict) else {"source": one} for one in service.get("secrets", ())]
    return {one["source"]: one.get("target", f"/run/secrets/{one['source']}") for one in named}


def mounts_of(service: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Give what a service mounts: path in the container, what lies there, and whether it may write."""
    parts = [str(one).split(":") for one in service.get("volumes", ())]
    return {part[1]: (part[0], part[2:] != ["ro"]) for part in parts}


def mount_options(service: Mapping[str, Any]) -> list[str]:
    """Say as podman's options what a service mounts, with the folders of the guide in place of volumes and files."""
    places = ("/etc/cromwelld", "/var/lib/cromwelld", "/srv/cromwelld")
    mounts = mounts_of(service)
    told = {place: next(mount for mount in mounts if mount.startswith(place)) for place in places}
    return [f"--volume={place}:{place}{'' if mounts[told[place]][1] else ':ro'}" for place in places]


def compose_options(service: Mapping[str, Any]) -> list[str]:
    """Say as podman's options what a service is allowed, without its mounts and ports."""
    options = [f"--cap-drop={one.lower()}" for one in service.get("cap_drop", ())]
    options += [f"--security-opt={str(one).removesuffix(':true')}" for one in service.get("security_opt", ())]
    options += ["--read-only"] if service.get("read_only") else []
    return [*options, f"--user={service['user']}"] if "user" in service else options


def quadlet(section: str) -> list[tuple[str, str]]:
    """Give keys and values of one section of the Quadlet, in order; a key may come more than once."""
    text = QUADLET.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition("=")[0], line.partition("=")[2]) for line in lines]


def quadlet_options() -> list[str]:
    """Say as podman's options what the Quadlet says.

    Raises: KeyError for a key that no podman knows.
    """
    pairs = quadlet("Container")
    user = [f"--user={dict(pairs)['User']}:{dict(pairs)['Group']}"]
    switches = [QUADLET_SWITCHES[key] for key, value in pairs if value == "true"]
    others = [(key, value) for key, value in pairs if value != "true" and key not in QUADLET_OTHERS]
    return user + switches + [QUADLET_OPTIONS[key].format(value) for key, value in others]

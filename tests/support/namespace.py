"""Another machine, as far as the network goes: a namespace with an address of its own, in which this one has names."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.parts import missing, program

_HOSTS = Path("/etc/netns")  # what lies there in a namespace's folder takes the place of /etc within it


@dataclass(frozen=True)
class Namespace:
    """A namespace: how a command gets into it, the address that it has, and the address of this machine there."""

    enter: tuple[str, ...]
    own: str
    ours: str


@contextmanager
def namespace(names: Sequence[str]) -> Iterator[Namespace]:
    """Make a namespace in which this machine has such names; skipped where it is not permitted."""
    ip, mark = program("ip", "apt-get install iproute2"), secrets.token_hex(3)
    name, ours, theirs = f"cw-{mark}", f"cw-{mark}-a", f"cw-{mark}-b"
    subnet = f"198.18.{secrets.randbelow(256)}"  # of RFC 2544: no network that anybody is in
    found = Namespace((ip, "netns", "exec", name), f"{subnet}.2", f"{subnet}.1")
    made = subprocess.run([ip, "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        missing("a second network namespace", f"it needs the right to make one: {made.stderr.strip()}")
    hosts = _HOSTS / name
    try:
        for words in (
            f"link add {ours} type veth peer name {theirs} netns {name}",
            f"addr add {found.ours}/30 dev {ours}",
            f"link set {ours} up",
            f"-n {name} addr add {found.own}/30 dev {theirs}",
            f"-n {name} link set {theirs} up",
        ):
            subprocess.run([ip, *words.split()], check=True, capture_output=True)
        hosts.mkdir(parents=True)
        (hosts / "hosts").write_text(f"{found.ours} {' '.join(names)}\n", encoding="utf-8")
        yield found
    finally:
        subprocess.run([ip, "link", "del", ours], check=False, capture_output=True)
        subprocess.run([ip, "netns", "del", name], check=True)
        (hosts / "hosts").unlink(missing_ok=True)
        if hosts.is_dir():
            hosts.rmdir()

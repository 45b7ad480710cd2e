"""The lines of deploy/README.md that are marked as to be run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "deploy" / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    """Give the lines of the guide that are marked with a name."""
    found = re.search(rf"<!-- run: {re.escape(name)} -->\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None, name
    return found[1]


def blocks(*, without: Collection[str]) -> set[str]:
    """List the names of all marked lines but those of some sections."""
    sections = re.split(r"^## ", GUIDE, flags=re.MULTILINE)
    kept = [text for text in sections if text.partition("\n")[0] not in without]
    return {name for text in kept for name in re.findall(r"<!-- run: (.+) -->", text)}


def podman_run(name: str) -> tuple[list[str], list[str]]:
    """Take apart a command of the guide that runs a container: the options, and the image with what follows it."""
    words = shlex.split(block(name).replace("\\\n", " "))
    assert words[:2] == ["podman", "run"]
    (at,) = [number for number, word in enumerate(words) if word.startswith("localhost/")]
    return words[2:at], words[at:]

"""The lines of deploy/README.md that are marked as to be run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "deploy" / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    """Give the lines of the guide that are marked with a name."""
    found = re.search(rf"<!-- run: {re.escape(name)} -->\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None, name
    return found[1]


def blocks(*titles: str) -> set[str]:
    """List the names of the marked lines of some sections."""
    sections = dict(text.split("\n", 1) for text in re.split(r"^## ", GUIDE, flags=re.MULTILINE)[1:])
    return {name for title in titles for name in re.findall(r"<!-- run: (.+) -->", sections[title])}


def podman_run(name: str) -> tuple[list[str], list[str]]:
    """Take apart a command of the guide that runs a container: the options, and the image with what follows it."""
    words = shlex.split(block(name).replace("\\\n", " "))
    assert words[:2] == ["podman", "run"]
    (at,) = [number for number, word in enumerate(words) if word.startswith("localhost/")]
    return words[2:at], words[at:]

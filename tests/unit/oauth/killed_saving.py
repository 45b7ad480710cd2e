"""A login that is saved and killed at its n-th step on the disk; run as a program: killed_saving.py ROOT.

Each kill happens in a forked child, which leaves by `os._exit` just before the step. Afterwards another child takes the
lock, as the next start does, and tells what it finds. Prints a line a kill: how far the saving had come, what was found
without the lock, and what with it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from cromwelld.sources.oauth.store import TokenStore
from cromwelld.sources.oauth.tokens import Tokens
from tests.support.killed import KILLED, count_steps, in_child

GENERATIONS = tuple(Tokens(access_token=f"a{n}", refresh_token=f"r{n}") for n in range(4))


def store_in(root: Path) -> TokenStore:
    return TokenStore(root / "tokens" / "me.json", lambda event: sys.exit(f"reported: {event}"))


def found_in(root: Path) -> str:
    tokens = store_in(root).load()
    return "-" if tokens is None else tokens.access_token


async def found_by_the_next(root: Path) -> str:
    store = store_in(root)
    async with store.lock():
        found = found_in(root)
        store.save(GENERATIONS[3])
    assert found_in(root) == "a3"
    left = sorted(path.name for path in (root / "tokens").iterdir())
    assert left == sorted({"me.json", "me.json.lock", *(["me.json.previous"] if found != "-" else [])}), left
    return found


def kill_at(root: Path, earlier: int, step: int) -> bool:
    """Save and die before the given step; print what is found afterwards. Tell whether the step was ever reached."""
    for tokens in GENERATIONS[:earlier]:
        store_in(root).save(tokens)

    def dying() -> None:
        steps = itertools.count(1)
        count_steps(lambda: os._exit(KILLED) if next(steps) == step else None)
        store_in(root).save(GENERATIONS[earlier])

    code = in_child(dying)
    if code not in {0, KILLED}:
        raise SystemExit(f"saving failed before step {step}")
    draft = root / "tokens" / ".me.json.tmp"
    reached = found_in(root) == f"a{earlier}" or (draft.is_file() and draft.stat().st_size > 0)
    without = found_in(root)
    with_lock = asyncio.run(found_by_the_next(root))
    sys.stdout.write(f"{earlier} {int(reached)} {without} {with_lock}\n")
    return code == KILLED


def main() -> None:
    root = Path(sys.argv[1])
    for earlier in range(3):
        for step in itertools.count(1):
            if not kill_at(root / f"{earlier}-{step}", earlier, step):
                break


if __name__ == "__main__":
    main()

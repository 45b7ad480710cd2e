"""What every --help ends with: examples to copy, and the exit codes that a script may meet."""

from __future__ import annotations

from collections.abc import Sequence

EXIT_CODES = {
    0: "done",
    1: "failed",
    2: "usage or configuration",
    10: "done but incomplete",
    75: "the far side is away, retired, or its budget is spent",
    77: "a login is needed",
    130: "stopped by you; what was done is kept",
}


def lesson(examples: Sequence[tuple[str, str]], codes: Sequence[int]) -> str:
    """Write the end of a --help: each example with what it does, then the exit codes of the command."""
    wide = max(len(example) for example, _ in examples) + 2
    lines = [f"  cromwelld {example:{wide}}{purpose}".rstrip() for example, purpose in examples]
    meanings = [f"  {code:<5}{EXIT_CODES[code]}" for code in codes]
    return "\n".join(["\b", "Examples:", *lines, "", "\b", "Exit codes:", *meanings])

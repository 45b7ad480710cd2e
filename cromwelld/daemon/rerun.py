"""The file in which somebody lays dates for the next SIGHUP: `[NAME] DATE` a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cromwelld.cli.dates import parse_dates
from cromwelld.disk import sync, writing
from cromwelld.errors import DamagedFile, UsageError

FILE, TAKEN = "rerun", "rerun.taken"
_MOST_BYTES = 100_000
_MOST_DATES = 366
_FORM = "write [NAME] DATE on each line, such as: me 2025-10-08"


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Dates of one account that somebody wants, both ends included."""

    account: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file holds: what is wanted, and what is wrong with the other lines, each with its number."""

    wanted: tuple[Laid, ...]
    problems: tuple[str, ...]


def read(text: str, accounts: Sequence[str], today: Callable[[str], dt.date]) -> Reading:
    """Read the lines; NAME may be left out where there is one account; blank lines and those with # are passed over.

    `today` gives an account's date. Pure.
    """
    wanted, problems = list[Laid](), list[str]()
    for number, words in _lines(text):
        try:
            wanted.append(_laid(words, accounts, today))
        except UsageError as err:
            problems.append(f"line {number}: {err.message}; {err.hint}")
    return Reading(wanted=tuple(wanted), problems=tuple(problems))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _laid(words: Sequence[str], accounts: Sequence[str], today: Callable[[str], dt.date]) -> Laid:
    """Read one line. Raises: UsageError."""
    *names, dates = words
    if len(names) > 1 or (not names and len(accounts) != 1):
        raise UsageError(f"{len(words)} words, and {len(accounts)} accounts to choose from", hint=_FORM)
    name = names[0] if names else accounts[0]
    if name not in accounts:
        raise UsageError("there is no account of that name", hint=f"the configuration has: {', '.join(accounts)}")
    first, last = parse_dates(dates, today(name))
    if (last - first).days >= _MOST_DATES:
        raise UsageError(f"more than {_MOST_DATES} dates", hint="use cromwelld backfill for so many")
    return Laid(account=name, first=first, last=last)


def take(state: Path) -> str | None:
    """Set the file aside and give its text; None if there is none. What a kill left set aside comes first.

    The caller enters it in the ledger and then forgets it; killed before that, it is taken once more.

    Raises: NotWritable; DamagedFile.
    """
    file, taken = state / FILE, state / TAKEN
    if not taken.exists():
        if not file.exists():
            return None
        with writing(taken):
            file.replace(taken)
            sync(state)
    try:
        with taken.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) <= _MOST_BYTES:
            return content.decode()
        reason = f"more than {_MOST_BYTES} bytes"
    except (OSError, UnicodeDecodeError) as err:
        reason = type(err).__name__
    raise DamagedFile(f"{taken} cannot be read: {reason}", hint=f"remove it, and write {file} again, shorter, as text")


def forget(state: Path) -> None:
    """Delete what was taken. Raises: NotWritable."""
    taken = state / TAKEN
    with writing(taken):
        taken.unlink(missing_ok=True)
        sync(state)

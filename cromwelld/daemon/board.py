"""What is being worked on just now, and who waits for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cromwelld.state import Run


@dataclass(slots=True, kw_only=True)
class Work:
    """A run that is being worked on, and how many of its answers have come."""

    run: Run
    total: int
    done: int = 0

    def words(self) -> str:
        """Say it in words."""
        first, last = self.run.dates[0], self.run.dates[-1]
        dates = str(first) if first == last else f"{first}..{last}"
        return f"{self.run.account}: collecting {dates} ({self.done} of {self.total})"


@dataclass(slots=True, kw_only=True)
class Import:
    """An export that is being imported, by the name of its first file, and how many files and dates are done."""

    account: str
    name: str
    done: int = 0

    def words(self) -> str:
        """Say it in words."""
        return f"{self.account}: importing {self.name} ({self.done:,} files and dates)"


class Board:
    """One line for each account at work; `changed` hears of every change, `ended` of every end."""

    def __init__(self, changed: Callable[[], None], ended: Callable[[], None]) -> None:
        self._changed = changed
        self._told = ended
        self._work: dict[str, Work] = {}
        self._ended: dict[int, asyncio.Event] = {}
        self._imports: dict[str, Import] = {}

    def import_begins(self, work: Import) -> None:
        """Write down that an export is being imported."""
        self._imports[work.account] = work
        self._changed()

    def import_ends(self, work: Import) -> None:
        """Write down that nothing more is done for an export."""
        self._imports.pop(work.account, None)
        self._told()
        self._changed()

    def begin(self, run: Run, total: int) -> None:
        """Write down that a run is being worked on."""
        self._work[run.account] = Work(run=run, total=total)
        self._changed()

    def count(self, account: str) -> None:
        """Count one answer."""
        if account in self._work:
            self._work[account].done += 1
            self._changed()

    def end(self, run: Run) -> None:
        """Write down that nothing more is done for a run, and tell who waits for it."""
        self._work.pop(run.account, None)
        waited = self._ended.pop(run.id, None)
        if waited is not None:
            waited.set()
        self._told()
        self._changed()

    def progress(self, run: int) -> Work | None:
        """Give how far a run is; None if it is not being worked on."""
        return next((work for work in self._work.values() if work.run.id == run), None)

    def ending(self, run: int) -> asyncio.Event:
        """Give the event that is set when a run ends; the caller looks whether it has ended already, after this."""
        return self._ended.setdefault(run, asyncio.Event())

    def words(self) -> str:
        """Say everything that is being worked on; empty if nothing is."""
        return "; ".join(
            [*(work.words() for work in self._work.values()), *(work.words() for work in self._imports.values())]
        )

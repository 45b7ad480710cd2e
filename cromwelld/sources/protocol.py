"""What every source offers to those who plan and collect."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from cromwelld.pieces import Answer, Piece, Stream


class Source(Protocol):
    """Turn pieces of work into answers."""

    @property
    def name(self) -> str:
        """Name the source as the archive's `Cromwelld_Day` names it."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what can be asked for, by name."""

    @property
    def ahead_s(self) -> float | None:
        """Give the seconds that our clock is before the vendor's, as far as one has said."""

    def fetch(self, pieces: Sequence[Piece]) -> AsyncGenerator[Answer, None]:
        """Ask for all pieces at once and yield answers as they complete, in no order.

        Each asked (stream, date) gets exactly one answer; an undated stream answers for the dates that it speaks of. A
        failing stream is an answer with its outcome, never an error. Close the generator (`contextlib.aclosing`) when
        stopping early: nothing is left running.

        Raises: LoginNeeded, Retired, OutOfBudget - after everything that was received has been yielded.
        """

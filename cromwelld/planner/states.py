"""How one stream of one date stands, in one word, and why; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from cromwelld.pieces import Outcome
from cromwelld.state import Entry

ACCEPTED = "accepted"  # as the ledger has it: a person took it as it is
_SHRUNK = "shrunk"  # as the ledger has it: the verdict on an answer that held too little


class State(Enum):
    """How a stream of a date stands: every one is in exactly one of these."""

    COMPLETE = "complete"
    PROVISIONAL = "provisional"
    PARTIAL = "partial"
    EMPTY = "empty"
    NOT_WORN = "not worn"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    NOT_OFFERED = "not offered"
    FAILED = "failed"
    SHRUNK = "shrunk"
    UNKNOWN = "unknown"
    NEVER_ASKED = "never asked"

    @property
    def lacking(self) -> bool:
        """Tell whether something may be missing that a person can do something about."""
        return self in {State.REFUSED, State.FAILED, State.SHRUNK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """A state, and the reason for it where there is more to say."""

    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known of the date around a stream: whether it is `archived`, and whether the watch was worn on it."""

    archived: bool = False
    worn: bool = True


_NOT_HAD: Mapping[Outcome, State] = {
    Outcome.FAILED: State.FAILED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.UNSUPPORTED: State.UNSUPPORTED,
    Outcome.NOT_OFFERED: State.NOT_OFFERED,
}


def stands(entry: Entry | None, around: Around) -> Stands:
    """Say how a stream of a date stands; `entry` None if the ledger has none."""
    if entry is None:
        if around.archived:
            return Stands(state=State.UNKNOWN, reason="the archive has the date, and does not tell of this")
        return Stands(state=State.NEVER_ASKED)
    return next(found for rule in _RULES if (found := rule(entry, around)) is not None)


def _not_had(entry: Entry, _: Around) -> Stands | None:
    state = _NOT_HAD.get(entry.outcome)
    accepted = f"{entry.reason}; accepted" if entry.outlook.settled == ACCEPTED else entry.reason
    return None if state is None else Stands(state=state, reason=accepted)


def _waits(entry: Entry, _: Around) -> Stands | None:
    return None if entry.stored else Stands(state=State.PROVISIONAL, reason="collected; waits to be stored")


def _shrunk(entry: Entry, _: Around) -> Stands | None:
    reason = "the vendor's newest answer holds less; what was archived before is kept"
    shrunk = entry.verdict == _SHRUNK and entry.outlook.settled != ACCEPTED
    return Stands(state=State.SHRUNK, reason=reason) if shrunk else None


def _open(entry: Entry, _: Around) -> Stands | None:
    due_at = entry.outlook.due_at
    if due_at is None:
        return None
    again = f"asked again on {due_at.date()}"
    reason = f"{entry.outlook.settled}; {again}" if entry.outlook.settled else again
    return Stands(state=State.PROVISIONAL, reason=reason)


def _sealed(entry: Entry, around: Around) -> Stands:
    if entry.outcome is Outcome.PARTIAL:
        return Stands(state=State.PARTIAL, reason=entry.outlook.settled)
    if entry.outcome is Outcome.OK:
        return Stands(state=State.COMPLETE, reason=entry.outlook.settled)
    return Stands(state=State.EMPTY if around.worn else State.NOT_WORN, reason=entry.outlook.settled)


_RULES: tuple[Callable[[Entry, Around], Stands | None], ...] = (_not_had, _waits, _shrunk, _open, _sealed)

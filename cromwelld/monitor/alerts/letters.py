"""What a person reads: a subject and a few lines, from alerts of one kind and account. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from cromwelld.monitor.alerts.model import FAULTS, AlertKind
from cromwelld.monitor.alerts.turns import Pending
from cromwelld.monitor.freshness import Fault, ago
from cromwelld.redaction import redacted
from cromwelld.state import Phase, Raised

_KINDS = {kind.word: kind for kind in AlertKind}
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message: `subject` is one line, `text` several; `mark` is the same whenever the same is told again.

    `kind` is the word of the alert's kind, "test" for a trial; `urgent` is what a person must see to.
    """

    subject: str
    text: str
    mark: str
    kind: str
    account: str = ""
    urgent: bool = True


def letter_of(pending: Pending, at: dt.datetime) -> Letter:
    """Write the letter about alerts, or about their end."""
    first = pending.alerts[0]
    kind = _KINDS.get(first.kind)
    subject = kind.subject if kind is not None else first.kind
    whose = f"{first.account}: " if first.account else ""
    fixed = pending.phase is Phase.FIXED
    lines = [line for one in pending.alerts[:_SHOWN] for line in (_fixed(one, at) if fixed else _raised(one))]
    more = len(pending.alerts) - _SHOWN
    return Letter(
        subject=f"[cromwelld] {'fixed: ' if fixed else ''}{whose}{subject}",
        text=redacted("\n".join([*lines, *([f"... and {more} more"] if more > 0 else [])])) + "\n",
        mark=_mark(pending),
        kind=first.kind,
        account=first.account,
        urgent=not fixed,
    )


def _raised(one: Raised) -> list[str]:
    """Say what happened, whose fault it is, and the one thing to do."""
    return [
        f"What: {one.what}.",
        f"Whose fault: {FAULTS[Fault(one.fault)]}.",
        f"To do: {one.remedy}.",
        f"Since: {one.raised_at:%Y-%m-%d %H:%M} UTC.",
        "",
    ]


def _fixed(one: Raised, at: dt.datetime) -> list[str]:
    gone = one.gone_at or at
    return [f"Fixed on {gone:%Y-%m-%d at %H:%M} UTC, after {ago(gone - one.raised_at)}. It was: {one.what}.", ""]


def _mark(pending: Pending) -> str:
    """Make a mark that a repeated letter has again, and no other."""
    parts = [pending.phase.value, *(f"{one.key} {one.raised_at.isoformat()}" for one in pending.alerts)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def trial(at: dt.datetime) -> Letter:
    """Write the letter of `cromwelld alert-test`."""
    text = f"This is a trial, sent on {at:%Y-%m-%d at %H:%M} UTC by cromwelld alert-test. Nothing has happened.\n"
    mark = hashlib.sha256(at.isoformat().encode()).hexdigest()[:32]
    return Letter(subject="[cromwelld] a trial", text=text, mark=mark, kind="test", urgent=False)

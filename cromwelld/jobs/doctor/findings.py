"""What a check found: a status, a sentence, and the one thing to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from cromwelld.errors import CromwelldError, FarSideAway, OutOfBudget, PersonNeeded, Refused

_AGAIN = "run cromwelld doctor again"
_MINUTE_S = 60


class Status(Enum):
    """How it is: well, worth a word, ill, or not looked at."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's result; all but a good one have a remedy, and a problem has the exit code that it calls for.

    No secret, no vendor's id and no health value is in it.
    """

    status: Status
    sentence: str
    remedy: str = ""
    code: int = 0


def well(sentence: str) -> Finding:
    """Find something good."""
    return Finding(status=Status.OK, sentence=sentence)


def warned(sentence: str, remedy: str) -> Finding:
    """Find something that works and that a person may not want."""
    return Finding(status=Status.WARNING, sentence=sentence, remedy=remedy)


def ill(sentence: str, remedy: str, *, code: int = 1) -> Finding:
    """Find something that a person must set right."""
    return Finding(status=Status.PROBLEM, sentence=sentence, remedy=remedy, code=code)


def skipped(sentence: str, remedy: str) -> Finding:
    """Find nothing, and say why."""
    return Finding(status=Status.SKIPPED, sentence=sentence, remedy=remedy)


def of_error(err: CromwelldError, remedy: str = "") -> Finding:
    """Turn one of our errors into a problem: its hint is the remedy, unless there is a better one."""
    code = PersonNeeded.exit_code if isinstance(err, Refused) else err.exit_code
    return ill(err.message, remedy or err.hint or _fallback(err), code=code)


def _fallback(err: CromwelldError) -> str:
    if isinstance(err, OutOfBudget) and err.retry_after_s is not None:
        return f"nothing to do: {_AGAIN} in {math.ceil(err.retry_after_s / _MINUTE_S)} min"
    if isinstance(err, FarSideAway):
        return f"see whether this machine is online and base_url, if it is set, is right; then {_AGAIN}"
    return f"{_AGAIN}; if it stays, tell those who make cromwelld what it says"

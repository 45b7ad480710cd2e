"""When a stream of a date is asked again, and when it is sealed; pure.

A date is asked once its devices have synced past its end, and again three and seven days later: what the vendor works
out overnight, and what a phone uploads late, comes within these. It is sealed when the last of these askings changed
nothing. Source: the rules are the project's own; field reports tell of evening gaps that no puller ever closed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cromwelld.pieces import Outcome
from cromwelld.state import Outlook

RUNGS = (dt.timedelta(days=3), dt.timedelta(days=7))
NEVER_SYNCED_AFTER = dt.timedelta(days=30)
NEVER_SYNCED, UNDATED, NOT_OFFERED = "never synced past its end", "undated", "not offered"
ENDS_HERE = "the export ends here; the next one completes it"
UNFINISHED = "the track is shorter than its activity"
REPEATED_AFTER = dt.timedelta(hours=20)  # an answer that is doubted counts when it is given again so much later

_EARLY = dt.timedelta(hours=1)  # an asking shortly before its time counts
_SOON = dt.timedelta(hours=1)
_NEXT_DAY = dt.timedelta(hours=20)
_NEXT_WEEK = dt.timedelta(days=7)
_FAILING_FOR_GOOD = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one asking showed of a stream on a date.

    `day_end` is the first instant after the date, `failing_since` when the failure was met first. `synced_at` is how
    far the newest device had synced, None if nobody knows: then what is asked is taken for all that there is.
    `brought_at` is when a device that was silent for long brought the date. `again` tells that it was answered before,
    `passed_at` what was known of the sync then; `changed` that the answer is another one than before; `unfinished`
    that a track was too short and this one is the same.
    """

    outcome: Outcome
    asked_at: dt.datetime
    day_end: dt.datetime
    synced_at: dt.datetime | None = None
    brought_at: dt.datetime | None = None
    passed_at: dt.datetime | None = None
    failing_since: dt.datetime | None = None
    again: bool = False
    changed: bool = False
    unfinished: bool = False


def outlook(asking: Asking) -> Outlook:
    """Tell when a stream of a date is due next after an asking; never, if it is sealed."""
    if asking.outcome is Outcome.NOT_OFFERED:
        return Outlook(settled=NOT_OFFERED)
    if asking.outcome.answered:
        return _passed(asking) if _seen_until(asking) >= asking.day_end else _open(asking)
    return Outlook(due_at=asking.asked_at + _rest(asking), passed_at=asking.passed_at)


def failed_for_good(asked_at: dt.datetime, failing_since: dt.datetime | None) -> bool:
    """Tell whether a failure has lasted so long that a person should know."""
    return failing_since is not None and asked_at - failing_since >= _FAILING_FOR_GOOD


def _rest(asking: Asking) -> dt.timedelta:
    """Say how long to leave a stream alone that could not be had."""
    if asking.outcome is Outcome.UNSUPPORTED:
        return _NEXT_WEEK
    if asking.outcome is Outcome.REFUSED:
        return _NEXT_DAY
    return _NEXT_WEEK if failed_for_good(asking.asked_at, asking.failing_since) else _SOON


def _seen_until(asking: Asking) -> dt.datetime:
    return asking.asked_at if asking.synced_at is None else asking.synced_at


def _open(asking: Asking) -> Outlook:
    """Leave a date open that is not over, or not synced past its end: a sync makes it due, else one last look."""
    last_look = asking.day_end + NEVER_SYNCED_AFTER
    if asking.synced_at is None:
        return Outlook(due_at=asking.asked_at + _SOON)
    if asking.asked_at < last_look:
        return Outlook(due_at=last_look)
    return Outlook(settled=NEVER_SYNCED)


def _passed(asking: Asking) -> Outlook:
    passed_at = asking.passed_at or asking.brought_at or (asking.asked_at if asking.again else asking.day_end)
    if asking.unfinished and asking.asked_at < passed_at + RUNGS[-1]:
        return Outlook(due_at=asking.asked_at + REPEATED_AFTER, passed_at=passed_at, settled=UNFINISHED)
    for rung in RUNGS:
        if asking.asked_at < passed_at + rung - _EARLY:
            return Outlook(due_at=passed_at + rung, passed_at=passed_at)
    if asking.again and asking.changed:
        return Outlook(due_at=asking.asked_at + RUNGS[-1], passed_at=passed_at)
    return Outlook(passed_at=passed_at)

"""How many requests may still be sent, decided before each of them; pure.

The vendor's own count is believed where it sends one, but never raises what is left within a window: answers overtake
one another. Where it sends none, the configured quota is counted down.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

_LONGEST_WINDOW = dt.timedelta(days=1)
_LEAST_SILENCE = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a vendor allows: `most` requests in each window, which begin on the clock.

    `reserve` of them are not for backfill. After a reset `margin_s` more is waited: clocks differ.
    """

    most: int
    window_s: float
    reserve: int = 0
    margin_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the headers of an answer say: requests left in the window and seconds to its end, None where they do not.

    `spent` is the vendor's refusal, whatever the numbers say.
    """

    left: int | None = None
    reset_s: float | None = None
    spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Requests left until `resets_at`; those `in_flight` are counted already.

    Until `silent_until`, which a refusal asked for, nothing is sent, whatever is left: it does not end the window.
    `late` were sent so near the end of the window that the vendor may count them in the next one.
    """

    left: int
    resets_at: dt.datetime
    in_flight: int = 0
    late: int = 0
    silent_until: dt.datetime | None = None


def fresh(quota: Quota, now: dt.datetime) -> Budget:
    """Begin the window in which `now` lies, with everything left."""
    passed_s = now.timestamp() % quota.window_s
    return Budget(left=quota.most, resets_at=now + dt.timedelta(seconds=quota.window_s - passed_s + quota.margin_s))


def at(budget: Budget, quota: Quota, now: dt.datetime) -> Budget:
    """Give the budget as it is now: renewed if its window is over; requests in flight or late count in the new one.

    A reset further away than any window can be is a clock that was wrong: the budget begins anew.
    """
    longest = _LONGEST_WINDOW + dt.timedelta(seconds=quota.window_s)
    silent = budget.silent_until
    if silent is not None and not now < silent <= now + longest:
        budget = replace(budget, silent_until=None)
    if budget.resets_at <= now or budget.resets_at - now > longest:
        new = fresh(quota, now)
        late = budget.late if (now - budget.resets_at).total_seconds() < quota.window_s else 0
        return replace(budget, left=max(0, new.left - budget.in_flight - late), resets_at=new.resets_at, late=0)
    return budget


def wait_s(budget: Budget, quota: Quota, now: dt.datetime, *, urgent: bool) -> float:
    """Say how long to wait before the next request; 0 if it may be sent now."""
    kept = 0 if urgent else quota.reserve
    ends = [budget.resets_at] if budget.left <= kept else []
    ends += [] if budget.silent_until is None else [budget.silent_until]
    return max((max(0.0, (end - now).total_seconds()) for end in ends), default=0.0)


def claimed(budget: Budget, quota: Quota, now: dt.datetime) -> Budget:
    """Count one request, before it is sent."""
    late = budget.late + _at_the_end(budget, quota, now)
    return replace(budget, left=budget.left - 1, in_flight=budget.in_flight + 1, late=late)


def _at_the_end(budget: Budget, quota: Quota, now: dt.datetime) -> bool:
    """Tell whether the vendor's window may be another than ours: clocks differ by the margin in either direction."""
    return (budget.resets_at - now).total_seconds() <= 2 * quota.margin_s


def settled(budget: Budget, quota: Quota, told: Told, now: dt.datetime) -> Budget:
    """Note an answer, or that there will be none: what the vendor says of the running window may only lower the count.

    Requests that are still in flight may not be in the vendor's number yet, so they are taken off it. A refusal asks
    for silence and says nothing of the window: what was believed to be left is left after it.
    """
    budget = replace(budget, in_flight=max(0, budget.in_flight - 1))
    ends = _end(told, now, quota)
    if told.spent:
        until = max(ends if ends is not None else budget.resets_at, now + _LEAST_SILENCE)
        return replace(budget, silent_until=max(until, budget.silent_until or until))
    if told.left is None:
        return budget
    left = max(0, min(told.left, quota.most) - budget.in_flight)
    if ends is not None and _is_next(ends, budget, quota, now):
        return replace(budget, left=left, resets_at=ends, late=0)
    return replace(budget, left=min(budget.left, left), resets_at=budget.resets_at if ends is None else ends)


def _is_next(ends: dt.datetime, budget: Budget, quota: Quota, now: dt.datetime) -> bool:
    """Tell whether the vendor speaks of the window behind ours already."""
    later_s = (ends - budget.resets_at).total_seconds()
    return _at_the_end(budget, quota, now) and later_s > quota.window_s / 2


def _end(told: Told, now: dt.datetime, quota: Quota) -> dt.datetime | None:
    longest_s = _LONGEST_WINDOW.total_seconds()
    if told.reset_s is None or not math.isfinite(told.reset_s) or not 0 <= told.reset_s <= longest_s:
        return None
    return now + dt.timedelta(seconds=told.reset_s + quota.margin_s)

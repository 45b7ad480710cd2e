"""What is kept of alerts from look to look, and which letters are to be sent; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cromwelld.monitor.alerts.model import Alert
from cromwelld.state import Phase, Raised

SETTLED = dt.timedelta(minutes=10)  # what is gone for less may be back at once


def turn(kept: Sequence[Raised], found: Iterable[Alert], at: dt.datetime) -> list[Raised]:
    """Hold what is found now against what is kept, and give what is to be kept.

    What is new is added; of what is found no more it is noted since when. What comes back is as it was, or, once a
    channel has told that it is fixed, begins anew, so that everybody hears of it again; so does what is to be told
    again after a time.
    """
    now = {alert.key: alert for alert in found}
    known = {one.key for one in kept}
    stays = [_turned(one, now.get(one.key), at) for one in kept]
    return stays + [_raised(alert, at) for key, alert in now.items() if key not in known]


def _turned(one: Raised, alert: Alert | None, at: dt.datetime) -> Raised:
    if alert is None:
        return replace(one, gone_at=one.gone_at or at)
    told_fixed = any(phase is Phase.FIXED for phase, _ in one.told)
    again = alert.again_after is not None and at - one.raised_at >= alert.again_after
    return _raised(alert, at) if told_fixed or again else replace(one, gone_at=None)


def _raised(alert: Alert, at: dt.datetime) -> Raised:
    return Raised(
        key=alert.key,
        kind=alert.kind.word,
        account=alert.account,
        what=alert.says.what,
        fault=alert.says.fault.value,
        remedy=alert.says.remedy,
        raised_at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A letter that is to be sent: alerts of one kind and account, of which the same is to be said."""

    phase: Phase
    alerts: tuple[Raised, ...]


def pending(kept: Iterable[Raised], channel: str, at: dt.datetime) -> list[Pending]:
    """Give the letters that a channel has not taken yet, oldest alert first.

    Of an alert that was gone before it could be told nothing is told, nor that it is fixed.
    """
    groups: dict[tuple[Phase, str, str], list[Raised]] = {}
    for one in kept:
        phase = _due(one, channel, at)
        if phase is not None:
            groups.setdefault((phase, one.kind, one.account), []).append(one)
    return [Pending(phase=phase, alerts=tuple(alerts)) for (phase, _, _), alerts in groups.items()]


def _due(one: Raised, channel: str, at: dt.datetime) -> Phase | None:
    heard = {phase for phase, by in one.told if by == channel}
    if Phase.RAISED not in heard:
        return Phase.RAISED if one.gone_at is None else None
    return Phase.FIXED if _over(one, at) and Phase.FIXED not in heard else None


def told(kept: Iterable[Raised], letter: Pending, channel: str) -> list[Raised]:
    """Note that a channel took a letter."""
    same = {(one.key, one.raised_at) for one in letter.alerts}
    mark = (letter.phase, channel)
    return [replace(one, told=one.told | {mark}) if (one.key, one.raised_at) in same else one for one in kept]


def lasting(kept: Iterable[Raised], channels: Iterable[str], at: dt.datetime) -> list[Raised]:
    """Leave out what is over, and of which no channel has anything to tell any more."""
    names = list(channels)
    return [one for one in kept if not _over(one, at) or any(_due(one, name, at) for name in names)]


def _over(one: Raised, at: dt.datetime) -> bool:
    return one.gone_at is not None and at - one.gone_at >= SETTLED

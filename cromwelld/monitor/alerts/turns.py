"""What changes when everything is looked at again, and which letters are to be sent; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cromwelld.monitor.alerts.model import Alert
from cromwelld.state import Phase, Raised

SETTLED = dt.timedelta(minutes=10)  # what is gone for less may be back at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What changes: alerts that are new, and the keys of those whose cause has gone, or is back.

    `anew` are those that come back after a channel has told that they are fixed: all is told again.
    """

    raised: tuple[Raised, ...] = ()
    anew: tuple[Raised, ...] = ()
    gone: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


def turn(kept: Sequence[Raised], found: Iterable[Alert], at: dt.datetime) -> Turn:
    """Hold what is found now against what is kept."""
    now = {alert.key: alert for alert in found}
    known = {one.key for one in kept}
    back = [one for one in kept if one.gone_at is not None and one.key in now]
    return Turn(
        raised=tuple(_raised(alert, at) for key, alert in now.items() if key not in known),
        anew=tuple(_raised(now[one.key], at) for one in back if _told_fixed(one)),
        gone=tuple(one.key for one in kept if one.gone_at is None and one.key not in now),
        back=tuple(one.key for one in back if not _told_fixed(one)),
    )


def _told_fixed(one: Raised) -> bool:
    return any(phase is Phase.FIXED for phase, _ in one.told)


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


def over(kept: Iterable[Raised], at: dt.datetime) -> list[Raised]:
    """Give the alerts that have been gone for long enough."""
    return [one for one in kept if one.gone_at is not None and at - one.gone_at >= SETTLED]


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
    told = {phase for phase, by in one.told if by == channel}
    if Phase.RAISED not in told:
        return Phase.RAISED if one.gone_at is None else None
    settled = one.gone_at is not None and at - one.gone_at >= SETTLED
    return Phase.FIXED if settled and Phase.FIXED not in told else None


def done(kept: Iterable[Raised], channels: Iterable[str], at: dt.datetime) -> list[str]:
    """Give the keys of what is over, and of which no channel has anything to tell any more."""
    names = list(channels)
    return [one.key for one in over(kept, at) if all(_due(one, name, at) is None for name in names)]

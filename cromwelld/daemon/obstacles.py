"""What keeps the schedule from asking for an account, and when that is over."""

from __future__ import annotations

import datetime as dt

from cromwelld.daemon.member import Member
from cromwelld.errors import CromwelldError, LoginNeeded, PersonNeeded, Retired
from cromwelld.events import Event, Kind
from cromwelld.state import Obstacle, Standing

_LOOK_AGAIN = dt.timedelta(minutes=15)  # somebody may lay a login there by hand
_ASK_AGAIN = dt.timedelta(days=1)
_AT_THE_VENDOR = (Obstacle.LOGIN, Obstacle.PERSON, Obstacle.RETIRED)


def rest(member: Member, now: dt.datetime) -> dt.datetime | None:
    """Say until when the schedule asks nothing; None if nothing is in the way. Blocks."""
    found = member.places.ledger.standings.of(member.name).values()
    return max((one.until or now + _LOOK_AGAIN for one in found if not _over(member, one, now)), default=None)


def over(member: Member, now: dt.datetime) -> list[Obstacle]:
    """List the obstacles that are entered and in the way no more. Blocks."""
    found = member.places.ledger.standings.of(member.name).values()
    return [one.obstacle for one in found if _over(member, one, now)]


def retired(member: Member) -> Standing | None:
    """Give what is known of the vendor's end, if it is this very vendor that has ended. Blocks."""
    found = member.places.ledger.standings.of(member.name).get(Obstacle.RETIRED)
    return found if found is not None and found.way == member.way else None


def _over(member: Member, standing: Standing, now: dt.datetime) -> bool:
    ended = standing.until is not None and standing.until <= now
    return ended or (standing.obstacle is not Obstacle.PAUSED and standing.way != _way(member, standing.obstacle))


def _way(member: Member, obstacle: Obstacle) -> str:
    """Say what an obstacle befell: another login is no longer in its way, except where the vendor has ended."""
    if obstacle is Obstacle.RETIRED or member.line is None or member.line.access.store is None:
        return member.way
    return f"{member.way} {member.account.client_id} {member.line.access.store.mark()}"


def learn(member: Member, ended_by: CromwelldError | None, *, answered: bool) -> None:
    """Enter what ended a run; whatever was in the way before is not, where the vendor answered. Blocks."""
    standings, now = member.places.ledger.standings, member.places.clock()
    obstacle = _obstacle(ended_by)
    if obstacle is None or ended_by is None:
        if answered and standings.of(member.name).keys() & set(_AT_THE_VENDOR):
            standings.clear(member.name, *_AT_THE_VENDOR)
        return
    standing = Standing(
        obstacle=obstacle,
        reason=ended_by.message,
        way=_way(member, obstacle),
        since=now,
        until=now + _ASK_AGAIN if obstacle is Obstacle.PERSON else None,
    )
    if obstacle is Obstacle.RETIRED and retired(member) is None:
        member.places.report(Event(Kind.API_RETIRED, {"source": member.account.source, "reason": ended_by.message}))
    standings.put(member.name, standing)


def _obstacle(err: CromwelldError | None) -> Obstacle | None:
    kinds = ((LoginNeeded, Obstacle.LOGIN), (PersonNeeded, Obstacle.PERSON), (Retired, Obstacle.RETIRED))
    return next((obstacle for kind, obstacle in kinds if isinstance(err, kind)), None)


def known(member: Member) -> list[Standing]:
    """List what is in the way now. Blocks."""
    now = member.places.clock()
    found = member.places.ledger.standings.of(member.name).values()
    return [one for one in found if not _over(member, one, now)]

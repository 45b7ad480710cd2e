"""The routes of what people do now and then: backfill, verify, accept, pause."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress
from typing import Annotated

import msgspec

from cromwelld.web.call import Answer, Body, Call, as_json, count_of, number_of
from cromwelld.web.problems import Problem
from cromwelld.web.protocol import BackfillWish, Daemon, Verification
from cromwelld.web.runs import LONGEST_WAIT_S, Name, check_date, streams_of


class BackfillBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """Which dates are to be filled, both included."""

    account: Name
    first: dt.date
    last: dt.date | None = None
    dry_run: bool = False


class VerifyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose dates are read back, and whether what the archive can mend is mended."""

    account: Name
    repair: bool = False


class AcceptBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date that is settled as it is; streams of it, or all."""

    account: Name
    date: dt.date
    streams: Annotated[list[Name], msgspec.Meta(max_length=100)] = []


class PauseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when nothing is collected; null: until it is resumed."""

    until: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


_BACKFILL, _VERIFY, _ACCEPT, _PAUSE = Body(BackfillBody), Body(VerifyBody), Body(AcceptBody), Body(PauseBody)


async def backfill(daemon: Daemon, call: Call) -> Answer:
    """Plan a backfill; 202 if it was entered, 200 for a dry run."""
    body = _BACKFILL.read(call)
    streams_of(daemon, body.account)
    last = body.last or dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    for date in (body.first, last):
        check_date(date)
    if body.first > last:
        raise Problem(422, "from is after to")
    wish = BackfillWish(account=body.account, first=body.first, last=last, dry_run=body.dry_run)
    return as_json(await daemon.backfill(wish), status=200 if body.dry_run else 202)


async def verify(daemon: Daemon, call: Call) -> Answer:
    """Begin to read everything back: 202 and where to look for its end."""
    body = _VERIFY.read(call)
    streams_of(daemon, body.account)
    begun = await daemon.ask_verification(body.account, repair=body.repair)
    return as_json(begun, status=202, headers={"Location": f"/v1/verifications/{begun.id}"})


async def verification(daemon: Daemon, call: Call) -> Answer:
    """Give a reading back, at once or when it has ended, `wait` seconds at most."""
    number = number_of(call, "verification")
    wait_s = count_of(call, "wait", 0, LONGEST_WAIT_S)
    found = await _found(daemon, number)
    if wait_s and not found.ended:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await daemon.verification_ended(number)
        found = await _found(daemon, number)
    return as_json(found)


async def accept(daemon: Daemon, call: Call) -> Answer:
    """Settle streams of a date as they are."""
    body = _ACCEPT.read(call)
    unknown = [name for name in body.streams if name not in streams_of(daemon, body.account)]
    if unknown:
        raise Problem(422, f"{body.account} has no stream {', '.join(unknown)}")
    check_date(body.date)
    accepted = await daemon.accept(body.account, body.date, frozenset(body.streams))
    return as_json({"account": body.account, "date": body.date, "accepted": sorted(accepted)})


async def pause(daemon: Daemon, call: Call) -> Answer:
    """Collect nothing for an account until a time, or until it is resumed."""
    account = call.parts["account"]
    streams_of(daemon, account)
    until = _PAUSE.read(call).until
    if until is not None and until <= dt.datetime.now(dt.UTC):
        raise Problem(422, "until has passed already")
    return as_json(await daemon.pause(account, None if until is None else until.astimezone(dt.UTC)))


async def resume(daemon: Daemon, call: Call) -> Answer:
    """Collect for an account again."""
    account = call.parts["account"]
    streams_of(daemon, account)
    return as_json(await daemon.resume(account))


async def _found(daemon: Daemon, number: int) -> Verification:
    found = await daemon.verification(number)
    if found is None:
        raise Problem(404, "there is no reading back of that number")
    return found

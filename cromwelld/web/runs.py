"""The routes of runs and dates: wish, look, wait."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from cromwelld.planner import EARLIEST
from cromwelld.state import Run, RunWish, WishedBy
from cromwelld.web.call import JSON, Answer, Body, Call, as_json, count_of, date_of, number_of
from cromwelld.web.problems import Problem
from cromwelld.web.protocol import Collecting

MOST_DATES = 366
LONGEST_WAIT_S = 30
_MOST_RUNS, _RUNS = 500, 50
_DAYS = 30
_LATEST_ZONE = ZoneInfo("Etc/GMT-14")  # where a date begins first

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]+$", max_length=100)]


class WishBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dates are wished, whose, and which streams are taken whatever is stored."""

    account: Name
    dates: Annotated[list[dt.date], msgspec.Meta(min_length=1, max_length=MOST_DATES)]
    force: Annotated[list[Name], msgspec.Meta(max_length=100)] = []
    wished_by: Annotated[str, msgspec.Meta(pattern="^(http|command)$")] = WishedBy.HTTP.value


_WISH = Body(WishBody)


async def ask(daemon: Collecting, call: Call) -> Answer:
    """Enter a wish: 202 and the run, which is on the disk."""
    wish = _WISH.read(call)
    streams = streams_of(daemon, wish.account)
    unknown = [name for name in wish.force if name not in streams]
    if unknown:
        hint = f"the streams are: {', '.join(sorted(streams))}"
        raise Problem(422, f"{wish.account} has no stream {', '.join(unknown)}", hint=hint)
    for date in wish.dates:
        check_date(date)
    run = await daemon.ask_run(
        RunWish(
            account=wish.account,
            dates=frozenset(wish.dates),
            force=frozenset(wish.force),
            wished_by=WishedBy(wish.wished_by),
        )
    )
    return as_json(_document(daemon, run), status=202, headers={"Location": f"/v1/runs/{run.id}"})


async def newest(daemon: Collecting, call: Call) -> Answer:
    """List the newest runs, newest first."""
    account = call.query.get("account")
    if account is not None:
        streams_of(daemon, account)
    runs = await daemon.runs(account, count_of(call, "limit", _RUNS, _MOST_RUNS))
    return as_json({"runs": [_document(daemon, run) for run in runs]})


async def one(daemon: Collecting, call: Call) -> Answer:
    """Give one run, at once or when it has ended, `wait` seconds at most."""
    number = number_of(call, "run")
    wait_s = count_of(call, "wait", 0, LONGEST_WAIT_S)
    run = await _found(daemon, number)
    if wait_s and not run.state.ended:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await daemon.run_ended(number)
        run = await _found(daemon, number)
    return as_json(_document(daemon, run))


async def report(daemon: Collecting, call: Call) -> Answer:
    """Give everything that a person is told of a run that has ended."""
    number = number_of(call, "run")
    await _found(daemon, number)
    text = await daemon.run_report(number)
    if not text:
        raise Problem(404, f"run {number} has no report: it has not ended, or its report is forgotten")
    return Answer(body=text.encode(), content_type=JSON)


async def days(daemon: Collecting, call: Call) -> Answer:
    """Tell how each date stands, stream by stream: the last month, or from `from` to `to`."""
    account = account_in(daemon, call)
    last = date_of(call, "to") or _latest_today()
    first = date_of(call, "from") or max(EARLIEST, last - dt.timedelta(days=_DAYS - 1))
    if first > last:
        raise Problem(422, "from is after to")
    if (last - first).days >= MOST_DATES:
        raise Problem(422, f"these are more than {MOST_DATES} dates", hint="ask for them in parts")
    for date in (first, last):
        check_date(date)
    return as_json({"account": account, "days": await daemon.days(account, first, last)})


def account_in(daemon: Collecting, call: Call) -> str:
    """Give the account of the query, or the only one. Raises: Problem 400 or 404."""
    named = call.query.get("account")
    if named is None and len(daemon.accounts) == 1:
        return next(iter(daemon.accounts))
    if named is None:
        raise Problem(400, "there are several accounts", hint=f"say which: ?account=, one of {_names(daemon)}")
    streams_of(daemon, named)
    return named


def streams_of(daemon: Collecting, account: str) -> Collection[str]:
    """Give the streams of an account. Raises: Problem 404."""
    streams = daemon.accounts.get(account)
    if streams is None:
        raise Problem(404, "there is no account of that name", hint=f"the configuration has: {_names(daemon)}")
    return streams


def _names(daemon: Collecting) -> str:
    return ", ".join(daemon.accounts)


def check_date(date: dt.date) -> None:
    """Refuse a date that has begun nowhere, or of which there can be no data. Raises: Problem 422."""
    if date > _latest_today():
        raise Problem(422, f"{date} has not begun yet")
    if date < EARLIEST:
        raise Problem(422, f"{date}: there are no data before {EARLIEST}")


def _latest_today() -> dt.date:
    return dt.datetime.now(_LATEST_ZONE).date()


async def _found(daemon: Collecting, number: int) -> Run:
    run = await daemon.run(number)
    if run is None:
        raise Problem(404, "there is no run of that number")
    return run


def _document(daemon: Collecting, run: Run) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(run)
    return {**found, "progress": None if run.state.ended else daemon.run_progress(run.id)}

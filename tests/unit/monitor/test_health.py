"""What the probes answer, and the checks that are kept for them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from cromwelld.errors import NotWritable
from cromwelld.jobs.importing.standing import Exports
from cromwelld.monitor.health import MEANINGS, Code, Health, Liveness, Reason, alive, fresh, ready
from cromwelld.monitor.readiness import Check, Readiness
from cromwelld.monitor.snapshot import AccountNow, Device, Disk, Login, Snapshot, Trouble
from cromwelld.outbox import Held

NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LIMIT_S = 36 * 3600.0
ME = AccountNow(
    source="google_health",
    began_at=NOW - 1000 * HOUR,
    devices=(Device(name="Pixel Watch 3", last_sync=NOW - HOUR),),
    newest={"HeartRate_Intraday": NOW - HOUR},
    answered={"heart_rate": NOW},
)
WELL = Snapshot(at=NOW, accounts={"me": ME}, clock_ahead_s={"google_health": 0.4})
LATE = replace(ME, newest={}, answered={"heart_rate": NOW - 2 * HOUR})
UNWORN = replace(ME, newest={})


def codes(health: Health) -> list[tuple[str, str]]:
    return [(reason.code, reason.account) for reason in health.reasons]


def test_every_code_has_its_meaning() -> None:
    assert set(MEANINGS) == set(Code)


# --- /healthz


def test_a_daemon_whose_tasks_live_is_alive() -> None:
    assert alive(Liveness(longest_turn_s=0.01, dead_tasks={})) == Health(ok=True)


def test_a_dead_task_or_a_stalled_loop_is_no_life() -> None:
    found = alive(Liveness(longest_turn_s=11.0, dead_tasks={"scheduler": "ValueError in schedule.py, line 7"}))
    assert not found.ok
    assert codes(found) == [("loop_stalled", ""), ("task_dead", "")]
    assert found.reasons[1].sentence == "scheduler: ValueError in schedule.py, line 7"


# --- /readyz


def test_what_is_well_is_ready() -> None:
    assert ready(WELL) == Health(ok=True)


def test_a_daemon_that_knows_nothing_yet_is_not_ready() -> None:
    assert codes(ready(None)) == [("starting", "")]


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (replace(WELL, accounts={"me": replace(ME, login=Login(needed="401"))}), [("login_needed", "me")]),
        (
            replace(WELL, accounts={"me": replace(ME, outbox=Held(pieces=1, size_bytes=1, oldest=NOW - 27 * HOUR))}),
            [("outbox_stuck", "me")],
        ),
        (replace(WELL, accounts={"me": replace(ME, outbox=Held(pieces=1, size_bytes=1, oldest=NOW - HOUR))}), []),
        (replace(WELL, archive=Trouble(since=NOW, sentence="s3.example.org is away")), [("archive_away", "")]),
        (replace(WELL, disks=(Disk(key="state_dir", path="/s", free=999_999_999, total=10**12),)), [("disk_full", "")]),
        (replace(WELL, disks=(Disk(key="state_dir", path="/s", free=10**9, total=10**12),)), []),
        (replace(WELL, clock_ahead_s={"google_health": -301.0}), [("clock_wrong", "")]),
        (replace(WELL, clock_ahead_s={"google_health": 300.0}), []),
    ],
)
def test_what_is_in_the_way_is_said(snapshot: Snapshot, expected: list[tuple[str, str]]) -> None:
    found = ready(snapshot)
    assert codes(found) == expected
    assert found.ok is not bool(expected)


def test_what_checks_found_is_said_first() -> None:
    folder = Reason(code=Code.FOLDER, account="me", sentence="cannot write /srv")
    found = ready(replace(WELL, archive=Trouble(since=NOW, sentence="x")), [folder])
    assert codes(found) == [("folder_not_writable", "me"), ("archive_away", "")]


# --- /freshz


def test_data_that_are_here_are_fresh() -> None:
    assert fresh(WELL, LIMIT_S) == Health(ok=True)


@pytest.mark.parametrize(
    ("account", "ok", "code"),
    [
        (LATE, False, "stale"),
        (replace(ME, answered={"heart_rate": NOW - 37 * HOUR}), False, "unanswered"),
        (UNWORN, True, "not_worn"),
        (replace(ME, devices=(Device(name="x", last_sync=NOW - 48 * HOUR),)), True, "not_synced"),
        (replace(ME, devices=()), True, "sync_unknown"),
        (replace(ME, answered={}, began_at=NOW), True, "beginning"),
        (replace(LATE, paused=True), True, "paused"),
        (replace(ME, source="import", exports=Exports(until=dt.date(2025, 8, 1))), True, "export_due"),
        (replace(ME, source="import", exports=Exports(until=dt.date(2025, 6, 1))), False, "export_late"),
    ],
)
def test_only_what_is_missing_is_a_no(account: AccountNow, code: str, *, ok: bool) -> None:
    found = fresh(replace(WELL, accounts={"me": account}), LIMIT_S)
    assert (found.ok, codes(found)) == (ok, [(code, "me")])


def test_one_account_that_is_stale_is_a_no_for_all() -> None:
    found = fresh(replace(WELL, accounts={"me": ME, "partner": LATE}), LIMIT_S)
    assert (found.ok, codes(found)) == (False, [("stale", "partner")])


def test_nothing_known_is_not_fresh() -> None:
    assert codes(fresh(None, LIMIT_S)) == [("starting", "")]


# --- checks that look


def check(look: Callable[[], Awaitable[None]], **more: float) -> Check:
    return Check(name="data folder", code=Code.FOLDER, look=look, account="me", **more)


async def settled(readiness: Readiness, expected: tuple[Reason, ...]) -> None:
    """Wait until something is known."""
    async with asyncio.timeout(5):
        while readiness.known() != expected:
            await asyncio.sleep(0.005)


async def test_a_check_is_made_again_and_says_when_all_is_well_again() -> None:
    wrong = [True]

    async def look() -> None:
        if wrong[0]:
            raise NotWritable("cannot write /srv/data", hint="make room")

    readiness = Readiness([check(look, fresh_s=0.01)])
    assert readiness.known() == ()
    running = asyncio.ensure_future(readiness.run())
    await settled(readiness, (Reason(code="folder_not_writable", account="me", sentence="cannot write /srv/data"),))
    wrong[0] = False
    await settled(readiness, ())
    running.cancel()


async def test_other_checks_are_made_at_once_and_those_that_are_gone_say_no_more() -> None:
    async def fail() -> None:
        raise NotWritable("cannot write /state")

    async def fail_too() -> None:
        raise NotWritable("cannot write /srv/partner")

    first = Check(name="state folder", code=Code.FOLDER, look=fail, fresh_s=1000)
    readiness = Readiness([first])
    running = asyncio.ensure_future(readiness.run())
    away = Reason(code="folder_not_writable", sentence="cannot write /state")
    await settled(readiness, (away,))
    readiness.change([first, Check(name="partner's", code=Code.FOLDER, look=fail_too, fresh_s=1000)])
    assert readiness.known() == (away,)
    await settled(readiness, (away, Reason(code="folder_not_writable", sentence="cannot write /srv/partner")))
    readiness.change([])
    assert readiness.known() == ()
    running.cancel()


async def test_a_check_that_hangs_is_said_and_holds_up_nobody() -> None:
    begun = 0
    free = asyncio.Event()

    async def hang() -> None:
        nonlocal begun
        begun += 1
        await free.wait()

    async def fail() -> None:
        raise NotWritable("cannot write /state")

    other = Check(name="state folder", code=Code.FOLDER, look=fail)
    readiness = Readiness([check(hang, timeout_s=0.01, fresh_s=0.01), other])
    running = asyncio.ensure_future(readiness.run())
    slow = Reason(code="check_timed_out", account="me", sentence="data folder takes longer than 0.01 s")
    away = Reason(code="folder_not_writable", sentence="cannot write /state")
    await settled(readiness, (slow, away))
    await asyncio.sleep(0.05)
    assert begun == 1  # a thread that hangs would otherwise be joined by one more each time
    free.set()
    await settled(readiness, (away,))
    running.cancel()

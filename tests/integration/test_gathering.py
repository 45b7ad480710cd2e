"""How everything stands after real collections, as metrics, probes and alerts are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.errors import LoginNeeded
from cromwelld.events import Event, Kind
from cromwelld.jobs.days import days_of
from cromwelld.monitor.gathering import Gatherer, Watched
from cromwelld.monitor.seen import Seen
from cromwelld.monitor.snapshot import AccountNow, Login, Snapshot
from cromwelld.sources.oauth import Tokens
from cromwelld.state import Left, Obstacle, RunEnd, RunState, RunWish, Standing, WishedBy
from tests.support.answers import answer, heart_rate, night, utc
from tests.support.collecting import DATE, Household
from tests.support.faltering import Faltering
from tests.support.places import places_in

BEATS = heart_rate(DATE, range(0, 600, 5))
NIGHT = night(DATE, [("2025-10-07T22:10:00", "2025-10-08T05:50:00")])
DAY = dt.date.fromisoformat(DATE)
HOUR = dt.timedelta(hours=1)
DAYS = dt.timedelta(days=1)


def failed(stream: str, reason: str = "503: the vendor is away or busy") -> object:
    return answer(stream, DATE, {}, outcome="failed", reason=reason)


class Watcher:
    """A household that is looked at after each collection."""

    def __init__(self, root: Path) -> None:
        self.home = Household(root)
        self.seen = Seen(self.home.clock)
        self.gatherer = Gatherer(seen=self.seen, clock=self.home.clock)

    async def collect(self, *answers: object, ends_with: LoginNeeded | None = None) -> None:
        await self.home.collect(*answers, ends_with=ends_with)  # type: ignore[arg-type] # answers of the helpers
        for event in self.home.events:
            self.seen.report(event)

    def look(self, **more: object) -> Snapshot:
        with places_in(self.home.root, self.home.clock) as places:
            watched = Watched(places=places, source="fitbit_web", **more)  # type: ignore[arg-type] # its fields
            return self.gatherer.gather([watched], {"accounts.me.data_dir": self.home.root / "data" / "to come"})

    def me(self, **more: object) -> AccountNow:
        return self.look(**more).accounts["me"]


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path)


async def test_what_was_collected_is_known(watcher: Watcher) -> None:
    before = watcher.me()
    assert (before.began_at, before.dates, before.uploaded_at) == (None, {}, None)
    await watcher.collect(BEATS, NIGHT)
    me = watcher.me()
    assert me.began_at == me.uploaded_at == watcher.home.clock.now
    assert me.newest["HeartRate_Intraday"] == utc("2025-10-08T00:09:55")
    assert me.dates == {"complete": 1}
    assert me.refusal == ""
    assert me.outbox is None


async def test_a_folder_that_is_to_come_is_on_the_disk_above_it(watcher: Watcher) -> None:
    (disk,) = watcher.look().disks
    assert disk.key == "accounts.me.data_dir"
    assert 0 < disk.free < disk.total


async def test_a_stream_that_fails_for_a_week_loses_its_date(watcher: Watcher) -> None:
    await watcher.collect(BEATS, failed("sleep"))
    assert watcher.me().lost == {}
    watcher.home.clock.now += 8 * DAYS
    await watcher.collect(BEATS, failed("sleep"))
    assert watcher.me().lost == {DAY: "sleep: 503: the vendor is away or busy"}
    assert watcher.me().dates == {"incomplete": 1}
    watcher.home.clock.now += HOUR
    await watcher.collect(BEATS, NIGHT)
    assert watcher.me().lost == {}


async def test_what_was_lost_long_ago_is_history(watcher: Watcher) -> None:
    await watcher.collect(failed("sleep"))
    watcher.home.clock.now += 70 * DAYS
    await watcher.collect(failed("sleep"))
    assert watcher.me().lost == {}


async def test_why_data_do_not_come_is_known(watcher: Watcher) -> None:
    await watcher.collect(failed("heart_rate", "403: the vendor gives no permission"), NIGHT)
    assert watcher.me().refusal == "403: the vendor gives no permission"
    await watcher.collect(BEATS, ends_with=LoginNeeded("401: the login has ended"))
    assert watcher.me().refusal == "401: the login has ended"
    await watcher.collect(BEATS)
    assert watcher.me().refusal == ""


async def test_an_archive_that_is_away_is_known_until_it_is_back(watcher: Watcher) -> None:
    store = Faltering(watcher.home.root / "archive")
    watcher.home.store = store
    store.away = True
    await watcher.collect(BEATS)
    trouble = watcher.look().archive
    assert trouble is not None
    assert trouble.since == watcher.home.clock.now
    watcher.home.clock.now += HOUR
    await watcher.collect(BEATS, NIGHT)
    assert watcher.look().archive == trouble
    held = watcher.me().outbox
    assert held is not None
    assert held.pieces == 2
    store.away = False
    await watcher.collect(BEATS)
    assert watcher.look().archive is None


def test_login_budget_and_obstacles_are_shown(watcher: Watcher) -> None:
    now = watcher.home.clock.now
    with places_in(watcher.home.root, watcher.home.clock) as places:
        places.ledger.budgets.save("me", "fitbit_web", Left(7, now + HOUR))
        wish = RunWish(account="me", dates=frozenset({DAY}), wished_by=WishedBy.SCHEDULE)
        for number, state in enumerate((RunState.DONE, RunState.INCOMPLETE)):
            run = places.ledger.runs.ask(wish, now)
            places.ledger.runs.begin(run.id, now)
            places.ledger.runs.end(run.id, RunEnd(state=state), now + number * HOUR)
    tokens = Tokens(access_token="x", expires_at=now + HOUR, refresh_expires_at=now + 2 * HOUR)
    obstacles = [
        Standing(obstacle=Obstacle.LOGIN, reason="401", way="", since=now),
        Standing(obstacle=Obstacle.PAUSED, reason="", way="", since=now),
    ]
    me = watcher.me(tokens=tokens, obstacles=obstacles, origin="fitbit_web")
    assert me.login == Login(needed="401", access_ends_at=now + HOUR, refresh_ends_at=now + 2 * HOUR)
    assert me.paused
    assert me.budgets["fitbit_web"].left == 7
    assert me.last_success_at == now


def test_clocks_are_compared_by_source(watcher: Watcher) -> None:
    watcher.seen.report(Event(Kind.REQUEST_ANSWERED, {"source": "google_health", "ahead_s": -400.5}))
    watcher.seen.report(Event(Kind.REQUEST_ANSWERED, {"source": "google_health"}))
    assert watcher.look().clock_ahead_s == {"google_health": -400.5}


async def test_what_takes_long_is_counted_anew_only_when_something_changed(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = 0

    def counting(*arguments: object) -> object:
        nonlocal counted
        counted += 1
        return days_of(*arguments)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr("cromwelld.monitor.gathering.days_of", counting)
    for _ in range(3):
        watcher.look()
    assert counted == 1
    await watcher.collect(BEATS)
    watcher.look()
    watcher.look()
    assert counted == 2

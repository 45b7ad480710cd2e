"""Cycles of one account over days of simulated time: what is asked, when, and when a date is final."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cromwelld import localtime
from cromwelld.errors import ClockWrong
from cromwelld.events import Event, Kind
from cromwelld.jobs.cycle import Cycled, Turn, cycle
from cromwelld.jobs.performing import Sources
from cromwelld.lake.reader import load_date, load_days
from cromwelld.pieces import Outcome
from cromwelld.state import Stretch
from tests.support.answers import ZONE
from tests.support.cloud import Cloud
from tests.support.places import Clock, files_of, places_in

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
START = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
YESTERDAY, TODAY = dt.date(2025, 10, 8), dt.date(2025, 10, 9)


@dataclass
class Home:
    """One account's folders below `root`, before a cloud, with one clock."""

    root: Path
    clock: Clock = field(default_factory=lambda: Clock(START))
    events: list[Event] = field(default_factory=list)
    cloud: Cloud = field(init=False)

    def __post_init__(self) -> None:
        self.cloud = Cloud(clock=self.clock)

    async def cycle(
        self, *, light: bool = False, backfill: tuple[dt.date, dt.date] | None = None, most_batches: int | None = None
    ) -> Cycled:
        self.cloud.requests.clear()
        self.events.clear()
        with places_in(self.root, self.clock, self.events) as places:
            if backfill is not None:
                places.ledger.open_work.promise("me", Stretch(first=backfill[0], last=backfill[1]))
            sources = Sources(urgent=self.cloud.source(urgent=True), patient=self.cloud.source(urgent=False))
            today = localtime.local_date(self.clock(), ZONE)
            turn = Turn(today=today, light=light, most_batches=most_batches)
            return await cycle(sources, places, turn, lambda _: None)

    async def daily(self, days: int) -> None:
        for _ in range(days):
            self.clock.now += DAY
            await self.cycle()

    def sealed(self, first: dt.date, last: dt.date) -> dict[dt.date, bool]:
        days = load_days(first.isoformat(), last.isoformat(), self.root / "data")
        return {
            dt.date.fromisoformat(str(date)): bool(final)
            for date, final in zip(days["date"], days["sealed"], strict=True)
        }

    def beats(self, date: dt.date) -> int:
        return len(load_date(date.isoformat(), self.root / "data").get("HeartRate_Intraday", ()))

    def said(self, kind: Kind) -> list[Event]:
        return [event for event in self.events if event.kind is kind]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def since(day: dt.date, days: int) -> dt.date:
    return day + days * DAY


async def test_the_first_cycle_asks_for_yesterday_and_today_and_nothing_older(home: Home) -> None:
    await home.cycle()
    assert home.cloud.asked("heart_rate") == [(YESTERDAY, YESTERDAY), (TODAY, TODAY)]
    assert home.cloud.asked("hrv") == [(YESTERDAY, TODAY)]
    assert home.beats(YESTERDAY) == 144
    assert home.beats(TODAY) == 24  # every ten minutes from local midnight, 23:00 UTC, to 03:00


async def test_a_cycle_is_said_in_one_line(home: Home) -> None:
    done = await home.cycle()
    (event,) = home.said(Kind.DATES_COLLECTED)
    assert (event.fields["account"], event.fields["ended_by"]) == ("me", "")
    assert event.fields["answered"] == sum(item.outcome.answered for item in done.asked) > 0
    assert (event.fields["failed"], event.fields["stored"], event.fields["waiting"]) == (0, 2, 0)
    assert {"fetch_s", "store_s"} <= event.fields.keys()


async def test_a_second_cycle_at_the_same_instant_asks_nothing_but_the_devices(home: Home) -> None:
    await home.cycle()
    before = files_of(home.root)
    await home.cycle()
    assert {one.stream for one in home.cloud.requests} == {"devices"}
    assert files_of(home.root) == before


async def test_a_night_writes_the_tables_once(home: Home) -> None:
    await home.cycle()
    home.clock.now += DAY
    done = await home.cycle()
    (written,) = home.said(Kind.TABLES_WRITTEN)  # yesterday waited, and today's answers came in two steps
    assert written.fields["dates"] == len(done.stored) == 2


async def test_the_rungs_of_a_date(home: Home) -> None:
    await home.cycle()
    asked = []
    for day in range(1, 10):
        await home.daily(1)
        if (YESTERDAY, YESTERDAY) in home.cloud.asked("heart_rate"):
            asked.append(day)
    assert asked == [3, 7]  # three and seven days after its end, which was three hours before the first cycle
    assert home.sealed(YESTERDAY, since(TODAY, 2)) == {
        YESTERDAY: True, TODAY: True, since(TODAY, 1): True, since(TODAY, 2): False,
    }  # fmt: skip


async def test_trailing_dates_of_a_range_stream_are_one_request_a_day(home: Home) -> None:
    await home.cycle()
    await home.daily(40)
    today = since(TODAY, 40)
    assert home.cloud.asked("hrv") == [(since(today, -29), today)]
    assert home.cloud.asked("sleep") == [(since(today, -29), today)]
    home.clock.now += 2 * HOUR
    await home.cycle()
    assert home.cloud.asked("hrv") == [(since(today, -1), today)]  # the trailing dates were asked today


async def test_a_light_cycle_asks_no_more_if_the_watch_has_not_synced(home: Home) -> None:
    home.cloud.synced = START
    await home.cycle()
    home.clock.now += 2 * HOUR
    await home.cycle(light=True)
    assert {one.stream for one in home.cloud.requests} == {"devices"}
    home.cloud.synced = START + 90 * dt.timedelta(minutes=1)
    await home.cycle(light=True)
    assert (TODAY, TODAY) in home.cloud.asked("heart_rate")
    assert (YESTERDAY, YESTERDAY) not in home.cloud.asked("heart_rate")
    assert home.beats(TODAY) == 30


async def test_an_evening_that_was_synced_late_is_fetched_the_next_day(home: Home) -> None:
    home.cloud.synced = START - 6 * HOUR  # 21:00 UTC: two hours of the date are on the watch only
    await home.cycle()
    assert home.beats(YESTERDAY) == 22 * 6
    home.clock.now += DAY
    home.cloud.synced = None
    await home.cycle()
    assert home.beats(YESTERDAY) == 144


async def test_a_phone_back_after_five_weeks_makes_its_dates_due_again(home: Home) -> None:
    await home.cycle()
    home.cloud.synced = home.clock.now
    await home.daily(36)
    lost = [since(TODAY, number) for number in range(1, 36)]
    assert [home.beats(date) for date in lost] == [0] * 35
    assert home.sealed(lost[0], lost[4]) == dict.fromkeys(lost[:5], True)  # never synced past, for thirty days
    home.cloud.synced = None
    await home.daily(1)
    assert [home.beats(date) for date in lost] == [144] * 35
    assert not any(home.sealed(lost[0], lost[-1]).values())
    await home.daily(7)
    assert all(home.sealed(lost[0], lost[-1]).values())


async def test_a_week_switched_off_is_caught_up_newest_first_after_todays_duties(home: Home) -> None:
    await home.cycle()
    home.clock.now += 8 * DAY
    await home.cycle()
    asked = [first for first, _ in home.cloud.asked("heart_rate")]
    today = since(TODAY, 8)
    assert asked[:2] == [since(today, -1), today]
    assert sorted(asked[2:]) == [YESTERDAY, *(since(TODAY, number) for number in range(7))]
    urgent = {one.first for one in home.cloud.requests if one.stream == "heart_rate" and one.urgent}
    assert urgent == {since(today, -1), today}
    assert all(home.beats(since(TODAY, number)) == 144 for number in range(8))


async def test_a_refused_stream_is_tried_on_one_date_a_day_and_all_of_it_asked_when_it_is_granted(home: Home) -> None:
    home.cloud.wrong["heart_rate"] = Outcome.REFUSED
    await home.cycle()
    for _ in range(5):
        await home.daily(1)
        assert len(home.cloud.asked("heart_rate")) == 1
    assert home.beats(since(TODAY, 1)) == 0
    del home.cloud.wrong["heart_rate"]
    await home.daily(1)
    assert [home.beats(since(YESTERDAY, number)) for number in range(6)] == [144] * 6


async def test_one_failing_stream_leaves_the_others_and_is_had_the_next_day(home: Home) -> None:
    home.cloud.wrong["hrv"] = Outcome.FAILED
    await home.cycle()
    assert home.beats(YESTERDAY) == 144
    assert "HRV" not in load_date(YESTERDAY.isoformat(), home.root / "data")
    del home.cloud.wrong["hrv"]
    await home.daily(1)
    assert load_date(YESTERDAY.isoformat(), home.root / "data")["HRV"]["dailyRmssd"].tolist() == [34.5]


async def test_a_stream_that_never_has_anything_is_asked_once_a_week(home: Home) -> None:
    home.cloud.wrong["hrv"] = Outcome.EMPTY
    await home.cycle()
    asked = []
    for day in range(1, 36):
        await home.daily(1)
        if home.cloud.asked("hrv"):
            asked.append(day)
    assert asked[:12] == list(range(1, 13))  # two dates at first, then one a day, until there are fourteen
    assert asked[12:] == [19, 26, 33]
    del home.cloud.wrong["hrv"]
    await home.daily(7)  # at the next weekly turn it is back
    assert "HRV" in load_date(since(TODAY, 30).isoformat(), home.root / "data")


async def test_a_track_is_asked_daily_while_it_is_shorter_than_its_activity(home: Home) -> None:
    home.cloud.short.add(YESTERDAY)
    await home.cycle()
    for _ in range(2):
        await home.daily(1)
        assert (YESTERDAY, YESTERDAY) in home.cloud.asked("gps")
    home.cloud.short.clear()
    await home.daily(1)
    assert len(load_date(YESTERDAY.isoformat(), home.root / "data")["GPS"]) == 60
    await home.daily(1)
    assert (YESTERDAY, YESTERDAY) not in home.cloud.asked("gps")


async def test_a_change_of_a_sealed_date_is_taken_and_told(home: Home) -> None:
    await home.cycle()
    await home.daily(8)
    assert home.sealed(YESTERDAY, YESTERDAY) == {YESTERDAY: True}
    home.cloud.unworn.add(YESTERDAY)  # the vendor takes the night back, in the trailing dates that are asked each day
    await home.daily(1)
    (told, *_) = home.said(Kind.STREAM_CHANGED_LATE)
    assert told.fields["date"] == YESTERDAY.isoformat()
    assert set(told.fields) == {"account", "date", "stream", "before", "records"}
    assert home.sealed(YESTERDAY, YESTERDAY) == {YESTERDAY: False}
    assert "HRV" in load_date(YESTERDAY.isoformat(), home.root / "data")  # emptiness counts when it is repeated


async def test_a_change_on_the_last_rung_keeps_a_date_open(home: Home) -> None:
    await home.cycle()
    await home.daily(6)
    home.cloud.late[YESTERDAY] = 61.0
    await home.daily(1)
    assert set(load_date(YESTERDAY.isoformat(), home.root / "data")["HeartRate_Intraday"]["value"]) == {61.0}
    assert home.sealed(YESTERDAY, YESTERDAY) == {YESTERDAY: False}
    await home.daily(7)
    assert home.sealed(YESTERDAY, YESTERDAY) == {YESTERDAY: True}


async def test_a_backfill_asks_the_fewest_ranges_newest_first_and_leaves_the_reserve(home: Home) -> None:
    first, last = since(YESTERDAY, -200), since(YESTERDAY, -1)
    await home.cycle(backfill=(first, last))
    patient = [one for one in home.cloud.requests if not one.urgent]
    assert sorted(one.first for one in patient if one.stream == "heart_rate") == [since(first, n) for n in range(200)]
    assert sum(one.stream == "sleep" for one in patient) == 2
    assert sum(one.stream == "hrv" for one in patient) == 6  # the newest 28 dates came with today's trailing ones
    assert sum(one.stream == "activities" for one in patient) == 7  # one list a window of thirty dates, for the tracks
    assert sum(one.stream == "gps" for one in patient) == 200
    windows = [one.last for one in patient if one.stream == "hrv"]
    assert windows == sorted(windows, reverse=True)
    assert all(home.beats(since(first, number)) == 144 for number in (0, 1, 99, 199))
    assert all(home.sealed(first, since(last, -7)).values())  # the newest ones have a rung to come
    await home.cycle()
    assert {one.stream for one in home.cloud.requests} == {"devices"}


async def test_a_spent_budget_ends_a_backfill_which_goes_on_where_it_was(home: Home) -> None:
    first, last = since(YESTERDAY, -59), since(YESTERDAY, -1)
    home.cloud.most = 60
    cycled = await home.cycle(backfill=(first, last))
    assert cycled.resume_at is not None
    asked = [(one.stream, one.first) for one in home.cloud.requests if one.stream in {"heart_rate", "hrv"}]
    home.cloud.most = None
    await home.cycle()
    again = [(one.stream, one.first) for one in home.cloud.requests if one.stream in {"heart_rate", "hrv"}]
    assert not set(asked).intersection(again)
    assert all(home.sealed(first, since(last, -7)).values())
    assert all(home.beats(since(first, number)) == 144 for number in range(59))


async def test_executing_twice_equals_once(home: Home, tmp_path: Path) -> None:
    backfill = (since(YESTERDAY, -40), since(YESTERDAY, -1))
    other = Home(tmp_path / "other")
    await home.cycle(backfill=backfill)
    for _ in range(3):
        await other.cycle(backfill=backfill)
    assert files_of(home.root) == files_of(other.root)


@pytest.mark.parametrize("ahead", [3 * DAY, -10 * HOUR])
async def test_by_a_clock_that_is_wrong_nothing_is_planned_stored_or_sealed(home: Home, ahead: dt.timedelta) -> None:
    await home.cycle()
    before, right = files_of(home.root), home.clock.now
    home.clock.now, home.cloud.synced = right + ahead, right
    home.cloud.ahead_s = ahead.total_seconds()
    cycled = await home.cycle()
    assert isinstance(cycled.ended_by, ClockWrong)
    assert {one.stream for one in home.cloud.requests} == {"devices"}
    assert files_of(home.root) == before
    home.clock.now, home.cloud.synced, home.cloud.ahead_s = right, None, 2.0
    await home.daily(8)
    assert home.sealed(YESTERDAY, TODAY) == {YESTERDAY: True, TODAY: True}
    assert home.beats(TODAY) == 144


async def test_a_night_that_is_stitched_together_later_mends_both_dates(home: Home) -> None:
    evening = [("2025-10-08T20:00:00", "2025-10-08T22:30:00")]  # a sleep that ends before midnight
    home.cloud.nights = {YESTERDAY: evening, TODAY: [("2025-10-08T23:10:00", "2025-10-09T02:50:00")]}
    await home.cycle()
    home.cloud.nights = {YESTERDAY: [], TODAY: [("2025-10-08T20:00:00", "2025-10-09T02:50:00")]}
    await home.daily(1)
    starts = load_date(TODAY.isoformat(), home.root / "data")["SleepSummary"]["time"].tolist()
    assert [str(start) for start in starts] == ["2025-10-08 21:00:00+01:00"]
    assert "SleepSummary" in load_date(YESTERDAY.isoformat(), home.root / "data")  # an empty answer is doubted once
    await home.daily(1)
    assert "SleepSummary" not in load_date(YESTERDAY.isoformat(), home.root / "data")


async def test_older_dates_come_in_portions_and_a_spent_budget_is_no_failure(home: Home) -> None:
    first, last = since(YESTERDAY, -100), since(YESTERDAY, -1)
    cycled = await home.cycle(backfill=(first, last), most_batches=1)
    assert cycled.resume_at == home.clock.now
    assert home.beats(since(last, -29)) == 144
    assert home.beats(since(last, -30)) == 0
    home.cloud.most = 30
    cycled = await home.cycle()
    assert (cycled.ended_by, cycled.resume_at) == (None, home.clock.now + HOUR)
    home.cloud.most = None
    cycled = await home.cycle()
    assert cycled.resume_at is None
    assert home.beats(first) == 144

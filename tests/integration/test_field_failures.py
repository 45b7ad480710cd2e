"""What went wrong for people in the field, end to end; each number is a line of the list of failures, part I."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from cromwelld.config import Account
from cromwelld.errors import OutOfBudget, Retired
from cromwelld.events import Kind
from cromwelld.jobs.collect import Wish
from cromwelld.lake.reader import load_date
from cromwelld.pieces import Outcome
from cromwelld.simulator.faults import scripted
from cromwelld.simulator.fitbit_web import Options
from cromwelld.simulator.person import Person
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.state import Ledger
from cromwelld.wiring import build
from tests.support.cli import call, home
from tests.support.surviving import APIS, NOW, PERSON, WISH, Ground, Manner, Time

BOTH = pytest.mark.parametrize("api", APIS)
DATE = "2025-10-08"
DAY = dt.date(2025, 10, 8)
HRV = {
    "fitbit_web": "/1/user/-/hrv/date/2025-10-06/2025-10-08.json",
    "google_health": "/v4/users/me/dataTypes/daily-heart-rate-variability/dataPoints:reconcile",
}
VARIANTS = [
    ("fitbit_web", "429 reset", 17),
    ("fitbit_web", "429 lower case", 17),
    ("fitbit_web", "429 retry-after", 17),
    ("fitbit_web", "429 remaining", 17),
    ("fitbit_web", "429 bare", 3149),  # to the next full hour
    ("fitbit_web", "429 nonsense", 3149),
    ("google_health", "429 retry-after", 17),
    ("google_health", "429 bare", 60),
]
PATIENT = Manner(at_once=1)
NIGHTLY = ("hrv", "spo2", "breathing_rate", "skin_temperature", "sleep")
Change = Callable[[Any], Any]


def only(*streams: str, api: str = "fitbit_web", **more: Any) -> Manner:  # noqa: ANN401
    """Leave all streams out but some."""
    from cromwelld.wiring.vendors import VENDORS  # noqa: PLC0415 - next to its use

    return Manner(left_out=tuple(name for name in VENDORS[api].streams if name not in streams), **more)


def meddled(changes: Mapping[str, Change]) -> Callable[[web.Request, web.StreamResponse], web.StreamResponse]:
    """Change the JSON of answers by hand, by a part of their paths."""

    def meddle(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        change = next((one for part, one in changes.items() if part in request.path), None)
        if change is None or not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
            return answer
        return web.json_response(change(json.loads(answer.body)))

    return meddle


@pytest.mark.parametrize(("api", "kind", "wait_s"), VARIANTS)
def test_i05_a_429_is_waited_out_as_it_says(tmp_path: Path, api: str, kind: str, wait_s: int) -> None:
    ground = Ground(root=tmp_path / "home", api=api, manner=only(*NIGHTLY, api=api, at_once=1))
    survived = asyncio.run(ground.collect(scripted({HRV[api]: [kind]})))
    (refused,) = [number for number, one in enumerate(survived.received) if one.status == 429]
    after = survived.received[refused + 1]
    assert (after.at - survived.received[refused].at).total_seconds() >= wait_s
    assert (after.at - survived.received[refused].at).total_seconds() <= wait_s + 10
    assert not [one for one in survived.received if one.hushed]
    assert survived.missing == set()
    assert survived.collected.complete


@pytest.mark.parametrize(("api", "kind", "wait_s"), VARIANTS)
def test_i05_a_restart_during_the_wait_spends_no_requests(tmp_path: Path, api: str, kind: str, wait_s: int) -> None:
    ground = Ground(root=tmp_path / "home", api=api, manner=only(*NIGHTLY, api=api, at_once=1, quota_wait_s=0))
    first = asyncio.run(ground.collect(scripted({HRV[api]: [kind]})))
    assert isinstance(first.collected.ended_by, OutOfBudget)
    assert first.asked[-1].status == 429
    for _ in range(3):
        ground.time.passes(wait_s / 4)
        again = asyncio.run(ground.collect())
        assert isinstance(again.collected.ended_by, OutOfBudget)
        assert again.asked == []
    ground.time.passes(wait_s / 4 + 10)
    last = asyncio.run(ground.collect())
    assert last.collected.complete


@pytest.mark.parametrize(
    ("api", "kind"), [("fitbit_web", "403 legacy"), ("fitbit_web", "403 google"), ("google_health", "403 google")]
)
def test_i06_a_403_on_one_endpoint_leaves_the_others(tmp_path: Path, api: str, kind: str) -> None:
    """Both shapes of the body are refusals of one stream, for every date; all else is what it is without them."""
    light = Manner(left_out=("devices", "heart_rate", "steps", "gps"))
    whole, ground = (Ground(root=tmp_path / name, api=api, manner=light) for name in ("whole", "refused"))
    asyncio.run(whole.collect())
    survived = asyncio.run(ground.collect(scripted({HRV[api]: [kind]})))
    assert survived.missing == {"hrv"}
    assert {one.outcome for one in survived.collected.asked if one.stream == "hrv"} == {Outcome.REFUSED}
    assert survived.collected.ended_by is None
    assert [one.path for one in survived.received].count(HRV[api]) == 1
    for date in ("2025-10-06", "2025-10-07", DATE):
        wanted = [one for one in whole.records(date) if one["measurement"] not in {"HRV", "Cromwelld_Day"}]
        assert [one for one in ground.records(date) if one["measurement"] not in {"HRV", "Cromwelld_Day"}] == wanted
        assert whole.of("HRV", date)
        assert not ground.of("HRV", date)


def test_i07_200_without_the_intraday_key_is_a_missing_permission(tmp_path: Path) -> None:
    ground = Ground(root=tmp_path / "home", api="fitbit_web", fitbit=Options(intraday_missing=True))
    survived = asyncio.run(ground.collect())
    assert survived.missing == {"heart_rate", "steps"}
    assert all("Personal" in one.reason for one in survived.collected.asked if one.stream in survived.missing)
    assert ground.of("SleepSummary", DATE)


def test_i07_sleep_that_is_being_worked_out_is_asked_again(tmp_path: Path) -> None:
    ground = Ground(root=tmp_path / "home", api="fitbit_web", manner=only("sleep", "hrv"))
    ground.fitbit = Options(sleep_pending=True)
    assert asyncio.run(ground.collect()).missing == {"sleep"}
    ground.fitbit = Options()
    assert asyncio.run(ground.collect()).missing == set()
    assert ground.of("SleepSummary", DATE)


def _without(name: str) -> Change:
    """Take a member away wherever it stands."""

    def change(body: Any) -> Any:  # noqa: ANN401
        if isinstance(body, dict):
            return {key: change(inner) for key, inner in body.items() if key != name}
        return [change(one) for one in body] if isinstance(body, list) else body

    return change


def _no_samples(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"activities-heart-intraday": body["activities-heart-intraday"] | {"dataset": []}}


def _no_breath(body: dict[str, Any]) -> dict[str, Any]:
    return {"br": [one | {"value": {"breathingRate": -1}} for one in body["br"]]}


def test_i07_odd_bodies_cost_no_more_than_what_they_lack(tmp_path: Path) -> None:
    changes = {
        "1d/1sec.json": _no_samples,
        "/activities/heart/date/2025-10-06/2025-10-08.json": _without("minutes"),
        "/activities/list.json": _without("activityName"),
        "/spo2/": _without("value"),
        "/br/": _no_breath,
    }
    ground = Ground(root=tmp_path / "home", api="fitbit_web", meddling=meddled(changes))
    survived = asyncio.run(ground.collect())
    assert survived.missing == set()
    assert survived.collected.ended_by is None
    assert not [one for one in survived.collected.asked if "mistake in cromwelld" in one.reason]
    assert not ground.of("HeartRate_Intraday", DATE)
    assert not ground.of("SPO2_Daily", DATE)
    assert not ground.of("BreathingRate", DATE)
    assert ground.of("RestingHR", DATE)
    assert ground.of("ActivityRecords", DATE)
    assert ground.of("GPS", DATE)
    assert ground.of("Steps_Intraday", DATE)


@BOTH
def test_i08_yesterdays_tail_comes_with_the_second_fetch(tmp_path: Path, api: str) -> None:
    """The watch was heard last at 22:30 UTC; the date ends at 23:00 UTC."""
    time = Time(dt.datetime(2025, 10, 8, 22, 40, tzinfo=dt.UTC))
    ground = Ground(root=tmp_path / "home", api=api, time=time, manner=only("heart_rate", api=api))
    ground.wish = Wish(first=DAY, last=DAY)
    asyncio.run(ground.collect())
    early = _instants(ground, DATE)
    time.passes(9 * 3600)
    asyncio.run(ground.collect())
    late = _instants(ground, DATE)
    assert early[-1] < dt.datetime(2025, 10, 8, 22, 30, tzinfo=dt.UTC)
    assert late[: len(early)] == early
    assert late == sorted(set(late))
    assert late == _truth(PERSON, DAY)


def _instants(ground: Ground, date: str) -> list[dt.datetime]:
    """Read the tables: an object is written only when the date is over."""
    times = load_date(date, ground.root / "data", "UTC")["HeartRate_Intraday"]["time"]
    return [time.to_pydatetime() for time in times]


def _truth(person: Person, day: dt.date) -> list[dt.datetime]:
    return [dt.datetime.fromtimestamp(second, dt.UTC) for second in person.heart_rate(day).instants]


@BOTH
@pytest.mark.parametrize(("date", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_i09_days_of_23_and_25_hours(tmp_path: Path, api: str, date: str, hours: int) -> None:
    person, day = Person(seed=3, zone="Europe/Berlin", gap_s=(60, 90)), dt.date.fromisoformat(date)
    ground = Ground(root=tmp_path / "home", api=api, person=person, wish=Wish(first=day, last=day))
    ground.manner = only("heart_rate", "steps", api=api)
    survived = asyncio.run(ground.collect())
    assert survived.missing == set()
    assert _instants(ground, date) == _truth(person, day)
    midnights = [dt.datetime.combine(one, dt.time(), ZoneInfo("Europe/Berlin")) for one in (day, day + dt.timedelta(1))]
    minutes = {dt.datetime.fromisoformat(one["time"]) for one in ground.of("Steps_Intraday", date)}
    assert midnights[0] <= min(minutes) <= max(minutes) < midnights[1]
    # the watch lies on its charger for half an hour: of these minutes only Fitbit says something
    assert hours * 60 - 40 < len(minutes) <= hours * 60
    assert len(minutes) == hours * 60 or api == "google_health"


@BOTH
def test_i09_a_date_is_the_persons_and_not_the_machines(tmp_path: Path, api: str) -> None:
    """At 17:00 in Los Angeles it is already tomorrow, UTC."""
    zone = "America/Los_Angeles"
    time = Time(dt.datetime(2025, 10, 8, 17, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC))
    person = Person(zone=zone, gap_s=(60, 90))
    ground = Ground(root=tmp_path / "home", api=api, person=person, time=time, manner=only("heart_rate", api=api))
    account = Account(name="me", source=api, data_dir=tmp_path, prefix="fitbit", timezone=zone)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    today = build.today_of(account, ledger, time)
    ledger.close()
    assert today == DAY
    ground.wish = Wish(first=today, last=today)
    assert asyncio.run(ground.collect()).missing == set()
    assert _instants(ground, DATE) == [at for at in _truth(person, DAY) if at <= time.now]


def test_i10_a_night_that_was_split_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    (night,) = [one for one in PERSON.sleeps(DAY) if one.main]
    ten, middle = dt.timedelta(minutes=10), night.start + (night.end - night.start) / 2
    middle = middle.replace(second=0, microsecond=0)
    halves = (PERSON.night(night.start + ten, middle), PERSON.night(middle + ten, night.end, main=False))
    naps = tuple(one for one in PERSON.sleeps(DAY) if not one.main)
    ground = Ground(root=tmp_path / "home", api="fitbit_web", manner=only("sleep"))
    asyncio.run(ground.collect())
    before = _starts(ground)
    ground.fitbit = Options(edits={DAY: (*halves, *naps)})
    assert asyncio.run(ground.collect()).missing == set()
    assert night.start in before
    assert _starts(ground) == (before - {night.start}) | {half.start for half in halves}
    levels = [dt.datetime.fromisoformat(one["time"]) for one in ground.of("SleepLevels", DATE)]
    assert not [at for at in levels if night.start <= at < night.start + ten]


def _starts(ground: Ground) -> set[dt.datetime]:
    return {dt.datetime.fromisoformat(one["time"]) for one in ground.of("SleepSummary", DATE)}


POSITION = re.compile(r"\s*<Position>.*?</Position>", re.DOTALL)
TRACKS = re.compile(r"<Track>.*?</Track>", re.DOTALL)


@pytest.mark.parametrize("empty", ["", "no track"])
def test_i11_a_track_that_comes_late_is_stored_once(tmp_path: Path, empty: str) -> None:
    whole = Ground(root=tmp_path / "whole", api="fitbit_web", manner=only("activities", "gps"))
    asyncio.run(whole.collect())
    ground = Ground(root=tmp_path / "late", api="fitbit_web", manner=only("activities", "gps"))
    stages: list[Callable[[str], str]] = [
        lambda text: TRACKS.sub("", text) if empty else "",
        lambda text: POSITION.sub("", text),
        lambda text: text,
        lambda text: POSITION.sub("", text),
        lambda text: text,
    ]
    counts = []
    for stage in stages:
        ground.meddling = _rewritten(stage)
        assert asyncio.run(ground.collect()).missing == set()
        counts.append(len(ground.of("GPS", DATE)))
    assert counts[0] == 0
    assert counts[2] == counts[3] == counts[4] == len(whole.of("GPS", DATE)) > 100
    assert ground.of("GPS", DATE) == whole.of("GPS", DATE)


def _rewritten(change: Callable[[str], str]) -> Callable[[web.Request, web.StreamResponse], web.StreamResponse]:
    def meddle(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        if not request.path.endswith(".tcx") or not isinstance(answer, web.Response):
            return answer
        return web.Response(text=change(answer.text or ""), content_type=answer.content_type)

    return meddle


def test_i12_pages_are_followed_to_the_end(tmp_path: Path) -> None:
    whole, paged = (Ground(root=tmp_path / n, api="fitbit_web", manner=only("activities")) for n in ("whole", "paged"))
    asyncio.run(whole.collect())
    count = sum(len(whole.of("ActivityRecords", date)) for date in ("2025-10-06", "2025-10-07", DATE))
    paged.fitbit = Options(page_size=max(1, count // 3))
    survived = asyncio.run(paged.collect())
    assert [one.path for one in survived.received].count("/1/user/-/activities/list.json") >= 3
    assert paged.objects() == whole.objects()


def test_i12_a_link_to_a_foreign_host_is_not_followed(tmp_path: Path) -> None:
    ground = Ground(root=tmp_path / "home", api="fitbit_web", manner=only("activities", "gps", "hrv"))
    ground.fitbit = Options(page_size=2, links="http://foreign.invalid")
    survived = asyncio.run(ground.collect())
    assert [event.kind for event in survived.events].count(Kind.LINK_REFUSED) == 1
    assert survived.missing == {"activities", "gps"}
    assert [one.path for one in survived.received].count("/1/user/-/activities/list.json") == 1
    assert ground.of("HRV", DATE)


@BOTH
@pytest.mark.parametrize("place", ["account", "data", "token"])
def test_i13_a_410_on_any_call_is_the_end(tmp_path: Path, api: str, place: str) -> None:
    """Said once, nothing asked after it, and the way out is named."""
    account = {"fitbit_web": "/1/user/-/devices.json", "google_health": "/v4/users/me/pairedDevices"}
    token = {"fitbit_web": "/oauth2/token", "google_health": "/token"}
    ground = Ground(root=tmp_path / "home", api=api, manner=replace(PATIENT, left_out=()))
    if place == "token":
        ground.meddling = _gone(token[api])
    paths = {"account": account, "data": HRV}.get(place)
    faults = scripted({} if paths is None else {paths[api]: ["410"]})
    survived = asyncio.run(ground.collect(faults))
    ended = survived.collected.ended_by
    assert isinstance(ended, Retired), ended
    assert "Google Health" in ended.hint or api == "google_health"
    assert survived.received[-1].status == 410
    assert [one.status for one in survived.received].count(410) == 1


def _gone(path: str) -> Callable[[web.Request, web.StreamResponse], web.StreamResponse]:
    return lambda request, answer: web.Response(status=410) if request.path == path else answer


def test_i14_a_state_folder_that_cannot_be_written_is_said_and_nothing_is_asked(tmp_path: Path) -> None:
    """A file in its place: rights would not stop an administrator. Nothing listens at the address."""
    mine = home(tmp_path / "home", "http://127.0.0.1:1")
    aside = tmp_path / "aside"
    mine.state.rename(aside)
    (aside / "ledger.sqlite").mkdir()
    aside.rename(mine.state)
    before = (mine.state / "tokens/me.json").read_bytes()
    ran = mine.collect(DATE)
    assert ran.code not in {0, 75}, ran.err
    assert str(mine.state) in ran.err
    assert (mine.state / "tokens/me.json").read_bytes() == before
    missing = tmp_path / "file"
    missing.write_text("")
    text = mine.config.read_text("utf-8").replace(str(mine.state), str(missing / "state"))
    mine.config.write_text(text.replace("[accounts.me]", '[accounts.me]\nclient_id = "23SYNT"'), "utf-8")
    ran = call("login", "--config", mine.config, "--no-browser")
    assert ran.code not in {0, 75}, ran.err
    assert str(missing) in ran.err
    assert "http" not in ran.out


def test_the_days_are_those_of_the_person() -> None:
    assert dt.datetime.combine(WISH.last, dt.time(23), tzinfo=dt.UTC) < NOW
    assert STREAMS.keys() >= {"activities", "gps", "hrv", "sleep", "heart_rate", "steps"}

from __future__ import annotations

import asyncio
import contextlib
import dataclasses

import pytest

from cromwelld.errors import LoginNeeded, OutOfBudget, Retired
from cromwelld.events import Kind
from cromwelld.pieces import Answer, Outcome
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from cromwelld.sources.parsed import Asked, Parsed
from cromwelld.sources.protocol import Source
from tests.support.far_side import FarSide, Reply
from tests.unit.fitbit_web.days import (
    DATE,
    DEVICES,
    HEART_RATE,
    HRV,
    LIST,
    NEXT,
    PROFILE,
    SLEEP,
    STEPS,
    TCX,
    Fetching,
    activity,
    fetching,
    lay_day,
    listed,
    pieces,
    plain,
    sent,
    steps,
    tracker,
)
from tests.unit.fitbit_web.reading import BERLIN


@pytest.fixture
def far_side() -> FarSide:
    one = FarSide()
    lay_day(one)
    return one


async def test_a_whole_day(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        found = await one.all(pieces())
    expected = {(stream, DATE) for stream in ENDPOINTS} - {("devices", DATE)} | {("devices", NEXT)}
    assert found.keys() == expected
    assert {answer.outcome for answer in found.values()} == {Outcome.OK}
    assert {answer.zone for answer in found.values()} == {BERLIN}
    assert {answer.device for answer in found.values()} == {"Charge 6"}
    assert {answer.source for answer in found.values()} == {"fitbit_web"}
    assert len({name for answer in found.values() for name in answer.tables}) == 21
    assert one.events == []


async def test_what_the_answers_hold(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        found = await one.all(pieces())
    assert plain(found["heart_rate", DATE], "HeartRate_Intraday") == [
        {"time": "2024-03-30T07:00:00Z", "value": 61.0},
        {"time": "2024-03-30T07:00:05Z", "value": 62.0},
    ]
    assert plain(found["gps", DATE], "GPS") == [
        {"time": "2024-03-30T17:00:05Z", "ActivityID": "2024-03-30T17:00:00+00:00-Run", "lat": 52.5, "lon": 13.4}
    ]
    assert plain(found["devices", NEXT], "DeviceBatteryLevel") == [
        {"time": "2024-03-31T06:00:00Z", "Device": "Charge 6", "value": 60.0}
    ]
    assert plain(found["heart_summary", DATE], "RestingHR") == [{"time": "2024-03-30T11:00:00Z", "value": 55.0}]


async def test_everything_is_asked_once_and_at_once(far_side: FarSide) -> None:
    far_side.delay_s = 0.15
    async with fetching(far_side, zone_of=lambda _: None) as one:
        await one.all(pieces())
    assert far_side.seen[0].path == LIST
    assert far_side.seen[-1].path == TCX
    assert len(far_side.seen) == len({seen.path for seen in far_side.seen}) == 20
    assert far_side.most_waiting == 19


async def test_a_source_is_what_the_planner_expects(far_side: FarSide) -> None:
    async with fetching(far_side, leave_out={"gps"}) as one:
        source: Source = one.source
        assert source.name == "fitbit_web"
        assert "gps" not in source.streams
        assert source.streams["sleep"].measurements == ("SleepLevels", "SleepSummary")
        assert source.streams["sleep"].longest_range == 100
        assert [name for name, stream in source.streams.items() if stream.undated] == ["devices"]


@pytest.mark.parametrize(
    ("reply", "outcome", "reason"),
    [
        (sent({"errors": [{"errorType": "insufficient_scope"}]}, 403), Outcome.REFUSED, "403 insufficient_scope"),
        (sent({"error": {"status": "PERMISSION_DENIED"}}, 403), Outcome.REFUSED, "403 PERMISSION_DENIED"),
        (sent({"errors": [{"errorType": "not_found"}]}, 404), Outcome.FAILED, "404 not_found"),
        (sent({"errors": [{"errorType": "validation"}]}, 422), Outcome.FAILED, "422 validation"),
        (Reply(b"<html>520</html>", status=520), Outcome.FAILED, "520: the vendor is away"),
        (Reply(b"<html>200</html>"), Outcome.FAILED, "not whole JSON"),
        (Reply(b'{"hrv":[' * 500, cut=True), Outcome.FAILED, "the connection failed"),
        (sent({"errors": []}), Outcome.FAILED, "the answer has no hrv"),
        (sent({"hrv": []}), Outcome.EMPTY, ""),
    ],
)
async def test_a_failing_stream_stops_no_other(far_side: FarSide, reply: Reply, outcome: Outcome, reason: str) -> None:
    far_side.lay(HRV, reply)
    async with fetching(far_side) as one:
        found = await one.all(pieces())
    failing = found.pop(("hrv", DATE))
    assert failing.outcome is outcome
    assert reason in failing.reason
    assert failing.outcome.answered == bool(failing.tables)
    assert {answer.outcome for answer in found.values()} == {Outcome.OK}


async def test_an_application_that_is_not_personal(far_side: FarSide) -> None:
    far_side.lay(HEART_RATE, sent({"activities-heart": [{"dateTime": DATE, "value": {}}]}))
    async with fetching(far_side) as one:
        found = await one.all(pieces())
    assert found["heart_rate", DATE].outcome is Outcome.REFUSED
    assert "Personal" in found["heart_rate", DATE].reason
    assert found["steps", DATE].outcome is Outcome.OK


async def test_sleep_that_is_not_ready_yet(far_side: FarSide) -> None:
    far_side.lay(SLEEP, sent({"meta": {"retryDuration": 3000, "state": "pending"}}))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["sleep", "hrv"]))
    assert found["sleep", DATE].outcome is Outcome.FAILED
    assert "still working" in found["sleep", DATE].reason


async def _into(found: dict[str, Answer], one: Fetching) -> None:
    async for answer in one.source.fetch(pieces()):
        found[answer.stream] = answer


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [(401, LoginNeeded, "login"), (410, Retired, "switched"), (429, OutOfBudget, "quota")],
)
async def test_the_end_is_raised_after_everything_was_told(
    far_side: FarSide, status: int, error: type[Exception], reason: str
) -> None:
    """One request at a time: the list and the devices come through, what follows is not sent any more."""
    far_side.lay(HEART_RATE, Reply(status=status))
    found: dict[str, Answer] = {}
    async with fetching(far_side, concurrency=1) as one:
        with pytest.raises(error):
            await _into(found, one)
    assert found.keys() == ENDPOINTS.keys()
    assert found["activities"].outcome is Outcome.OK
    assert found["devices"].outcome is Outcome.OK
    rest = found.keys() - {"activities", "devices"}
    assert {found[name].outcome for name in rest} == {Outcome.FAILED}
    assert all(reason in found[name].reason for name in rest)
    assert far_side.seen[-1].path == HEART_RATE


async def test_a_range_that_the_vendor_finds_too_long_is_halved(far_side: FarSide) -> None:
    """Five dates of which it allows two at once: as 5, 3, 2, 1, 2."""
    refused = sent({"errors": [{"errorType": "validation", "message": "exceeds limit"}]}, 422)

    def values(*days: int) -> Reply:
        return sent({"hrv": [{"dateTime": f"2024-01-0{day}", "value": {"dailyRmssd": 40.0 + day}} for day in days]})

    def path(first: int, last: int) -> str:
        return f"/1/user/-/hrv/date/2024-01-0{first}/2024-01-0{last}.json"

    replies = {(1, 5): refused, (1, 3): refused, (1, 2): values(1, 2), (3, 3): values(3), (4, 5): values(4, 5)}
    for (first, last), reply in replies.items():
        far_side.lay(path(first, last), reply)
    async with fetching(far_side) as one:
        found = await one.all(pieces("2024-01-01", "2024-01-05", ["hrv"]))
    assert [seen.path for seen in far_side.seen if "hrv" in seen.path] == [path(*place) for place in replies]
    told = {date: answer.tables["HRV"]["field_dailyRmssd"].to_pylist() for (_, date), answer in found.items()}
    assert told == {f"2024-01-0{day}": [40.0 + day] for day in range(1, 6)}


async def test_dates_are_asked_in_as_few_requests_as_may_be(far_side: FarSide) -> None:
    first, last = "2024-01-01", "2024-02-04"
    async with fetching(far_side) as one:
        await one.all(pieces(first, last, ["hrv", "weight", "total_steps"]))
    assert sorted(seen.path for seen in far_side.seen) == [
        "/1/user/-/activities/tracker/steps/date/2024-01-01/2024-02-04.json",
        "/1/user/-/body/log/weight/date/2024-01-01/2024-01-31.json",
        "/1/user/-/body/log/weight/date/2024-02-01/2024-02-04.json",
        "/1/user/-/hrv/date/2024-01-01/2024-01-30.json",
        "/1/user/-/hrv/date/2024-01-31/2024-02-04.json",
    ]


async def test_every_date_of_a_range_has_its_answer_and_no_other(far_side: FarSide) -> None:
    values = [{"dateTime": f"2024-03-{number}", "value": {"dailyRmssd": 40.0}} for number in (28, 30, 31)]
    far_side.lay("/1/user/-/hrv/date/2024-03-29/2024-03-30.json", sent({"hrv": values}))
    async with fetching(far_side) as one:
        found = await one.all(pieces("2024-03-29", "2024-03-30", ["hrv"]))
    assert {place[1]: answer.outcome for place, answer in found.items()} == {
        "2024-03-29": Outcome.EMPTY,
        "2024-03-30": Outcome.OK,
    }
    assert found["hrv", "2024-03-29"].tables["HRV"].num_rows == 0


async def test_overlapping_pieces_are_answered_once(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        await one.all([*pieces(streams=["hrv"]), *pieces(streams=["hrv"]), *pieces(streams=["hrv", "steps"])])
    assert far_side.asked(HRV) == 1


async def test_streams_that_are_not_offered(far_side: FarSide) -> None:
    async with fetching(far_side, leave_out={"weight"}) as one:
        found = await one.all(pieces(streams=["weight", "horoscope"]))
    assert {answer.outcome for answer in found.values()} == {Outcome.NOT_OFFERED}
    assert "configuration" in found["weight", DATE].reason
    assert far_side.seen == []


async def test_nothing_asked_is_nothing_sent(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        assert await one.all([]) == {}
    assert far_side.seen == []


async def test_the_profile_is_asked_for_the_zone(far_side: FarSide) -> None:
    far_side.lay(PROFILE, sent({"user": {"timezone": "Asia/Tokyo"}}))
    async with fetching(far_side, zone_of=lambda _: None) as one:
        found = await one.all(pieces(streams=["heart_rate"]))
    assert found["heart_rate", DATE].zone == "Asia/Tokyo"
    assert plain(found["heart_rate", DATE], "HeartRate_Intraday")[0]["time"] == "2024-03-29T23:00:00Z"


async def test_the_profile_is_not_asked_when_every_date_has_its_zone(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        await one.all(pieces(streams=["hrv"]))
    assert far_side.asked(PROFILE) == 0


async def test_a_date_without_a_zone_waits_and_the_others_go_on(far_side: FarSide) -> None:
    far_side.lay(PROFILE, Reply(status=403))
    values = [{"dateTime": date, "value": {"dailyRmssd": 40.0}} for date in (DATE, NEXT)]
    far_side.lay(f"/1/user/-/hrv/date/{DATE}/{NEXT}.json", sent({"hrv": values}))

    def zone_of(date: object) -> str | None:
        return BERLIN if str(date) == NEXT else None

    async with fetching(far_side, zone_of=zone_of) as one:
        found = await one.all(pieces(DATE, NEXT, ["hrv"]))
    assert found["hrv", NEXT].outcome is Outcome.OK
    waiting = found["hrv", DATE]
    assert (waiting.outcome, waiting.zone, waiting.tables) == (Outcome.FAILED, "", {})
    assert "no time zone" in waiting.reason
    assert "403" in waiting.reason
    assert [(event.kind, event.fields["date"]) for event in one.events] == [(Kind.ZONE_UNKNOWN, DATE)]


async def test_the_last_known_zone_stands_in_for_a_profile_that_cannot_be_had(far_side: FarSide) -> None:
    far_side.lay(PROFILE, Reply(status=403))
    async with fetching(far_side, zone_of=lambda _: None, last_zone="Asia/Tokyo") as one:
        found = await one.all(pieces(streams=["heart_rate"]))
    assert found["heart_rate", DATE].zone == "Asia/Tokyo"
    assert plain(found["heart_rate", DATE], "HeartRate_Intraday")[0]["time"] == "2024-03-29T23:00:00Z"
    assert one.events == []


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", None, 5, "../../etc/passwd"])
async def test_a_zone_that_nobody_knows_is_no_zone(far_side: FarSide, timezone: object) -> None:
    far_side.lay(PROFILE, sent({"user": {"timezone": timezone, "offsetFromUTCMillis": 3600000}}))
    async with fetching(far_side, zone_of=lambda _: None) as one:
        found = await one.all(pieces())
    assert {answer.outcome for answer in found.values()} == {Outcome.FAILED}
    assert {event.kind for event in one.events} == {Kind.ZONE_UNKNOWN}


async def test_zeros_after_the_last_sync_are_unknown(far_side: FarSide) -> None:
    far_side.lay(DEVICES, sent([tracker(synced=f"{DATE}T08:01:30.000")]))
    minutes = (("08:00:00", 0), ("08:01:00", 0), ("08:02:00", 0), ("08:03:00", 4), ("08:04:00", 0))
    far_side.lay(STEPS, steps(DATE, *minutes))
    async with fetching(far_side) as one:
        known = await one.all(pieces(streams=["steps", "devices"]))
        unknown = await one.all(pieces(streams=["steps"]))
    kept = [(row["time"], row["value"]) for row in plain(known["steps", DATE], "Steps_Intraday")]
    assert kept == [("2024-03-30T07:00:00Z", 0.0), ("2024-03-30T07:01:00Z", 0.0), ("2024-03-30T07:03:00Z", 4.0)]
    assert unknown["steps", DATE].rows == 5
    assert (known["steps", DATE].device, unknown["steps", DATE].device) == ("Charge 6", "")


async def test_devices_that_cannot_be_had_fail_the_last_date_only(far_side: FarSide) -> None:
    far_side.lay(DEVICES, Reply(status=403))
    async with fetching(far_side) as one:
        found = await one.all(pieces("2024-03-28", DATE, ["devices", "hrv"]))
    answers = {place[1]: answer.outcome for place, answer in found.items() if place[0] == "devices"}
    assert answers == {DATE: Outcome.REFUSED}


async def test_no_device_is_an_answer(far_side: FarSide) -> None:
    far_side.lay(DEVICES, sent([]))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["devices"]))
    assert found["devices", DATE].outcome is Outcome.EMPTY


async def test_bad_records_are_counted_and_the_day_goes_on(far_side: FarSide) -> None:
    good = {"dateTime": DATE, "value": {"dailyRmssd": 40.0}}
    far_side.lay(HRV, sent({"hrv": [good, 5, {"dateTime": "soon"}, {"dateTime": "late"}]}))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["hrv"]))
    assert found["hrv", DATE].rows == 1
    assert [(event.kind, event.fields) for event in one.events] == [
        (
            Kind.RECORDS_REJECTED,
            {
                "stream": "hrv",
                "first": DATE,
                "last": DATE,
                "records": 3,
                "reasons": "dateTime is not a date (2); not an object (1)",
            },
        )
    ]


async def test_a_mistake_of_ours_stops_no_other_stream(far_side: FarSide, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_body: bytes, _asked: Asked) -> Parsed:
        raise KeyError("TOKEN.SECRET")

    assert isinstance(ENDPOINTS, dict)
    monkeypatch.setitem(ENDPOINTS, "hrv", dataclasses.replace(ENDPOINTS["hrv"], parse=broken))
    async with fetching(far_side) as one:
        found = await one.all(pieces())
    assert found["hrv", DATE].outcome is Outcome.FAILED
    reason = found["hrv", DATE].reason
    assert reason.startswith("a mistake in cromwelld itself (KeyError in test_source.py, line ")
    assert reason.endswith("): please report it")
    assert found["steps", DATE].outcome is Outcome.OK


async def _stop_after_first(one: Fetching) -> None:
    async with contextlib.aclosing(one.source.fetch(pieces())) as answers:
        async for _ in answers:
            break


async def test_a_consumer_that_stops_leaves_nothing_running(far_side: FarSide) -> None:
    async with fetching(far_side, concurrency=2) as one:
        await _stop_after_first(one)
        ours = [task for task in asyncio.all_tasks() if "Run." in repr(task.get_coro())]
        assert ours == []
        sent_so_far = len(far_side.seen)
        await asyncio.sleep(0)
        assert len(far_side.seen) == sent_so_far < 20


async def test_a_cancelled_consumer_leaves_nothing_running(far_side: FarSide) -> None:
    far_side.delay_s = 30.0
    async with fetching(far_side) as one:
        consumer = asyncio.create_task(one.all(pieces()))
        while far_side.waiting < 18:
            await asyncio.sleep(0.01)
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert [task for task in asyncio.all_tasks() if "Run." in repr(task.get_coro())] == []


SECRET = "eyJhbGciOiJIUzI1NiJ9.SECRET"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 410, 422, 429, 500])
async def test_nothing_that_is_said_holds_a_token_or_an_id(far_side: FarSide, status: int) -> None:
    """The vendor's own messages hold the token; ids and coordinates are in the bodies and links."""
    leaking = {"errors": [{"errorType": SECRET, "fieldName": SECRET, "message": f"expired: {SECRET}"}], SECRET: SECRET}
    for path in list(far_side.replies):
        far_side.lay(path, sent(leaking, status))
    far_side.lay(LIST, listed({**activity(60000000001, "soon"), "activityName": SECRET}), sent(leaking, status))
    answers: dict[str, Answer] = {}
    async with fetching(far_side, zone_of=lambda _: None) as one:
        ending: BaseException | None = None
        try:
            await _into(answers, one)
        except (LoginNeeded, Retired, OutOfBudget) as err:
            ending = err
    said = [str(one.events), repr(ending), *(answer.reason for answer in answers.values())]
    assert not any(word in text for text in said for word in ("SECRET", "eyJ", "60000000001"))

"""Single values as the reference's part 8 has them on the wire, each worked out by hand."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health import values
from cromwelld.sources.google_health.origin import device, point_id, source
from cromwelld.sources.google_health.page import page, records
from cromwelld.sources.google_health.words import word
from cromwelld.sources.values import Object


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("61", 61.0),
        (61, 61.0),
        (61.5, 61.5),
        ("0", 0.0),
        (0, 0.0),
        ("-3", -3.0),
        ("9007199254740993", None),  # more than can be calculated with: refused
        (None, None),
        ("NaN", None),
        ("Infinity", None),
        ("-Infinity", None),
    ],
)
def test_a_number_may_be_a_text(sent: object, read: float | None) -> None:
    if sent == "9007199254740993":
        with pytest.raises(ValueError, match="number"):
            values.amount({"count": sent}, "count")
        return
    assert values.amount({"count": sent}, "count") == read


def test_an_absent_number_is_absent() -> None:
    for read in (values.amount, values.positive, values.count, values.duration_s):
        assert read({}, "count") is None


@pytest.mark.parametrize(
    "sent", [True, False, "true", "x", "", " ", "1 2", [], {}, [61], {"value": 61}, "0x3d", "\u0661"]
)
def test_what_is_no_number_is_refused(sent: object) -> None:
    """Above all a truth value, which Python takes for a number."""
    for read in (values.amount, values.positive, values.count):
        with pytest.raises(ValueError, match=r"."):
            read({"count": sent}, "count")


def test_a_count_is_not_negative() -> None:
    assert values.count({"count": "0"}, "count") == 0.0
    with pytest.raises(ValueError, match="negative"):
        values.count({"count": "-1"}, "count")


def test_a_rate_of_nought_was_not_computed() -> None:
    assert values.positive({"breathsPerMinute": 0}, "breathsPerMinute") is None
    assert values.positive({"breathsPerMinute": 14.6}, "breathsPerMinute") == 14.6


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("934s", 934.0),
        ("0s", 0.0),
        ("-18000s", -18000.0),
        ("3.5s", 3.5),
        ("-0.5s", -0.5),
        ("82800s", 82800.0),
        ("1.000340012s", 1.000340012),
    ],
)
def test_a_duration(sent: str, seconds: float) -> None:
    assert values.duration_s({"duration": sent}, "duration") == seconds


@pytest.mark.parametrize(
    "sent", ["934", "s", "", "934 s", "934S", "15m", "PT5M", "1e3s", "NaNs", 934, True, [], {}, "--1s"]
)
def test_what_is_no_duration_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        values.duration_s({"duration": sent}, "duration")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-03-10T07:00:09Z", "2026-03-10T07:00:09+00:00"),
        ("2026-03-10T06:05:11.120000Z", "2026-03-10T06:05:11.120000+00:00"),
        ("2026-03-10T06:05:11.12Z", "2026-03-10T06:05:11.120000+00:00"),
        ("2026-03-10T06:05:11.123456789Z", "2026-03-10T06:05:11.123456+00:00"),
        ("2026-03-10T08:00:09+01:00", "2026-03-10T07:00:09+00:00"),
        ("2026-03-09T23:30:00-07:00", "2026-03-10T06:30:00+00:00"),
    ],
)
def test_an_instant_is_utc(sent: str, read: str) -> None:
    assert values.moment({"physicalTime": sent}, "physicalTime").isoformat() == read


@pytest.mark.parametrize(
    "sent",
    [
        *(None, "", "soon", 5, True, [], {}, "2026-03-10", "2026-03-10T07:00:09", "2026-13-10T07:00:09Z"),
        *("2026-02-30T07:00:09Z", "2026-03-10T25:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1741590009"),
        *("1970-01-01T00:00:00Z", "2026-03-10T07:00:09Z" * 20),
    ],
)
def test_what_is_no_instant_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.moment({"physicalTime": sent}, "physicalTime")


@pytest.mark.parametrize(
    ("sent", "hours"),
    [
        ("3600s", 1.0),
        ("-18000s", -5.0),
        ("50400s", 14.0),
        ("-43200s", -12.0),
        ("20700s", 5.75),
        ("0s", 0.0),
        (None, 0.0),
    ],
)
def test_an_offset(sent: str | None, hours: float) -> None:
    """One that is left out is nought: the wire leaves noughts out."""
    assert values.offset({"utcOffset": sent}, "utcOffset") == dt.timedelta(hours=hours)


@pytest.mark.parametrize("sent", ["-07:00", "90000s", "-90000s", "Z", 3600, True, []])
def test_what_is_no_offset_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.offset({"utcOffset": sent}, "utcOffset")


@pytest.mark.parametrize(
    "sent",
    [
        {"year": 2026, "month": 3, "day": 10},
        {"year": "2026", "month": "3", "day": "10"},
        {"year": 2026.0, "month": 3, "day": 10},
    ],
)
def test_a_date_comes_in_three_parts(sent: object) -> None:
    assert values.civil_date({"date": sent}) == dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    "sent",
    [
        *(None, {}, [], "2026-03-10", 5, {"year": 2026}, {"year": 2026, "month": 3}, {"month": 3, "day": 10}),
        *({"year": 2026, "month": 13, "day": 1}, {"year": 2026, "month": 2, "day": 29}),
        *(
            {"year": 2026, "month": 0, "day": 1},
            {"year": 0, "month": 3, "day": 10},
            {"year": 9999, "month": 3, "day": 1},
        ),
        *({"year": True, "month": 3, "day": 10}, {"year": 2026, "month": 3.5, "day": 1}),
        *({"year": 2026, "month": 3, "day": "x"}, {"year": 2026, "month": 3, "day": -1}),
        {"year": "NaN", "month": 3, "day": 1},
    ],
)
def test_what_is_no_date_is_refused(sent: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.civil_date({"date": sent})


def civil(year: int, month: int, number: int, **time: int) -> dict[str, object]:
    return {"date": {"year": year, "month": month, "day": number}, "time": time}


def test_the_persons_date_is_the_one_that_was_sent() -> None:
    """Even where the offset beside it says something else; midnight has no member of time at all."""
    sent: Object = {"physicalTime": "2026-03-09T23:00:00Z", "utcOffset": "3600s", "civilTime": civil(2026, 3, 10)}
    assert values.sampled_on(sent) == dt.date(2026, 3, 10)
    assert values.sampled_on({**sent, "utcOffset": "-36000s"}) == dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("time", "offset", "date"),
    [
        ("2026-03-09T22:59:59Z", "3600s", "2026-03-09"),
        ("2026-03-09T23:00:00Z", "3600s", "2026-03-10"),
        ("2026-03-10T09:59:59Z", "-36000s", "2026-03-09"),  # Honolulu
        ("2026-03-10T10:00:00Z", "-36000s", "2026-03-10"),
        ("2026-03-09T10:00:00Z", "50400s", "2026-03-10"),  # Kiritimati
        ("2026-03-10T23:59:59Z", None, "2026-03-10"),
    ],
)
def test_else_the_date_of_its_own_offset(time: str, offset: str | None, date: str) -> None:
    expected = dt.date.fromisoformat(date)
    assert values.sampled_on({"physicalTime": time, "utcOffset": offset}) == expected
    assert values.started_on({"startTime": time, "startUtcOffset": offset}) == expected
    assert values.ended_on({"endTime": time, "endUtcOffset": offset}) == expected


def test_a_sleep_over_the_change_of_the_clocks_ends_by_the_offset_of_its_end() -> None:
    """Berlin, 29 March 2026: it began at +1 and ended at +2, a quarter past midnight of the thirtieth."""
    start = {"startTime": "2026-03-28T23:30:00Z", "startUtcOffset": "3600s"}
    interval: Object = {**start, "endTime": "2026-03-29T22:15:00Z", "endUtcOffset": "7200s"}
    assert values.started_on(interval) == dt.date(2026, 3, 29)
    assert values.ended_on(interval) == dt.date(2026, 3, 30)


def test_both_ends_of_an_interval_have_their_own_civil_time() -> None:
    interval: dict[str, object] = {
        "civilStartTime": civil(2026, 3, 10, hours=23),
        "civilEndTime": civil(2026, 3, 11),
    }
    assert values.started_on(interval) == dt.date(2026, 3, 10)
    assert values.ended_on(interval) == dt.date(2026, 3, 11)


@pytest.mark.parametrize(
    ("record", "number"),
    [
        ({"name": "users/1234567890/dataTypes/exercise/dataPoints/3001"}, "3001"),
        ({"dataPointName": "users/me/dataTypes/exercise/dataPoints/3001"}, "3001"),
        ({}, None),
        ({"name": ""}, None),
        ({"name": "users/me/dataTypes/exercise/dataPoints/../../profile"}, None),
        ({"name": "users/me/dataTypes/exercise/dataPoints/3001?x=1"}, None),
        ({"name": "users/me/dataTypes/exercise/dataPoints/3001:exportExerciseTcx"}, None),
    ],
)
def test_the_id_of_a_point_is_the_end_of_its_name(record: dict[str, object], number: str | None) -> None:
    assert point_id(record) == number


def test_where_a_point_came_from() -> None:
    tracker: Object = {"dataSource": {"device": {"displayName": "Charge 6"}, "platform": "FITBIT"}}
    app: Object = {"dataSource": {"application": {"packageName": "org.example.scale"}, "platform": "HEALTH_CONNECT"}}
    typed: Object = {"dataSource": {"recordingMethod": "MANUAL", "device": {}, "platform": "FITBIT"}}
    assert [source(one) for one in (tracker, app, typed, {})] == ["Charge 6", "org.example.scale", "FITBIT", None]
    assert [device(one) for one in (tracker, app, typed, {})] == ["Charge 6", None, None, None]


def test_words_may_be_new_and_unspecified_is_none() -> None:
    assert word({"type": "A_WORD_OF_2027"}, "type") == "A_WORD_OF_2027"
    assert word({"type": "SLEEP_TYPE_UNSPECIFIED"}, "type") is None
    assert word({}, "type") is None
    with pytest.raises(ValueError, match="text"):
        word({"type": 5}, "type")


@pytest.mark.parametrize(
    ("body", "held", "token"),
    [
        ({}, [], ""),
        ({"dataPoints": []}, [], ""),
        ({"dataPoints": None, "nextPageToken": None}, [], ""),
        ({"dataPoints": [5], "nextPageToken": ""}, [5], ""),
        ({"nextPageToken": "SYNTHETIC-PAGE-3"}, [], "SYNTHETIC-PAGE-3"),
        ({"dataPoints": [{"a": 1}], "nextPageToken": "x", "new": {"member": []}}, [{"a": 1}], "x"),
    ],
)
def test_a_page(body: object, held: list[object], token: str) -> None:
    """The last one has no token, or null, or an empty one; an empty one with a token is not the last."""
    text = json.dumps(body).encode()
    assert (json.loads(page(text).records), page(text).token) == (held, token)
    assert list(records([text, text])) == held * 2


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"5", b'"x"', b"{", b'{"dataPoints":5}', b'{"dataPoints":{}}', b'{"dataPoints":"[]"}'),
        *(b'{"nextPageToken":5}', b'{"nextPageToken":["x"]}', b'{"nextPageToken":true}', b'{"nextPageToken":{}}'),
    ],
)
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        page(body)

"""Pages: followed to the last, counted only whole, never round in a circle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

import pytest
from aiohttp import web

from cromwelld.errors import BadAnswer, FarSideAway
from cromwelld.pieces import Outcome
from cromwelld.simulator.google_health import Options, Paging
from cromwelld.sources.google_health.paging import MOST_PAGES, pages
from cromwelld.sources.raw import RawAnswer, Request
from tests.support.google import TYPES, Cloud, Seen, Setup, fetching, pieces, values
from tests.support.google_points import interval, sample

DATE = "2026-03-10"
HEART_RATE = f"{TYPES}/heart-rate"
SIX = Cloud(
    known={"heart-rate": [sample(f"10 12:00:0{second}", beatsPerMinute=f"{60 + second}") for second in range(6)]}
)
ALL_SIX = [(f"12:00:0{second}", 60.0 + second) for second in range(6)]
ASK = Request(path="/v4/x:reconcile", query={"filter": "f", "pageSize": "2", "dataSourceFamily": "d"})


End = Literal["bare", "empty_token"]


def setup(odd: Paging | None = None, *, end: End = "bare") -> Setup:
    """Answer heart rate in pages of two."""
    paging = {HEART_RATE: odd or Paging()}
    return Setup(options=Options(quota=None, most_points=2, paging=paging, last_page=end))


def body(*numbers: int, **rest: object) -> bytes:
    return json.dumps({"dataPoints": [{"heartRate": {"n": number}} for number in numbers], **rest}).encode()


class Sending:
    """Answer with bodies by the token that was sent; "" is the first page."""

    def __init__(self, bodies: Mapping[str, bytes | Exception]) -> None:
        self.bodies = bodies
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> RawAnswer:
        self.asked.append(request)
        held = request.query if request.body is None else request.body
        found = self.bodies[str(held.get("pageToken", ""))]
        if isinstance(found, Exception):
            raise found
        return RawAnswer(request=request, status=200, headers={}, body=found)


async def test_every_page_comes_in_order_an_empty_and_a_short_one_too() -> None:
    bodies = {
        "": body(1, 2, nextPageToken="a"),
        "a": body(nextPageToken="b"),
        "b": b'{"nextPageToken": "c"}',
        "c": body(3, nextPageToken="d"),
        "d": body(4, 5),
    }
    send = Sending(bodies)
    assert await pages(send, ASK) == list(bodies.values())
    assert [one.query.get("pageToken") for one in send.asked] == [None, "a", "b", "c", "d"]


@pytest.mark.parametrize("end", [b'{"dataPoints":[]}', b'{"nextPageToken":""}', b'{"nextPageToken":null}', b"{}"])
async def test_the_end_is_told_in_any_way(end: bytes) -> None:
    send = Sending({"": body(1, nextPageToken="a"), "a": end})
    assert await pages(send, ASK) == [body(1, nextPageToken="a"), end]


async def test_everything_else_stays_as_it_was_asked() -> None:
    send = Sending({"": body(1, nextPageToken="a"), "a": body(2)})
    await pages(send, ASK)
    assert send.asked[1].query == {**ASK.query, "pageToken": "a"}
    assert (send.asked[1].path, send.asked[1].method, send.asked[1].accept) == (ASK.path, "GET", ASK.accept)


async def test_a_token_goes_into_the_body_of_what_was_posted() -> None:
    ask = Request(path="/v4/x:rollUp", body={"windowSize": "60s", "pageSize": 1440})
    send = Sending({"": b'{"rollupDataPoints":[],"nextPageToken":"a"}', "a": b"{}"})
    assert len(await pages(send, ask)) == 2
    assert send.asked[1].body == {"windowSize": "60s", "pageSize": 1440, "pageToken": "a"}
    assert (send.asked[1].method, send.asked[1].query) == ("POST", {})


@pytest.mark.parametrize(
    "bodies",
    [
        {"": body(1, nextPageToken="a"), "a": body(2, nextPageToken="a")},
        {"": body(1, nextPageToken="a"), "a": body(2, nextPageToken="b"), "b": body(3, nextPageToken="a")},
        {"": body(1, nextPageToken="a"), "a": body(nextPageToken="b"), "b": body(nextPageToken="a")},
    ],
    ids=["itself", "a round of two", "empty ones"],
)
async def test_pages_in_a_circle_are_an_error(bodies: Mapping[str, bytes]) -> None:
    send = Sending(bodies)
    with pytest.raises(BadAnswer):
        await pages(send, ASK)
    assert len(send.asked) == len(bodies)


async def test_pages_without_end_are_an_error() -> None:
    class Endless(Mapping[str, bytes]):
        def __getitem__(self, key: str) -> bytes:
            return body(nextPageToken=f"{key}x")

        def __iter__(self) -> None:  # type: ignore[override]
            raise NotImplementedError

        def __len__(self) -> int:
            raise NotImplementedError

    send = Sending(Endless())
    with pytest.raises(BadAnswer):
        await pages(send, ASK)
    assert len(send.asked) == MOST_PAGES


async def test_the_last_page_that_is_allowed_may_be_the_end() -> None:
    tokens = ["", *(f"t{number}" for number in range(1, MOST_PAGES))]
    bodies = {token: body(nextPageToken=after) for token, after in pairwise(tokens)}
    assert len(await pages(Sending({**bodies, tokens[-1]: body(1)}), ASK)) == MOST_PAGES


@pytest.mark.parametrize(
    "bad",
    [
        b"[]",
        b'{"dataPoints":{}}',
        b'{"nextPageToken":7}',
        b'{"nextPageToken":["a"]}',
        b"<html>",
        b'{"dataPoints":[',
        b"",
    ],
)
async def test_what_is_no_page_is_an_error(bad: bytes) -> None:
    with pytest.raises(BadAnswer):
        await pages(Sending({"": bad}), ASK)


async def test_a_page_that_cannot_be_had_loses_the_others() -> None:
    gone = FarSideAway("away")
    with pytest.raises(FarSideAway):
        await pages(Sending({"": body(1, nextPageToken="a"), "a": body(2, nextPageToken="b"), "b": gone}), ASK)


@pytest.mark.parametrize("end", ["bare", "empty_token"])
@pytest.mark.parametrize(
    ("odd", "count"),
    [
        (Paging(), 3),
        (Paging(empty=frozenset({1})), 4),
        (Paging(empty=frozenset({2}), short=frozenset({3})), 5),
        (Paging(empty=frozenset({2, 3, 4}), short=frozenset({1, 5})), 7),
        (Paging(empty=frozenset({4})), 3),
    ],
)
async def test_nothing_is_lost_on_odd_pages(end: End, odd: Paging, count: int) -> None:
    async with fetching(SIX, setup(odd, end=end)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate"]))
    assert values(answers["heart_rate", DATE], "HeartRate_Intraday") == ALL_SIX
    assert len(one.asked("heart-rate")) == count
    assert len({str(asked.question) for asked in one.asked("heart-rate")}) == 1


async def test_an_empty_a_short_and_a_repeating_page_fail_the_stream() -> None:
    odd = setup(Paging(empty=frozenset({1}), short=frozenset({2}), repeating=frozenset({3})))
    async with fetching(SIX, odd) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate", "sleep"]))
    answer = answers["heart_rate", DATE]
    assert answer.outcome is Outcome.FAILED
    assert "circle" in answer.reason
    assert not answer.tables
    assert len(one.asked("heart-rate")) == 3
    assert answers["sleep", DATE].outcome is Outcome.EMPTY


@pytest.mark.parametrize("status", [500, 503, 403, 404])
async def test_a_window_counts_only_after_its_last_page(status: int) -> None:
    def failing(seen: Seen) -> web.Response | None:
        third = (
            seen.kind == "heart-rate" and len({one.token for one in one.asked("heart-rate") if one.status == 200}) >= 2
        )
        return web.json_response({"error": {"code": status}}, status=status) if third else None

    async with fetching(SIX, Setup(options=setup().options, failing=failing)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate", "steps"]))
        answer = answers["heart_rate", DATE]
        assert answer.outcome is (Outcome.REFUSED if status == 403 else Outcome.FAILED)
        assert (answer.rows, dict(answer.tables)) == (0, {})
        good = [seen for seen in one.asked("heart-rate") if seen.status == 200]
        assert len(good) == 2
        assert answers["steps", DATE].outcome is Outcome.EMPTY
        again = await one.all(pieces(DATE, streams=["heart_rate"]))
        assert not again["heart_rate", DATE].tables


async def test_pages_of_sums_in_minutes_are_followed() -> None:
    walk = [interval(f"10 1{hour}:00", f"10 1{hour}:30", wearable=False, count="30") for hour in (0, 1, 2)]
    odd = Options(
        quota=None, paging={f"{TYPES}/steps/dataPoints:rollUp": Paging(empty=frozenset({1}), short=frozenset({2}))}
    )
    async with fetching(Cloud(known={"steps": walk}), Setup(options=odd, steps_from="all")) as one:
        answers = await one.all(pieces(DATE, streams=["steps"]))
    counted = values(answers["steps", DATE], "Steps_Intraday")
    assert [entry for entry in counted if entry[1]] == [(f"1{hour}:00:00", 30.0) for hour in (0, 1, 2)]
    assert [asked.token is None for asked in one.asked("steps", "rollUp")] == [True, False]


async def test_devices_are_followed_to_the_last_page() -> None:
    devices = [
        {
            "deviceType": "TRACKER",
            "batteryLevel": number + 1,
            "deviceVersion": f"Charge {number}",
            "lastSyncTime": "2026-03-10T18:02:11Z",
        }
        for number in range(120)
    ]
    odd = Options(quota=None, paging={"/v4/users/me/pairedDevices": Paging(empty=frozenset({1}))})
    async with fetching(Cloud(devices=devices), Setup(options=odd)) as one:
        answers = await one.all(pieces(DATE, streams=["devices"]))
    assert answers["devices", DATE].rows == 120

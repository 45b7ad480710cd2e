from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from cromwelld.errors import BadAnswer, CromwelldError, FarSideAway, LoginNeeded, OutOfBudget, Refused, TooLong
from cromwelld.events import Event, Kind
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.raw import TCX, RawAnswer, Request
from tests.support.far_side import FarSide, Reply
from tests.support.hearing import aloud

PATH = "/1/user/-/hrv/date/2024-03-30/2024-03-30.json"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.SECRET"


class Asking:
    """A client against a far side, with what it reported, recorded and waited."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession, limits: Limits) -> None:
        self.events: list[Event] = []
        self.answers: list[RawAnswer] = []
        self.waits_s: list[float] = []
        self.tokens = [TOKEN]
        self.client = Client(
            session=session,
            base_url=base_url,
            token=self._token,
            report=aloud(self.events),
            retries=Retries(sleep=self._sleep),
            limits=limits,
            record=self.answers.append,
        )

    async def _token(self) -> str:
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]

    async def _sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)


@asynccontextmanager
async def asking(far_side: FarSide, *, prefix: str = "", limits: Limits | None = None) -> AsyncIterator[Asking]:
    async with far_side.serving() as base_url, aiohttp.ClientSession() as session:
        yield Asking(base_url + prefix, session, limits or Limits())


async def test_a_good_answer_is_given_and_recorded() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(b'{"hrv":[]}', headers={"Fitbit-Rate-Limit-Remaining": "121"}))
    async with asking(far_side) as one:
        answer = await one.client.send(Request(path=PATH, query={"timezone": "UTC"}))
    assert (answer.request.method, answer.request.path, answer.request.query) == ("GET", PATH, {"timezone": "UTC"})
    assert (answer.status, answer.body) == (200, b'{"hrv":[]}')
    assert answer.headers["fitbit-rate-limit-remaining"] == "121"
    assert one.answers == [answer]
    assert far_side.seen[0].query == {"timezone": "UTC"}


async def test_no_language_is_sent_so_that_units_are_metric() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply())
    async with asking(far_side) as one:
        await one.client.send(Request(path=PATH))
    assert "Accept-Language" not in far_side.seen[0].headers
    assert far_side.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


async def test_headers_are_built_for_each_attempt() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=503), Reply())
    async with asking(far_side) as one:
        one.tokens = ["old", "new"]
        await one.client.send(Request(path=PATH))
    assert [seen.headers["Authorization"] for seen in far_side.seen] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(
    "bad",
    [
        Reply(status=500, body=b'{"errors":[{"errorType":"request","fieldName":"500"}]}'),
        Reply(status=503),
        Reply(status=520, body=b"<html>520</html>"),
        Reply(body=b"<!DOCTYPE html><html>all is well</html>"),
        Reply(body=b'{"hrv":[{"dateTime":"2024-'),
        Reply(body=b""),
        Reply(body=b'{"hrv":[]}' * 1000, cut=True),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_a_passing_failure_is_tried_again(bad: Reply) -> None:
    far_side = FarSide()
    far_side.lay(PATH, bad, bad, Reply(b'{"hrv":[]}'))
    async with asking(far_side) as one:
        answer = await one.client.send(Request(path=PATH))
    assert answer.body == b'{"hrv":[]}'
    assert far_side.asked(PATH) == 3
    assert [event.kind for event in one.events] == [Kind.REQUEST_RETRIED] * 2
    assert 0.5 <= one.waits_s[0] <= 1.0
    assert 1.0 <= one.waits_s[1] <= 1.5


async def test_a_lasting_failure_is_given_up() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=503))
    async with asking(far_side) as one:
        with pytest.raises(FarSideAway, match="503"):
            await one.client.send(Request(path=PATH))
    assert far_side.asked(PATH) == 3
    assert len(one.answers) == 3


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadAnswer), (401, LoginNeeded), (403, Refused), (404, BadAnswer), (422, TooLong), (429, OutOfBudget)],
)
async def test_a_refusal_is_never_tried_again(status: int, error: type[CromwelldError]) -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=status, body=f'{{"errors":[{{"message":"{TOKEN}"}}]}}'.encode()))
    async with asking(far_side) as one:
        with pytest.raises(error) as caught:
            await one.client.send(Request(path=PATH))
    assert TOKEN not in f"{caught.value!r} {caught.value.hint}"
    assert far_side.asked(PATH) == 1
    assert one.waits_s == []


async def test_a_vendor_that_asks_for_long_patience_is_not_waited_for() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=503, headers={"Retry-After": "3600"}))
    async with asking(far_side) as one:
        with pytest.raises(FarSideAway) as caught:
            await one.client.send(Request(path=PATH))
    assert caught.value.retry_after_s == 3600.0
    assert far_side.asked(PATH) == 1


async def test_a_vendor_that_asks_for_little_patience_gets_it() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=503, headers={"Retry-After": "7"}), Reply())
    async with asking(far_side) as one:
        await one.client.send(Request(path=PATH))
    assert one.waits_s == [7.0]


async def test_a_far_side_that_is_not_there_or_silent() -> None:
    far_side = FarSide(delay_s=30.0)
    async with asking(far_side, limits=Limits(total_s=0.05)) as one:
        with pytest.raises(FarSideAway, match="connection failed"):
            await one.client.send(Request(path=PATH))
        one.client.base_url = "http://127.0.0.1:9"
        with pytest.raises(FarSideAway, match="connection failed"):
            await one.client.send(Request(path=PATH))


async def test_a_redirect_is_not_followed() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(status=302, headers={"Location": "/elsewhere"}))
    async with asking(far_side) as one:
        with pytest.raises(FarSideAway, match="302"):
            await one.client.send(Request(path=PATH))
    assert far_side.asked("/elsewhere") == 0


async def test_an_answer_that_unpacks_to_too_much_is_refused() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(gzip.compress(b" " * 300_000), headers={"Content-Encoding": "gzip"}))
    async with asking(far_side, limits=Limits(body_bytes=100_000)) as one:
        with pytest.raises(BadAnswer, match="larger"):
            await one.client.send(Request(path=PATH))


async def test_an_answer_nested_too_deeply_is_refused() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(b"[" * 100_000 + b"]" * 100_000))
    async with asking(far_side) as one:
        with pytest.raises(BadAnswer, match="nested"):
            await one.client.send(Request(path=PATH))


async def test_json_that_only_python_reads_is_left_to_the_parsers() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(b'\xef\xbb\xbf{"hrv":[]}'), Reply(b'{"hrv":[NaN]}'))
    async with asking(far_side) as one:
        await one.client.send(Request(path=PATH))
        await one.client.send(Request(path=PATH))
    assert far_side.asked(PATH) == 2


async def test_other_types_are_asked_for_and_web_pages_in_their_place_noticed() -> None:
    far_side = FarSide()
    far_side.lay(PATH, Reply(b"<html>"), Reply(b"<TrainingCenterDatabase/>"))
    async with asking(far_side) as one:
        answer = await one.client.send(Request(path=PATH, accept=TCX))
    assert answer.body == b"<TrainingCenterDatabase/>"
    assert far_side.seen[1].headers["Accept"] == "application/vnd.garmin.tcx+xml"


async def test_no_more_requests_at_once_than_allowed() -> None:
    far_side = FarSide(delay_s=0.02)
    far_side.lay(PATH, Reply())
    async with asking(far_side, limits=Limits(concurrency=3)) as one:
        await asyncio.gather(*(one.client.send(Request(path=PATH)) for _ in range(9)))
    assert far_side.most_waiting == 3


async def test_a_request_that_is_not_permitted_is_not_sent() -> None:
    def no() -> None:
        raise LoginNeeded("not now")

    far_side = FarSide()
    async with asking(far_side) as one:
        with pytest.raises(LoginNeeded):
            await one.client.send(Request(path=PATH), permit=no)
    assert far_side.seen == []


async def test_a_gateway_may_have_a_path_of_its_own() -> None:
    far_side = FarSide()
    far_side.lay("/fitbit/v" + PATH, Reply())
    async with asking(far_side, prefix="/fitbit/v/") as one:
        await one.client.send(Request(path=PATH))
        base = one.client.base_url
        assert one.client.follow(f"{base}1/user/-/x.json?offset=2&sort=asc") == (
            "/1/user/-/x.json",
            {"offset": "2", "sort": "asc"},
        )
    assert far_side.asked("/fitbit/v" + PATH) == 1


async def test_a_link_of_the_vendor_is_followed_below_the_base() -> None:
    async with asking(FarSide()) as one:
        link = "https://api.fitbit.com/1/user/-/activities/list.json?offset=20&afterDate=2017-01-01T00%3A00%3A00"
        assert one.client.follow(link) == (
            "/1/user/-/activities/list.json",
            {"offset": "20", "afterDate": "2017-01-01T00:00:00"},
        )
    assert one.events == []


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/1/user/-/activities/list.json",
        "https://api.fitbit.com.evil.example/1",
        "https://api.fitbit.com@evil.example/1",
        "//evil.example/1",
        "https://[::1/1",
        "https://api.fitbit.com:bad/1",
        "javascript:alert(1)",
        "/1/user/-/activities/list.json",
        "http://127.0.0.1:1/1/user/-/activities/list.json",
        "x",
    ],
)
async def test_a_foreign_link_is_refused_and_reported(link: str) -> None:
    async with asking(FarSide()) as one:
        with pytest.raises(BadAnswer, match="foreign host"):
            one.client.follow(link)
    assert [event.kind for event in one.events] == [Kind.LINK_REFUSED]

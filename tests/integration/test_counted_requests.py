"""What is said of every request, for those who count: stream, class, time, how far our clock is from the vendor's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from cromwelld.errors import CromwelldError
from cromwelld.events import Event, Kind
from cromwelld.sources.client import Client, Limits, Retries
from cromwelld.sources.counting import CLASSES, class_of
from cromwelld.sources.raw import ACCOUNT, LOGIN, RawAnswer, Request
from cromwelld.wiring.vendors import STREAMS
from tests.support.far_side import FarSide, Reply
from tests.support.surviving import APIS, Ground

PATH = "/1/user/-/hrv/date/2024-03-30/2024-03-30.json"
HRV = Request(path=PATH, stream="hrv")


@asynccontextmanager
async def counting(far_side: FarSide, events: list[Event], limits: Limits | None = None) -> AsyncIterator[Client]:
    async def token() -> str:
        return "token"

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    async with far_side.serving() as url, aiohttp.ClientSession() as session:
        retries = Retries(sleep=sleep)
        yield Client(
            session=session, base_url=url, token=token, report=events.append, source="fitbit_web", retries=retries,
            limits=limits or Limits(),
        )  # fmt: skip


def of(events: list[Event], kind: Kind, field: str) -> list[str | int | float]:
    return [event.fields[field] for event in events if event.kind is kind]


async def asked(reply: Reply, limits: Limits | None = None, *, delay_s: float = 0.0) -> list[Event]:
    events: list[Event] = []
    far_side = FarSide(delay_s=delay_s)
    far_side.lay(PATH, reply)
    async with counting(far_side, events, limits) as client:
        with suppress(CromwelldError):
            await client.send(HRV)
    return events


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reply(), "2xx"),
        (Reply(status=302), "3xx"),
        (Reply(status=403), "4xx"),
        (Reply(status=429, headers={"Retry-After": "999"}), "429"),
        (Reply(status=503), "5xx"),
        (Reply(b"{}" * 5000, cut=True), "none"),
    ],
)
async def test_an_answer_is_counted_by_its_class(reply: Reply, word: str) -> None:
    events = await asked(reply)
    assert set(of(events, Kind.REQUEST_ANSWERED, "class")) == {word}
    assert set(of(events, Kind.REQUEST_ANSWERED, "stream")) == {"hrv"}
    assert set(of(events, Kind.REQUEST_ANSWERED, "source")) == {"fitbit_web"}


@pytest.mark.parametrize(("status", "word"), [(200, "2xx"), (207, "2xx"), (429, "429"), (599, "5xx"), (999, "none")])
def test_the_classes_are_a_closed_list(status: int, word: str) -> None:
    assert class_of(status) == word
    assert word in CLASSES


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (Reply(status=503), "server"),
        (Reply(b"{}" * 5000, cut=True), "connection"),
        (Reply(b"<!doctype html>"), "nonsense"),
        (Reply(b'{"cut": '), "nonsense"),
    ],
)
async def test_a_retry_has_a_cause(reply: Reply, cause: str) -> None:
    events = await asked(reply)
    assert of(events, Kind.REQUEST_RETRIED, "cause") == [cause] * 2


async def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    events = await asked(Reply(), Limits(total_s=0.05), delay_s=1.0)
    assert of(events, Kind.REQUEST_RETRIED, "cause") == ["timeout"] * 2
    assert of(events, Kind.REQUEST_ANSWERED, "class") == ["none"] * 3
    assert min(map(float, of(events, Kind.REQUEST_ANSWERED, "seconds"))) >= 0.05


async def test_the_clocks_are_compared() -> None:
    (event,) = await asked(Reply(headers={"Date": "Thu, 09 Oct 2025 03:00:00 GMT"}))
    assert float(event.fields["ahead_s"]) > 86_400
    (event,) = await asked(Reply(headers={"Date": "yesterday"}))
    assert "ahead_s" not in event.fields


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("Thu, 09 Oct 2025 03:00:00 GMT", "2025-10-09T03:00:00+00:00"),
        ("Thu, 09 Oct 2025 03:00:00", None),
        ("", None),
        ("Thu, 99 Oct 2025 03:00:00 GMT", None),
    ],
)
def test_the_vendors_clock_is_read_or_not(header: str, sent: str | None) -> None:
    answer = RawAnswer(request=HRV, status=200, headers={"date": header}, body=b"")
    assert (None if answer.sent_at is None else answer.sent_at.isoformat()) == sent


@pytest.mark.parametrize("api", APIS)
def test_every_request_of_a_day_says_for_which_stream_it_is(tmp_path: Path, api: str) -> None:
    survived = asyncio.run(Ground(root=tmp_path / "home", api=api).collect())
    all_counted = [event for event in survived.events if event.kind is Kind.REQUEST_ANSWERED]
    counted = [event for event in all_counted if event.fields["stream"] != LOGIN]
    assert len(counted) == len(survived.asked)
    renewals = [said for said in survived.logins.said if said.asked == "refresh_token"]
    assert len(all_counted) - len(counted) == len(renewals) > 0
    streams = Counter(event.fields["stream"] for event in counted)
    assert set(streams) <= {ACCOUNT, *STREAMS[api]}
    answered = {event.fields["stream"] for event in survived.events if event.kind is Kind.STREAM_ANSWERED}
    assert answered <= set(streams)
    assert streams[ACCOUNT] <= 1
    tracks = sum(one.path.endswith(".tcx") or "exportExerciseTcx" in one.path for one in survived.asked)
    assert streams["gps"] == tracks > 0
    assert {event.fields["source"] for event in counted} == {api}

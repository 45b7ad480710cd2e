"""What is said never holds what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cromwelld.events import Event, Kind
from tests.unit.google_health.google_fates import (
    BODIES,
    FAILED,
    body_of,
)
from tests.unit.google_health.google_reading import (
    Circumstances,
    Vendor,
    fetching,
    pieces,
    sample,
    sent,
)


def _told(body: bytes) -> Iterator[str]:
    """Give every stretch of a body that nobody may see: texts with blanks, links, ids, numbers, names."""
    text = body.decode()
    yield from re.findall(r'https?://[^"\s]+', text)
    yield from re.findall(r'"message":\s*"([^"]+)"', text)
    yield from re.findall(r'"error_description":\s*"([^"]+)"', text)
    yield from re.findall(r"\d{4,}", text)
    yield from re.findall(r"projects?[/:_][\w:]+", text)
    yield from ("echoed", "71.3", "users/", "googleapis", "example.com")


@pytest.mark.parametrize("name", BODIES)
async def test_no_word_of_a_body_is_repeated(name: str) -> None:
    fate, vendor = BODIES[name], Vendor()
    vendor.otherwise = sent(body_of(name), fate.status)
    async with fetching(vendor, Circumstances(zone=None)) as one:
        found = await one.all(pieces())
    assert found
    assert not [word for word in _told(body_of(name)) if word in one.said(found)]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 412, 418, 429, 500, 503])
@pytest.mark.parametrize("place", ["message", "status", "reason", "metadata", "domain"])
async def test_nothing_that_is_said_holds_a_secret(status: int, place: str) -> None:
    secret = "ya29.SECRET-1234567890"
    info = {"reason": secret if place == "reason" else "X", "domain": secret, "metadata": {"maxDurationDays": secret}}
    body = {"code": status, "message": secret, "status": secret if place == "status" else "Y", "details": [info]}
    vendor = Vendor()
    vendor.otherwise = sent({"error": body, "dataPoints": [{"name": secret, secret: secret}], secret: secret}, status)
    async with fetching(vendor, Circumstances(zone=None)) as one:
        found = await one.all(pieces())
    said = one.said(found)
    assert not [word for word in ("SECRET", "ya29", "1234567890", "TOKEN") if word in said]


async def test_a_failing_day_has_no_event_but_those_of_its_requests() -> None:
    vendor = Vendor()
    vendor.otherwise = sent(sample("error.503.unavailable"), 503)
    async with fetching(vendor, Circumstances(attempts=2)) as one:
        found = await one.all(pieces())
    assert {answer.outcome for answer in found.values()} == {FAILED}
    kinds = {event.kind for event in one.events}
    assert kinds == {Kind.REQUEST_RETRIED}
    assert all(isinstance(event, Event) and event.fields["attempt"] == 1 for event in one.events)

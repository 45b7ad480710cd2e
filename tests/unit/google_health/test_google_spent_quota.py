"""A spent quota is waited for, within bounds; a server that is away is asked again."""

from __future__ import annotations

import pytest

from cromwelld.errors import OutOfBudget
from cromwelld.events import Kind
from tests.unit.google_health.google_fates import (
    EMPTY,
    FAILED,
    HRV,
    OK,
)
from tests.unit.google_health.google_reading import (
    DATE,
    Circumstances,
    Vendor,
    error,
    fetching,
    pieces,
    sample,
    sent,
)

WAITED: tuple[tuple[dict[str, str], float], ...] = (
    ({}, 60.0),
    ({"Retry-After": "7"}, 7.0),
    ({"Retry-After": "0"}, 60.0),
    ({"Retry-After": "99999"}, 60.0),
    ({"Retry-After": "soon"}, 60.0),
)


@pytest.mark.parametrize(("headers", "wait_s"), WAITED)
async def test_a_spent_quota_is_waited_for(headers: dict[str, str], wait_s: float) -> None:
    vendor = Vendor()
    vendor.lay(HRV, sent(error("429_resource_exhausted"), 429, **headers), sent({}))
    async with fetching(vendor, Circumstances(quota_wait_s=90.0)) as one:
        found = await one.all(pieces(["hrv"]))
    assert found["hrv", DATE].outcome is EMPTY
    assert one.ended is None
    assert len(one.waits.seconds) == 1
    assert wait_s <= one.waits.seconds[0] <= wait_s + 60.0
    assert [event.kind for event in one.events] == [Kind.REQUEST_RETRIED]


async def test_a_quota_that_does_not_come_back_ends_the_fetch() -> None:
    vendor = Vendor()
    vendor.lay(HRV, sent(error("429_resource_exhausted"), 429))
    how = Circumstances(quota_wait_s=90.0, attempts=2, concurrency=1)
    async with fetching(vendor, how) as one:
        found = await one.all(pieces(["hrv"]))
    assert vendor.asked(HRV) == 2
    assert found["hrv", DATE].outcome is FAILED
    assert isinstance(one.ended, OutOfBudget)


async def test_nothing_is_sent_behind_a_quota_that_was_waited_for_in_vain() -> None:
    """The first request that gives up is the last that is sent: no other is tried as often."""
    vendor = Vendor()
    vendor.otherwise = sent(error("429_resource_exhausted"), 429)
    async with fetching(vendor, Circumstances(quota_wait_s=90.0, attempts=3, concurrency=1)) as one:
        found = await one.all(pieces())
    times = sorted(vendor.asked(path) for path in {seen.path for seen in vendor.seen})
    assert times[-1] == 3
    assert times[-2] <= 2
    assert isinstance(one.ended, OutOfBudget)
    assert {answer.outcome for answer in found.values()} == {FAILED}


async def test_a_server_that_recovers_is_no_failure() -> None:
    vendor = Vendor()
    vendor.lay(HRV, sent(sample("error.503.unavailable"), 503), sent(sample("daily-heart-rate-variability.list")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["hrv"]))
    assert found["hrv", DATE].outcome is OK
    assert vendor.asked(HRV) == 2

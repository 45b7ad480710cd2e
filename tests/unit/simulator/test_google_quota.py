"""The count of requests of the simulated Google Health API."""

from __future__ import annotations

from datetime import UTC, datetime

from cromwelld.simulator.google_health.quota import MinuteQuota


def test_the_quota_is_counted_by_the_minute_of_the_clock() -> None:
    quota = MinuteQuota()
    at = datetime(2026, 3, 10, 9, 59, 59, tzinfo=UTC)
    assert [quota.spend(at, 2) for _ in range(3)] == [True, True, False]
    assert quota.spend(datetime(2026, 3, 10, 10, 0, 0, tzinfo=UTC), 2)


def test_no_limit_never_refuses() -> None:
    quota = MinuteQuota()
    assert all(quota.spend(datetime(2026, 3, 10, tzinfo=UTC), None) for _ in range(1000))

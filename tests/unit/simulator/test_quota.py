"""The simulated vendor's count of requests."""

from __future__ import annotations

from datetime import UTC, datetime

from cromwelld.simulator.fitbit_web.quota import HourlyQuota


def test_the_quota_is_counted_by_the_hour_of_the_clock() -> None:
    quota = HourlyQuota()
    at = datetime(2025, 10, 8, 9, 59, 30, tzinfo=UTC)
    assert [quota.spend(at, 2).remaining for _ in range(2)] == [1, 0]
    refused = quota.spend(at, 2)
    assert refused.refused
    assert refused.reset_s == 30
    renewed = quota.spend(datetime(2025, 10, 8, 10, 0, 0, tzinfo=UTC), 2)
    assert (renewed.refused, renewed.remaining, renewed.reset_s) == (False, 1, 3600)


def test_no_limit_never_refuses() -> None:
    quota = HourlyQuota()
    at = datetime(2025, 10, 8, 9, 0, tzinfo=UTC)
    assert not any(quota.spend(at, None).refused for _ in range(1000))


def test_the_headers_are_those_of_the_vendor() -> None:
    assert HourlyQuota().spend(datetime(2025, 10, 8, 9, 20, tzinfo=UTC), 150).headers() == {
        "fitbit-rate-limit-limit": "150",
        "fitbit-rate-limit-remaining": "149",
        "fitbit-rate-limit-reset": "2400",
    }

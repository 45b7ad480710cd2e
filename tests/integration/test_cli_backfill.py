"""`cromwelld backfill` and `accept`, as people type them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld import load_days
from cromwelld.locks import held
from cromwelld.simulator.fitbit_web import Failure, Options
from tests.support.cli import HEAVY, Home, Vendor, call, ended, home, started
from tests.support.places import files_of

YEAR = "2024-01-01..2024-12-31"
# by hand from the longest ranges: 366 dates by 30, 30, 31 and 100
PROMISED = {"hrv": 13, "spo2": 13, "weight": 12, "sleep": 4}
AT_ONCE, HALF_WAY = 20, 30


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


@pytest.fixture
def mine(vendor: Vendor, tmp_path: Path) -> Home:
    return home(tmp_path / "home", vendor.url)


def test_a_year_is_planned_killed_half_way_and_finished_with_what_was_promised(vendor: Vendor, mine: Home) -> None:
    plan = call("backfill", YEAR, "--dry-run", "--json", "--config", mine.config)
    assert (plan.code, len(vendor.received)) == (0, 0)
    assert plan.json["requests"] == PROMISED
    assert plan.json["dates"] == 366
    reached = threading.Event()
    vendor.asked = lambda: reached.set() if len(vendor.received) >= HALF_WAY else None
    vendor.options = Options(quota=None, latency_s=0.2)
    program = started("backfill", YEAR, "--config", mine.config)
    assert reached.wait(30)
    program.kill()
    ended(program)
    vendor.options = Options(quota=None)
    done = call("backfill", YEAR, "--config", mine.config)
    assert (done.code, done.err) == (0, "")
    asked = len(vendor.received) - 2  # each run asks for the profile
    assert sum(PROMISED.values()) <= asked <= sum(PROMISED.values()) + AT_ONCE
    assert len(mine.objects()) == 366
    days = load_days("2024-01-01", "2024-12-31", mine.data)
    assert bool(days["sealed"].all())
    before, counted = files_of(mine.root), len(vendor.received)
    again = call("backfill", YEAR, "--config", mine.config)
    assert again.out == "2024-01-01 to 2024-12-31: every date was asked already\n"
    assert (len(vendor.received), files_of(mine.root)) == (counted, before)


def test_the_plan_can_be_read(mine: Home) -> None:
    plan = call("backfill", YEAR, "--dry-run", "--config", mine.config)
    assert plan.out.splitlines() == [
        "2024-01-01 to 2024-12-31: 366 dates lack something",
        "  hrv                           13 requests",
        "  spo2                          13 requests",
        "  weight                        12 requests",
        "  sleep                          4 requests",
        "  in all, about                 42 requests, 0.4 hours at the vendor's quota; about 55 MB in the archive",
    ]
    assert not mine.archive.exists() or mine.objects() == []


def test_without_an_end_it_goes_up_to_yesterday(mine: Home) -> None:
    plan = call("backfill", "2025-10-01", "--dry-run", "--json", "--config", mine.config)
    assert plan.json["first"] == "2025-10-01"
    assert plan.json["last"] >= "2026-01-01"


@pytest.mark.parametrize("dates", ["2024-13-01", "tomorrow", "2024-02-01..2024-01-01", "2008-01-01"])
def test_a_wrong_date_is_a_sentence(mine: Home, dates: str) -> None:
    wrong = call("backfill", dates, "--dry-run", "--config", mine.config)
    assert wrong.code == 2
    assert wrong.err.count("\n") <= 3


def test_what_the_vendor_refuses_is_told_and_the_rest_is_there(vendor: Vendor, mine: Home) -> None:
    vendor.options = Options(
        quota=None, failing={"/1/user/-/hrv": Failure(status=403, error_type="insufficient_scope")}
    )
    done = call("backfill", "2024-12-01..2024-12-31", "--config", mine.config)
    assert done.code == 10
    assert "(hrv)" in done.err
    assert len(mine.objects()) == 31
    accepted = call("accept", "2024-12-05", "--config", mine.config)
    assert accepted.out == "2024-12-05: hrv accepted\n"
    again = call("accept", "2024-12-05", "--config", mine.config)
    assert (again.code, again.out) == (0, "2024-12-05: nothing was open\n")


@pytest.mark.parametrize("date", ["2024-12-01..2024-12-05", "3d", "2024-12-99"])
def test_one_date_is_accepted_at_a_time(mine: Home, date: str) -> None:
    assert call("accept", date, "--config", mine.config).code == 2


def test_a_second_keeper_is_told_who_holds_the_state(mine: Home) -> None:
    call("accept", "2024-12-05", "--config", mine.config)  # makes the state folder
    with held(mine.state / "lock", "cromwelld collect 7d"):
        refused = call("backfill", "2024-12-01..2024-12-31", "--config", mine.config)
    assert refused.code == 1
    assert "cromwelld collect 7d" in refused.err


def test_json_is_one_object(mine: Home) -> None:
    plan = call("backfill", "2024-12-31..2024-12-31", "--dry-run", "--json", "--config", mine.config)
    assert json.loads(plan.out)["requests"] == dict.fromkeys(("hrv", "spo2", "weight", "sleep"), 1)
    assert not set(json.loads(plan.out)["requests"]) & set(HEAVY)

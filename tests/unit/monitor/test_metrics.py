"""Metrics against what Prometheus' own parser reads of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import platform
import threading
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cromwelld import __version__
from cromwelld.events import Event, Kind
from cromwelld.monitor import metrics as room
from cromwelld.monitor.metrics import CONTENT_TYPE, FAMILIES, PREFIX, Metrics
from cromwelld.monitor.metrics.counting import UPDATES
from cromwelld.monitor.metrics.families import Type
from cromwelld.monitor.snapshot import AccountNow, Device, Disk, Login, Snapshot
from cromwelld.outbox import Held
from cromwelld.state import Left

AT = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
AT_S = 1_759_978_800.0  # date -u -d 2025-10-09T03:00 +%s
HOUR = dt.timedelta(hours=1)
Labels = dict[str, str]


def metrics() -> Metrics:
    return Metrics(["me", "partner"], ["heart_rate", "sleep"], clock=lambda: AT_S)


def always_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FRESH_S", "_USABLE_S"):
        monkeypatch.setattr(f"cromwelld.monitor.metrics.exposition.{name}", 0.0)


def rendered(one: Metrics) -> str:
    return asyncio.run(one.rendered()).decode()


def series(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(one: Metrics, name: str, **labels: str) -> float | None:
    return series(rendered(one)).get((PREFIX + name, frozenset(labels.items())))


def having(one: Metrics, name: str) -> list[Labels]:
    return [dict(labels) for found, labels in series(rendered(one)) if found == PREFIX + name]


# --- before anything is known


def test_what_is_not_known_is_nan_and_what_is_counted_is_nought() -> None:
    found = series(rendered(metrics()))
    for account in ("me", "partner"):
        own = frozenset({("account", account)})
        for name in ("last_success_timestamp_seconds", "outbox_pieces", "login_needed", "backfill_pending_dates"):
            assert math.isnan(found[PREFIX + name, own])
        assert found[PREFIX + "archive_upload_bytes_total", own] == 0
    own = frozenset({("account", "me"), ("reason", "timeout")})
    assert found[PREFIX + "retries_total", own] == 0


def test_what_may_happen_is_counted_from_nought() -> None:
    """A series that begins with its first count is never seen to grow: one failure would not be seen."""
    one = metrics()
    one.expect("me", "google_health", ["sleep"])
    asked = {"account": "me", "source": "google_health", "stream": "sleep"}
    assert value(one, "answers_total", **asked, outcome="failed") == 0
    assert value(one, "api_requests_total", **asked, **{"class": "none"}) == 0
    assert value(one, "records_rejected_total", account="me", stream="sleep") == 0
    assert value(one, "events_total", account="partner", event="run.unfinished") == 0
    assert value(one, "run_duration_seconds_count", account="me", stage="fetch") == 0
    assert value(one, "run_duration_seconds_bucket", account="me", stage="fetch", le="0.5") == 0
    assert {labels["account"] for labels in having(one, "answers_total")} == {"me"}


def test_the_build_is_told() -> None:
    assert value(metrics(), "build_info", version=__version__, python=platform.python_version()) == 1


def test_the_process_is_told_as_everywhere() -> None:
    names = {name for name, _ in series(rendered(metrics()))}
    assert {"process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"} <= names
    assert all(name.startswith(("process_", PREFIX)) for name in names)
    assert not [name for name in names if name.endswith("_created")]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_names_are_as_prometheus_wants_them(family: room.families.Family) -> None:
    assert family.name.endswith("_total") == (family.type is Type.COUNTER)
    assert family.help.endswith(".")
    assert not set(family.labels) & {"le", "quantile", "job", "instance"}
    assert bool(family.buckets) == (family.type is Type.HISTOGRAM)


# --- events


REQUEST = Event(
    Kind.REQUEST_ANSWERED,
    {"account": "me", "source": "google_health", "stream": "sleep", "class": "2xx", "seconds": 0.2, "ahead_s": -1.5},
)


def test_requests_are_counted_and_timed() -> None:
    one = metrics()
    one.report(REQUEST)
    one.report(REQUEST)
    labels = {"account": "me", "source": "google_health", "stream": "sleep", "class": "2xx"}
    assert value(one, "api_requests_total", **labels) == 2
    assert value(one, "api_request_duration_seconds_sum", source="google_health") == pytest.approx(0.4)
    assert value(one, "api_request_duration_seconds_bucket", source="google_health", le="0.1") == 0
    assert value(one, "api_request_duration_seconds_bucket", source="google_health", le="0.25") == 2
    assert value(one, "clock_offset_seconds", source="google_health") == -1.5


def test_label_sets_are_closed() -> None:
    one = metrics()
    strange = {**REQUEST.fields, "account": "person-4711", "stream": "users/4711", "class": "teapot"}
    one.report(replace(REQUEST, fields=strange))
    one.report(Event(Kind.STREAM_ANSWERED, {"account": "me", "outcome": "odd"}, {"Secret": 3}))
    labels = {"account": "other", "source": "google_health", "stream": "other", "class": "other"}
    assert value(one, "api_requests_total", **labels) == 1
    assert value(one, "records_total", account="me", measurement="other") == 3
    assert "4711" not in rendered(one)
    assert "Secret" not in rendered(one)


def test_accounts_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    always_anew(monkeypatch)
    one = metrics()
    one.report(REQUEST)
    assert one.take_on(["partner", "child"]) == {"child"}
    one.report(Event(Kind.BUDGET_WAITS, {"account": "child", "seconds": 3}))
    assert {labels["account"] for labels in having(one, "outbox_pieces")} == {"partner", "child"}
    assert having(one, "api_requests_total") == []
    assert value(one, "request_budget_wait_seconds_total", account="child") == 3
    one.report(Event(Kind.BUDGET_WAITS, {"account": "me", "seconds": 3}))
    assert value(one, "request_budget_wait_seconds_total", account="other") == 3
    one.take_on(["me", "partner", "child"])
    assert value(one, "request_budget_wait_seconds_total", account="me") == 0


def test_answers_and_their_records_are_counted() -> None:
    one = metrics()
    fields = {"account": "me", "source": "fitbit_web", "stream": "sleep"}
    one.report(Event(Kind.STREAM_ANSWERED, {**fields, "outcome": "ok"}, {"SleepLevels": 20, "SleepSummary": 1}))
    one.report(Event(Kind.STREAM_ANSWERED, {**fields, "outcome": "ok"}, {"SleepLevels": 5}))
    one.report(Event(Kind.STREAM_FAILED, {**fields, "outcome": "refused"}))
    one.report(Event(Kind.RECORDS_REJECTED, {"account": "me", "stream": "sleep", "records": 2}))
    assert value(one, "records_total", account="me", measurement="SleepLevels") == 25
    assert value(one, "records_total", account="partner", measurement="SleepLevels") == 0
    assert value(one, "answers_total", **fields, outcome="ok") == 2
    assert value(one, "answers_total", **fields, outcome="refused") == 1
    assert value(one, "records_rejected_total", account="me", stream="sleep") == 2


def test_retries_and_waits_are_counted() -> None:
    one = metrics()
    one.report(Event(Kind.REQUEST_RETRIED, {"account": "me", "reason": "503: x", "cause": "server", "attempt": 1}))
    one.report(Event(Kind.BUDGET_WAITS, {"account": "me", "seconds": 30}))
    assert value(one, "retries_total", account="me", reason="server") == 1
    assert value(one, "retries_total", account="me", reason="quota") == 0
    assert value(one, "request_budget_wait_seconds_total", account="me") == 30


def test_uploads_are_counted_and_dated() -> None:
    one = metrics()
    one.report(Event(Kind.DAY_ARCHIVED, {"account": "me", "date": "2025-10-08", "records": 7, "bytes": 210_000}))
    assert value(one, "archive_upload_bytes_total", account="me") == 210_000
    assert value(one, "archive_last_upload_timestamp_seconds", account="me") == AT_S


def test_stages_are_timed() -> None:
    one = metrics()
    one.report(Event(Kind.DATES_COLLECTED, {"account": "me", "fetch_s": 3.0, "store_s": 0.5}))
    one.report(Event(Kind.DATES_VERIFIED, {"account": "me", "dates": 3, "unsound": 0, "read_back_s": 60.0}))
    assert value(one, "run_duration_seconds_sum", account="me", stage="fetch") == 3.0
    assert value(one, "run_duration_seconds_count", account="me", stage="store") == 1
    assert value(one, "run_duration_seconds_bucket", account="me", stage="read_back", le="60.0") == 1


@pytest.mark.parametrize(("dates", "unsound", "dated"), [(3, 0, True), (3, 1, False), (0, 0, False)])
def test_a_reading_back_is_a_success_if_all_fitted(dates: int, unsound: int, *, dated: bool) -> None:
    one = metrics()
    one.report(Event(Kind.DATES_VERIFIED, {"account": "me", "dates": dates, "unsound": unsound, "read_back_s": 1.0}))
    found = value(one, "verify_last_success_timestamp_seconds", account="me")
    assert found is not None
    assert (found == AT_S) is dated
    assert math.isnan(found) is not dated


def test_a_login_is_needed_until_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    always_anew(monkeypatch)
    one = metrics()
    one.report(Event(Kind.LOGIN_NEEDED, {"account": "me"}))
    assert value(one, "login_needed", account="me") == 1
    one.report(Event(Kind.TOKEN_REFRESHED, {"account": "me"}))
    assert value(one, "login_needed", account="me") == 0


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(Kind.ALERT_SENT, "sent"), (Kind.ALERT_UNSENT, "unsent"), (Kind.CHANNEL_REFUSED, "refused")],
)
def test_letters_are_counted_by_what_became_of_them(kind: Kind, outcome: str) -> None:
    one = metrics()
    one.report(Event(kind, {"kind": "data_stale", "account": "me", "channel": "mail"}))
    assert value(one, "alerts_total", kind="data_stale", outcome=outcome) == 1
    assert value(one, "alerts_total", kind="disk_full", outcome=outcome) == 0


@pytest.mark.parametrize("kind", list(Kind))
def test_every_event_is_counted_however_few_its_fields(kind: Kind) -> None:
    one = metrics()
    one.report(Event(kind))
    assert value(one, "events_total", account="", event=kind.label) == 1


def test_every_update_is_of_an_event() -> None:
    assert set(UPDATES) <= set(Kind)


# --- snapshots

ME = AccountNow(
    source="google_health",
    login=Login(access_ends_at=AT + HOUR),
    last_success_at=AT,
    uploaded_at=AT - HOUR,
    verified_at=AT - 2 * HOUR,
    newest={"HeartRate_Intraday": AT - 3 * HOUR},
    devices=(Device(name="Pixel Watch 3", last_sync=AT - HOUR, battery=0.62), Device(name="Aria", last_sync=AT)),
    budgets={"google_health": Left(140, AT + HOUR)},
    outbox=Held(pieces=4, size_bytes=9, oldest=AT - HOUR),
    dates={"complete": 40, "incomplete": 2},
    backfill_dates=0,
)


def shown(account: AccountNow) -> Metrics:
    one = metrics()
    disk = Disk(key="state_dir", path="/var/lib/cromwelld", free=5_000_000_000, total=9_000_000_000)
    one.show(Snapshot(at=AT, accounts={"me": account}, disks=(disk,), clock_ahead_s={"google_health": 0.25}))
    return one


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("last_success_timestamp_seconds", {}, AT_S),
        ("access_token_expires_timestamp_seconds", {}, AT_S + 3600),
        ("archive_last_upload_timestamp_seconds", {}, AT_S - 3600),
        ("verify_last_success_timestamp_seconds", {}, AT_S - 7200),
        ("newest_sample_timestamp_seconds", {"measurement": "HeartRate_Intraday"}, AT_S - 10_800),
        ("device_last_sync_timestamp_seconds", {"device": "Pixel Watch 3"}, AT_S - 3600),
        ("device_battery_ratio", {"device": "Pixel Watch 3"}, 0.62),
        ("request_budget_remaining", {"origin": "google_health"}, 140),
        ("request_budget_reset_timestamp_seconds", {"origin": "google_health"}, AT_S + 3600),
        ("outbox_pieces", {}, 4),
        ("outbox_oldest_timestamp_seconds", {}, AT_S - 3600),
        ("dates", {"state": "complete"}, 40),
        ("dates", {"state": "waiting"}, 0),
        ("backfill_pending_dates", {}, 0),
        ("login_needed", {}, 0),
        ("account_paused", {}, 0),
    ],
)
def test_a_snapshot_is_shown(name: str, labels: Labels, expected: float) -> None:
    assert value(shown(ME), name, account="me", **labels) == pytest.approx(expected)


def test_a_pause_is_shown() -> None:
    assert value(shown(replace(ME, paused=True)), "account_paused", account="me") == 1


def test_what_accounts_share_is_shown() -> None:
    assert value(shown(ME), "disk_free_bytes", folder="state_dir") == 5e9
    assert value(shown(ME), "clock_offset_seconds", source="google_health") == 0.25


def test_a_device_that_is_in_use_no_more_is_shown_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    always_anew(monkeypatch)
    one = metrics()
    one.show(Snapshot(at=AT, accounts={"me": ME, "partner": ME}))
    one.show(Snapshot(at=AT, accounts={"me": replace(ME, devices=ME.devices[:1]), "partner": ME}))
    for name in ("device_last_sync_timestamp_seconds", "device_battery_ratio"):
        shown = {(labels["account"], labels["device"]) for labels in having(one, name)}
        assert shown == {("me", "Pixel Watch 3"), ("partner", "Pixel Watch 3"), ("partner", "Aria")}


def test_the_disk_of_a_folder_that_is_gone_is_shown_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    always_anew(monkeypatch)
    one = shown(ME)
    assert len(having(one, "disk_free_bytes")) == 1
    one.show(Snapshot(at=AT, accounts={}))
    assert having(one, "disk_free_bytes") == []


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("refresh_token_expires_timestamp_seconds", {}),
        ("device_battery_ratio", {"device": "Aria"}),
    ],
)
def test_what_a_snapshot_does_not_know_is_nan(name: str, labels: Labels) -> None:
    found = value(shown(ME), name, account="me", **labels)
    assert found is not None
    assert math.isnan(found)


def test_what_is_left_of_a_window_that_is_over_is_not_known() -> None:
    one = shown(replace(ME, budgets={"google_health": Left(7, AT)}))
    remaining = value(one, "request_budget_remaining", account="me", origin="google_health")
    assert remaining is not None
    assert math.isnan(remaining)


def test_nothing_is_left_while_the_vendor_refuses_whatever_was_believed_to_be() -> None:
    refused, over = Left(140, AT + HOUR, silent_until=AT + HOUR), Left(140, AT + HOUR, silent_until=AT)
    found = [
        value(
            shown(replace(ME, budgets={"google_health": left})),
            "request_budget_remaining",
            account="me",
            origin="google_health",
        )
        for left in (refused, over)
    ]
    assert found == [0, 140]


def test_an_outbox_that_is_empty_has_no_oldest() -> None:
    one = shown(replace(ME, outbox=None))
    assert value(one, "outbox_pieces", account="me") == 0
    oldest = value(one, "outbox_oldest_timestamp_seconds", account="me")
    assert oldest is not None
    assert math.isnan(oldest)


def test_a_state_without_dates_goes_back_to_nought() -> None:
    one = shown(ME)
    one.show(Snapshot(at=AT, accounts={"me": replace(ME, dates={"complete": 42})}))
    assert value(one, "dates", account="me", state="incomplete") == 0


def test_dates_that_nobody_counted_are_not_nought() -> None:
    assert having(shown(replace(ME, dates=None)), "dates") == []


# --- rendering


async def test_fifty_who_ask_at_once_get_one_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def render(registry: object) -> bytes:
        del registry
        threads.append(threading.get_ident())
        return b"text"

    monkeypatch.setattr("cromwelld.monitor.metrics.exposition.generate_latest", render)
    one = metrics()
    assert await asyncio.gather(*(one.rendered() for _ in range(50))) == [b"text"] * 50
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_a_rendering_is_made_anew_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    one = metrics()
    first = await one.rendered()
    one.report(REQUEST)
    assert await one.rendered() == first
    always_anew(monkeypatch)
    assert await one.rendered() != first


async def test_nobody_waits_for_a_rendering_while_the_last_one_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cromwelld.monitor.metrics.exposition._FRESH_S", 0.0)
    one = metrics()
    first = await one.rendered()
    one.report(REQUEST)
    going_on = threading.Event()

    def render(registry: object) -> bytes:
        del registry
        going_on.wait(10)
        return b"text"

    monkeypatch.setattr("cromwelld.monitor.metrics.exposition.generate_latest", render)
    assert [await one.rendered() for _ in range(3)] == [first] * 3
    going_on.set()
    async with asyncio.timeout(10):
        while await one.rendered() != b"text":
            await asyncio.sleep(0.005)


def test_the_content_type_is_that_of_the_text() -> None:
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


def test_the_lag_of_the_loop_is_a_histogram() -> None:
    one = metrics()
    for lag in (0.0004, 0.03, 0.2):
        one.lag(lag)
    assert value(one, "event_loop_lag_seconds_bucket", le="0.05") == 2
    assert value(one, "event_loop_lag_seconds_count") == 3

"""Fresh, stale, not worn, not synced: each case by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.jobs.importing.standing import Exports
from cromwelld.monitor.freshness import Fault, State, ago, missing, not_synced, not_worn, state
from cromwelld.monitor.snapshot import AccountNow, Device, account_from
from cromwelld.state import Ledger, Mark, Marked

NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
LIMIT = dt.timedelta(hours=36)


def hours(number: float) -> dt.datetime:
    """Give the instant so many hours ago."""
    return NOW - dt.timedelta(hours=number)


def account(
    synced: float | None, heart: float | None, answered: float | None, *, battery: float | None = 0.6
) -> AccountNow:
    """Lay out an account: how many hours ago it synced, its newest heart rate is, and the vendor answered."""
    return AccountNow(
        source="google_health",
        began_at=hours(1000),
        devices=() if synced is None else (Device(name="Pixel Watch 3", last_sync=hours(synced), battery=battery),),
        newest={} if heart is None else {"HeartRate_Intraday": hours(heart), "RestingHR": hours(1)},
        answered={} if answered is None else {"heart_rate": hours(answered), "sleep": hours(answered)},
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (account(synced=1, heart=1, answered=0.5), State.FRESH),
        (account(synced=1, heart=36.9, answered=0.5), State.FRESH),  # at night on the charger
        (account(synced=1, heart=38, answered=0.5), State.NOT_WORN),
        (account(synced=1, heart=None, answered=0.5), State.NOT_WORN),
        (account(synced=1, heart=38, answered=2), State.STALE),  # it synced after the vendor last answered
        (account(synced=40, heart=40, answered=0.5), State.NOT_SYNCED),
        (account(synced=40, heart=41, answered=0.5), State.NOT_SYNCED),
        (account(synced=1, heart=1, answered=37), State.UNANSWERED),
        (account(synced=None, heart=1, answered=0.5), State.SYNC_UNKNOWN),
        (account(synced=None, heart=None, answered=None), State.UNANSWERED),
    ],
)
def test_how_data_stand(one: AccountNow, expected: State) -> None:
    assert state(one, NOW, LIMIT) is expected


def test_a_new_account_has_time_to_begin() -> None:
    new = replace(account(synced=None, heart=None, answered=None), began_at=hours(1))
    assert state(new, NOW, LIMIT) is State.BEGINNING
    assert state(replace(new, began_at=None), NOW, LIMIT) is State.BEGINNING


def test_steps_are_data_too_but_no_sign_of_being_worn() -> None:
    one = account(synced=1, heart=100, answered=2)
    assert state(replace(one, newest={**one.newest, "Steps_Intraday": hours(1)}), NOW, LIMIT) is State.FRESH


def test_the_answer_about_heart_rate_counts_where_it_is_asked() -> None:
    one = account(synced=1, heart=100, answered=5)
    assert state(replace(one, answered={"heart_rate": hours(5), "sleep": hours(0.5)}), NOW, LIMIT) is State.STALE
    assert state(replace(one, answered={"sleep": hours(0.5)}), NOW, LIMIT) is State.NOT_WORN


@pytest.mark.parametrize(
    ("one", "fault", "words"),
    [
        (account(synced=1, heart=38, answered=2), Fault.US, "nobody answered for 2 h"),
        (
            replace(account(synced=1, heart=38, answered=2), refusal="403: the vendor gives no permission"),
            Fault.VENDOR,
            "has not given data for 2 h: 403",
        ),
        (
            replace(account(synced=3, heart=40, answered=4), answered={"heart_rate": hours(4), "sleep": hours(1)}),
            Fault.VENDOR,
            "synced 3 h ago",
        ),
    ],
)
def test_whose_fault_it_is_that_data_are_missing(one: AccountNow, fault: Fault, words: str) -> None:
    found = missing(one, NOW)
    assert found.fault is fault
    assert words in found.what
    assert found.remedy


def test_a_phone_that_does_not_sync() -> None:
    found = not_synced(account(synced=19, heart=19, answered=1), NOW)
    assert (found.fault, found.what) == (Fault.PHONE, "the phone has not synced Pixel Watch 3 for 19 h")


def test_a_watch_whose_battery_was_low() -> None:
    found = not_synced(account(synced=100, heart=100, answered=1, battery=0.04), NOW)
    assert found.fault is Fault.WATCH
    assert found.remedy.startswith("charge the watch")


def test_no_device_at_all() -> None:
    assert not_synced(account(synced=None, heart=None, answered=1), NOW).fault is Fault.PHONE


def test_a_watch_in_a_drawer() -> None:
    found = not_worn(account(synced=1, heart=24 * 6, answered=0.5), NOW)
    assert (found.fault, found.what) == (Fault.WATCH, "the watch has not been worn for 6 days")
    assert not_worn(account(synced=1, heart=None, answered=0.5), NOW).what == "the watch has not been worn ever"


@pytest.mark.parametrize(("number", "words"), [(0.2, "0 h"), (19, "19 h"), (71.4, "71 h"), (72, "3 days"), (-1, "0 h")])
def test_lengths_of_time_in_words(number: float, words: str) -> None:
    assert ago(dt.timedelta(hours=number)) == words


def test_an_account_begins_with_what_the_ledger_knows(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.marks.note(
        "me",
        [
            Marked(mark=Mark.SAMPLE, about="HeartRate_Intraday", at=hours(3)),
            Marked(mark=Mark.ANSWERED, about="heart_rate", at=hours(2)),
            Marked(mark=Mark.DEVICE, about="Pixel Watch 3", at=hours(4), value=0.5),
            Marked(mark=Mark.DEVICE, about="Charge 2, sold", at=hours(24 * 61 + 4)),
            Marked(mark=Mark.UPLOADED, at=hours(1)),
        ],
    )
    found = account_from(ledger, "me", "google_health")
    ledger.close()
    assert found == AccountNow(
        source="google_health",
        uploaded_at=hours(1),
        newest={"HeartRate_Intraday": hours(3)},
        answered={"heart_rate": hours(2)},
        devices=(Device(name="Pixel Watch 3", last_sync=hours(4), battery=0.5),),
    )


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, State.EXPORT_DUE),
        (dt.date(2025, 10, 11), State.FRESH),
        (dt.date(2025, 8, 12), State.FRESH),  # 61 days before
        (dt.date(2025, 8, 11), State.EXPORT_DUE),
        (dt.date(2025, 7, 29), State.EXPORT_DUE),  # 75 days: two weeks for Google and the person
        (dt.date(2025, 7, 28), State.EXPORT_LATE),
    ],
)
def test_an_account_without_an_api_is_measured_by_its_exports(until: dt.date | None, expected: State) -> None:
    old = replace(account(synced=2000, heart=2000, answered=2000), source="import", exports=Exports(until=until))
    assert state(old, NOW, LIMIT) is expected


def test_exports_beside_an_api_do_not_make_its_data_fresh() -> None:
    both = replace(account(synced=1, heart=1, answered=37), exports=Exports(until=dt.date(2025, 10, 11)))
    assert state(both, NOW, LIMIT) is State.UNANSWERED

"""One word for how a date stands."""

from __future__ import annotations

import pytest

from cromwelld.jobs.states import state_of
from tests.support.days import day, heart

WORN = {"HeartRate_Intraday": heart(["10:00"])}
OK, EMPTY = "fitbit_web ok", "fitbit_web empty"


def test_a_date_that_is_not_over_is_provisional_whatever_it_has() -> None:
    assert state_of(day(WORN, {"HeartRate_Intraday": OK}), ended=False) == "provisional"


def test_a_date_of_which_everything_was_answered_is_complete() -> None:
    asked = {
        "HeartRate_Intraday": OK,
        "HRV": EMPTY,
        "GPS": "fitbit_web not_offered",
        "Weight": "fitbit_web unsupported",
    }
    assert state_of(day(WORN, asked), ended=True) == "complete"


@pytest.mark.parametrize("outcome", ["failed", "refused"])
def test_a_date_of_which_something_could_not_be_had_is_incomplete(outcome: str) -> None:
    asked = {"HeartRate_Intraday": OK, "HRV": f"fitbit_web {outcome}"}
    assert state_of(day(WORN, asked), ended=True) == "incomplete"


def test_a_date_without_any_heart_rate_was_not_worn() -> None:
    assert state_of(day({}, {"HeartRate_Intraday": EMPTY}), ended=True) == "not worn"


def test_a_date_that_was_never_asked_is_unknown() -> None:
    assert state_of(day(WORN), ended=True) == "unknown"


def test_a_battery_reading_alone_does_not_complete_a_date() -> None:
    assert state_of(day({}, {"DeviceBatteryLevel": OK}), ended=True) == "unknown"


PARTIAL = "takeout partial"


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ({"HeartRate_Intraday": PARTIAL, "DeviceBatteryLevel": "takeout ok"}, "provisional"),
        ({"HeartRate_Intraday": OK, "SleepScore": PARTIAL}, "complete"),  # what an API answered is whole
        ({"HeartRate_Intraday": "fitbit_web failed", "SleepScore": PARTIAL}, "provisional"),
    ],
)
def test_a_date_that_rests_on_an_export_which_ended_on_it_is_provisional(asked: dict[str, str], state: str) -> None:
    assert state_of(day(WORN, asked), ended=True) == state

"""The scopes that the simulated Fitbit endpoints need."""

from __future__ import annotations

import pytest

from cromwelld.simulator.fitbit_web import ENDPOINTS
from cromwelld.simulator.fitbit_web.scopes import needed
from cromwelld.simulator.oauth import FITBIT, GOOGLE

# dev.fitbit.com/build/reference/web-api, each endpoint's page: "Scope"
DOCUMENTED = {
    "/1/user/-/profile.json": {"profile"},
    "/1/user/-/devices.json": {"settings"},
    "/1/user/-/activities/list.json": {"activity"},
    "/1/user/-/activities/{log_id}.tcx": {"activity", "location"},
    "/1/user/-/activities/heart/date/{start}/1d/{detail}.json": {"heartrate"},
    "/1/user/-/activities/heart/date/{start}/{end}.json": {"heartrate"},
    "/1/user/-/activities/active-zone-minutes/date/{start}/{end}.json": {"activity"},
    "/1/user/-/activities/tracker/{resource}/date/{start}/{end}.json": {"activity"},
    "/1.2/user/-/sleep/date/{start}/{end}.json": {"sleep"},
    "/1/user/-/hrv/date/{start}/all.json": {"heartrate"},
    "/1/user/-/br/date/{start}.json": {"respiratory_rate"},
    "/1/user/-/spo2/date/{start}/{end}.json": {"oxygen_saturation"},
    "/1/user/-/temp/skin/date/{start}/{end}.json": {"temperature"},
    "/1/user/-/cardioscore/date/{start}.json": {"cardio_fitness"},
    "/1/user/-/body/log/weight/date/{start}.json": {"weight"},
    "/1/user/-/ecg/list.json": {"electrocardiogram"},
    "/1/user/-/irn/alerts/list.json": {"irregular_rhythm_notifications"},
}


@pytest.mark.parametrize("path", DOCUMENTED)
def test_endpoints_need_the_documented_scopes(path: str) -> None:
    assert set(needed(path)) == DOCUMENTED[path]
    assert path in {endpoint.path for endpoint in ENDPOINTS}


def test_every_endpoint_needs_a_scope_that_can_be_granted() -> None:
    for endpoint in ENDPOINTS:
        assert needed(endpoint.path), endpoint.path
        assert FITBIT.scopes.issuperset(needed(endpoint.path))


def test_google_knows_the_scopes_that_can_be_read() -> None:
    prefix = "https://www.googleapis.com/auth/googlehealth."
    assert {scope.removeprefix(prefix) for scope in GOOGLE.scopes} == {
        "activity_and_fitness.readonly",
        "ecg.readonly",
        "health_metrics_and_measurements.readonly",
        "irn.readonly",
        "location.readonly",
        "nutrition.readonly",
        "profile.readonly",
        "settings.readonly",
        "sleep.readonly",
    }

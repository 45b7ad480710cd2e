"""What a day costs the simulator: little, or the suite would measure it instead of the collector."""

from __future__ import annotations

import time

import pytest

from cromwelld.simulator.person import Person
from tests.support.simulated import ACTIVITIES, vendor

pytestmark = pytest.mark.bench

DAY = "2025-10-07"
NIGHTLY = ("hrv", "br", "spo2", "temp/skin")


async def test_a_day_is_cheap() -> None:
    person = Person(seed=23)
    per_day = ["heart/date/{}/1d/1sec", "steps/date/{}/1d/1min", "heart/date/{0}/{0}", "calories/date/{}/1d/1min"]
    series = ["steps", "calories", "distance", "minutesSedentary", "minutesLightlyActive", "minutesFairlyActive"]
    paths = [f"{ACTIVITIES}/{path.format(DAY)}.json" for path in per_day]
    paths += [f"{ACTIVITIES}/tracker/{name}/date/{DAY}/{DAY}.json" for name in series]
    paths += [f"/1/user/-/{name}/date/{DAY}/{DAY}.json" for name in NIGHTLY]
    paths += [f"/1.2/user/-/sleep/date/{DAY}/{DAY}.json", "/1/user/-/devices.json", "/1/user/-/profile.json"]
    paths += [f"{ACTIVITIES}/list.json?afterDate={DAY}&sort=asc&limit=1&offset=0"]
    async with vendor(person=person) as client:
        began = time.process_time()
        await client.get(paths[0])
        heart_rate_s = time.process_time() - began
        for path in paths[1:]:
            await client.get(path)
        day_s = time.process_time() - began
    assert heart_rate_s < 0.3
    assert day_s < 1.0

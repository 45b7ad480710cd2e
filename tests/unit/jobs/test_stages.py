"""How long stages take, by a clock that tests turn."""

from __future__ import annotations

from cromwelld.jobs.stages import FETCH, STORE, Stages


def test_the_seconds_of_a_stage_are_added_up() -> None:
    times = iter([0.0, 2.0, 10.0, 11.5, 20.0, 20.25])
    stages = Stages(lambda: next(times))
    for stage in (FETCH, STORE, FETCH):
        with stages.during(stage):
            pass
    assert stages.fields() == {"fetch_s": 2.25, "store_s": 1.5}

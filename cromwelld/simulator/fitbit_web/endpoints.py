"""The vendor's endpoints: path, answer, longest range.

The longest ranges are those of the documentation; a resource with a shorter one says so in `series`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cromwelld.simulator.fitbit_web import (
    account,
    activities,
    alerts,
    body,
    heart,
    minutes,
    nightly,
    series,
    sleep,
    tcx,
)
from cromwelld.simulator.fitbit_web.asking import Ask


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Declare one GET endpoint; `longest_days` bounds its range, both ends counted."""

    path: str
    answer: Callable[[Ask], object]
    longest_days: int | None = None


USER = "/1/user/-"
ACTIVITIES = f"{USER}/activities"
ENDPOINTS = (
    Endpoint(f"{USER}/profile.json", account.profile),
    Endpoint(f"{USER}/devices.json", account.devices),
    Endpoint(f"{ACTIVITIES}/list.json", activities.listed),
    Endpoint(f"{ACTIVITIES}/{{log_id}}.tcx", tcx.track),
    Endpoint(f"{ACTIVITIES}/heart/date/{{start}}/1d/{{detail}}.json", heart.intraday),
    Endpoint(f"{ACTIVITIES}/heart/date/{{start}}/1d/{{detail}}/time/{{from}}/{{to}}.json", heart.intraday),
    Endpoint(f"{ACTIVITIES}/heart/date/{{start}}/{{end}}/{{detail}}.json", heart.intraday),
    Endpoint(f"{ACTIVITIES}/heart/date/{{start}}/{{end}}/{{detail}}/time/{{from}}/{{to}}.json", heart.intraday),
    Endpoint(f"{ACTIVITIES}/heart/date/{{start}}/{{end}}.json", heart.daily, 366),
    Endpoint(f"{ACTIVITIES}/active-zone-minutes/date/{{start}}/1d/{{detail}}.json", minutes.zone_minutes),
    Endpoint(f"{ACTIVITIES}/active-zone-minutes/date/{{start}}/{{end}}.json", series.zone_minutes, 1095),
    Endpoint(f"{ACTIVITIES}/tracker/{{resource}}/date/{{start}}/{{end}}.json", series.tracker, 1095),
    Endpoint(f"{ACTIVITIES}/{{resource}}/date/{{start}}/1d/{{detail}}.json", minutes.intraday),
    Endpoint(f"{ACTIVITIES}/{{resource}}/date/{{start}}/1d/{{detail}}/time/{{from}}/{{to}}.json", minutes.intraday),
    Endpoint(f"{ACTIVITIES}/{{resource}}/date/{{start}}/{{end}}/{{detail}}.json", minutes.intraday),
    Endpoint(
        f"{ACTIVITIES}/{{resource}}/date/{{start}}/{{end}}/{{detail}}/time/{{from}}/{{to}}.json", minutes.intraday
    ),
    Endpoint(f"{ACTIVITIES}/{{resource}}/date/{{start}}/{{end}}.json", series.with_logs, 1095),
    Endpoint("/1.2/user/-/sleep/list.json", sleep.listed),
    Endpoint("/1.2/user/-/sleep/date/{start}.json", sleep.by_date),
    Endpoint("/1.2/user/-/sleep/date/{start}/{end}.json", sleep.by_range, 100),
    Endpoint(f"{USER}/hrv/date/{{start}}/all.json", nightly.variability_minutes),
    Endpoint(f"{USER}/hrv/date/{{start}}/{{end}}/all.json", nightly.variability_minutes, 30),
    Endpoint(f"{USER}/hrv/date/{{start}}.json", nightly.variability),
    Endpoint(f"{USER}/hrv/date/{{start}}/{{end}}.json", nightly.variability, 30),
    Endpoint(f"{USER}/br/date/{{start}}/all.json", nightly.breathing_stages),
    Endpoint(f"{USER}/br/date/{{start}}/{{end}}/all.json", nightly.breathing_stages, 30),
    Endpoint(f"{USER}/br/date/{{start}}.json", nightly.breathing),
    Endpoint(f"{USER}/br/date/{{start}}/{{end}}.json", nightly.breathing, 30),
    Endpoint(f"{USER}/spo2/date/{{start}}/all.json", nightly.oxygen_minutes),
    Endpoint(f"{USER}/spo2/date/{{start}}/{{end}}/all.json", nightly.oxygen_minutes_range, 30),
    Endpoint(f"{USER}/spo2/date/{{start}}.json", nightly.oxygen),
    Endpoint(f"{USER}/spo2/date/{{start}}/{{end}}.json", nightly.oxygen_range, 30),
    Endpoint(f"{USER}/temp/skin/date/{{start}}.json", nightly.skin_temperature),
    Endpoint(f"{USER}/temp/skin/date/{{start}}/{{end}}.json", nightly.skin_temperature, 30),
    Endpoint(f"{USER}/temp/core/date/{{start}}.json", nightly.core_temperature),
    Endpoint(f"{USER}/temp/core/date/{{start}}/{{end}}.json", nightly.core_temperature, 30),
    Endpoint(f"{USER}/cardioscore/date/{{start}}.json", nightly.fitness),
    Endpoint(f"{USER}/cardioscore/date/{{start}}/{{end}}.json", nightly.fitness, 30),
    Endpoint(f"{USER}/body/log/weight/date/{{start}}.json", body.weight_log),
    Endpoint(f"{USER}/body/log/weight/date/{{start}}/{{end}}.json", body.weight_log, 31),
    Endpoint(f"{USER}/body/log/fat/date/{{start}}.json", body.fat_log),
    Endpoint(f"{USER}/body/log/fat/date/{{start}}/{{end}}.json", body.fat_log, 30),
    Endpoint(f"{USER}/body/{{resource}}/date/{{start}}/{{end}}.json", body.series, 1095),
    Endpoint(f"{USER}/ecg/list.json", alerts.readings),
    Endpoint(f"{USER}/irn/alerts/list.json", alerts.alerts),
)

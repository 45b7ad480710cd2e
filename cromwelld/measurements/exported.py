"""What only an export has, and no API."""

from __future__ import annotations

from dataclasses import replace

from cromwelld.measurements.entries import DEVICE, EXPORTED, daily, number, sampled
from cromwelld.measurements.model import DAILY_TABLE, Field, Measurement, Merge, Stamp

EXPORTED_SAMPLES: tuple[Measurement, ...] = tuple(
    replace(measurement, likeness=EXPORTED)
    for measurement in (
        sampled("SkinTemperature_Intraday", Stamp.SAMPLE, (number("value", "deg C"),), note="of the skin, while worn"),
        sampled(
            "Snore_Intraday",
            Stamp.SAMPLE,
            (
                *(number(f"{which}Level", "dBA") for which in ("mean", "max", "min")),
                number("events", "events"),
                number("snoringEvents", "events"),
                number("duration_seconds", "s"),
            ),
            note="what the watch heard in the night, a row for each stretch",
        ),
    )
)

SCORES: tuple[Measurement, ...] = (
    Measurement(
        name="SleepScore",
        stamp=Stamp.WAKING,
        merge=Merge.LOGGED,
        table=DAILY_TABLE,
        tags=DEVICE,
        fields=(
            *(number(name, "points") for name in ("overall", "composition", "revitalization", "duration")),
            number("deepSleepMinutes", "min"),
            number("restingHeartRate", "bpm"),
            number("restlessness", "share of the sleep"),
        ),
        key=("time",),
        likeness=EXPORTED,
        note="one a sleep; belongs to the date on which it ends",
    ),
    daily(
        "Readiness",
        (
            number("value", "points"),
            *(number(name, "points") for name in ("activity", "sleep", "hrv")),
            Field(name="state", unit="the vendor's word", text=True),
        ),
        EXPORTED,
    ),
    daily(
        "StressManagement",
        (
            number("value", "points"),
            *(number(f"{name}Points", "points") for name in ("sleep", "responsiveness", "exertion")),
        ),
        EXPORTED,
        "higher is calmer",
    ),
)

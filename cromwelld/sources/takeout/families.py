"""The files that an export is known to have, as values: by their names, wherever below the root they lie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cromwelld.sources.takeout.family import Clock, Columns, Family, Shape, daily, records, series, telemetry, topic

_VARIATIONS = {
    "root mean square of successive differences milliseconds": "rmssd",
    "root mean square of successive differences ms": "rmssd",
    "standard deviation milliseconds": "standardDeviation",
    "standard deviation ms": "standardDeviation",
}
_STAGES = ("deep", "light", "rem", "full")
_BREATHING = {
    f"{stage} sleep stats - {said}": f"{stage}{ours}"
    for stage in _STAGES
    for said, ours in (
        ("milli breaths per minute", ""),
        ("standard deviation milli breaths per minute", "StandardDeviation"),
        ("signal to noise", "SignalToNoise"),
    )
}
_EXERCISE = {
    "tracker_total_calories": "calories",
    "tracker_total_steps": "steps",
    "tracker_total_distance_mm": "distance_mm",
    "tracker_total_altitude_mm": "altitude_mm",
    "tracker_avg_heart_rate": "averageHeartRate",
}
_SLEEP = {"minutes_in_sleep_period": "minutesInBed", "minutes_asleep": "minutesAsleep", "minutes_awake": "minutesAwake"}
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
FAMILIES: tuple[Family, ...] = (
    telemetry("heart_rate", {"beats per minute": "value"}),
    telemetry("steps", {"steps": "value"}),
    telemetry("distance", {"distance": "value"}),
    telemetry("calories", {"calories": "value"}),
    telemetry("floors", {"floors": "value"}),
    telemetry("active_minutes", {"light": "light", "moderate": "moderate", "very": "very"}),
    telemetry("active_zone_minutes", {"total minutes": "value"}, texts={"heart rate zone": "zone"}),
    telemetry("oxygen_saturation", {"oxygen saturation percentage": "value"}),
    telemetry("heart_rate_variability", _VARIATIONS),
    telemetry("respiratory_rate_sleep_summary", _BREATHING),
    telemetry("body_temperature", {"temperature celsius": "value"}),
    telemetry("weight", {"weight grams": "value"}),
    telemetry("body_fat", {"body fat percentage": "value"}),
    daily("daily_resting_heart_rate", {"beats per minute": "value"}, "value"),
    daily("resting_heart_rate", {"beats per minute": "value"}, "value"),
    daily(
        "daily_heart_rate_variability",
        {
            "average heart rate variability milliseconds": "dailyRmssd",
            "non rem heart rate beats per minute": "nonRemHeartRate",
            "entropy": "entropy",
            "deep sleep root mean square of successive differences milliseconds": "deepRmssd",
        },
        "dailyRmssd",
    ),
    daily(
        "daily_oxygen_saturation",
        {"average percentage": "avg", "lower bound percentage": "lower", "upper bound percentage": "upper"},
        "avg",
        passed_over=("baseline percentage", "standard deviation percentage"),
    ),
    daily("daily_respiratory_rate", {"breaths per minute": "value"}, "value"),
    daily(
        "daily_sleep_temperature_derivations",
        {
            "nightly temperature celsius": "nightlyTemperature",
            "baseline temperature celsius": "baselineTemperature",
            "relative nightly stddev 30d celsius": "relativeStddev30d",
        },
        "nightlyTemperature",
    ),
    daily("daily_vo2_max", {"daily vo2 max value": "value"}, "value"),
    daily(
        "daily_readiness",
        {"score": "value", "readiness score": "value"},
        "value",
        texts={"type": "state", "readiness state": "state"},
        passed_over=(
            "readiness level",
            "sleep readiness",
            "heart rate variability readiness",
            "resting heart rate readiness",
        ),
    ),
    topic("minute_spo2", "Minute SpO2", Clock.UTC, Columns(numbers={"value": "value"}, needed=("value",))),
    topic(
        "daily_spo2",
        "Daily SpO2",
        Clock.DATE,
        Columns(numbers={"average_value": "avg", "lower_bound": "lower", "upper_bound": "upper"}, needed=("avg",)),
    ),
    topic(
        "variability_details",
        "Heart Rate Variability Details",
        Clock.LOCAL,
        Columns(
            numbers={"rmssd": "rmssd"}, needed=("rmssd",), passed_over=("coverage", "low_frequency", "high_frequency")
        ),
    ),
    topic(
        "daily_variability",
        "Daily Heart Rate Variability Summary",
        Clock.DATE,
        Columns(
            numbers={"rmssd": "dailyRmssd", "nremhr": "nonRemHeartRate", "entropy": "entropy"}, needed=("dailyRmssd",)
        ),
    ),
    topic(
        "daily_breathing",
        "Daily Respiratory Rate Summary",
        Clock.DATE,
        Columns(numbers={"daily_respiratory_rate": "value"}, needed=("value",)),
    ),
    topic(
        "zone_minutes",
        "Active Zone Minutes - ",
        Clock.LOCAL,
        Columns(
            numbers={"total_minutes": "value"},
            when=("date_time",),
            texts={"heart_zone_id": "zone"},
            needed=("value", "zone"),
        ),
    ),
    topic(
        "computed_temperature",
        "Computed Temperature",
        Clock.DATE,
        Columns(
            numbers={"nightly_temperature": "nightlyTemperature"},
            when=("sleep_end",),
            needed=("nightlyTemperature",),
            passed_over=(
                "type",
                "sleep_start",
                "temperature_samples",
                "baseline_relative_sample_sum",
                "baseline_relative_sample_sum_of_squares",
                "baseline_relative_nightly_standard_deviation",
                "baseline_relative_sample_standard_deviation",
            ),
        ),
    ),
    topic(
        "sleep_score",
        "sleep_score",
        Clock.UTC,
        Columns(
            numbers={
                "overall_score": "overall",
                "composition_score": "composition",
                "revitalization_score": "revitalization",
                "duration_score": "duration",
                "deep_sleep_in_minutes": "deepSleepMinutes",
                "resting_heart_rate": "restingHeartRate",
                "restlessness": "restlessness",
            },
            texts={"sleep_log_entry_id": "log"},
            needed=("overall",),
        ),
    ),
    topic(
        "readiness",
        "Daily Readiness Score",
        Clock.DATE,
        Columns(
            numbers={
                "readiness_score_value": "value",
                "activity_subcomponent": "activity",
                "sleep_subcomponent": "sleep",
                "hrv_subcomponent": "hrv",
            },
            when=("date",),
            texts={"readiness_state": "state"},
            needed=("value",),
            passed_over=("activity_state", "sleep_state", "hrv_state"),
        ),
    ),
    topic(
        "stress_score",
        "Stress Score",
        Clock.DATE,
        Columns(
            numbers={
                "STRESS_SCORE": "value",
                "SLEEP_POINTS": "sleepPoints",
                "RESPONSIVENESS_POINTS": "responsivenessPoints",
                "EXERTION_POINTS": "exertionPoints",
            },
            when=("DATE",),
            texts={"STATUS": "status", "CALCULATION_FAILED": "failed"},
            needed=("value",),
            passed_over=("UPDATED_AT", "MAX_SLEEP_POINTS", "MAX_RESPONSIVENESS_POINTS", "MAX_EXERTION_POINTS"),
        ),
    ),
    topic(
        "snore",
        "Snore Details",
        Clock.LOCAL,
        Columns(
            numbers={
                "mean_dba": "meanLevel",
                "max_dba": "maxLevel",
                "min_dba": "minLevel",
                "events_number": "events",
                "snoring_events_number": "snoringEvents",
                "sample_duration": "duration_seconds",
            },
            needed=("meanLevel",),
            passed_over=("snore_label",),
        ),
    ),
    topic(
        "trackers",
        "Trackers",
        Clock.UTC,
        Columns(
            numbers={"batt_level": "value"},
            when=("last_sync_date_time",),
            texts={"tracker_name": "name", "device_type": "device"},
            needed=("value", "device"),
            passed_over=("tracker_id", "date_added"),
        ),
    ),
    topic(
        "user_sleeps",
        "UserSleeps",
        Clock.UTC,
        Columns(
            numbers=_SLEEP,
            when=("sleep_start", "sleep_end"),
            texts={
                "sleep_id": "sleep",
                "sleep_type": "kind",
                "start_utc_offset": "start_offset",
                "end_utc_offset": "end_offset",
                "data_source": "recorder",
            },
            needed=("kind", "end_offset"),
            passed_over=(
                "minutes_after_wake_up",
                "minutes_to_fall_asleep",
                "minutes_longest_awakening",
                "minutes_to_persistent_sleep",
                "algorithm_version",
                "sleep_created",
                "sleep_last_updated",
            ),
        ),
    ),
    topic(
        "user_sleep_stages",
        "UserSleepStages",
        Clock.UTC,
        Columns(
            when=("sleep_stage_start", "sleep_stage_end"),
            texts={"sleep_id": "sleep", "sleep_stage_type": "stage"},
            needed=("sleep", "stage"),
            passed_over=(
                "sleep_stage_id",
                "start_utc_offset",
                "end_utc_offset",
                "data_source",
                "algorithm_version",
                "sleep_stage_created",
                "sleep_stage_last_updated",
            ),
        ),
    ),
    topic(
        "user_exercises",
        "UserExercises",
        Clock.UTC,
        Columns(
            numbers=_EXERCISE,
            when=("exercise_start", "exercise_end"),
            texts={"activity_name": "activity", "utc_offset": "offset", "log_type": "logged"},
            needed=("activity",),
            passed_over=(
                "exercise_id",
                "exercise_created",
                "exercise_last_updated",
                "pool_length",
                "pool_length_unit",
                "intervals",
                "distance_units",
                "tracker_peak_heart_rate",
                "tracker_avg_pace_mm_per_second",
                "tracker_avg_speed_mm_per_second",
                "tracker_peak_speed_mm_per_second",
                "tracker_auto_stride_run_mm",
                "tracker_auto_stride_walk_mm",
                "tracker_swim_lengths",
                "tracker_pool_length",
                "tracker_pool_length_unit",
                "tracker_cardio_load",
                "manually_logged_total_calories",
                "manually_logged_total_steps",
                "manually_logged_total_distance_mm",
                "manually_logged_pool_length",
                "manually_logged_pool_length_unit",
                "events",
                "activity_type_probabilities",
                "autodetected_confirmed",
                "autodetected_start_timestamp",
                "autodetected_end_timestamp",
                "autodetected_utc_offset",
                "autodetected_activity_name",
                "autodetected_sensor_based_activity_name",
                "deletion_reason",
                "activity_label",
                "suggested_start_timestamp",
                "suggested_end_timestamp",
                "reconciliation_status",
                "location_metadata",
            ),
        ),
    ),
    series("json_heart_rate", "heart_rate", Clock.MEASURED, ("bpm",)),
    series("json_steps", "steps", Clock.MEASURED),
    series("json_distance", "distance", Clock.MEASURED),
    series("json_calories", "calories", Clock.MEASURED),
    series("sedentary_minutes", "sedentary_minutes", Clock.DATE, padded=True),
    series("lightly_active_minutes", "lightly_active_minutes", Clock.DATE, padded=True),
    series("moderately_active_minutes", "moderately_active_minutes", Clock.DATE, padded=True),
    series("very_active_minutes", "very_active_minutes", Clock.DATE, padded=True),
    series("json_resting_heart_rate", "resting_heart_rate", Clock.DATE, ("value",), padded=True),
    series("json_vo2_max", "demographic_vo2_max", Clock.DATE, ("filteredDemographicVO2Max",)),
    records("heart_rate_zones", f"time_in_heart_rate_zones-{_DATE}\\.json", ("dateTime",), Clock.DATE),
    records("sleep", f"sleep-{_DATE}\\.json", ("dateOfSleep",), Clock.DATE),
    records("exercise", "exercise-\\d+\\.json", ("startTime",), Clock.LOCAL),
    records("json_weight", f"weight-{_DATE}\\.json", ("date", "time"), Clock.LOCAL),
    Family(name="track", pattern=re.compile(".+\\.tcx", re.IGNORECASE), shape=Shape.TRACK, clock=Clock.UTC),
)
BY_NAME: Mapping[str, Family] = {family.name: family for family in FAMILIES}

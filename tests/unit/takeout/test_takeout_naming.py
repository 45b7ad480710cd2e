"""What names tell: every file of the samples, and what must not be read."""

from __future__ import annotations

import pytest

from cromwelld.sources.takeout.naming import classify

GOOGLE = "Takeout/Google Health/Physical Activity_GoogleData"

READ = {
    f"{GOOGLE}/heart_rate_2024-05-01.csv": "heart_rate",
    f"{GOOGLE}/Heart Rate/heart_rate_2026-09-12.csv": "heart_rate",
    f"{GOOGLE}/Weight/weight.csv": "weight",
    f"{GOOGLE}/weight_2026-05-01.csv": "weight",
    "Takeout/Fitbit/Global Export Data/heart_rate-2024-05-01.json": "json_heart_rate",
    "Jane/user-site-export/steps-2019-02-07.json": "json_steps",
    "Takeout/Fitbit/Heart Rate Variability/Daily Heart Rate Variability Summary - 2024-06-(22).csv": (
        "daily_variability"
    ),
    "Takeout/Fitbit/Oxygen Saturation (SpO2)/Daily SpO2 - 2024-06-01-2024-06-30.csv": "daily_spo2",
    "Takeout/Google Health/Active Zone Minutes (AZM)/Active Zone Minutes - 2026-09-01.csv": "zone_minutes",
    f"{GOOGLE}/Active Zone Minutes/active_zone_minutes_2026-09-01.csv": "active_zone_minutes",
    "Takeout/Google Health/Health Fitness Data_GoogleData/UserSleeps_2026-09-01.csv": "user_sleeps",
    "Takeout/Google Health/Health Fitness Data_GoogleData/UserExercises_2026-09-01.csv": "user_exercises",
    "Takeout/Fitbit/Global Export Data/exercise-12.json": "exercise",
    "Takeout/Fitbit/Activities/12345.tcx": "track",
    "heart_rate_2026-09-12.csv": "heart_rate",
}

NOT_READ = {
    "Takeout/Google Health/Health Fitness Data_GoogleData/UserActivityProbabilities_2026-09-01.csv": "gigabytes",
    "Takeout/Google Health/Health Fitness Data_GoogleData/UserSensorCompressionToken_2026-09-01.csv": "gigabytes",
    f"{GOOGLE}/Live Pace/live_pace_2026-09-12.csv": "repeats",
    f"{GOOGLE}/daily_heart_rate_zones.csv": "bounds of zones",
    "Takeout/Google Health/Biometrics/Glucose 202609.csv": "nothing of it is kept",
    "Takeout/Google Health/Your Profile/weight.csv": "personal",
    "Takeout/Fitbit/User Security Data/steps-2026-09-01.json": "personal",
    "Takeout/Google Photos/heart_rate_2026-09-12.csv": "another product",
    "Takeout/Fitbit/Global Export Data/estimated_oxygen_variation-2024-01-01.csv": "ratio",
    f"{GOOGLE}/steps_readme.txt": "for people",
    "Takeout/Google Health/Health Fitness Data_GoogleData/UserAppSettingData.csv": "settings",
}

UNKNOWN = (
    "Takeout/Google Health/Moods/moods_2026.csv",
    "Takeout/Fitbit/Global Export Data/heart_rate-today.json",
    "Takeout/Fitbit/stepsy_2026-09-12.csv",
)


@pytest.mark.parametrize(("name", "family"), READ.items())
def test_a_known_file_is_read(name: str, family: str) -> None:
    known = classify(name)
    assert known.family is not None
    assert (known.family.name, known.reason) == (family, "")


@pytest.mark.parametrize(("name", "reason"), NOT_READ.items())
def test_what_is_not_read_says_why(name: str, reason: str) -> None:
    known = classify(name)
    assert known.family is None
    assert reason in known.reason


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_file_is_not_guessed(name: str) -> None:
    assert (classify(name).family, classify(name).reason) == (None, "")

"""What a file is, by its name alone; the lists of what is not read come first.

They spare gigabytes that tell nothing, and what is private beyond measurements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from cromwelld.sources.takeout.families import FAMILIES
from cromwelld.sources.takeout.family import DATED, Family


@dataclass(frozen=True, slots=True)
class Skip:
    """A kind of file that is known and not read: why."""

    pattern: re.Pattern[str]
    reason: str


_PRODUCTS = ("Fitbit", "Google Health", "user-site-export")
_PERSONAL = (
    "Your Profile",
    "User Profile_GoogleData",
    "Account Changes",
    "User Security Data",
    "Social",
    "SocialGraph_GoogleData",
    "Commerce_GoogleData",
    "Fitbit Premium",
    "Discover",
    "Guided Programs",
    "Messages",
    "Fitbit Care or Health Solutions",
    "Feed",
)


def _skips(reason: str, *patterns: str) -> tuple[Skip, ...]:
    return tuple(Skip(re.compile(pattern, re.IGNORECASE), reason) for pattern in patterns)


SKIPS: tuple[Skip, ...] = (
    *_skips("written for people", r".*readme.*", r".*\.(?:txt|html|pdf|jpg|jpeg|png)"),
    *_skips(
        "gigabytes that no measurement is in",
        r"UserActivityProbabilities.*",
        r"UserSensorCompressionToken.*",
    ),
    *_skips("it repeats what the watch counted", rf"live_pace{DATED}\.csv"),
    *_skips("the tracks are read from Activities/*.tcx", rf"gps_location{DATED}\.csv"),
    *_skips("the ratio of infrared to red light, which is no oxygen saturation", r"estimated_oxygen_variation.*"),
    *_skips("bounds of zones, no minutes in them", r"daily_heart_rate_zones.*"),
    *_skips(
        "another copy of it is read",
        rf"(?:activity_level|sedentary_period|time_in_heart_rate_zone){DATED}\.csv",
        r"UserSleepScores.*",
        rf"Respiratory Rate Summary{DATED}\.csv",
    ),
    *_skips(
        "settings and tables of the app",
        r"User(?!(?:Sleeps|SleepStages|Exercises)[_.]).*\.csv",
        r".*Profile.*\.csv",
        r".*Settings?.*\.csv",
    ),
    *_skips(
        "nothing of it is kept",
        rf"(?:altitude|height|calories_in_heart_rate_zone|cardio_load|hydration_log|nutrition_log|core_body_temperature"
        rf"|heart_rate_notification|mindfulness_session|active_energy_burned|cardio_[a-z_]+|swim_lengths_data"
        rf"|daily_vo2_max_[a-z_]+|run_vo2_max|basal_energy_burned){DATED}\.csv",
        r"(?:altitude|height|badge|swim_lengths_data|run_vo2_max|food_logs?|water_logs?|menstrual_health.*)-?.*\.json",
        r"Heart Rate Variability Histogram.*",
        r"(?:Device|Wrist|Manual) Temperature.*",
        r"Glucose.*",
        r"(?:Afib|Atrial|ECG|Mindfulness|Menstrual|Snore Log|Sleep Profile|Daily Readiness User).*",
    ),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a name tells: the family, or the reason why the file is not read; neither if the name is not known."""

    family: Family | None = None
    reason: str = ""


def classify(name: str) -> Known:
    """Tell by its name what a file is, the lists of what is not read first."""
    path = PurePosixPath(name)
    private = next((folder for folder in path.parts[:-1] if folder in _PERSONAL), "")
    if not _of_this_product(path.parts):
        return Known(reason="of another product of Google's")
    if private:
        return Known(reason="personal, and no measurement")
    reason = next((skip.reason for skip in SKIPS if skip.pattern.fullmatch(path.name)), "")
    family = next((family for family in FAMILIES if family.pattern.fullmatch(path.name)), None)
    if family is not None and not reason:
        return Known(family=family)
    return Known(reason=reason)


def _of_this_product(parts: tuple[str, ...]) -> bool:
    """Tell whether a file lies in the export of this product: below `Takeout/` others lie beside it."""
    if "Takeout" not in parts:
        return True
    below = parts[parts.index("Takeout") + 1 :]
    return not below or below[0] in _PRODUCTS or len(below) == 1

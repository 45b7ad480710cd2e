"""What changes in a series where a person moves from Fitbit to Google: the only differences that there may be.

Everything that is not listed here is the same record from both: held by `cromwelld simulate --compare` and the tests.
What an export has otherwise than the APIs is in `imported`, in the same words.

Source: https://developers.google.com/health/migration, and field reports where that is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Change(Enum):
    """What becomes of a column."""

    CLOSE = "both give it; computed differently, so that the values differ"
    GONE = "only the earlier source gave it"
    NEW = "only the later source gives it"
    DERIVED = "the later source does not give it: computed by cromwelld under a name of its own"
    FEWER = "the later source leaves rows out that the earlier one filled with zero"
    UNWORN = "the later source has none for a date on which nothing was worn"
    MORE = "the later source has it for a date on which nothing was worn, the earlier one not"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the column is named as in records (`value`, `Device`); "" is the measurement as a whole.

    `shown` is False for what the synthetic person cannot show: there the two vendors are known to differ, but not how.
    """

    measurement: str
    column: str
    change: Change
    why: str
    shown: bool = True


def each(
    measurement: str, columns: tuple[str, ...], change: Change, why: str, *, shown: bool = True
) -> tuple[Difference, ...]:
    """List several columns of a measurement that differ for the same reason."""
    return tuple(Difference(measurement, column, change, why, shown) for column in columns)


_NOT_ASKED = "the Fitbit source never asked for it"
_LEVELS = ("minutesLightlyActive", "minutesFairlyActive", "minutesVeryActive")
_TOTALS = ("steps", "calories", "distance", "minutesSedentary", *_LEVELS)

DIFFERENCES: tuple[Difference, ...] = (
    Difference("Steps_Intraday", "", Change.FEWER, "minutes in which nothing was worn are absent, not zero"),
    *(
        Difference(name, "", Change.NEW, _NOT_ASKED)
        for name in (
            "SPO2_Intraday",
            "HRV_Intraday",
            "BreathingRate_Stages",
            "ActiveZoneMinutes_Intraday",
            "Activity-floors",
            "ActiveZoneMinutes",
            "VO2Max",
            "BodyFat",
        )
    ),
    Difference("SleepLevels", "stage", Change.CLOSE, "the vendor's own word; `level` is the same"),
    Difference("SleepSummary", "efficiency", Change.GONE, "Google gives none; efficiencyDerived is there for both"),
    Difference("SleepSummary", "minutesLight", Change.CLOSE, "Google counts short awakenings as light sleep"),
    *each("SleepSummary", ("minutesREM", "minutesDeep"), Change.CLOSE, "staged anew by Google", shown=False),
    *each("HRV", ("nonRemHeartRate", "entropy"), Change.NEW, "more than Fitbit gave"),
    Difference("SkinTemperature", "nightlyRelative", Change.GONE, "Google gives degrees instead"),
    Difference("SkinTemperature", "nightlyRelativeDerived", Change.DERIVED, "nightly minus baseline temperature"),
    *each(
        "SkinTemperature",
        ("nightlyTemperature", "baselineTemperature", "relativeStddev30d"),
        Change.NEW,
        "degrees, which Fitbit never gave",
    ),
    *each("SPO2_Daily", ("max", "min"), Change.GONE, "Google gives the bounds of a confidence interval instead"),
    *each("SPO2_Daily", ("upper", "lower"), Change.NEW, "a confidence interval, not the night's extremes"),
    *each(
        "HR_Zones",
        ("Out of Range", "Fat Burn", "Cardio", "Peak"),
        Change.GONE,
        "Google's zones have other borders and other names",
    ),
    *each("HR_Zones", ("Light", "MODERATE", "VIGOROUS"), Change.NEW, "zones by heart-rate reserve"),
    Difference("HR_Zones", "PEAK", Change.NEW, "zones by heart-rate reserve", shown=False),
    Difference(
        "Activity-steps", "value", Change.CLOSE, "merged over the sources of a family, off-wrist dropped", shown=False
    ),
    Difference("Activity-calories", "value", Change.CLOSE, "one to two per cent below the app on some accounts"),
    Difference("Activity-minutesSedentary", "value", Change.CLOSE, "from sedentary periods; nothing while charging"),
    *(
        Difference(f"Activity-{level}", "value", Change.CLOSE, "summed from spans of activity level", shown=False)
        for level in _LEVELS
    ),
    *(
        Difference(f"Activity-{total}", "", Change.UNWORN, "Fitbit gave zero, or what a body at rest burns")
        for total in _TOTALS
    ),
    Difference("Weight", "Source", Change.GONE, "a reconciled record does not say where it came from"),
    Difference("Weight", "bmi", Change.GONE, "Google gives none"),
    Difference("Weight", "bmiDerived", Change.DERIVED, "from the last height known at the weighing"),
    Difference("ActivityRecords", "ActivityName", Change.CLOSE, "the vendor's own word, in the person's language"),
    *each("ActivityRecords", ("originalDuration", "hasActiveZoneMinutes"), Change.GONE, "Fitbit's own book-keeping"),
    Difference("ActivityRecords", "hasGps", Change.NEW, "Fitbit says it only of what a device recorded"),
    *each(
        "ActivityRecords",
        ("activeZoneMinutes", "lightTime_s", "moderateTime_s", "vigorousTime_s"),
        Change.NEW,
        "more than Fitbit's list gave as numbers",
    ),
    *each(
        "ActivityRecords",
        (
            "peakTime_s",
            "runVo2Max",
            "totalSwimLengths",
            "poolLength",
            "avgCadenceStepsPerMinute",
            "avgStrideLengthMillimeters",
            "avgVerticalOscillationMillimeters",
            "avgVerticalRatio",
            "avgGroundContactTime_s",
        ),
        Change.NEW,
        "more than Fitbit's list gave as numbers",
        shown=False,
    ),
)

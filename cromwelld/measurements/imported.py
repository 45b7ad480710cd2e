"""How a date that was imported from an export differs from the same date fetched from an API.

Everything that is not listed here is the same record from both.

Source: https://support.google.com/accounts/answer/3024190 says what can be exported; what it holds is field reports.
"""

from __future__ import annotations

from cromwelld.measurements.changeover import Change, Difference, each

_ONLY_EXPORTED = ("SkinTemperature_Intraday", "Snore_Intraday", "SleepScore", "Readiness", "StressManagement")
_LEVELS = tuple(f"Activity-minutes{level}" for level in ("Sedentary", "LightlyActive", "FairlyActive", "VeryActive"))
_ALL_DAY = "an export counts the minutes in which nothing was worn too"

_EVERY: tuple[Difference, ...] = (
    *(Difference(name, "", Change.NEW, "no API gives it") for name in _ONLY_EXPORTED),
    Difference("ActivityRecords", "shouldFetchDetails", Change.NEW, "Fitbit's own book-keeping"),
)

FROM_FITBIT: tuple[Difference, ...] = (
    *_EVERY,
    *(
        Difference(name, "Device", Change.GONE, "where nothing was worn, an export does not say what counted")
        for name in ("Activity-calories", *_LEVELS)
    ),
    *(
        Difference(name, "", Change.NEW, "the Fitbit source never asked for it")
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
    Difference("Steps_Intraday", "", Change.FEWER, "minutes in which nothing was worn are absent, not zero"),
    *(Difference(name, "", Change.UNWORN, "Fitbit gave zero") for name in ("Activity-steps", "Activity-distance")),
    Difference("Activity-calories", "value", Change.CLOSE, "Fitbit gave whole kilocalories"),
    *each("HRV", ("nonRemHeartRate", "entropy"), Change.NEW, "more than Fitbit gave"),
    Difference("SkinTemperature", "nightlyRelative", Change.GONE, "an export gives degrees instead"),
    Difference("SkinTemperature", "nightlyRelativeDerived", Change.DERIVED, "nightly minus baseline temperature"),
    *each(
        "SkinTemperature",
        ("nightlyTemperature", "baselineTemperature", "relativeStddev30d"),
        Change.NEW,
        "degrees, which Fitbit never gave",
    ),
    *each("SPO2_Daily", ("max", "min"), Change.GONE, "an export gives the bounds of a confidence interval instead"),
    *each("SPO2_Daily", ("upper", "lower"), Change.NEW, "a confidence interval, not the night's extremes"),
    Difference("Weight", "Source", Change.CLOSE, "the tables of an export write the scale's name in words"),
)

FROM_GOOGLE: tuple[Difference, ...] = (
    *_EVERY,
    Difference("SleepLevels", "stage", Change.CLOSE, "the vendor's own word; `level` is the same"),
    Difference("SleepSummary", "efficiency", Change.NEW, "as the old site's log has it"),
    Difference("SleepSummary", "minutesLight", Change.CLOSE, "Google counts short awakenings as light sleep"),
    Difference("SleepSummary", "minutesRestless", Change.NEW, "Google leaves out what did not occur", shown=False),
    *each(
        "HR_Zones",
        ("Light", "MODERATE", "VIGOROUS"),
        Change.GONE,
        "an export has the old zones by fixed limits",
    ),
    Difference("HR_Zones", "PEAK", Change.GONE, "an export has the old zones by fixed limits", shown=False),
    *each("HR_Zones", ("Out of Range", "Fat Burn", "Cardio", "Peak"), Change.NEW, "the old zones by fixed limits"),
    *(Difference(name, "", Change.MORE, _ALL_DAY) for name in ("Activity-calories", *_LEVELS)),
    *(Difference(name, "value", Change.CLOSE, _ALL_DAY) for name in ("Activity-calories", "Activity-minutesSedentary")),
    *each("VO2Max", ("covariance", "estimated", "level"), Change.GONE, "the old site's file has the number alone"),
    *(
        Difference(name, "Source", Change.NEW, "a reconciled record does not say where it came from")
        for name in ("Weight", "BodyFat")
    ),
    Difference("Weight", "bmi", Change.NEW, "as the old site's log has it"),
    Difference("Weight", "bmiDerived", Change.GONE, "the old site's log has the bmi itself"),
    Difference(
        "ActivityRecords", "ActivityName", Change.CLOSE, "the vendor's own word, in the person's language", shown=False
    ),
    *each("ActivityRecords", ("originalDuration", "hasActiveZoneMinutes"), Change.NEW, "Fitbit's own book-keeping"),
    Difference(
        "ActivityRecords", "hasGps", Change.GONE, "the old site says it only of what a device recorded", shown=False
    ),
    *each(
        "ActivityRecords",
        ("activeZoneMinutes", "lightTime_s", "moderateTime_s", "vigorousTime_s"),
        Change.GONE,
        "the old site's log has zones of its own",
    ),
    Difference("ActivityRecords", "peakTime_s", Change.GONE, "the old site's log has zones of its own", shown=False),
)

"""The values in which a synthetic person's truth is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ActivityKind = Literal["walk", "indoor", "manual"]
SleepKind = Literal["stages", "classic"]
DeviceKind = Literal["watch", "scale", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartRate:
    """Hold heart-rate samples as two columns of equal length: `instants` in whole UTC seconds since 1970, rising."""

    instants: tuple[int, ...]
    bpm: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Hold every real minute of a civil date as columns; minute `i` begins at `first + 60 * i` (UTC seconds).

    `level` is 0 sedentary, 1 lightly, 2 fairly, 3 very active; `asleep` marks the minutes that count as no level.
    """

    first: int
    steps: tuple[int, ...]
    level: tuple[int, ...]
    calories_kcal: tuple[float, ...]
    floors: tuple[int, ...]
    asleep: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sum up the minutes of a civil date."""

    steps: int
    calories_kcal: float
    distance_km: float
    floors: int
    minutes_sedentary: int
    minutes_lightly_active: int
    minutes_fairly_active: int
    minutes_very_active: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Name what a stretch of sleep was: deep, light, rem, wake; in classic sleep asleep, restless, awake."""

    start: datetime
    level: str
    seconds: int

    @property
    def end(self) -> datetime:
        """Tell when the stretch is over."""
        return self.start + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Hold one sleep: `stages` follow each other without a gap from start to end.

    `short_wakes` are wakes of at most three minutes that lie on top of longer stages.
    """

    start: datetime
    end: datetime
    kind: SleepKind
    main: bool
    stages: tuple[Stage, ...]
    short_wakes: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Hold what a night tells about the body, by the date on which the night ended."""

    resting_bpm: int
    daily_rmssd_ms: float
    deep_rmssd_ms: float
    breaths_per_minute: float
    skin_relative_c: float
    oxygen_avg: float
    oxygen_min: float
    oxygen_max: float
    vo2_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Hold a walk's trackpoints as columns, one a second: `distance_m` is cumulative, positions are in degrees."""

    instants: tuple[int, ...]
    latitude: tuple[float, ...]
    longitude: tuple[float, ...]
    altitude_m: tuple[float, ...]
    distance_m: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Hold one activity; a manual log has neither route nor heart rate, and no name."""

    kind: ActivityKind
    name: str | None
    start: datetime
    seconds: int
    calories_kcal: int
    steps: int | None = None
    average_bpm: int | None = None
    route: Route | None = None
    heart_rate: HeartRate | None = None

    @property
    def end(self) -> datetime:
        """Tell when the activity is over."""
        return self.start + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Hold one weighing; the fat is not always measured."""

    at: datetime
    weight_kg: float
    bmi: float
    fat_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Hold a device as it is seen at one moment; a scale tells no charge."""

    kind: DeviceKind
    name: str
    last_sync: datetime
    battery_percent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDetails:
    """Hold what a night tells beyond its vitals; None where it could not be worked out.

    `oxygen_lower` and `oxygen_upper` bound the mean with confidence: they are not the night's extremes.
    `temperature_c` is what the skin had, `baseline_c` what it usually has.
    """

    non_rem_bpm: int
    entropy: float
    temperature_c: float
    baseline_c: float | None
    temperature_deviation_c: float | None
    oxygen_deviation: float
    oxygen_lower: float
    oxygen_upper: float
    breaths_deep: float | None
    breaths_light: float | None
    breaths_rem: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSteps:
    """Hold steps that the phone counted between two instants (UTC seconds since 1970)."""

    start: int
    end: int
    steps: int

"""The data types of the vendor, as values.

Source: https://developers.google.com/health/data-types
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Record = Literal["interval", "sample", "session", "daily", "food"]
Operation = Literal["list", "reconcile", "get", "rollUp", "dailyRollUp"]

DEFAULT_PAGE, MOST_ON_A_PAGE = 1440, 10_000
SESSIONS_ON_A_PAGE = 25
ROLL_UP_DAYS, SHORT_ROLL_UP_DAYS = 90, 14

ACTIVITY = "activity_and_fitness.readonly"
HEALTH = "health_metrics_and_measurements.readonly"
SLEEP = "sleep.readonly"
NUTRITION = "nutrition.readonly"
ECG = "ecg.readonly"
IRN = "irn.readonly"
SETTINGS = "settings.readonly"
PROFILE = "profile.readonly"
LOCATION = "location.readonly"

READ: frozenset[Operation] = frozenset({"list", "reconcile"})
NAMED: frozenset[Operation] = READ | {"get"}
ROLL_UPS: frozenset[Operation] = frozenset({"rollUp", "dailyRollUp"})

MEMBERS: dict[Record, tuple[str, ...]] = {
    "interval": ("interval.start_time", "interval.civil_start_time"),
    "sample": ("sample_time.physical_time", "sample_time.civil_time"),
    "session": ("interval.civil_start_time",),
    "daily": ("date",),
    "food": (),
}
SPECIAL_MEMBERS = {
    "sleep": ("interval.end_time", "interval.civil_end_time"),
    "electrocardiogram": ("interval.start_time",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataType:
    """Hold what the vendor says about one type: `scope` is the suffix of its read scope, `page` the most on a page."""

    path: str
    record: Record
    operations: frozenset[Operation]
    scope: str
    page: int = MOST_ON_A_PAGE
    default_page: int = DEFAULT_PAGE
    roll_up_days: int = ROLL_UP_DAYS

    @property
    def filter_name(self) -> str:
        """Name the type as filters do."""
        return self.path.replace("-", "_")

    @property
    def key(self) -> str:
        """Name the type as answers do."""
        first, *rest = self.path.split("-")
        return first + "".join(word.capitalize() for word in rest)

    @property
    def members(self) -> tuple[str, ...]:
        """Name what can be filtered, without the type's own name in front."""
        if self.operations <= ROLL_UPS:
            return ()
        return SPECIAL_MEMBERS.get(self.path, MEMBERS[self.record])

    @property
    def comparators(self) -> tuple[str, ...]:
        """Name the operators of filters."""
        return (">=",) if self.path == "electrocardiogram" else (">=", "<")

    @property
    def alternatives(self) -> bool:
        """Say whether filters may say OR."""
        return self.path == "sleep"

    @property
    def family_on_list(self) -> bool:
        """Say whether `list` takes a data source family."""
        return self.path not in {"sleep", "food", "food-measurement-unit"}

    @property
    def civil_times(self) -> bool:
        """Say whether answers carry civil times: those of sleep and exercise were seen without."""
        return self.path not in {"sleep", "exercise"}


def _interval(
    path: str, *, scope: str = ACTIVITY, operations: frozenset[Operation] = READ | ROLL_UPS, days: int = ROLL_UP_DAYS
) -> DataType:
    return DataType(path=path, record="interval", operations=operations, scope=scope, roll_up_days=days)


def _sample(
    path: str, *, scope: str = HEALTH, operations: frozenset[Operation] = READ, days: int = ROLL_UP_DAYS
) -> DataType:
    return DataType(path=path, record="sample", operations=operations, scope=scope, roll_up_days=days)


def _daily(path: str, *, scope: str = HEALTH) -> DataType:
    return DataType(path=path, record="daily", operations=READ, scope=scope)


def _paged_session(path: str, *, scope: str) -> DataType:
    return DataType(
        path=path,
        record="session",
        operations=NAMED,
        scope=scope,
        page=SESSIONS_ON_A_PAGE,
        default_page=SESSIONS_ON_A_PAGE,
    )


def _log(path: str, *, scope: str, operations: frozenset[Operation], record: Record = "session") -> DataType:
    return DataType(path=path, record=record, operations=operations, scope=scope)


DATA_TYPES = (
    _interval("steps"),
    _interval("distance"),
    _interval("floors", operations=ROLL_UPS | {"reconcile"}),
    _interval("altitude"),
    _interval("total-calories", operations=ROLL_UPS, days=SHORT_ROLL_UP_DAYS),
    _interval("active-energy-burned"),
    _interval("calories-in-heart-rate-zone", operations=ROLL_UPS, days=SHORT_ROLL_UP_DAYS),
    _interval("active-minutes", days=SHORT_ROLL_UP_DAYS),
    _interval("active-zone-minutes"),
    _interval("activity-level", operations=READ),
    _interval("sedentary-period"),
    _interval("time-in-heart-rate-zone"),
    _interval("swim-lengths-data"),
    _paged_session("exercise", scope=ACTIVITY),
    _sample("run-vo2-max", scope=ACTIVITY, operations=READ | ROLL_UPS),
    _sample("vo2-max", scope=ACTIVITY),
    _daily("daily-vo2-max", scope=ACTIVITY),
    _sample("heart-rate", operations=READ | ROLL_UPS, days=SHORT_ROLL_UP_DAYS),
    _sample("heart-rate-variability"),
    _sample("oxygen-saturation"),
    _sample("respiratory-rate-sleep-summary"),
    _daily("daily-resting-heart-rate"),
    _daily("daily-heart-rate-variability"),
    _daily("daily-heart-rate-zones"),
    _daily("daily-oxygen-saturation"),
    _daily("daily-respiratory-rate"),
    _daily("daily-sleep-temperature-derivations"),
    _sample("weight", operations=NAMED | ROLL_UPS),
    _sample("body-fat", operations=NAMED | ROLL_UPS),
    _sample("height", operations=NAMED),
    _sample("core-body-temperature", operations=NAMED | ROLL_UPS),
    _sample("blood-glucose", operations=NAMED | ROLL_UPS),
    _paged_session("sleep", scope=SLEEP),
    _log("hydration-log", scope=NUTRITION, operations=NAMED | ROLL_UPS),
    _log("nutrition-log", scope=NUTRITION, operations=NAMED | ROLL_UPS),
    _log("food", scope=NUTRITION, operations=frozenset({"list", "get"}), record="food"),
    _log("food-measurement-unit", scope=NUTRITION, operations=frozenset({"list", "get"}), record="food"),
    _log("electrocardiogram", scope=ECG, operations=frozenset({"list"})),
    _log("irregular-rhythm-notification", scope=IRN, operations=frozenset({"list"})),
)
BY_PATH = {one.path: one for one in DATA_TYPES}
FILTER_NAMES = frozenset(one.filter_name for one in DATA_TYPES)
WRITE_ONLY = frozenset({"menstrual-period", "ovulation-test", "symptoms", "moods"})

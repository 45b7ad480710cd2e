"""The metrics as values: name, type, labels, and what each means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PREFIX = "cromwelld_"


class Type(Enum):
    """The types of Prometheus that are used."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric; `name` without the prefix, `buckets` are the upper bounds of a histogram in seconds."""

    name: str
    type: Type
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


def _counter(name: str, *labels: str, says: str) -> Family:
    return Family(name=name, type=Type.COUNTER, labels=labels, help=says)


def _gauge(name: str, *labels: str, says: str) -> Family:
    return Family(name=name, type=Type.GAUGE, labels=labels, help=says)


def _histogram(name: str, *labels: str, says: str, buckets: tuple[float, ...]) -> Family:
    return Family(name=name, type=Type.HISTOGRAM, labels=labels, help=says, buckets=buckets)


_ANSWER_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_STAGE_S = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
_TURN_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

FAMILIES = (
    _gauge("build_info", "version", "python", says="The version that runs; always 1."),
    _gauge(
        "last_success_timestamp_seconds", "account",
        says="When a daily run last brought everything that it asked for.",
    ),
    _histogram("run_duration_seconds", "account", "stage", says="How long each stage of a run took.", buckets=_STAGE_S),
    _counter("records_total", "account", "measurement", says="Records that answers brought; again if asked again."),
    _counter("records_rejected_total", "account", "stream", says="Records of answers that were unusable."),
    _counter(
        "answers_total", "account", "source", "stream", "outcome",
        says="What became of streams of dates that were asked.",
    ),
    _counter(
        "api_requests_total", "account", "source", "stream", "class",
        says="Requests to a vendor by the class of the answer; none is a request without an answer.",
    ),
    _histogram(
        "api_request_duration_seconds", "source",
        says="How long a vendor took to answer.", buckets=_ANSWER_S,
    ),
    _gauge(
        "request_budget_remaining", "account", "origin",
        says="Requests left in this window; 0 while the vendor refuses, NaN once it is over.",
    ),
    _gauge("request_budget_reset_timestamp_seconds", "account", "origin", says="When the vendor counts anew."),
    _counter("request_budget_wait_seconds_total", "account", says="Seconds waited for the vendor to count anew."),
    _counter("retries_total", "account", "reason", says="Requests that were sent again, by what was in the way."),
    _gauge("login_needed", "account", says="1 if nothing can be asked until a person has logged in, else 0."),
    _gauge(
        "account_paused", "account",
        says="1 if nothing is collected for it by itself, because somebody wants it so, else 0.",
    ),
    _gauge("access_token_expires_timestamp_seconds", "account", says="When the access token ends; it is renewed."),
    _gauge(
        "refresh_token_expires_timestamp_seconds", "account",
        says="When the login itself ends, where the vendor says so.",
    ),
    _gauge(
        "newest_sample_timestamp_seconds", "account", "measurement",
        says="The time of the newest record that was answered.",
    ),
    _gauge("device_last_sync_timestamp_seconds", "account", "device", says="When a device last synced."),
    _gauge("device_battery_ratio", "account", "device", says="How full a device was when it last synced, from 0 to 1."),
    _gauge("dates", "account", "state", says="Dates that are known, by how they stand."),
    _gauge("backfill_pending_dates", "account", says="Dates that a backfill has still to fetch."),
    _gauge("outbox_pieces", "account", says="Answers that wait to be stored."),
    _gauge("outbox_oldest_timestamp_seconds", "account", says="Since when the oldest answer waits; NaN if none does."),
    _counter("archive_upload_bytes_total", "account", says="Bytes of objects that were written to the archive."),
    _gauge("archive_last_upload_timestamp_seconds", "account", says="When an object was last written to the archive."),
    _gauge(
        "verify_last_success_timestamp_seconds", "account",
        says="When dates were last read back from the archive and everything fitted.",
    ),
    _gauge(
        "exports_until_timestamp_seconds", "account",
        says="The beginning of the last date that an imported export knew, where exports are expected.",
    ),
    _gauge("exports_refused", "account", says="Exports that a person must see to: they are not in, or not wholly."),
    _gauge("clock_offset_seconds", "source", says="How far the clock of this machine is ahead of the vendor's."),
    _gauge("disk_free_bytes", "folder", says="Free space on the disk of a folder, named by its setting."),
    _counter("alerts_total", "kind", "outcome", says="Letters about alerts and their end, by what became of them."),
    _counter("events_total", "account", "event", says="Events of the closed list, whatever their level."),
    _histogram(
        "event_loop_lag_seconds",
        says="How long the event loop was busy in one turn, while everything else in it waited.", buckets=_TURN_S,
    ),
)  # fmt: skip

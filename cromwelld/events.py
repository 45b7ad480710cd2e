"""The closed list of events: what can happen, how loud it is, and what it means.

The rooms below the edges count nothing and log nothing. They are handed a `Report` and say what happened; `monitor`
decides what becomes of it. Fields never hold a token, a health value, a coordinate or a vendor's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from cromwelld.redaction import redacted


class Level(Enum):
    """How loud an event is: an error needs a person, a warning is degraded or recovered, info is the canonical line.

    What is debug is counted and not told.
    """

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Kind(Enum):
    """What can happen: the name in the log, its level and its meaning."""

    STREAM_ANSWERED = ("stream.answered", Level.INFO, "one stream of one date came back, with its outcome")
    STREAM_FAILED = ("stream.failed", Level.WARNING, "one stream of one date could not be had; it is asked again")
    STREAM_CHANGED_LATE = ("stream.changed_late", Level.INFO, "the vendor changed a date that was thought settled")
    RECORDS_REJECTED = ("records.rejected", Level.WARNING, "records of an answer were unusable and left out")
    HOUR_SENT_ONCE = ("hour.sent_once", Level.WARNING, "the doubled hour of a fall-back day came once: first pass")
    LINK_REFUSED = ("link.refused", Level.WARNING, "an answer pointed at a foreign host; the link was not followed")
    FILTER_REFUSED = (
        "filter.refused",
        Level.WARNING,
        "the vendor refused a filter; the stream is asked in another way",
    )
    VALUE_LACKING = (
        "value.lacking",
        Level.WARNING,
        "what is computed from another type is absent: the vendor has none of that",
    )
    REQUEST_ANSWERED = ("request.answered", Level.DEBUG, "a request was sent; what came of it, and how long it took")
    REQUEST_RETRIED = ("request.retried", Level.WARNING, "a request failed in passing and was sent again")
    BUDGET_WAITS = ("budget.waits", Level.INFO, "the budget of requests is spent; it goes on when it is renewed")
    DAY_ARCHIVED = ("day.archived", Level.INFO, "a date's object was written and checked")
    DAY_UNCHANGED = ("day.unchanged", Level.INFO, "a date was fetched again and nothing changed")
    DAY_SEALED = ("day.sealed", Level.INFO, "a date is final: nothing about it is asked again by itself")
    DAY_WAITS = ("day.waits", Level.WARNING, "a date could not be stored now; what was collected waits")
    DAY_REPLACED = ("day.replaced", Level.WARNING, "a version with records that its successor lacks was set aside")
    MEASUREMENT_SHRUNK = ("measurement.shrunk", Level.WARNING, "a new answer held too little; the archived one stays")
    EMPTINESS_DOUBTED = ("emptiness.doubted", Level.WARNING, "an empty answer for what the archive has; it stays")
    SOURCE_KEPT = ("source.kept", Level.INFO, "another source answered; the first one's records stay")
    DATES_COLLECTED = ("dates.collected", Level.INFO, "a collection of dates is done: what came, and how long it took")
    DATES_VERIFIED = ("dates.verified", Level.INFO, "dates were read back from the archive and compared")
    TABLES_WRITTEN = ("tables.written", Level.INFO, "Parquet tables took a batch of dates")
    FILE_DAMAGED = ("file.damaged", Level.ERROR, "a file exists but cannot be read; it is named, the rest goes on")
    DATE_UNSOUND = ("date.unsound", Level.ERROR, "archive, tables and ledger do not agree on a date")
    DATE_MENDED = ("date.mended", Level.WARNING, "what did not agree on a date was mended from the archive")
    REPLACED_FORGOTTEN = (
        "replaced.forgotten",
        Level.INFO,
        "versions that were set aside have outlived `keep_replaced`",
    )
    ZONE_UNKNOWN = ("zone.unknown", Level.ERROR, "no time zone is known for a date; it waits")
    TOKEN_REFRESHED = ("token.refreshed", Level.INFO, "a login was renewed; what came is on disk")
    TOKEN_WAITS = ("token.waits", Level.WARNING, "a login could not be renewed now; it is tried again after a rest")
    LOGIN_NEEDED = ("login.needed", Level.ERROR, "the vendor renews a login no more; it is asked nothing until a login")
    ALERT_RAISED = ("alert.raised", Level.ERROR, "something has happened that a person must know")
    ALERT_FIXED = ("alert.fixed", Level.INFO, "what an alert was about is over")
    ALERT_SENT = ("alert.sent", Level.INFO, "a channel took a letter about an alert, or about its end")
    ALERT_UNSENT = ("alert.unsent", Level.WARNING, "a channel could not take a letter now; it is sent later")
    CHANNEL_REFUSED = ("channel.refused", Level.ERROR, "a channel takes no letters until a person has set it right")
    PING_LOST = ("ping.lost", Level.WARNING, "the monitor of daily runs could not be told how a run went")
    LIBRARY_WARNED = ("library.warned", Level.WARNING, "a library that is used here warns of something")
    HOST_REFUSED = (
        "host.refused",
        Level.WARNING,
        "somebody asked by a name that `http.allowed_hosts` does not have; if it is right, add it there",
    )
    HTTP_FAILED = ("http.failed", Level.ERROR, "a fault of cromwelld: what was asked by HTTP could not be answered")

    DAEMON_READY = ("daemon.ready", Level.INFO, "everything that is local is in order, and work has begun")
    DAEMON_STOPS = ("daemon.stops", Level.INFO, "the daemon was told to stop, and finishes what it is at")
    DAEMON_FAILED = ("daemon.failed", Level.ERROR, "the daemon, or a part of it, died, and so the whole of it ends")
    RUN_STARTED = ("run.started", Level.INFO, "dates are being fetched")
    RUN_ENDED = ("run.ended", Level.INFO, "everything that a run was to fetch is fetched and stored")
    RUN_UNFINISHED = ("run.unfinished", Level.WARNING, "a run ended and lacks something; what may come is tried again")
    EXPORT_BEGUN = ("export.begun", Level.INFO, "an export that lies in `import_from` is being read")
    EXPORT_IMPORTED = ("export.imported", Level.INFO, "everything that is known of an export is in archive and tables")
    EXPORT_WAITS = ("export.waits", Level.WARNING, "an export could not be imported now; it is tried again")
    EXPORT_REFUSED = (
        "export.refused",
        Level.ERROR,
        "an export could not be imported, or not all of it; a person must see to it, and it is not tried again",
    )
    API_RETIRED = ("api.retired", Level.ERROR, "the vendor has switched this API off; it is asked nothing any more")
    WORK_WAITS = ("work.waits", Level.WARNING, "disk, archive or ledger are in the way of the work; it is tried again")
    ACCOUNT_PAUSED = ("account.paused", Level.INFO, "nothing is collected for an account, because somebody wants it so")
    ACCOUNT_RESUMED = ("account.resumed", Level.INFO, "an account is collected for again")
    SETTING_CHANGED = ("setting.changed", Level.INFO, "a setting was read anew and counts from now on")
    SETTING_WAITS = ("setting.waits", Level.WARNING, "a setting was changed that counts only after a restart")
    SETTINGS_REFUSED = ("settings.refused", Level.ERROR, "the configuration cannot be used; the one before it stays")
    RERUN_REFUSED = ("rerun.refused", Level.ERROR, "a line of the file `rerun` cannot be read and is passed over")

    def __init__(self, label: str, level: Level, meaning: str) -> None:
        self.label = label
        self.level = level
        self.meaning = meaning


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `fields` are safe to show to anybody, `counts` are of records by measurement."""

    kind: Kind
    fields: Mapping[str, str | int | float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        safe = {name: redacted(value) if isinstance(value, str) else value for name, value in self.fields.items()}
        object.__setattr__(self, "fields", safe)


Report = Callable[[Event], None]


def about(account: str, report: Report) -> Report:
    """Say of which account an event is, unless it says so itself."""
    return lambda event: report(replace(event, fields={"account": account, **event.fields}))


def ignore(event: Event) -> None:
    """Take an event and do nothing with it: for callers that have nobody to tell."""

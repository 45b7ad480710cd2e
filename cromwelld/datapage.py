"""The page for readers of the data, made from the catalogue: `python -m cromwelld.datapage` prints deploy/DATA.md."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from importlib.resources import files

import jinja2

from cromwelld.archive.names import object_name, replaced_name
from cromwelld.day import Day, encode
from cromwelld.day.tables import table
from cromwelld.jobs import states
from cromwelld.lake.layout import DAYS, OUTCOME, PARTITIONED, STATE, many_dates, partition_folder
from cromwelld.lake.reader import NEVER_ASKED
from cromwelld.measurements import CATALOGUE, DAY_RECORD, MEASUREMENTS, Likeness, Measurement, Merge
from cromwelld.measurements.changeover import DIFFERENCES, Change
from cromwelld.measurements.imported import FROM_FITBIT, FROM_GOOGLE
from cromwelld.pieces import Outcome
from cromwelld.sources.fitbit_web import endpoints
from cromwelld.sources.google_health import streams
from cromwelld.sources.takeout import answers as takeout

SOURCES = ("google_health", "fitbit_web", "takeout")
STREAMS = {"google_health": streams.STREAMS, "fitbit_web": endpoints.STREAMS, takeout.SOURCE: takeout.STREAMS}
_TEMPLATE = "datapage.md.jinja"
_EXAMPLE_DATE = dt.date(2025, 10, 8)
_TYPES = {"string": "text", "double": "number", "bool": "true or false", "timestamp[us, tz=UTC]": "time, UTC"}

TAGS = {
    "Device": "the record's own device; else what the date had first, the label configured, or the paired tracker",
    "ActivityID": "`<UTC start>-<ActivityName>` of the activity that the track belongs to",
    "HeartRateZone": "`FAT_BURN`, `CARDIO` or `PEAK`, as the vendor names it",
    "isMainSleep": "`True` or `False`",
    "SleepType": "`stages` or `classic`",
    "Source": "what reported the weighing, as the vendor names it",
    "ActivityName": "what the vendor calls the activity",
    "date": "the date, `YYYY-MM-DD`",
    "Zone": "the person's time zone on that date",
    "Schema": "the version of this contract",
}

LIKENESS = {
    Likeness.SAME: "the same quantity, at most renamed or converted to the unit given here",
    Likeness.CLOSE: "the same idea, computed differently: the series may step where the source changes",
    Likeness.DERIVED: "not sent by the source: computed by cromwelld from other fields of it",
    Likeness.NONE: "not to be had from this source",
}

MERGES = {
    Merge.SAMPLED: (
        "If the new answer has at least 90 % of the timestamps archived, it takes their place. Otherwise the archived "
        "records stay and `measurement.shrunk` is reported."
    ),
    Merge.TRACKS: (
        "As sampled, for each track by itself. A track grows while its activity is listed, follows it when it is "
        "renamed (matched by overlapping time), and goes with it."
    ),
    Merge.LOGGED: (
        "Any complete answer with records takes the place of the old ones, also a shorter one: people correct and "
        "delete what they logged. An empty answer does so only when it is repeated 20 hours later while another stream "
        "answered; until then the archived records stay and `emptiness.doubted` is reported."
    ),
    Merge.DAILY: "A new value takes the place of the old one. An answer without a value leaves the old one alone.",
    Merge.READINGS: "Every reading stays; the same reading of the same device is kept once.",
}

OUTCOMES = {
    Outcome.OK: "the source answered, with records",
    Outcome.PARTIAL: "an export ended before the date, or before the watch had synced it; the next one completes it",
    Outcome.EMPTY: "the source answered: there are none",
    Outcome.REFUSED: "the source said no (a scope or permission is missing); it may be asked again",
    Outcome.FAILED: "no usable answer (network, error, nonsense); it may be asked again",
    Outcome.UNSUPPORTED: "the account or the device has no such data",
    Outcome.NOT_OFFERED: "the source has no such measurement at all",
}

STATES = {
    states.COMPLETE: "the day is over and every stream that was asked has answered",
    states.INCOMPLETE: "the day is over and at least one stream was refused or failed; the outcomes say which",
    states.NOT_WORN: "the day is over, everything answered, and there is no minute with a heart-rate sample",
    states.PROVISIONAL: "the day is not over and has no object yet; or an export ended on it, until the next one",
    states.UNKNOWN: "the records come from an archive that does not say what was asked",
    NEVER_ASKED: "only in `load_days`: nobody has asked for this date",
}

DAY_COLUMNS = {
    "time": "local noon",
    "date": "the date",
    "zone": "the person's time zone on that date",
    "state": "how the date stands, see below",
    "sealed": "whether the date is final: nothing about it is asked again by itself",
    "source": "where the answers came from; several are joined by `+`",
    "device": "the device that most rows come from",
    "records": "records of the date, over all measurements",
    "wear_minutes": "minutes with a heart-rate sample; 0 is not worn, absent is not known",
    "steps": "`Activity-steps`",
    "sleep_minutes": "`minutesAsleep` of all sleeps that end on the date",
    "resting_hr": "`RestingHR` (bpm)",
    "hrv": "`dailyRmssd` of `HRV` (ms)",
    "schema": "the version of this contract",
    "streams": "how each stream of the date stands, and why, for people; absent where nobody has looked yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table of `days.parquet`."""

    name: str
    type: str
    meaning: str


def page() -> str:
    """Write the page as Markdown; equal catalogues give equal text."""
    environment = jinja2.Environment(
        autoescape=jinja2.select_autoescape(default_for_string=False),  # Markdown, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.from_string(files("cromwelld").joinpath(_TEMPLATE).read_text(encoding="utf-8"))
    return template.render(
        measurements=CATALOGUE,
        day_record=DAY_RECORD,
        likeness_of=likeness_of,
        sources=SOURCES,
        tags=TAGS,
        likenesses={word.value: meaning for word, meaning in LIKENESS.items()},
        merges=[(way, meaning, _merged_by(way)) for way, meaning in MERGES.items()],
        streams={source: list(offered.values()) for source, offered in STREAMS.items()},
        differences=DIFFERENCES,
        imported={"Fitbit": FROM_FITBIT, "Google": FROM_GOOGLE},
        changes={change.name.lower(): change.value for change in Change},
        outcomes={outcome.value: meaning for outcome, meaning in OUTCOMES.items()},
        states=STATES,
        day_rows=day_rows(),
        outcome_prefix=OUTCOME,
        folders=[partition_folder(measurement, "YYYY-MM-DD") for measurement in PARTITIONED],
        single_tables=list(many_dates()),
        state_file=STATE,
        example=example(),
        object_name=object_name(_EXAMPLE_DATE).replace(_EXAMPLE_DATE.isoformat(), "YYYY-MM-DD"),
        replaced_name=replaced_name(_EXAMPLE_DATE, "<sha8>").replace(_EXAMPLE_DATE.isoformat(), "YYYY-MM-DD"),
    )


def likeness_of(measurement: Measurement, source: str) -> str:
    """Say in one word how a source's value relates to the series as it began."""
    return measurement.likeness.get(source, Likeness.NONE).value


def _merged_by(way: Merge) -> list[str]:
    return [m.name for m in CATALOGUE if m.merge is way and m.name != DAY_RECORD]


def day_rows() -> list[Row]:
    """List the columns of `days.parquet` with their types; the outcomes are told once for all measurements."""
    own = [field for field in DAYS.schema if not field.name.startswith(OUTCOME)]
    return [Row(name=field.name, type=_TYPES[str(field.type)], meaning=DAY_COLUMNS[field.name]) for field in own]


def example() -> str:
    """Write a small archive object as the encoder writes it."""
    noon = dt.datetime(2025, 10, 8, 11, tzinfo=dt.UTC)
    sample = dt.datetime(2025, 10, 8, 12, 34, 56, tzinfo=dt.UTC)
    watch = ["PixelWatch3"]
    heart = table(MEASUREMENTS["HeartRate_Intraday"], {"time": [sample], "tag_Device": watch, "field_value": [72.0]})
    resting = table(MEASUREMENTS["RestingHR"], {"time": [noon], "tag_Device": watch, "field_value": [58.0]})
    day = Day(
        date=_EXAMPLE_DATE,
        zone="Europe/London",
        tables={"HeartRate_Intraday": heart, "RestingHR": resting},
        asked={"HeartRate_Intraday": "fitbit_web ok", "HRV": "fitbit_web empty", "RestingHR": "fitbit_web ok"},
    )
    return b"".join(encode(day)).decode()


if __name__ == "__main__":
    sys.stdout.write(page())

"""What a date that was stored still needs: an answer that is in doubt, a track that is still being uploaded."""

from __future__ import annotations

from collections.abc import Iterable

from cromwelld import localtime
from cromwelld.day import Change, Day, Verdict, empty, tracks
from cromwelld.jobs.places import Places
from cromwelld.measurements import MEASUREMENTS
from cromwelld.planner.settling import REPEATED_AFTER, RUNGS, UNFINISHED
from cromwelld.state import Wanted


def ask_again(places: Places, day: Day, changes: Iterable[Change]) -> None:
    """Let the streams of a date that was just stored be due the next day, where there is reason to."""
    now = places.clock()
    doubted = {change.stream for change in changes if change.verdict is Verdict.DOUBTED}
    tracked = {change.stream for change in changes if change.measurement == "GPS"}
    lately = now < localtime.bounds(day.date, day.zone)[1] + RUNGS[-1]
    unfinished = tracked if tracked and lately and _has_unfinished_track(day) else set[str]()
    for streams, why in ((doubted, ""), (unfinished, UNFINISHED)):
        wanted = [Wanted(stream=stream, date=day.date) for stream in sorted(streams)]
        places.ledger.open_work.hasten(places.account, wanted, until=now + REPEATED_AFTER, why=why)


def _has_unfinished_track(day: Day) -> bool:
    points, activities = (day.tables.get(name, empty(MEASUREMENTS[name])) for name in ("GPS", "ActivityRecords"))
    return bool(tracks.unfinished(points, activities))

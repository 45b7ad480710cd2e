"""What is there before it happens: a counter whose first value is one is never seen to grow."""

from __future__ import annotations

from collections.abc import Collection

from cromwelld.errors import Cause
from cromwelld.events import Kind
from cromwelld.jobs.stages import STAGES
from cromwelld.measurements import CATALOGUE
from cromwelld.monitor.alerts.model import AlertKind
from cromwelld.monitor.metrics.board import NAN, Board
from cromwelld.monitor.metrics.counting import REFUSED, SENT, UNSENT
from cromwelld.monitor.metrics.standing import PLAIN
from cromwelld.pieces import Outcome
from cromwelld.sources.counting import CLASSES
from cromwelld.sources.raw import ACCOUNT, LOGIN


def begin(board: Board) -> None:
    """Begin what belongs to no account."""
    for kind in AlertKind:
        for outcome in (SENT, UNSENT, REFUSED):
            board.begin("alerts_total", kind=kind.word, outcome=outcome)
    for event in Kind:
        board.begin("events_total", account="", event=event.label)


def begin_account(board: Board, account: str) -> None:
    """Begin what every account has: what is counted at nought, what is not known as NaN."""
    for gauge in PLAIN:
        board.set(gauge, NAN, account=account)
    for name in ("archive_upload_bytes_total", "request_budget_wait_seconds_total"):
        board.begin(name, account=account)
    for cause in Cause:
        board.begin("retries_total", account=account, reason=cause.value)
    for measurement in CATALOGUE:
        board.begin("records_total", account=account, measurement=measurement.name)
    for event in Kind:
        board.begin("events_total", account=account, event=event.label)
    for stage in STAGES:
        board.begin("run_duration_seconds", account=account, stage=stage)


def begin_streams(board: Board, account: str, source: str, streams: Collection[str]) -> None:
    """Begin what an account has that asks a source for streams."""
    board.begin("api_request_duration_seconds", source=source)
    for stream in (ACCOUNT, LOGIN, *streams):
        for word in CLASSES:
            board.begin("api_requests_total", account=account, source=source, stream=stream, **{"class": word})
    for stream in streams:
        board.begin("records_rejected_total", account=account, stream=stream)
        for outcome in Outcome:
            board.begin("answers_total", account=account, source=source, stream=stream, outcome=outcome.value)

"""What each event changes: a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cromwelld.events import Event, Kind
from cromwelld.jobs.stages import STAGES
from cromwelld.monitor.metrics.board import Board

SENT, UNSENT, REFUSED = "sent", "unsent", "refused"  # what becomes of a letter
Update = Callable[[Board, Event, float], None]


def _text(event: Event, name: str) -> str:
    return str(event.fields.get(name, ""))


def _number(event: Event, name: str) -> float:
    return float(event.fields.get(name, 0))


def _account(event: Event) -> str:
    return _text(event, "account")


def _request(board: Board, event: Event, now: float) -> None:
    del now
    source, stream = _text(event, "source"), _text(event, "stream")
    labels = {"account": _account(event), "source": source, "stream": stream, "class": _text(event, "class")}
    board.add("api_requests_total", **labels)
    board.observe("api_request_duration_seconds", _number(event, "seconds"), source=source)
    if "ahead_s" in event.fields:
        board.set("clock_offset_seconds", _number(event, "ahead_s"), source=source)


def _retry(board: Board, event: Event, now: float) -> None:
    del now
    board.add("retries_total", account=_account(event), reason=_text(event, "cause"))


def _wait(board: Board, event: Event, now: float) -> None:
    del now
    board.add("request_budget_wait_seconds_total", _number(event, "seconds"), account=_account(event))


def _answer(board: Board, event: Event, now: float) -> None:
    del now
    account, outcome = _account(event), _text(event, "outcome")
    stream, source = _text(event, "stream"), _text(event, "source")
    board.add("answers_total", account=account, source=source, stream=stream, outcome=outcome)
    for measurement, count in event.counts.items():
        board.add("records_total", count, account=account, measurement=measurement)


def _rejected(board: Board, event: Event, now: float) -> None:
    del now
    labels = {"account": _account(event), "stream": _text(event, "stream")}
    board.add("records_rejected_total", _number(event, "records"), **labels)


def _uploaded(board: Board, event: Event, now: float) -> None:
    board.add("archive_upload_bytes_total", _number(event, "bytes"), account=_account(event))
    board.set("archive_last_upload_timestamp_seconds", now, account=_account(event))


def _stages(board: Board, event: Event, now: float) -> None:
    del now
    for stage in STAGES:
        if f"{stage}_s" in event.fields:
            seconds = _number(event, f"{stage}_s")
            board.observe("run_duration_seconds", seconds, account=_account(event), stage=stage)


def _verified(board: Board, event: Event, now: float) -> None:
    _stages(board, event, now)
    if _number(event, "dates") and not _number(event, "unsound"):
        board.set("verify_last_success_timestamp_seconds", now, account=_account(event))


def _login_needed(board: Board, event: Event, now: float) -> None:
    del now
    board.set("login_needed", 1, account=_account(event))


def _login_works(board: Board, event: Event, now: float) -> None:
    del now
    board.set("login_needed", 0, account=_account(event))


def _letter(outcome: str) -> Update:
    def update(board: Board, event: Event, now: float) -> None:
        del now
        board.add("alerts_total", kind=_text(event, "kind"), outcome=outcome)

    return update


UPDATES: Mapping[Kind, Update] = {
    Kind.REQUEST_ANSWERED: _request,
    Kind.REQUEST_RETRIED: _retry,
    Kind.BUDGET_WAITS: _wait,
    Kind.STREAM_ANSWERED: _answer,
    Kind.STREAM_FAILED: _answer,
    Kind.RECORDS_REJECTED: _rejected,
    Kind.DAY_ARCHIVED: _uploaded,
    Kind.DATES_COLLECTED: _stages,
    Kind.DATES_VERIFIED: _verified,
    Kind.LOGIN_NEEDED: _login_needed,
    Kind.TOKEN_REFRESHED: _login_works,
    Kind.ALERT_SENT: _letter(SENT),
    Kind.ALERT_UNSENT: _letter(UNSENT),
    Kind.CHANNEL_REFUSED: _letter(REFUSED),
}


def count(board: Board, event: Event, now: float) -> None:
    """Let an event change what it changes; `now` is in seconds since 1970."""
    board.add("events_total", account=_account(event), event=event.kind.label)
    update = UPDATES.get(event.kind)
    if update is not None:
        update(board, event, now)

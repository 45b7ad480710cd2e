"""Errors and events in words for people."""

from __future__ import annotations

import click

from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.events import Event, Kind, Level

_MARK = {Level.WARNING: "warning", Level.ERROR: "error"}
_SILENT = {Level.DEBUG, Level.INFO}
_TOLD_AT_THE_END = {
    Kind.STREAM_FAILED,
    Kind.REQUEST_RETRIED,
    Kind.LOGIN_NEEDED,
    Kind.DAY_WAITS,
}  # as what a collection could not have


def explain(err: CromwelldError) -> None:
    """Say on standard error what happened, to what, and the one thing to do."""
    click.echo(f"cromwelld: {err.message}", err=True)
    for problem in err.problems if isinstance(err, ConfigurationError) else ():
        click.echo(f"  - {problem}", err=True)
    if err.hint:
        click.echo(f"  {err.hint}", err=True)


def say(event: Event) -> None:
    """Say an event that is degraded or needs a person; the canonical lines are left to the daemon's log."""
    if event.kind.level in _SILENT or event.kind in _TOLD_AT_THE_END:
        return
    if "problem" in event.fields:
        click.echo(f"{_MARK[event.kind.level]}: {event.fields['problem']}", err=True)
        return
    fields = ", ".join(f"{name} {value}" for name, value in event.fields.items() if value != "")
    click.echo(f"{_MARK[event.kind.level]}: {event.kind.label}: {event.kind.meaning} ({fields})", err=True)

"""Listening to what is reported."""

from __future__ import annotations

from cromwelld.events import Event, Level, Report


def aloud(events: list[Event]) -> Report:
    """Note what is told to people; what is only counted is not."""

    def hear(event: Event) -> None:
        if event.kind.level is not Level.DEBUG:
            events.append(event)

    return hear

"""Answered pieces on disk until they are stored."""

from __future__ import annotations

from cromwelld.outbox.box import Held, Outbox, Waiting

__all__ = ["Held", "Outbox", "Waiting"]

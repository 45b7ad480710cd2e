"""Answered pieces on disk until they are stored."""

from __future__ import annotations

from cromwelld.outbox.box import Outbox, Waiting

__all__ = ["Outbox", "Waiting"]

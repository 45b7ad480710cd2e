"""Answered pieces on disk until they are stored."""

from __future__ import annotations

from cromwelld.outbox.box import Held, Outbox, Waiting
from cromwelld.outbox.format import fingerprint

__all__ = ["Held", "Outbox", "Waiting", "fingerprint"]

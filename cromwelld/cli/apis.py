"""The APIs by name, for commands that must not import them before they are chosen; the first is the default."""

from __future__ import annotations

APIS = ("google_health", "fitbit_web")

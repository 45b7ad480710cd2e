"""The Google Health API as a source."""

from __future__ import annotations

from cromwelld.sources.google_health.source import GoogleHealth, Settings

__all__ = ["GoogleHealth", "Settings"]

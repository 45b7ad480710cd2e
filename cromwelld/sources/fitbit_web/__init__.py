"""The Fitbit Web API as a source."""

from __future__ import annotations

from cromwelld.sources.fitbit_web.source import FitbitWeb, Settings

__all__ = ["FitbitWeb", "Settings"]

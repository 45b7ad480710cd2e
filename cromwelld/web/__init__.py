"""HTTP: the probes and metrics for machines, a page for people, and what the command line asks the daemon."""

from __future__ import annotations

from cromwelld.monitor.health import Health, Reason
from cromwelld.web.connection import Limits
from cromwelld.web.protocol import Daemon, Probe
from cromwelld.web.server import Rules, serving
from cromwelld.web.token import token_of

__all__ = ["Daemon", "Health", "Limits", "Probe", "Reason", "Rules", "serving", "token_of"]

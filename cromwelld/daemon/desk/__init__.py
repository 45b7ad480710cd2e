"""What the daemon offers to those who ask it by HTTP."""

from __future__ import annotations

from cromwelld.daemon.desk.collecting import Collecting
from cromwelld.daemon.desk.logging_in import LoggingIn
from cromwelld.daemon.desk.tending import Tending
from cromwelld.daemon.desk.verifying import Verifying
from cromwelld.daemon.desk.watching import Watching

__all__ = ["Desk"]


class Desk(Watching, Collecting, LoggingIn, Verifying, Tending):
    """Everything in one: see `cromwelld.web.protocol.Daemon`."""

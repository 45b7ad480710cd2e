"""What a way to a person must be able to do."""

from __future__ import annotations

from typing import Protocol

from cromwelld.monitor.alerts.letters import Letter


class Channel(Protocol):
    """One way to a person."""

    @property
    def name(self) -> str:
        """Give its name, as the configuration has it."""

    async def send(self, letter: Letter) -> None:
        """Send a letter, within the time that the channel gives itself.

        Raises: FarSideAway if it may work later; PersonNeeded if a person must set something right first;
        ConfigurationError if its secret cannot be read.
        """

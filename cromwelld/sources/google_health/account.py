"""What the Google Health source must know of an account."""

from __future__ import annotations

from dataclasses import dataclass

from cromwelld.sources import telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(telling.Settings):
    """What the source must know of an account.

    `granted` holds the scopes of the token response, None if it did not tell. `steps_from` chooses whose steps count:
    "watch" or "all".
    """

    granted: frozenset[str] | None = None
    steps_from: str = "watch"

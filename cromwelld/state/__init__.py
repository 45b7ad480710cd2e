"""What is known of every account, date and stream: one SQLite file, one importer."""

from __future__ import annotations

from cromwelld.state.budgets import Left
from cromwelld.state.ledger import Entry, Kept, Ledger

__all__ = ["Entry", "Kept", "Ledger", "Left"]

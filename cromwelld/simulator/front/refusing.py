"""A refusal, as the door turns it into an answer."""

from __future__ import annotations

from abc import ABC, abstractmethod


class VendorRefusal(ABC, Exception):
    """Refuse a request with a status and a body of the vendor's own shape."""

    status: int

    @abstractmethod
    def body(self) -> dict[str, object]:
        """Write the body."""

    def headers(self) -> dict[str, str]:
        """Write the headers that belong to the refusal itself."""
        return {}

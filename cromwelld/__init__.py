"""Keep people's wearable data, and read it back: `from cromwelld import load_date, load_range, load_days`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cromwelld.lake.reader import available_dates, load_date, load_days, load_range

__version__ = "0.1.0"
__all__ = ["__version__", "available_dates", "load_date", "load_days", "load_range"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each export keeps its own type, see above
    """Import the reader when it is first asked for, so that `import cromwelld` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("cromwelld.lake.reader"), name)


def __dir__() -> list[str]:
    """List the exports without importing them."""
    return sorted({*globals(), *__all__})

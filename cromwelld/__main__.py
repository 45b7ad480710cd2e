"""`python -m cromwelld` is the same as the command `cromwelld`."""

from __future__ import annotations

from cromwelld.cli import main

if __name__ == "__main__":
    main()

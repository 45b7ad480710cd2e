"""A real browser for a test: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.parts import program

_LISTENS = "DevTools listening on "
_SCRIPT = """#!/bin/sh
echo $$ >'{pid}'
exec '{chromium}' --headless --no-sandbox --user-data-dir='{profile}' --remote-debugging-port=0 "$@" >'{ear}' 2>&1
"""


def chromium() -> str:
    return program("chromium", "apt-get install chromium")


@contextmanager
def driver() -> Iterator[Playwright]:
    """Start what drives browsers; while it runs, this thread can run no event loop of its own."""
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def tab(browser: Browser, *, scripts: bool = True) -> Iterator[Page]:
    """Open a window of a person who was never here; `scripts` is whether pages may run JavaScript."""
    with browser.new_context(java_script_enabled=scripts) as context:
        yield context.new_page()


class Started:
    """A Chromium that another program is to start, by the script at `script`, with an address to open."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.script = root / "browser"
        self._ear = root / "ear"
        self._pid = root / "pid"
        os.mkfifo(self._ear)
        names = {"pid": self._pid, "chromium": chromium(), "profile": root / "profile", "ear": self._ear}
        self.script.write_text(_SCRIPT.format(**names), encoding="utf-8")
        self.script.chmod(0o755)

    @contextmanager
    def page(self, playwright: Playwright) -> Iterator[Page]:
        """Wait until it is started, and give the page that it shows; afterwards it is gone."""
        with self._ear.open(encoding="utf-8") as lines:
            try:
                address = next(line for line in lines if line.startswith(_LISTENS)).removeprefix(_LISTENS).strip()
                (context,) = playwright.chromium.connect_over_cdp(address).contexts
                yield context.pages[0] if context.pages else context.wait_for_event("page")
            finally:
                with suppress(ProcessLookupError):
                    os.kill(int(self._pid.read_text("utf-8")), signal.SIGTERM)
                lines.read()  # it ends when the last of its processes has

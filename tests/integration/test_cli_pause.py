from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import HEAVY, Home, Vendor, call, home
from tests.support.running import running


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = home(tmp_path / "home", "http://127.0.0.1:9", leave_out=(*HEAVY, "gps"))
    with made.config.open("a", encoding="utf-8") as config:
        config.write('\n[http]\nlisten = "127.0.0.1:0"\n')
    return made


def test_a_pause_is_found_by_the_next_daemon_which_asks_nothing_until_it_is_resumed(place: Home) -> None:
    vendor = Vendor()
    asked: list[None] = []
    with vendor.serving():
        vendor.asked = lambda: asked.append(None)
        place.config.write_text(place.config.read_text("utf-8").replace("http://127.0.0.1:9", vendor.url), "utf-8")
        assert call("pause", "--config", place.config).out == "me is paused until it is resumed\n"
        with running(place.config) as daemon:
            daemon.ready()
            assert "paused" in call("status", "--config", place.config).out
            assert (daemon.events("run.started"), asked) == ([], [])
            assert call("pause", "--resume", "--config", place.config).out == "me is collected again\n"
            daemon.event("run.ended", account="me")
            assert daemon.stop() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "2001-01-01"], "has passed"),
        (["--until", "soon"], "is no time"),
        (["--until", "2999-01-01", "--resume"], "do not go together"),
        (["--account", "nobody"], "there is no account"),
    ],
)
def test_slips_are_refused_and_nothing_is_made(place: Home, words: list[str], said: str) -> None:
    ran = call("pause", "--config", place.config, *words)
    assert (ran.code, said in ran.err) == (2, True)
    assert not (place.state / "ledger.sqlite").exists()


def test_a_pause_that_has_an_end_is_told(place: Home) -> None:
    assert call("pause", "--until", "2999-01-01T12:00", "--config", place.config).code == 0
    assert "paused    until 2999-01-01" in call("status", "--config", place.config).out

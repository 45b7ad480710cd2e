from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import call, home

WRONG = """
state_dir = "relative"

[accounts.me]
source = "garmin"
data_dir = "/srv/data"
prefix = "fitbit"
"""


def test_a_right_file_is_summed_up(tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9")
    ran = call("check-config", "--config", mine.config)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{mine.config} is right.\n")
    for place in (mine.state, mine.archive, mine.data):
        assert str(place) in ran.out
    assert "account  me: from fitbit_web" in ran.out
    assert "warning: archive.folder" in ran.out, "archive and data lie on one disk here"
    assert mine.untouched()
    told = call("check-config", "--config", mine.config, "--json").json
    assert told["accounts"] == ["me"]
    assert told["problems"] == []
    assert "not a backup" in told["warnings"][0]


def test_every_mistake_is_named_with_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(WRONG, encoding="utf-8")
    ran = call("check-config", "--config", tmp_path / "config.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "has 2 mistakes" in ran.err
    assert "- state_dir: " in ran.err
    assert "- accounts.me.source: " in ran.err
    assert '"fitbit_web"' in ran.err
    told = call("check-config", "--config", tmp_path / "config.toml", "--json")
    assert (told.code, told.err) == (2, "")
    assert [problem.split(":")[0] for problem in told.json["problems"]] == ["state_dir", "accounts.me.source"]


@pytest.mark.parametrize("content", ["state_dir = ", "\x00", "[accounts.me"])
def test_what_is_not_toml_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(content, encoding="utf-8")
    ran = call("check-config", "--config", tmp_path / "config.toml")
    assert (ran.code, ran.out) == (2, "")
    assert f"{tmp_path / 'config.toml'} is not TOML" in ran.err


def test_no_file_at_all_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ran = call("check-config", "--config", tmp_path / "mine.toml")
    assert ran.code == 2
    assert str(tmp_path / "mine.toml") in ran.err
    if not Path("/etc/cromwelld/config.toml").exists():
        ran = call("check-config")
        assert ran.code == 2
        assert str(tmp_path / ".config/cromwelld/config.toml") in ran.err

"""`cromwelld import` as a stranger meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cromwelld.locks import held
from tests.support.cli import call
from tests.support.exports import zipped

GOOGLE = "Takeout/Google Health/Physical Activity_GoogleData"
TEXT = """
state_dir = "{root}/state"
[accounts.me]
source = "import"
data_dir = "{root}/data"
prefix = "me"
{more}
[archive]
folder = "{root}/archive"
"""
STEPS = "timestamp,steps,data source\n2025-10-01T12:00:00Z,7,Charge 6\n2025-10-02T12:00:00Z,9,Charge 6\n"
OLD = '[{"dateTime": "10/03/25 12:00:00", "value": "5"}]'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT.format(root=tmp_path, more='timezone = "Europe/Berlin"'))
    return path


def export(tmp_path: Path, more: dict[str, str] | None = None) -> Path:
    return zipped(tmp_path / "takeout.zip", {f"{GOOGLE}/steps_2025-10-01.csv": STEPS, **(more or {})})


def test_an_import_says_what_it_did_and_again_that_nothing_changed(tmp_path: Path, config: Path) -> None:
    part = export(tmp_path, {"Takeout/Google Health/Your Profile/Profile.csv": "name\nx\n"})
    ran = call("import", "--config", config, part)
    assert (ran.code, ran.err) == (0, "")
    assert "1 file read" in ran.out
    assert "not read: 1 file: personal, and no measurement" in ran.out
    assert "2 dates, 2025-10-01 to 2025-10-02: 2 changed, 0 unchanged, 0 wait" in ran.out
    assert "Steps_Intraday" in ran.out
    assert "Charge 6 (2)" in ran.out
    assert (
        "2 dates, 2025-10-01 to 2025-10-02: 0 changed, 2 unchanged, 0 wait"
        in call("import", "--config", config, part).out
    )


def test_a_dry_run_writes_nothing(tmp_path: Path, config: Path) -> None:
    part = export(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = call("import", "--dry-run", "--config", config, part)
    assert ran.code == 0
    assert "2 dates, 2025-10-01 to 2025-10-02: nothing was written" in ran.out
    assert [path for path in sorted(tmp_path.rglob("*")) if path.is_file()] == [
        path for path in before if path.is_file()
    ]


def test_what_nothing_tells_is_incomplete_until_it_is_said(tmp_path: Path, config: Path) -> None:
    part = export(tmp_path, {"Takeout/Google Health/Global Export Data/steps-2025-10-03.json": OLD})
    ran = call("import", "--config", config, part)
    assert ran.code == 10
    assert "the old JSON of steps is left out: nothing tells its zone" in ran.out
    assert "--clock steps=utc or --clock steps=local" in ran.out
    ran = call("import", "--json", "--clock", "steps=local", "--config", config, part)
    assert ran.code == 0
    assert ran.json["dates"] == {
        "first": "2025-10-01",
        "last": "2025-10-03",
        "count": 3,
        "changed": 1,
        "unchanged": 2,
        "without_zone": 0,
        "waiting": {},
    }
    assert ran.json["clocks"] == {"json_steps": "local"}


@pytest.mark.parametrize("word", ["steps=noon", "moods=utc", "steps"])
def test_a_clock_that_cannot_be_understood_is_a_slip_of_the_fingers(tmp_path: Path, config: Path, word: str) -> None:
    ran = call("import", "--clock", word, "--config", config, export(tmp_path))
    assert ran.code == 2
    assert f"--clock {word}: cannot be understood" in ran.err
    assert "heart_rate, steps, distance, calories" in ran.err


def test_without_any_zone_the_remedy_is_named(tmp_path: Path, config: Path) -> None:
    config.write_text(TEXT.format(root=tmp_path, more=""))
    ran = call("import", "--config", config, export(tmp_path))
    assert ran.code == 1
    assert "2 dates whose zone is not known; set timezone or lived_in" in ran.out
    assert call("import", "--timezone", "Europe/Berlin", "--config", config, export(tmp_path)).code == 0


def test_something_else_than_an_export_is_said_to_be_none(tmp_path: Path, config: Path) -> None:
    ran = call("import", "--config", config, zipped(tmp_path / "x.zip", {"holiday/photo.jpg": "x"}))
    assert ran.code == 1
    assert "is it the export of Fitbit or Google Health?" in ran.out


def test_a_torn_part_is_named_and_the_rest_is_imported(tmp_path: Path, config: Path) -> None:
    torn = export(tmp_path / "torn")
    torn.write_bytes(torn.read_bytes()[:-30])
    ran = call("import", "--json", "--config", config, torn, export(tmp_path))
    assert ran.code == 10
    assert "takeout.zip cannot be read" in ran.json["files"]["refused"][0]
    assert ran.json["dates"]["count"] == 2


def test_while_another_process_keeps_the_state_nothing_is_written(tmp_path: Path, config: Path) -> None:
    part = export(tmp_path)
    with held(tmp_path / "state" / "lock", "cromwelld run"):
        ran = call("import", "--config", config, part)
        assert ran.code == 1
        assert "is in use by" in ran.err
        assert "set accounts.me.import_from to a folder that it may read" in ran.err
        assert call("import", "--dry-run", "--config", config, part).code == 0
        config.write_text(TEXT.format(root=tmp_path, more=f'import_from = "{tmp_path}/takeout"'))
        assert f"put all parts into {tmp_path}/takeout" in call("import", "--config", config, part).err


def test_an_account_without_an_api_has_nothing_to_collect_from(config: Path) -> None:
    ran = call("collect", "yesterday", "--config", config)
    assert ran.code == 2
    assert "cromwelld import" in ran.err


def test_an_account_without_an_api_needs_no_login(config: Path) -> None:
    ran = call("login", "--config", config)
    assert ran.code == 2
    assert "account me needs no login: its data come by exports of Google Takeout" in ran.err
    told = call("status", "--config", config).out
    assert "me: from exports of Google Takeout, which need no login" in told
    assert "none was imported yet" in told


def test_the_status_says_how_far_exports_reach(tmp_path: Path, config: Path) -> None:
    assert call("import", "--config", config, export(tmp_path)).code == 0
    told = call("status", "--config", config).out
    assert "exports   up to 2025-10-02, there in part; the next one is due on 2025-12-02" in told
    assert "dates     the last two weeks are in no export yet: they were not asked" in told
    (found,) = call("status", "--json", "--config", config).json["accounts"]
    assert found["exports"] == {"every": "P61D", "until": "2025-10-02", "folder": "", "refused": {}, "waiting": {}}

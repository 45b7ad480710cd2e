from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld import load_date, load_days
from cromwelld.locks import held
from cromwelld.simulator.fitbit_web import Failure, Options
from tests.support.cli import HEAVY, Home, Vendor, call, home
from tests.support.places import files_of

DATE, NEXT = "2025-10-08", "2025-10-09"


@pytest.fixture(scope="module")
def served() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


@pytest.fixture
def vendor(served: Vendor) -> Iterator[Vendor]:
    yield served
    served.options = Options(quota=None)
    served.asked = lambda: None


@pytest.fixture
def mine(vendor: Vendor, tmp_path: Path) -> Home:
    return home(tmp_path / "home", vendor.url)


def test_a_date_is_collected_and_again_with_nothing_changed(vendor: Vendor, tmp_path: Path) -> None:
    mine = home(tmp_path, vendor.url, leave_out=())
    first = mine.collect(DATE)
    assert (first.code, first.err) == (0, "")
    assert DATE in first.out
    assert "HeartRate_Intraday" in first.out
    assert all(str(place) in first.out for place in (mine.archive / "fitbit", mine.data, mine.state))
    assert mine.objects() == [DATE]
    frames = load_date(DATE, mine.data)
    assert len(frames["Steps_Intraday"]) == 1440
    assert str(frames["HeartRate_Intraday"]["time"].dt.tz) == "Europe/London"
    before = files_of(tmp_path)
    again = mine.collect(DATE, "--json")
    assert (again.code, again.err) == (0, "")
    assert again.json["complete"] is True
    assert again.json["dates"][DATE]["changed"] is False
    assert files_of(tmp_path) == before
    forced = mine.collect(DATE, "--force", "heart_rate,steps")
    assert forced.code == 0
    assert files_of(tmp_path) == before


def test_rerun_is_the_same_command(mine: Home) -> None:
    ran = call("rerun", DATE, "--config", mine.config, "--json")
    assert ran.code == 0
    assert ran.json["places"] == {
        "archive": str(mine.archive / "fitbit"),
        "tables": str(mine.data),
        "state": str(mine.state),
    }
    outcomes = {item["stream"]: item["outcome"] for item in ran.json["streams"] if item["date"] == DATE}
    assert outcomes["sleep"] == "ok"
    assert not set(HEAVY) & set(outcomes)


def test_the_configuration_is_found_by_the_variable(mine: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROMWELLD_CONFIG", str(mine.config))
    assert call("collect", DATE).code == 0
    assert mine.objects() == [DATE]


def test_a_range_of_many_dates_is_shown_in_totals(mine: Home) -> None:
    ran = mine.collect("2025-09-01..2025-10-10")
    assert ran.code == 0
    assert "40 dates" in ran.out
    assert "2025-09-01" not in ran.out
    assert len(mine.objects()) == 40
    days = load_days("2025-09-01", "2025-10-10", mine.data)
    assert len(days) == 40


def test_today_yesterday_and_the_last_days(mine: Home) -> None:
    today = dt.datetime.now(dt.UTC).date()  # the invented person's winter clock shows UTC
    dates = [(today - dt.timedelta(days=count)).isoformat() for count in range(4)]
    assert mine.collect("today").code == 0
    assert dates[0] not in mine.all_objects()  # today is not over: it is in the tables only
    assert list(load_days(dates[0], dates[0], mine.data)["state"]) == ["provisional"]
    assert mine.collect("yesterday").code == 0
    assert dates[1] in mine.all_objects()
    assert dates[0] not in mine.all_objects()
    assert mine.collect("3d").code == 0
    assert mine.all_objects() == sorted(dates[1:])


@pytest.mark.parametrize(
    "dates",
    ["2999-01-01", "2025-10-01..2999-01-01", "2008-12-31", "2025-13-01", "10/08/2025", "2025-10-09..2025-10-08"],
)
def test_a_wrong_date_is_a_sentence_and_leaves_nothing_on_the_disk(dates: str, tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9", login=False)
    ran = mine.collect(dates)
    assert (ran.code, ran.out) == (2, "")
    assert dates in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_an_unknown_stream_is_named_with_those_that_are_there(mine: Home) -> None:
    ran = mine.collect(DATE, "--force", "sleep,slep")
    assert (ran.code, ran.out) == (2, "")
    assert "slep" in ran.err
    assert "sleep, hrv" in ran.err or "hrv, " in ran.err
    assert mine.objects() == []


@pytest.mark.parametrize("content", [None, "", "{}", '{"access_token": 5}', '{"access_token": ""}', "[1]", "\x00\x01"])
def test_without_a_login_the_way_to_one_is_named(content: str | None, vendor: Vendor, tmp_path: Path) -> None:
    mine = home(tmp_path, vendor.url, login=False)
    file = mine.state / "tokens" / "me.json"
    if content is not None:
        file.parent.mkdir(parents=True)
        file.write_text(content, encoding="utf-8")
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (77, "")
    assert str(file) in ran.err
    assert "cromwelld login" in ran.err
    assert mine.untouched()


def test_a_far_side_that_refuses_one_stream_leaves_the_others(vendor: Vendor, mine: Home) -> None:
    vendor.options = Options(quota=None, failing={"/1/user/-/hrv": Failure(status=403)})
    ran = mine.collect(DATE)
    assert ran.code == 10
    assert f"{DATE} hrv: refused: " in ran.out
    assert "permission" in ran.out
    assert mine.objects() == [DATE]
    assert "HRV" not in load_date(DATE, mine.data)
    assert "SleepSummary" in load_date(DATE, mine.data)
    vendor.options = Options(quota=None)
    assert mine.collect(DATE).code == 0
    assert "HRV" in load_date(DATE, mine.data)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, 77, ("cromwelld login --account me", "no refresh token")),
        (410, 75, ("Google Health API", "410")),
        (429, 75, ("quota", "429")),
    ],
)
def test_a_far_side_that_ends_everything_is_told_once(
    status: int, code: int, words: tuple[str, str], vendor: Vendor, mine: Home
) -> None:
    sentence, once = words
    vendor.options = Options(quota=None, failing={"/": Failure(status=status)})
    ran = mine.collect(DATE)
    assert ran.code == code
    assert sentence in ran.out + ran.err
    assert (ran.out + ran.err).count(once) == 1, "one trouble is said once"
    assert mine.objects() == []


def test_after_a_refused_login_the_way_to_a_new_one_is_named(vendor: Vendor, mine: Home) -> None:
    vendor.options = Options(quota=None, bearer="another")
    ran = mine.collect(DATE)
    assert ran.code == 77
    assert "run: cromwelld login --account me" in ran.out


def test_nobody_listening_is_told_in_a_few_lines(tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9")
    ran = mine.collect(f"{DATE}..{NEXT}")
    assert ran.code == 75
    assert f"{DATE}..{NEXT} hrv, sleep, spo2, weight: failed: the connection failed" in ran.out
    assert "run it again" in ran.out
    assert ran.err == ""
    assert len(ran.out.splitlines()) < 8
    assert mine.objects() == []


def test_the_end_of_everything_is_in_the_json_too(vendor: Vendor, mine: Home) -> None:
    vendor.options = Options(quota=None, failing={"/": Failure(status=410)})
    ran = mine.collect(DATE, "--json")
    assert ran.code == 75
    assert "410" in ran.json["ended_by"]["message"]
    assert ran.json["complete"] is False


def test_the_account_must_be_said_where_there_are_several(mine: Home) -> None:
    text = mine.config.read_text(encoding="utf-8")
    own = text.partition("[accounts.me]")[2].partition("[archive]")[0]
    partner = own.replace('data_dir = "', 'data_dir = "/nowhere').replace('"fitbit"\n', '"partner"\n')
    mine.config.write_text(text.replace("[archive]", f"[accounts.partner]{partner}\n[archive]"), encoding="utf-8")
    ran = mine.collect(DATE)
    assert ran.code == 2
    assert "--account" in ran.err
    assert "me, partner" in ran.err
    assert mine.untouched()
    unknown = mine.collect(DATE, "--account", "you")
    assert unknown.code == 2
    assert "me, partner" in unknown.err
    assert mine.collect(DATE, "--account", "me").code == 0
    assert mine.objects() == [DATE]


def test_an_account_that_only_imports_has_nothing_to_collect_from(mine: Home) -> None:
    text = mine.config.read_text(encoding="utf-8")
    text = text.replace('source = "fitbit_web"', 'source = "import"').replace('base_url = "', '# "')
    mine.config.write_text(re.sub(r"leave_out = .*", "", text), encoding="utf-8")
    ran = mine.collect(DATE)
    assert ran.code == 2
    assert "accounts.me.source: 'import' has nothing to collect from" in ran.err
    assert mine.untouched()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('steps_from = "all"', "accounts.me.steps_from: fitbit_web counts as the watch does, not 'all'"),
        ('leave_out = ["gps", "naps"]', "accounts.me.leave_out: fitbit_web has no stream naps"),
    ],
)
def test_what_the_source_cannot_do_is_said_before_anything_is_asked(tmp_path: Path, line: str, said: str) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9", leave_out=())
    text = mine.config.read_text(encoding="utf-8").replace("leave_out = []", line)
    mine.config.write_text(text, encoding="utf-8")
    ran = call("collect", "2025-10-08", "--config", str(mine.config))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not mine.data.exists()


def test_the_state_folder_is_private(tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9")
    call("collect", "2025-10-08", "--config", str(mine.config))
    assert mine.state.stat().st_mode & 0o777 == 0o700


def test_every_mistake_of_the_configuration_is_named(mine: Home) -> None:
    mine.config.write_text(
        'state_dir = "relative"\ncolour = "red"\n[accounts.me]\nsource = "garmin"\ntimezone = "Mars/Olympus"\n'
        'data_dir = "/srv/data"\nprefix = "fitbit"\n[schedule]\ndaily_at = "25:00"\n',
        encoding="utf-8",
    )
    for ran in (mine.collect(DATE), call("check-config", "--config", mine.config)):
        assert (ran.code, ran.out) == (2, "")
        keys = ("state_dir", "colour", "accounts.me.source", "accounts.me.timezone", "schedule.daily_at")
        assert all(f"- {key}" in ran.err for key in keys)
        assert "google_health, import, fitbit_web" in ran.err.replace('"', "").replace(" or ", ", ")
        assert "5 mistakes" in ran.err


def test_a_second_collector_is_told_who_holds_the_state(mine: Home) -> None:
    with held(mine.state / "lock", "cromwelld collect 7d"):
        ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (1, "")
    assert f"{mine.state} is in use by cromwelld collect 7d (process {os.getpid()})" in ran.err
    assert mine.objects() == []


def test_a_folder_that_cannot_be_made_is_told_with_path_user_and_remedy(mine: Home) -> None:
    (mine.root / "file").touch()
    text = mine.config.read_text(encoding="utf-8").replace(str(mine.data), str(mine.root / "file" / "data"))
    mine.config.write_text(text, encoding="utf-8")
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (1, "")
    assert str(mine.root / "file") in ran.err
    assert "user '" in ran.err
    assert "another folder" in ran.err
    assert not mine.archive.exists()


def test_a_damaged_ledger_is_named_with_its_remedy(mine: Home) -> None:
    ledger = mine.state / "ledger.sqlite"
    ledger.write_bytes(b"not a ledger" * 1000)
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (1, "")
    assert str(ledger) in ran.err
    assert "move the file aside" in ran.err
    ledger.unlink()
    assert mine.collect(DATE).code == 0


def test_a_damaged_object_is_named_and_the_other_date_is_stored(mine: Home) -> None:
    assert mine.collect(DATE).code == 0
    damaged = mine.archive / "fitbit" / f"fitbit_backup_{DATE}.json.gz"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-20])
    ran = mine.collect(f"{DATE}..{NEXT}")
    assert ran.code == 1
    assert f"{DATE}: in the tables, not in the archive yet: " in ran.out
    assert str(damaged) in ran.out
    assert damaged.read_bytes() == whole[:-20]
    assert "waiting  4 answers, " in ran.out
    assert mine.objects() == [DATE, NEXT]
    assert "SleepSummary" in load_date(NEXT, mine.data)
    damaged.unlink()  # the remedy that was printed: move it aside
    assert mine.collect(DATE).code == 0
    assert mine.objects() == [DATE, NEXT]


def test_a_damaged_table_is_named_with_a_remedy_that_works(mine: Home) -> None:
    assert mine.collect(DATE).code == 0
    damaged = mine.data / "sleep_levels.parquet"
    damaged.write_bytes(b"PAR1 nothing of the kind")
    ran = mine.collect(NEXT)
    assert ran.code == 1
    assert str(damaged) in ran.out + ran.err
    assert "compile --all" in ran.out + ran.err
    assert call("compile", "--all", "--data-dir", mine.data, mine.archive).code == 0
    assert mine.collect(NEXT).code == 0
    assert "SleepLevels" in load_date(DATE, mine.data)
    assert "SleepLevels" in load_date(NEXT, mine.data)


def test_a_folder_of_the_old_scripts_is_refused_before_anything_is_asked(vendor: Vendor, mine: Home) -> None:
    asked: list[str] = []
    vendor.asked = lambda: asked.append("")
    mine.data.mkdir()
    state = mine.data / "compilation_state.json"
    state.write_text(json.dumps({"processed_dates": [], "total_records": 0}), encoding="utf-8")
    ran = mine.collect(DATE)
    assert (ran.code, ran.out) == (1, "")
    assert str(mine.data) in ran.err
    assert f"compile --all --data-dir {mine.data} ARCHIVE-FOLDER" in ran.err
    assert not asked
    assert [path.name for path in mine.data.iterdir()] == [state.name]


def test_a_date_that_was_spent_elsewhere_is_taken_anew_and_keeps_its_zone(vendor: Vendor, tmp_path: Path) -> None:
    mine = home(tmp_path, vendor.url, leave_out=("devices", "gps"))
    assert mine.collect(DATE).code == 0
    london = load_date(DATE, mine.data)
    done = mine.collect(DATE, "--timezone", "Asia/Tokyo")
    assert done.code == 0
    assert "day.replaced" in done.err  # the version with the other times is kept
    tokyo = load_date(DATE, mine.data)
    assert str(tokyo["HeartRate_Intraday"]["time"].dt.tz) == "Asia/Tokyo"
    for name in ("HeartRate_Intraday", "HRV", "RestingHR"):  # the vendor's clock times, read on another clock
        before, after = (frames[name]["time"].dt.tz_localize(None).tolist() for frames in (london, tokyo))
        assert after == before, name
    assert mine.collect(DATE).code == 0
    assert str(load_date(DATE, mine.data)["HeartRate_Intraday"]["time"].dt.tz) == "Asia/Tokyo"


def test_a_zone_that_is_none_is_named(mine: Home) -> None:
    wrong = mine.collect(DATE, "--timezone", "Mars/Olympus")
    assert (wrong.code, "Mars/Olympus" in wrong.err) == (2, True)

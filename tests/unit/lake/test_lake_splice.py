"""Row groups that are taken over unread: the file is, to the byte, the one that would have been written of all rows."""

from __future__ import annotations

import datetime as dt
import gc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld.lake import footer
from cromwelld.lake.files import Files
from cromwelld.lake.layout import many_dates
from cromwelld.lake.parquet import Kept, Source, can_keep, splice, write
from cromwelld.lake.rows import rows_of
from tests.support.lake import contents, day, lake, usual, whole

GPS = many_dates()["gps.parquet"]
GROUPS = 20  # more than a short list of Thrift has


def month(number: int) -> pa.Table:
    first = dt.date(2023, 1, 15) + dt.timedelta(days=31 * number)
    [rows] = rows_of([usual(first.isoformat(), beats=50.0 + number)], GPS).values()
    return rows


@pytest.mark.parametrize("replaced", [{GROUPS - 1}, {0}, {0, 7, 8}, set(range(GROUPS)), set(), {GROUPS}])
def test_what_is_kept_and_what_is_written_make_one_file(tmp_path: Path, replaced: set[int]) -> None:
    files, tables = Files(tmp_path), [month(number) for number in range(GROUPS + 1)]
    write(files, "straight", GPS.schema, tables if replaced == {GROUPS} else tables[:GROUPS])
    longer = {number: month(number).slice(0, 1 + number % 2) for number in replaced}
    write(files, "before", GPS.schema, [longer.get(number, rows) for number, rows in enumerate(tables[:GROUPS])])
    with Source(files, "before") as source:
        assert can_keep(source, GPS.schema)
        pieces = [Kept(source, n) if n not in replaced else tables[n] for n in range(GROUPS + (replaced == {GROUPS}))]
        size = splice(files, "spliced", GPS.schema, pieces)
    assert (tmp_path / "spliced").read_bytes() == (tmp_path / "straight").read_bytes()
    assert size == (tmp_path / "straight").stat().st_size


def test_a_group_that_goes_leaves_the_others_where_they_belong(tmp_path: Path) -> None:
    files, tables = Files(tmp_path), [month(number) for number in range(4)]
    write(files, "before", GPS.schema, tables)
    write(files, "straight", GPS.schema, [tables[0], tables[2], tables[3]])
    with Source(files, "before") as source:
        splice(files, "spliced", GPS.schema, [Kept(source, 0), tables[1].slice(0, 0), Kept(source, 2), Kept(source, 3)])
    assert (tmp_path / "spliced").read_bytes() == (tmp_path / "straight").read_bytes()


def test_a_file_of_other_settings_or_columns_is_not_kept(tmp_path: Path) -> None:
    files, rows = Files(tmp_path), month(0)
    pq.write_table(rows.rename_columns([*rows.column_names[:-1], "field_other"]), tmp_path / "columns")
    pq.write_table(rows, tmp_path / "writer", version="1.0", store_schema=False)
    for name in ("columns", "writer"):
        with Source(files, name) as source:
            assert not can_keep(source, GPS.schema)


def footer_of(path: Path) -> bytes:
    content = path.read_bytes()
    return content[-8 - int.from_bytes(content[-8:-4], "little") : -8]


@pytest.fixture
def told(tmp_path: Path) -> dict[str, bytes]:
    """Write files of no, one and many months, and give their footers."""
    for name, count in (("none", 0), ("one", 1), ("many", GROUPS)):
        write(Files(tmp_path), name, GPS.schema, [month(number) for number in range(count)])
    return {name: footer_of(tmp_path / name) for name in ("none", "one", "many")}


def test_footers_of_one_kind_of_file_are_framed_alike(told: dict[str, bytes]) -> None:
    frame = footer.frame(told["none"])
    assert frame.join([], 0, 0) == told["none"]
    of_many = frame.groups(told["many"], GROUPS, GROUPS * month(0).num_rows)
    assert of_many.startswith(frame.groups(told["one"], 1, month(0).num_rows))
    assert frame.join([of_many], GROUPS, GROUPS * month(0).num_rows) == told["many"]


def test_a_footer_that_is_torn_or_of_another_file_is_not_taken_for_one(told: dict[str, bytes]) -> None:
    frame = footer.frame(told["none"])
    others = [*(told["many"][:cut] for cut in range(0, len(told["many"]), 97)), b"x" + told["many"], told["one"]]
    for other in others:
        with pytest.raises(footer.UnknownFooter):
            frame.groups(other, GROUPS, GROUPS * month(0).num_rows)
    for torn in (told["one"], *(told["none"][:cut] for cut in range(len(frame.before)))):
        with pytest.raises(footer.UnknownFooter):
            footer.frame(torn)


def test_where_a_group_ends_is_found_though_its_sizes_stand_elsewhere_too(
    tmp_path: Path, told: dict[str, bytes]
) -> None:
    with Source(Files(tmp_path), "many") as source:
        groups = source.described(footer.frame(told["none"])) or b""
        ends = [source.end_of(number, groups) for number in range(-1, GROUPS)]
    assert (ends[0], ends[-1]) == (0, len(groups))
    assert ends == sorted(set(ends))
    for sizes in (b"that are not there", b"\x16"):  # none, and many
        assert [footer.end_of(groups, number, sizes) for number in range(GROUPS)] == ends[1:]
    with pytest.raises(footer.UnknownFooter):
        footer.end_of(groups[:-3], GROUPS - 1, b"that are not there")


def test_months_that_a_batch_does_not_touch_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = [f"2025-{number:02d}-10" for number in range(1, 9)]
    lake(tmp_path / "straight").write([whole(usual(date)) for date in dates])
    lake(tmp_path / "grown").write([whole(usual(date)) for date in dates[:-1]])
    read: list[int] = []
    reading = Source.read

    def noting(self: Source, groups: list[int] | None = None, columns: list[str] | None = None) -> pa.Table:
        if "field_lat" in self.schema.names and columns != ["date"]:
            read.extend(range(self.groups) if groups is None else groups)
        return reading(self, groups, columns)

    monkeypatch.setattr(Source, "read", noting)
    lake(tmp_path / "grown").write([whole(usual(dates[-1]))])
    assert read == []
    gone = usual(dates[3])
    lake(tmp_path / "grown").write([whole(day(dates[3], {k: v for k, v in gone.tables.items() if k != "GPS"}))])
    assert set(read) == {3}
    lake(tmp_path / "grown").write([whole(gone)])
    assert contents(tmp_path / "grown") == contents(tmp_path / "straight")


def test_nothing_of_a_file_stays_until_garbage_is_looked_for(tmp_path: Path) -> None:
    files = Files(tmp_path)
    write(files, "years", GPS.schema, [month(number) for number in range(GROUPS)])
    gc.collect()
    gc.disable()
    try:
        with Source(files, "years") as source:
            assert source.span(0) is not None
            assert source.read([GROUPS - 1]).num_rows
        del source
        assert gc.collect() == 0
    finally:
        gc.enable()

"""What an import found and did, for people and for programs: above all how far the export can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import click
from rich import box
from rich.console import Console
from rich.table import Table

from cromwelld.jobs.importing.judging import NOTHING
from cromwelld.jobs.importing.run import Imported
from cromwelld.jobs.importing.trust import Trust, ordered
from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.takeout.family import Clock

_PLAIN_COLUMNS = 160
_TITLES = ("measurement", "dates", "equal", "median", "worst", "shift", "taken from")
_HOW = {Clock.UTC: "UTC", Clock.LOCAL: "the person's clock"}


def present(imported: Imported, *, dry_run: bool, as_json: bool) -> None:
    """Print what was found and done."""
    if as_json:
        click.echo(json.dumps(document(imported, dry_run=dry_run), indent=2))
        return
    for line in _lines(imported, dry_run=dry_run):
        click.echo(line)
    if imported.trust.lines or imported.trust.recorders:
        console = Console(width=None if Console().is_terminal else _PLAIN_COLUMNS)
        console.print(_table(imported))


def _lines(imported: Imported, *, dry_run: bool) -> Iterator[str]:
    inventory = imported.inventory
    yield f"{_counted(inventory.read, 'file')} read"
    for reason, count in sorted(inventory.skipped.items()):
        yield f"  not read: {_counted(count, 'file')}: {reason}"
    if inventory.unknown_files:
        yield f"  not known: {_counted(inventory.unknown_files, 'file')}: {', '.join(inventory.unknown)}"
    for family, columns in sorted(inventory.unknown_columns.items()):
        yield f"  not known: columns of {family}: {', '.join(sorted(columns))}"
    for refusal in inventory.refused:
        yield f"  refused: {refusal}"
    for reason, count in sorted(imported.left_out.items()):
        yield f"  left out: {_counted(count, 'record')}: {reason}"
    yield from _clock_lines(imported)
    yield from _date_lines(imported, dry_run=dry_run)


def _clock_lines(imported: Imported) -> Iterator[str]:
    """Say how times without a zone were read, and by what evidence; what nothing tells, with the remedy."""
    findings = imported.findings
    for family, found in {} if findings is None else findings.evidence.items():
        kind, clock = family.removeprefix("json_"), None if findings is None else findings.facts.clocks.get(family)
        utc, local = found.count(Clock.UTC), found.count(Clock.LOCAL)
        seen = f"of {found.shifts.compared:,} minutes {utc:,} agree as UTC, {local:,} as the person's clock"
        if clock is not None:
            yield f"  the old JSON of {kind} is read as {_HOW[clock]}: {seen}"
            continue
        hint = f"say --clock {kind}=utc or --clock {kind}=local"
        shift = found.shifts.best_min
        if shift is not None:
            hint = f"it is {_hours(shift)} from UTC: set lived_in to where the person was, or {hint}"
        yield f"  the old JSON of {kind} is left out: nothing tells its zone ({seen}); {hint}"


def _date_lines(imported: Imported, *, dry_run: bool) -> Iterator[str]:
    if imported.zoneless:
        yield (
            f"  left out: {imported.zoneless:,} dates whose zone is not known; set timezone or lived_in in the "
            "configuration, or say --timezone ZONE"
        )
    if not imported.dates:
        yield NOTHING
        return
    span = f"{len(imported.dates):,} dates, {min(imported.dates)} to {max(imported.dates)}"
    if dry_run:
        yield f"{span}: nothing was written"
        return
    yield f"{span}: {imported.changed:,} changed, {imported.unchanged:,} unchanged, {imported.waiting:,} wait"
    for sentence, dates in imported.problems.items():
        yield f"  {len(dates):,} dates wait: {sentence}; run it again"


def _table(imported: Imported) -> Table:
    """Lay out what was compared by measurement; where the archive had nothing, what it was taken from."""
    table = Table(box=box.SIMPLE)
    for title in _TITLES:
        table.add_column(title, justify="left" if title in {"measurement", "taken from"} else "right", no_wrap=True)
    lines = ordered(imported.trust)
    for name in MEASUREMENTS:
        if name in lines or name in imported.trust.recorders:
            table.add_row(name, *_cells(lines.get(name)), _taken_from(imported.trust.recorders.get(name, {})))
    return table


def _cells(line: Trust | None) -> tuple[str, ...]:
    if line is None:
        return ("-",) * 5
    shift = line.shift_min
    return (
        f"{line.dates:,}",
        f"{line.equal:,}",
        _percent(line.median),
        _percent(line.worst),
        "-" if shift is None else "none" if shift == 0 else _hours(shift),
    )


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:+.1%}" if abs(share) >= 0.0005 else "0 %"  # noqa: PLR2004 - 0.05 %


def _hours(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d} h"


def _taken_from(recorders: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in sorted(recorders.items(), key=lambda pair: -pair[1]))


def document(imported: Imported, *, dry_run: bool) -> dict[str, object]:
    """Give everything that is said, for programs."""
    inventory, findings = imported.inventory, imported.findings
    return {
        "dry_run": dry_run,
        "complete": imported.complete,
        "files": {
            "read": inventory.read,
            "not_read": dict(inventory.skipped),
            "not_known": inventory.unknown_files,
            "not_known_first": inventory.unknown,
            "refused": inventory.refused,
            "not_known_columns": {name: sorted(columns) for name, columns in inventory.unknown_columns.items()},
        },
        "left_out": dict(imported.left_out),
        "clocks": {}
        if findings is None
        else {name: clock.name.lower() for name, clock in findings.facts.clocks.items()},
        "undecided": [] if findings is None else list(findings.undecided),
        "dates": {
            "first": min(imported.dates).isoformat() if imported.dates else None,
            "last": max(imported.dates).isoformat() if imported.dates else None,
            "count": len(imported.dates),
            "changed": imported.changed,
            "unchanged": imported.unchanged,
            "without_zone": imported.zoneless,
            "waiting": {sentence: len(dates) for sentence, dates in imported.problems.items()},
        },
        "trust": {name: _line(line) for name, line in ordered(imported.trust).items()},
        "taken_from": {name: dict(recorders) for name, recorders in imported.trust.recorders.items()},
    }


def _line(line: Trust) -> dict[str, object]:
    return {
        "dates": line.dates,
        "equal": line.equal,
        "median": line.median,
        "worst": line.worst,
        "shift_minutes": line.shift_min,
    }

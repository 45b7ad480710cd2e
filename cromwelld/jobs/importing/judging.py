"""Why an import is not whole, in one sentence with its remedy; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cromwelld.jobs.importing.run import Imported

NOTHING = "nothing of this export is known: is it the export of Fitbit or Google Health?"


def lacking(imported: Imported) -> str:
    """Say what an import lacks; nothing if it lacks nothing. No folder of the export is named: they bear names."""
    return "; ".join(sentence for rule in _RULES for sentence in rule(imported))


def passes_by_itself(imported: Imported) -> bool:
    """Tell whether dates could not be stored: archive or disk may take them when it is tried again."""
    return bool(imported.problems)


def _nothing(imported: Imported) -> Iterator[str]:
    if not imported.dates and not imported.zoneless and not imported.inventory.refused:
        yield NOTHING


def _waiting(imported: Imported) -> Iterator[str]:
    for sentence, dates in imported.problems.items():
        yield f"{len(dates):,} dates wait: {sentence}"


def _zoneless(imported: Imported) -> Iterator[str]:
    if imported.zoneless:
        yield f"the zone of {imported.zoneless:,} dates is not known: set timezone or lived_in in the configuration"


def _undecided(imported: Imported) -> Iterator[str]:
    kinds = [] if imported.findings is None else [name.removeprefix("json_") for name in imported.findings.undecided]
    if kinds:
        yield (
            f"nothing tells the zone of the old JSON of {', '.join(kinds)}: set lived_in, or stop the daemon and run "
            f"cromwelld import --clock {kinds[0]}=local (or =utc)"
        )


def _refused(imported: Imported) -> Iterator[str]:
    refused = imported.inventory.refused
    if refused:
        name, _, reason = refused[0].partition(": ")
        more = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        told = f"{name.rpartition('/')[2]}: {reason}" if reason else name
        yield f"files that cannot be read: {told}{more}; cromwelld import --dry-run names them all"


_RULES: tuple[Callable[[Imported], Iterator[str]], ...] = (_nothing, _waiting, _zoneless, _undecided, _refused)

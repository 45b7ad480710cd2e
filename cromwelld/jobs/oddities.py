"""The report on an archive that we did not write: every oddity once, by name or by count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from cromwelld.archive.codec import Opened
from cromwelld.jobs.foreign import ASTRAY, Foreign
from cromwelld.jobs.repairs import RULES

_SENTENCES = {rule.name: rule.sentence for rule in RULES} | {
    ASTRAY: "records of another date than the object's: taken to theirs"
}


@dataclass(slots=True)
class Oddities:
    """What was odd: repairs by rule, records left out by reason, what was kept as it is, and objects by name.

    `empty` are objects without records; `passed_over` is what lies among the objects and is none.
    """

    repaired: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def opened(self, name: str, opened: Opened) -> None:
        """Take in what reading an object found."""
        self.rejected.update(opened.rejected)
        self.kept.update(opened.odd)
        if opened.day is None and not opened.tables:
            self.empty.append(name)

    def add(self, other: Oddities) -> None:
        """Take in what another report counts and names."""
        self.repaired.update(other.repaired)
        self.rejected.update(other.rejected)
        self.kept.update(other.kept)
        self.empty += other.empty
        self.passed_over += other.passed_over

    def mended(self, found: Foreign) -> None:
        """Take in what dating and mending an object found."""
        self.repaired.update(found.repaired)

    def lines(self) -> Iterator[str]:
        """Say each of them in a line."""
        for rule, count in sorted(self.repaired.items()):
            yield f"{count} mended by {rule}: {_SENTENCES[rule]}"
        for reason, count in sorted(self.rejected.items()):
            yield f"{count} left out: {reason}"
        for kind, count in sorted(self.kept.items()):
            yield f"{count} kept: {kind}"
        for name in sorted(self.empty):
            yield f"no records in {name}"
        for name in sorted(self.passed_over):
            yield f"passed over: {name}"

    def document(self) -> dict[str, object]:
        """Give the report as JSON has it."""
        return {
            "repaired": dict(sorted(self.repaired.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "kept": dict(sorted(self.kept.items())),
            "empty": sorted(self.empty),
            "passed_over": sorted(self.passed_over),
        }


def passed_over(names: Iterable[str], taken: Collection[str]) -> list[str]:
    """Name what lies among objects and is not taken; a folder in which nothing is taken is named once.

    Names are relative, with `/`.
    """
    used = {str(parent) for name in taken for parent in PurePosixPath(name).parents}
    return sorted({_highest(PurePosixPath(name), used) for name in names if name not in taken})


def _highest(path: PurePosixPath, used: Collection[str]) -> str:
    unused = [parent for parent in path.parents if str(parent) not in used and str(parent) != "."]
    return f"{unused[-1]}/" if unused else str(path)

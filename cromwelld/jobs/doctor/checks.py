"""The list of all checks, and going through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, PersonNeeded, StoreError
from cromwelld.jobs.doctor import places, vendor
from cromwelld.jobs.doctor.case import Case
from cromwelld.jobs.doctor.far import FARS, Far
from cromwelld.jobs.doctor.findings import Finding, Status, of_error

# What must be done first is what the exit code says.
_URGENT = (ConfigurationError.exit_code, PersonNeeded.exit_code, FarSideAway.exit_code)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, and how it looks."""

    name: str
    look: Callable[[Case], Finding]


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found."""

    check: str
    finding: Finding


_HERE = (
    Check("configuration", places.configuration),
    Check("client secret", places.client),
    Check("state folder", places.state_folder),
    Check("data folder", places.data_folder),
    Check("archive", places.archive),
    Check("tables", places.tables),
    Check("backup", places.backup),
    Check("locks", places.locks),
    Check("store", places.store),
    Check("ledger", places.ledger),
    Check("outbox", places.outbox),
    Check("exports", places.exports),
    Check("login", places.login),
)
_BEHIND_THE_GATES = (
    Check("scopes", vendor.asked(vendor.scopes)),
    Check("identity", vendor.asked(vendor.identity)),
    Check("time zone", vendor.asked(vendor.zone)),
)


def checks_of(far: Far | None) -> tuple[Check, ...]:
    """List the checks for a vendor; where nobody is asked those of the first one, which are then skipped."""
    gates = (far or next(iter(FARS.values()))).gates
    asking = [Check(gate.name, vendor.asked(vendor.gate(gate))) for gate in gates]
    return (*_HERE, Check("clock", vendor.asked(vendor.clock)), *asking, *_BEHIND_THE_GATES)


def examine(case: Case) -> list[Result]:
    """Go through every check, whatever the others find."""
    return [Result(check.name, _found(check, case)) for check in checks_of(case.far)]


def _found(check: Check, case: Case) -> Finding:
    try:
        return check.look(case)
    except CromwelldError as err:
        return of_error(err)
    except OSError as err:
        sentence = f"{err.filename or 'a file'} cannot be looked at: {err.strerror or type(err).__name__}"
        return of_error(StoreError(sentence, hint="see to its rights and the disk, then run cromwelld doctor again"))


def exit_code(results: Sequence[Result]) -> int:
    """Choose the exit code: what must be done first, 1 for other problems, 0 if there are none."""
    codes = {result.finding.code for result in results if result.finding.status is Status.PROBLEM}
    return next((code for code in _URGENT if code in codes), 1 if codes else 0)

"""Seeded plans of faults over a collection of three days: all that can be had is had, and the rest is named."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from cromwelld.simulator.faults import LASTING, LATE, PASSING, Asked, FaultPlan, plan, scripted
from cromwelld.wiring.vendors import VENDORS
from tests.support.collecting import read_records
from tests.support.surviving import APIS, LEFT_OUT, Ground, Manner, Survived, streams_behind

BOTH = pytest.mark.parametrize("api", APIS)
# a second's work for one plan
LIGHT = (*LEFT_OUT, "heart_rate", "steps")
TWENTY = range(20)
THOUSAND = range(1000, 1500)  # of each API
MOST_TIMES = 3
# The archive says of each date which streams were asked and what came of them.
ABOUT = "Cromwelld_Day"


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """What a collection does when nothing fails."""

    objects: dict[str, bytes]
    records: dict[str, list[dict[str, Any]]]
    requests: frozenset[Asked]
    count: int


@dataclass(frozen=True, kw_only=True)
class Course:
    """One seed's kinds of faults, and how it is collected; late data are there at the second time."""

    kinds: frozenset[str]
    manner: Manner
    times: int = 1


def course(api: str, seed: int) -> Course:
    """Choose by seed: passing, lasting and late faults; one request at a time or many; a wide or a narrow quota."""
    kinds = (PASSING, PASSING, PASSING | LASTING, PASSING | LATE)[seed % 4]
    at_once = (None, 1)[seed // 4 % 2]
    # Google says nothing of what is left, so that what is believed must be true; Fitbit does, with every answer.
    told = api == "fitbit_web" and at_once == 1
    wide = Manner(at_once=at_once, left_out=LIGHT)
    narrow = replace(wide, quota=12, believed=150 if told else None)
    manner = (wide, narrow)[seed // 8 % 2]
    return Course(kinds=kinds, manner=manner, times=2 if kinds & LATE else 1)


@lru_cache
def undisturbed(api: str, times: int = 1) -> Undisturbed:
    with tempfile.TemporaryDirectory() as folder:
        ground, seen = Ground(root=Path(folder) / "home", api=api, manner=Manner(left_out=LIGHT)), scripted({})
        runs = [asyncio.run(ground.collect(seen)) for _ in range(times)]
        assert not any(run.missing or run.collected.ended_by for run in runs)
        count = sum(len(run.received) for run in runs)
        return Undisturbed(
            objects=ground.objects(), records=_records(ground), requests=frozenset(seen.seen), count=count
        )


def _records(ground: Ground) -> dict[str, list[dict[str, Any]]]:
    return {name: read_records(ground.root / "archive/fitbit" / name) for name in ground.objects()}


def survive(root: Path, api: str, seed: int) -> FaultPlan:
    """Collect under the plan of a seed, and check everything that must hold afterwards."""
    chosen, whole = course(api, seed), undisturbed(api)
    faults = plan(seed, kinds=chosen.kinds, among=whole.requests)
    ground = Ground(root=root, api=api, manner=chosen.manner)
    runs = [asyncio.run(ground.collect(faults)) for _ in range(chosen.times)]
    where = f"seed {seed} of {api}: {Counter(said.fault.name for said in faults.said)}"
    assert runs[-1].collected.ended_by is None, f"{where}: {runs[-1].collected.ended_by}"
    _check_requests(runs, undisturbed(api, chosen.times).count, manner=chosen.manner, where=where)
    paths = {path for path, fault in faults.lasting_streams(whole.requests).items() if fault.name in LASTING}
    lost = streams_behind(api, paths) - set(LIGHT)
    assert runs[-1].missing == lost, f"{where}: {runs[-1].collected.asked}"
    if lost:
        assert _without(api, _records(ground), lost) == _without(api, whole.records, lost), where
    else:
        assert ground.objects() == undisturbed(api, chosen.times).objects, where
    return faults


def _check_requests(runs: Sequence[Survived], count: int, *, manner: Manner, where: str) -> None:
    """Check that none was sent in vain: with many at a time some are under way when the vendor asks for silence."""
    received = [one for run in runs for one in run.received]
    assert len(received) <= MOST_TIMES * count, where
    assert not [one for one in received if one.refused_for_budget], where
    if manner.at_once == 1:
        assert not [one for one in received if one.hushed], where


def _without(api: str, records: dict[str, list[dict[str, Any]]], streams: set[str]) -> dict[str, list[str]]:
    """Take out what the streams would have brought, and what is said of every date."""
    out = {ABOUT, *(name for stream in streams for name in VENDORS[api].streams[stream].measurements)}
    return {
        name: [json.dumps(one, sort_keys=True) for one in found if one["measurement"] not in out]
        for name, found in records.items()
    }


def survive_all(root: Path, api: str, seeds: Iterable[int]) -> Counter[str]:
    """Survive every seed; all that do not are told together."""
    met: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(dir=root) as folder:
            try:
                met.update(said.fault.name for said in survive(Path(folder) / "home", api, seed).said)
            except AssertionError as err:
                wrong.append(str(err).partition("\nassert")[0])
    assert not wrong, f"{len(wrong)} plans were not survived:\n" + "\n".join(wrong[:30])
    return met


@pytest.mark.slow
@BOTH
@pytest.mark.timeout(180)
def test_twenty_plans_of_faults_are_survived(tmp_path: Path, api: str) -> None:
    assert survive_all(tmp_path, api, TWENTY).total() > 5 * len(TWENTY)


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_a_thousand_plans_of_faults_are_survived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    met: Counter[str] = Counter()
    for api in APIS:
        met.update(survive_all(tmp_path, api, THOUSAND))
    with capsys.disabled():
        print(f"\n{len(THOUSAND) * len(APIS)} plans, {met.total()} faults:", dict(met.most_common()))  # noqa: T201
    assert met.keys() >= (PASSING | LASTING | LATE)

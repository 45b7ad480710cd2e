"""What an archive in a bucket says: can it be listed, and does an object come back as it was written."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cromwelld.archive.store import Store
from cromwelld.errors import CromwelldError, DamagedFile
from cromwelld.jobs.doctor.findings import Finding, of_error, skipped, well

PROBE = b"cromwelld doctor: written, read, compared and deleted\n" * 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What was found of a bucket: its listing, and an object written to it."""

    listing: Finding
    probe: Finding

    @classmethod
    def unasked(cls, reason: str, remedy: str) -> Bucket:
        """Say why it was not asked, and what to do so that it is."""
        return cls(listing=skipped(reason, remedy), probe=skipped(reason, remedy))

    @classmethod
    def refused(cls, err: CromwelldError) -> Bucket:
        """Say why it cannot even be asked."""
        return cls(listing=of_error(err), probe=skipped("the archive cannot be reached", err.hint))


async def ask_bucket(store: Store) -> Bucket:
    """List a store; then write, read, compare and delete a small object beside the dates."""
    return Bucket(listing=await _found(_listed(store)), probe=await _found(_probed(store)))


async def _found(looking: Awaitable[Finding]) -> Finding:
    try:
        return await looking
    except CromwelldError as err:
        return of_error(err)


async def _listed(store: Store) -> Finding:
    count = len(await store.listing())
    return well(f"{store.place()} can be listed; objects there: {count}")


async def _probed(store: Store) -> Finding:
    name = f"doctor-{secrets.token_hex(4)}.probe"
    try:
        await _put(store, name)
        found = await store.read(name)
    except CromwelldError:
        with suppress(CromwelldError):  # the first error is the one to tell
            await store.remove(name)
        raise
    await store.remove(name)
    if found is None or found.data != PROBE:
        hint = "see to that server; nothing is safe there"
        return of_error(DamagedFile(f"what was written to {store.place()} came back changed", hint=hint))
    return well(f"an object in {store.place()} was written, read, compared and deleted")


async def _put(store: Store, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(PROBE)
        await store.put(name, file, {"probe": "doctor"})

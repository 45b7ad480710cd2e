"""Archives opened: the one of the configuration, or a bucket by its plain address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cromwelld.archive import s3
from cromwelld.archive.bucket import bucket_at
from cromwelld.archive.folder import FolderStore
from cromwelld.archive.objects import Archive
from cromwelld.archive.store import Store
from cromwelld.cli.build import check_kinds
from cromwelld.config import Account, Settings


@asynccontextmanager
async def archive_of(settings: Settings, account: Account) -> AsyncIterator[Archive]:
    """Open the archive of an account; nothing is made on the disk and no server is asked.

    Raises: ConfigurationError.
    """
    check_kinds(settings)
    yield Archive(FolderStore(settings.archive.folder, account.prefix))


@asynccontextmanager
async def store_at(address: str) -> AsyncIterator[Store]:
    """Open the bucket at `s3://bucket/prefix`, with the keys and the server that the environment tells.

    Raises: UsageError if it is no such address; ConfigurationError.
    """
    async with s3.opened(bucket_at(address)) as store:
        yield store

"""Requests to an S3 server: each bounded in time, each failure an error of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiobotocore.client import AioBaseClient
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore import exceptions as theirs
from botocore.loaders import Loader

from cromwelld.archive.bucket import Bucket
from cromwelld.archive.refusals import Refusal, error_of
from cromwelld.errors import ConfigurationError, FarSideAway, StoreError

Answer = Mapping[str, Any]  # as botocore parses it

_WAITS = "it is tried again; what was collected waits and nothing is lost"
_AWAY = (theirs.HTTPClientError, theirs.ConnectionError, theirs.IncompleteReadError, aiohttp.ClientError, TimeoutError)
_NO_OBJECT = frozenset({"NoSuchKey", "404", "NotFound"})
_NOT_POSSIBLE = frozenset({"NotImplemented", "MethodNotAllowed", "AccessDenied", "403", "405", "501"})
_NOT_POSSIBLE |= {"NoSuchUpload"}  # it is gone; and rclone's way to say that none is under way
_OWN = "the environment or the configuration of AWS"
_KEYS_HINT = f"set archive.access_key_file and archive.secret_key_file, or archive.profile, or {_OWN}"

# What is wrong with the settings, by what botocore raises; the first that fits counts.
_WRONG_SETTINGS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((theirs.NoCredentialsError,), "there are no credentials for S3", _KEYS_HINT),
    ((theirs.PartialCredentialsError,), "the credentials for S3 lack their other half", _KEYS_HINT),
    ((theirs.ProfileNotFound,), "the configuration of AWS has no profile of that name", "correct archive.profile"),
    ((theirs.ConfigParseError, theirs.ConfigNotFound), "the configuration of AWS cannot be read", "correct that file"),
    (
        (theirs.CredentialRetrievalError, theirs.TokenRetrievalError, theirs.SSOError, theirs.NoAuthTokenError),
        "the profile for S3 gives no credentials",
        "log in again with the tool that it belongs to, such as: aws sso login",
    ),
    ((theirs.NoRegionError, theirs.InvalidRegionError), "the region of S3 is missing or wrong", "set archive.region"),
    ((theirs.ParamValidationError,), "there can be no bucket or object of that name", "correct archive.bucket"),
    ((ValueError,), "the address of the S3 server is none", "correct archive.endpoint and archive.region"),
    ((Exception,), "the settings for S3 do not go together", f"correct [archive], or {_OWN}"),
)


class Requests:
    """Ask one bucket. Every method raises StoreError, DamagedFile or FarSideAway."""

    def __init__(self, client: AioBaseClient, bucket: Bucket) -> None:
        self._client = client
        self._bucket = bucket

    async def ask(self, request: str, name: str | None = None, /, **more: object) -> Answer:
        """Send a request about an object, or about the whole bucket; `more` is what it says beside that."""
        with self._translating(request, name or ""):
            return await self._send(request, name, **more)

    async def look(self, name: str) -> Answer | None:
        """Ask what the server says of an object; None if there is none."""
        with self._translating("head_object", name):
            return await self._unless(_NO_OBJECT, "head_object", name)

    async def ask_where_possible(self, request: str, name: str | None = None, /, **more: object) -> Answer | None:
        """Send a request about uploads that some servers do not know and some keys may not send; None then."""
        with self._translating(request, name or ""):
            return await self._unless(_NOT_POSSIBLE, request, name, **more)

    async def fetch(self, name: str) -> tuple[Answer, bytes] | None:
        """Read an object as it lies there; None if there is none."""
        with self._translating("get_object", name):
            answer = await self._unless(_NO_OBJECT, "get_object", name)
            if answer is None:
                return None
            async with answer["Body"] as body:
                return answer, await body.read()

    async def _unless(self, codes: frozenset[str], request: str, name: str | None, /, **more: object) -> Answer | None:
        """Send a request; None if the server refuses it with one of these codes."""
        try:
            return await self._send(request, name, **more)
        except theirs.ClientError as err:
            if err.response.get("Error", {}).get("Code") in codes:
                return None
            raise

    async def _send(self, request: str, name: str | None, /, **more: object) -> Answer:
        parameters = {"Bucket": self._bucket.name, **more}
        if name is not None:
            parameters["Key"] = self._bucket.root + name
        async with asyncio.timeout(self._bucket.patience.request_s):
            answer: Answer = await getattr(self._client, request)(**parameters)
        return answer

    @contextmanager
    def _translating(self, request: str, name: str) -> Iterator[None]:
        place = self._bucket.place(name)
        try:
            yield
        except theirs.ClientError as err:
            raise error_of(_refusal(request, place, err.response)) from err
        except theirs.SSLError as err:
            hint = "see to the server's certificate; AWS_CA_BUNDLE names the authority of one that is your own"
            raise StoreError(f"{place}: the certificate of {self._host()} is not trusted", hint=hint) from err
        except _AWAY as err:
            raise FarSideAway(f"{place}: {self._host()} cannot be reached, or does not answer", hint=_WAITS) from err
        except theirs.BotoCoreError as err:
            sentence, hint = _wrong_setting(err)
            raise StoreError(f"{place}: {sentence}", hint=hint) from err

    def _host(self) -> str:
        return urlsplit(str(self._client.meta.endpoint_url)).netloc


@asynccontextmanager
async def connected(bucket: Bucket) -> AsyncIterator[Requests]:
    """Open the way to a bucket, without asking anything of it.

    Raises: ConfigurationError if the settings, the environment or the configuration of AWS cannot work.
    """
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(await _client(bucket))
        except (theirs.BotoCoreError, ValueError) as err:
            sentence, hint = _wrong_setting(err)
            raise ConfigurationError(f"{bucket.place()}: {sentence}", hint=hint) from err
        yield Requests(client, bucket)


async def _client(bucket: Bucket) -> AbstractAsyncContextManager[AioBaseClient]:
    """Make a client; it is one that has credentials."""
    session = AioSession(profile=bucket.profile)
    session.register_component("data_loader", _descriptions())
    keys = bucket.keys
    if keys is None and await session.get_credentials() is None:
        raise theirs.NoCredentialsError
    made: AbstractAsyncContextManager[AioBaseClient] = session.create_client(
        "s3",
        region_name=bucket.region,
        endpoint_url=bucket.endpoint,
        aws_access_key_id=keys and keys.access,
        aws_secret_access_key=keys and keys.secret,
        config=_config(bucket),
    )
    return made


@cache
def _descriptions() -> Loader:
    """Give what botocore has read of its descriptions of services; it takes a tenth of a second each time."""
    return Loader()


def _config(bucket: Bucket) -> AioConfig:
    patience = bucket.patience
    return AioConfig(
        connect_timeout=patience.connect_s,
        read_timeout=patience.silence_s,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        request_checksum_calculation="when_required",  # several servers refuse trailers
        response_checksum_validation="when_required",
        warm_up_loader_caches=True,  # reads its long descriptions in a thread
        s3={"addressing_style": "path"} if bucket.path_style else None,
    )


def _refusal(request: str, place: str, answer: Answer) -> Refusal:
    told = answer.get("ResponseMetadata", {})
    headers = told.get("HTTPHeaders", {})
    wait = str(headers.get("retry-after", ""))
    return Refusal(
        request=request,
        place=place,
        code=str(answer.get("Error", {}).get("Code", "")),
        status=int(told.get("HTTPStatusCode", 0)),
        region=str(headers.get("x-amz-bucket-region", "")),
        retry_after_s=float(wait) if wait.isdecimal() else None,
    )


def _wrong_setting(err: Exception) -> tuple[str, str]:
    return next((sentence, hint) for kinds, sentence, hint in _WRONG_SETTINGS if isinstance(err, kinds))

"""What a refusal of an S3 server means, by its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.errors import CromwelldError, DamagedFile, FarSideAway, StoreError

# Each request that is ever made, with the rights that it needs.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "list_objects_v2": ("s3:ListBucket",),
    "head_object": ("s3:GetObject",),
    "get_object": ("s3:GetObject",),
    "put_object": ("s3:PutObject",),
    "create_multipart_upload": ("s3:PutObject",),
    "upload_part": ("s3:PutObject",),
    "complete_multipart_upload": ("s3:PutObject",),
    "abort_multipart_upload": ("s3:AbortMultipartUpload",),
    "list_multipart_uploads": ("s3:ListBucketMultipartUploads",),
    "copy_object": ("s3:GetObject", "s3:PutObject"),
    "delete_object": ("s3:DeleteObject",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that says no: to which request about which place, the server's code, the status, what it adds."""

    request: str
    place: str
    code: str
    status: int
    region: str = ""
    retry_after_s: float | None = None

    @property
    def said(self) -> str:
        """Give the server's own word, made harmless."""
        return self.code if re.fullmatch(r"[A-Za-z0-9_.:-]{1,60}", self.code) else str(self.status)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """A sentence after the name of the place, and the one thing to do."""

    sentence: str
    hint: str


_WAITS = "what was collected waits and nothing is lost"
_KEYS = "correct archive.access_key_file and archive.secret_key_file, or the profile that is used"
_MEANINGS = {
    "key": _Meaning("the server does not accept the access key", _KEYS),
    "login": _Meaning("the credentials have run out", "renew the credentials of the profile or of the environment"),
    "right": _Meaning("the access key may not do this", "give it the right {rights}: deploy/S3.md has the policy"),
    "clock": _Meaning("the server finds the clock of this machine wrong", "set the clock of this machine"),
    "bucket": _Meaning("there is no such bucket", "make the bucket, or correct archive.bucket and archive.endpoint"),
    "region": _Meaning("the bucket is in another region{region}", "set archive.region to the region of the bucket"),
    "object": _Meaning("there is no such object", "run cromwelld doctor, which looks at the whole archive"),
    "large": _Meaning("the server takes no object as large", "use a server that does; {waits}"),
    "space": _Meaning("the server has no space left", "free space there; {waits}"),
    "class": _Meaning("the server does not know the storage class", "correct archive.storage_class"),
    "frozen": _Meaning("the object is in a storage class that cannot be read at once", "restore it first"),
    "crypt": _Meaning("the server cannot encrypt as asked", "correct archive.server_side_encryption"),
    "able": _Meaning("the server cannot do this", "use a server that does; {waits}"),
    "other": _Meaning("the server refuses", "see what it means for that server; {waits}"),
}
_DAMAGED = _Meaning("what was sent did not arrive whole", "see to the network; it is tried again")
_BUSY = "the server is busy or unwell"

_BY_CODE: Mapping[str, tuple[str, ...]] = {
    "key": ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurity", "AuthFailure", "InvalidToken"),
    "login": ("ExpiredToken", "TokenRefreshRequired", "RequestExpired"),
    "right": ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Unauthorized", "MethodNotAllowed"),
    "clock": ("RequestTimeTooSkewed",),
    "bucket": ("NoSuchBucket", "InvalidBucketName"),
    "region": ("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraint"),
    "object": ("NoSuchKey",),
    "large": ("EntityTooLarge", "MaxMessageLengthExceeded"),
    "space": ("QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"),
    "class": ("InvalidStorageClass",),
    "frozen": ("InvalidObjectState",),
    "crypt": ("InvalidEncryptionAlgorithmError", "KMS.NotFoundException", "KMS.DisabledException"),
    "able": ("NotImplemented",),
}
_OF_CODE = {code: meaning for meaning, codes in _BY_CODE.items() for code in codes}
_OF_STATUS = {301: "region", 307: "region", 401: "key", 403: "right", 404: "object", 413: "large", 501: "able"}
_OF_STATUS[507] = "space"
_DIGESTS = frozenset({"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidPart"})
_PASSING = frozenset({"NoSuchUpload", "OperationAborted", "RequestTimeout", "SlowDown", "RequestLimitExceeded"})
_PASSING_STATUS = frozenset({408, 409, 425, 429})
_UNWELL = 500


def error_of(refusal: Refusal) -> CromwelldError:
    """Turn a refusal into what the caller must do; no word of the server but its code is in it."""
    where = f"{refusal.place}: {{}} ({refusal.said})"
    if refusal.code in _DIGESTS:
        return DamagedFile(where.format(_DAMAGED.sentence), hint=_DAMAGED.hint)
    known = _OF_CODE.get(refusal.code)
    if known is None and refusal.code not in _PASSING:
        known = _OF_STATUS.get(refusal.status)
    if known is None and _passes(refusal):
        hint = f"it is tried again; {_WAITS}"
        return FarSideAway(where.format(_BUSY), hint=hint, retry_after_s=refusal.retry_after_s)
    meaning = _MEANINGS[known or "other"]
    rights = " and ".join(RIGHTS[refusal.request])
    region = f", {refusal.region}" if re.fullmatch(r"[a-z0-9-]+", refusal.region) else ""
    hint = meaning.hint.format(rights=rights, waits=_WAITS)
    return StoreError(where.format(meaning.sentence.format(region=region)), hint=hint)


def _passes(refusal: Refusal) -> bool:
    """Tell whether the same request may well succeed later."""
    passing = refusal.code in _PASSING or refusal.status in _PASSING_STATUS
    return passing or refusal.status >= _UNWELL

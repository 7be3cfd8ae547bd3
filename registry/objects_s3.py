"""The object store on any S3: AWS or a server of one's own.

Plain requests only: no conditional writes and no checksums that older servers do not know. What is read is
held against the ETag that was listed, and its SHA-256 is our own.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import boto3
from boto3.exceptions import Boto3Error, S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

from registry.errors import DancuError, PlatformError, UsageError
from registry.objects import (
    ChangedWhileRead,
    Fetched,
    ObjectInfo,
    ObjectMissing,
    Objects,
    ObjectTooLarge,
    bad_key,
    check_key,
    copy_hashed,
    fetch_into,
    left_out,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef, MultipartUploadTypeDef

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CHANGED = frozenset({"412", "PreconditionFailed"})
_SERVER_FAILED = 500

#: Seconds before what broke off is read again: boto3 repeats only what fails before the first byte.
PAUSES = (1.0, 2.0)

#: Seconds for which a server may say nothing before a request is repeated.
PATIENCE = 60.0

#: Objects asked for at once in a listing: the most that S3 gives.
PAGE = 1000

_BROKEN_OFF = (HTTPClientError, IncompleteReadError, HTTPError, ConnectionError, TimeoutError)

#: From which size a file is put in parts. The store shows none of them until it has them all.
TRANSFER = TransferConfig(multipart_threshold=64 * 1024 * 1024, multipart_chunksize=16 * 1024 * 1024)

T = TypeVar("T")


class S3Objects(Objects):
    """Objects of one bucket below a prefix."""

    def __init__(self, bucket: str, *, prefix: str = "", endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: S3Client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint_url,
            config=Config(
                # Not the newer modes: theirs is over in a second, and a store that was away for a while uses up a
                # quota that all requests share, after which nothing is repeated. This one outlasts a restart.
                retries={"mode": "legacy", "total_max_attempts": 6},
                connect_timeout=10,
                read_timeout=PATIENCE,
                max_pool_connections=16,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"} if endpoint_url else {},
            ),
        )

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        if prefix.rstrip("/") and bad_key(prefix.rstrip("/")):
            raise UsageError("a prefix of the object store must be a plain relative path")
        odd = 0
        pages = self._client.get_paginator("list_objects_v2")
        with self._told():
            for page in pages.paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix, PaginationConfig={"PageSize": PAGE}
            ):
                for found in page.get("Contents", []):
                    key = found["Key"].removeprefix(self._prefix)
                    if key.endswith("/") and found["Size"] == 0:
                        continue  # what consoles make to show an empty folder
                    if bad_key(key):
                        odd += 1
                    else:
                        yield ObjectInfo(key, found["Size"], _version(found["ETag"]))
        left_out(odd, "odd names")

    def fetch(self, key: str, to: Path | None, *, expect: ObjectInfo | None = None) -> Fetched:
        info = expect if expect is not None else self._info(key)
        try:
            return self._unbroken(lambda: fetch_into(to, lambda target: self._read(key, target, info)))
        except ObjectMissing as error:
            raise ChangedWhileRead("the object went away before it was read") from error

    def _unbroken(self, read: Callable[[], T]) -> T:
        """What `read` returns; it is begun again when the connection breaks off on the way."""
        for pause in PAUSES:
            try:
                return read()
            except _BROKEN_OFF:
                time.sleep(pause)
        try:
            return read()
        except _BROKEN_OFF:
            raise PlatformError(f"reading from {self._name} broke off; the operator checks the network") from None

    def _read(self, key: str, target: BinaryIO | None, info: ObjectInfo) -> Fetched:
        with self._told():
            found = self._client.get_object(Bucket=self._bucket, Key=self._full(key), IfMatch=f'"{info.version}"')
        with closing(found["Body"]) as body:
            if (found["ContentLength"], _version(found["ETag"])) != (info.size, info.version):
                raise ChangedWhileRead("the object changed after it was listed")
            fetched = copy_hashed(cast("BinaryIO", body), target)
        if fetched.size != info.size or self._info(key) != info:
            raise ChangedWhileRead("the object changed while it was read")
        return fetched

    def being_written(self, key: str) -> bool:
        check_key(key)
        return False

    def put(self, key: str, path: Path) -> None:
        with self._told():
            self._client.upload_file(str(path), self._bucket, self._full(key), Config=TRANSFER)

    def put_bytes(self, key: str, data: bytes) -> None:
        with self._told():
            self._client.put_object(Bucket=self._bucket, Key=self._full(key), Body=data)

    def read_bytes(self, key: str, *, at_most: int | None = None) -> bytes:
        return self._unbroken(lambda: self._content(key, at_most))

    def _content(self, key: str, at_most: int | None) -> bytes:
        with self._told():
            found = self._client.get_object(Bucket=self._bucket, Key=self._full(key))
        with closing(found["Body"]) as body:
            if at_most is not None and found["ContentLength"] > at_most:
                raise ObjectTooLarge(f"an object is larger than the {at_most} bytes it may have")
            return bytes(body.read())

    def delete(self, key: str) -> None:
        try:
            with self._told():
                self._client.delete_object(Bucket=self._bucket, Key=self._full(key))
        except ObjectMissing:
            return  # most servers do not say so

    def move(self, key: str, to: str) -> bool:
        if self.exists(to):
            return False
        with self._told():
            source: CopySourceTypeDef = {"Bucket": self._bucket, "Key": self._full(key)}
            self._client.copy_object(Bucket=self._bucket, Key=self._full(to), CopySource=source)
        self.delete(key)
        return True

    def exists(self, key: str) -> bool:
        try:
            self._info(key)
        except ObjectMissing:
            return False
        return True

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def clear_unfinished(self, begun_before: dt.datetime) -> int:
        begun = [upload for upload in self._uploads() if upload["Initiated"] < begun_before]
        for upload in begun:
            # One that is not there any more has come to an end meanwhile.
            with self._told(), suppress(self._client.exceptions.NoSuchUpload):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return len(begun)

    def _uploads(self) -> "Sequence[MultipartUploadTypeDef]":
        """Puts in parts that have not ended."""
        pages = self._client.get_paginator("list_multipart_uploads")
        # So says rclone's server of a bucket that has never had one.
        with self._told(), suppress(self._client.exceptions.NoSuchUpload):
            found = pages.paginate(Bucket=self._bucket, Prefix=self._prefix)
            return [upload for page in found for upload in page.get("Uploads", [])]
        return []

    def _info(self, key: str) -> ObjectInfo:
        with self._told():
            found = self._client.head_object(Bucket=self._bucket, Key=self._full(key))
        return ObjectInfo(key, found["ContentLength"], _version(found["ETag"]))

    def _full(self, key: str) -> str:
        return self._prefix + check_key(key)

    @property
    def _name(self) -> str:
        return f"the object store s3://{self._bucket}/{self._prefix}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of S3 as our own. Theirs name keys and files, senders choose those names: no log gets to see them."""
        try:
            yield
        except (ClientError, BotoCoreError, Boto3Error) as error:
            raise self._explained(error) from None

    def _explained(self, error: Exception) -> DancuError:
        refusal = error.__context__ if isinstance(error, S3UploadFailedError) else error
        if not isinstance(refusal, ClientError):
            return PlatformError(
                f"{self._name} cannot be used ({type(error).__name__}); "
                "the operator checks DANCU_S3_ENDPOINT_URL, the network and the credentials"
            )
        code = refusal.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            return ObjectMissing("there is no such object; the operator looks whether it was removed")
        if code in _CHANGED:
            return ChangedWhileRead("the object changed after it was listed")
        if refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_FAILED:
            return PlatformError(
                f"{self._name} failed at {refusal.operation_name} ({code}), time and again; "
                "the operator looks at that server and starts the run again"
            )
        return PlatformError(
            f"{self._name} refused {refusal.operation_name} ({code}); "
            "the operator checks DANCU_OBJECTS_URL and the credentials"
        )


def _version(etag: str) -> str:
    """An ETag without the quotes that some servers leave out of listings."""
    return etag.strip('"')

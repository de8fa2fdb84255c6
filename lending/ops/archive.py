"""The form of a backup: a compressed tar of rows in pieces, written and read as a stream.

header.json        form, schema, when and from what it was made
keys.json          the secrets, without which no contact can be read
rows/<table>/<n>   rows as JSON lists, one per line, columns as header.json says
footer.json        how many rows of each table: a file cut short has none
"""

import base64
import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

FORM = 1
PIECE = 4_000_000  # bytes of JSON held in memory at a time


class BadArchive(Exception):
    """The file is no backup of ours, or not a whole one."""


@contextmanager
def writing_archive(path: Path) -> Iterator[tarfile.TarFile]:
    """A new archive that only its owner may read; it gets its name when all of it is on disk."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with (
                gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=4) as packed,
                tarfile.open(fileobj=packed, mode="w|") as archive,
            ):
                yield archive
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading_archive(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive to be read from front to end; BadArchive when it is none or is cut short."""
    try:
        with tarfile.open(path, mode="r|gz") as archive:
            yield archive
    except (
        tarfile.TarError,
        EOFError,
        zlib.error,
        orjson.JSONDecodeError,
        UnicodeDecodeError,
    ) as error:
        raise BadArchive(str(error)) from error


def add_entry(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Adds one member."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content))


def add_rows(archive: tarfile.TarFile, table: str, rows: Iterable[Sequence[Any]]) -> int:
    """Adds the rows of a table in pieces; how many they were."""
    count, number, piece, size = 0, 0, [], 0
    for row in rows:
        line = orjson.dumps(list(row), default=_plain)
        piece.append(line)
        size += len(line) + 1
        count += 1
        if size >= PIECE:
            add_entry(archive, f"rows/{table}/{number}", b"\n".join(piece))
            number, piece, size = number + 1, [], 0
    if piece:
        add_entry(archive, f"rows/{table}/{number}", b"\n".join(piece))
    return count


def read_entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """The content of one member."""
    file = archive.extractfile(member)
    if file is None:
        raise BadArchive(f"{member.name} is no file")
    return file.read()


def read_rows(content: bytes) -> list[list[Any]]:
    """The rows of one piece, their values as JSON has them."""
    return [orjson.loads(line) for line in content.split(b"\n")]


def unpack_bytes(text: str) -> bytes:
    """What `add_rows` packed of a column of bytes."""
    return base64.b64decode(text)


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"no form for {type(value).__name__}")

"""Large results in files: a directory that every sandbox sees, such as EFS or S3 Files.

Only an envelope is recorded: ``{"file": path}``, or ``{"data": text}`` where the text is
small. It is that of the official SDK, so each can read what the other wrote into the
directory. Blocking: a result is written and read in the thread that runs the function.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from perdure import serdes as codec
from perdure.errors import RetryableSerDesError, SerDesError, ValidationError
from perdure.serdes import TAGGED, SerDes

_DIGEST: Final = "sha256-"

_PASSING: Final = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EDQUOT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOSPC,
        errno.ENOTCONN,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""What a network file system answers on a bad day, and not on the next one."""


@contextmanager
def _repeated_where_it_passes() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _PASSING:
            raise RetryableSerDesError(f"the directory cannot be reached now: {error}") from error
        raise


class FileSerDes:
    """Record a result above a size as the path of a file that holds it.

    A file is named after its content and appears whole or not at all, so writing it again
    changes nothing but its time stamp. Files are never deleted here: delete what is older
    than your executions can be.

    Args:
        directory: where the files go. It is made when it is first needed.
        threshold: a record of more bytes than this goes into a file; 0 is all of them.
        serdes: what makes the text.

    A directory that cannot be reached for now ends the invocation, to be repeated.

    Raises:
        ValidationError: the threshold is negative.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        threshold: int = 255 * 1024,
        serdes: SerDes = TAGGED,
    ) -> None:
        if threshold < 0:
            raise ValidationError(f"a threshold is a number of bytes from 0 up, not {threshold}")
        self._directory: Final = Path(directory).absolute()
        self._threshold: Final = threshold
        self._serdes: Final = serdes

    def encode(self, value: Any) -> str:
        text = codec.encode(self._serdes, value)
        envelope = json.dumps({"data": text})
        if len(envelope) <= self._threshold:
            return envelope
        with _repeated_where_it_passes():
            return json.dumps({"file": str(self._write(text.encode()))})

    def decode(self, text: str) -> Any:
        match json.loads(text):
            case {"data": str(inline)}:
                return codec.decode(self._serdes, inline)
            case {"file": str(name)}:
                with _repeated_where_it_passes():
                    content = self._read(Path(name))
                return codec.decode(self._serdes, content)
            case _:
                raise SerDesError("what is recorded names no file: another serdes wrote it")

    def _write(self, content: bytes) -> Path:
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{_DIGEST}{sha256(content).hexdigest()}.json"
        part = path.with_suffix(f".{os.urandom(8).hex()}.part")
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return path

    def _read(self, path: Path) -> str:
        if not path.resolve().is_relative_to(self._directory.resolve()):
            raise SerDesError(f"the recorded file is not in the directory {self._directory}")
        content = path.read_bytes()
        if path.stem.startswith(_DIGEST) and path.stem != _DIGEST + sha256(content).hexdigest():
            raise SerDesError(f"the recorded file was changed: {path}")
        return content.decode()

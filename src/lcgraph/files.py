"""Writing files: whole or not at all, and never over one that nobody named to be replaced."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from lcgraph.errors import WriteError

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes, *, force: bool = False) -> Path:
    """Writes a file through a temporary one beside it, so that a reader never sees half of it.

    Raises:
        WriteError: the file exists and `force` is False, or it cannot be written.
    """
    if path.exists() and not force:
        raise WriteError(
            "it exists already", file=str(path), hint="Name another file, or replace it: --force."
        )
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteError(f"it cannot be written: {reason}", file=str(path)) from None
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Writing files: whole or not at all, and never over one that nobody named to be replaced."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

from lcgraph.errors import WriteError

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes, *, force: bool = False) -> Path:
    """Writes a file through a temporary one beside it, so that a reader never sees half of it.

    Where `path` is a link, the file that it leads to is written and the link stays. What is no
    regular file (a pipe, a device) is written into, as there is nothing in it to replace.

    Raises:
        WriteError: the file exists and `force` is False, or it cannot be written.
    """
    try:
        mode = _mode(path)
        if mode is not None and stat.S_ISDIR(mode):
            raise WriteError("it is a folder, not a file", file=str(path))
        if mode is not None and (_is_stream(path) or not stat.S_ISREG(mode)):
            _write_into(path, data)
            return path
        if os.path.lexists(path) and not force:
            raise WriteError(
                "it exists already",
                file=str(path),
                hint="Name another file, or replace it: --force.",
            )
        _replace(os.path.realpath(path), data, 0o666 & ~_umask() if mode is None else mode)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteError(f"it cannot be written: {reason}", file=str(path)) from None
    except ValueError as error:  # a name that no system can hold, as with a NUL
        raise WriteError(f"it cannot be written: {error}", file=repr(str(path))) from None
    return path


def _mode(path: Path) -> int | None:
    """The mode of what a path leads to; None where there is nothing."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _is_stream(path: Path) -> bool:
    """Whether a path names an open stream, such as /dev/stdout, that may lead to a file."""
    return os.path.abspath(path).startswith(("/dev/", "/proc/"))


def _write_into(path: Path, data: bytes) -> None:
    # At its end, as what is there already is not ours to cut off.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as file:
        file.write(data)


def _replace(path: str, data: bytes, mode: int) -> None:
    folder, name = os.path.split(path)
    # Only the beginning of the name, since a name can be too long to be made longer.
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

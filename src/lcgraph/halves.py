"""A large Turtle text read by two processes, each a half of it, at the same time.

The parser holds the interpreter while it works, so threads would wait for each other. The second
half is read in the state that the first half ends in, which is known only then: it is guessed, and
where the guess was wrong, or anything else is in the way, nothing comes of it and the text is to
be read as a whole.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

#: Below this many bytes starting a process costs more than it gives.
WORTHWHILE = 4 << 20
# How many bytes the other process reads while this one does what its caller has to do as well.
_MEANWHILE = 2 << 20
# Where a statement may end: what follows is the beginning of another, if it is not within a string.
_END = b".\n\n"
_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import pyoxigraph as ox
quads = ox.parse(sys.stdin.buffer, format=ox.RdfFormat.TURTLE, base_iri=sys.argv[2] or None)
ox.serialize(quads, sys.stdout.buffer, format=ox.RdfFormat.N_QUADS)
"""


def turtle_to_nquads(
    data: bytes, base: str | None, meanwhile: Callable[[], object] | None = None
) -> bytes | None:
    """A Turtle text as N-Quads lines, in the order of the text; blank nodes keep their labels.

    Args:
        data: the text, in UTF-8.
        base: the IRI that relative IRIs are resolved against.
        meanwhile: is called while the other process reads the greater half, if there is one.

    Returns:
        The lines; None where the text has to be read as a whole: it is small, has an error, no
        blank line in its middle, or declares a prefix or a base there, or there can be no second
        process.
    """
    middle = len(data) // 2 - (_MEANWHILE if meanwhile else 0)
    cut = data.find(_END, max(middle, 0)) + len(_END)
    if len(data) < WORTHWHILE or cut < len(_END) or not sys.executable or hasattr(sys, "frozen"):
        return None
    try:
        start = ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=base)
        next(start, None)
        state = (start.prefixes, start.base_iri)
        head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in start.prefixes.items())
        with TemporaryFile() as half, TemporaryFile() as lines:
            half.write(head.encode())
            half.write(memoryview(data)[cut:])
            half.seek(0)
            with _reader(half, lines, start.base_iri) as process:
                if meanwhile:
                    meanwhile()
                # That all of it can be read tells that it ends where a statement does.
                first = ox.parse(data[:cut], format=ox.RdfFormat.TURTLE, base_iri=base)
                text = ox.serialize(first, format=ox.RdfFormat.N_QUADS) or b""
                if (first.prefixes, first.base_iri) != state or process.wait():
                    return None
            lines.seek(0)
            return text + lines.read()
    except (SyntaxError, ValueError, MemoryError, OSError):
        return None


def importing(module: str) -> Callable[[], object] | None:
    """What imports a module, to be done meanwhile; None where that is done."""
    return None if module in sys.modules else partial(import_module, module)


@contextmanager
def _reader(
    half: IO[bytes], lines: IO[bytes], base: str | None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that reads Turtle and writes N-Quads; it ends with the block."""
    home = Path(ox.__file__).parents[1]
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(home), base or ""]
    process = subprocess.Popen(command, stdin=half, stdout=lines, stderr=subprocess.DEVNULL)  # noqa: S603 (our own program)
    try:
        yield process
    finally:
        process.kill()
        process.wait()

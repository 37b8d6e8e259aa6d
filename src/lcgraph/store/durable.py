"""A store in a folder: one writer, many readers, and a commit that is one rename.

The folder holds generations, each a whole store that nobody ever changes, and the file `current`
that names the one that counts. The writer works on a copy of that generation, made of hard links
to the engine's immutable files; a commit makes a new generation of the copy and renames a new
`current` over the old one. So whatever ends the process leaves the old state or the new one; what
it leaves lying about, the next writer clears away. Readers hold a shared lock on the generation
they read, and it is not cleared away under them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import weakref
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph.errors import LockError, StoreError
from lcgraph.store.embedded import MANY, EmbeddedStore, Load, Origin, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

_FORM = "lcgraph store 1"
_GENERATION = re.compile(r"generation-(\d+)")
_LEFTOVER = re.compile(r"generation-\d+(?:\.new|\.gone)?|working-[\d-]+|current\.new")
# What the engine writes about itself and no copy needs.
_NOT_COPIED = re.compile(r"LOCK|LOG(?:\.old.*)?")
# The engine knows by the name of a folder that it has it open already; so each copy has its own.
_numbers = count(1)
#: How often a reader looks again where a generation is cleared away while it opens it.
_TRIES = 100


class DurableStore(EmbeddedStore):
    """Quads in a folder. A change outside of a transaction is a transaction of its own."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Opens the store; one that is not there is made, but not for reading only.

        Raises:
            StoreError: the folder is no store, or cannot be read or written.
            LockError: another writer has it.
        """
        super().__init__()
        self.folder = folder
        self.read_only = read_only
        self._engine: ox.Store | None = None
        self._alone = False
        self._work: Path = folder  # a folder of its own as soon as there is one
        with _said(folder):
            if read_only:
                self._open_to_read()
            else:
                self._open_to_write()

    @property
    def engine(self) -> ox.Store:
        """The engine, of the generation that is read, or of the copy that is worked on.

        Raises:
            StoreError: the store has been closed.
        """
        if self._engine is None:
            raise StoreError("the store has been closed", file=str(self.folder))
        return self._engine

    @engine.setter
    def engine(self, engine: ox.Store) -> None:
        self._engine = engine

    @property
    def readable(self) -> Path:
        """The engine's folder of the state last committed, which other processes may read
        (`pyoxigraph.Store.read_only`) as long as this store is open and does not commit."""
        return self._generation / "db"

    def close(self) -> None:
        """Lets go of the folder; what was not committed is lost. Can be called again."""
        self._engine = None
        if self._work != self.folder:
            shutil.rmtree(self._work, ignore_errors=True)
        self._release()

    def commit(self) -> None:
        """Ends the transaction: all of it becomes the new generation."""
        if self.changes is None:
            return
        self._publish()
        self.changes = None

    def rollback(self) -> None:
        """Ends the transaction; all is as it was when it began."""
        if self.changes is None:
            return
        self.changes = None
        self._written, self.origins, self.prefixes = self._before
        with _said(self.folder):
            self._work_on_copy()

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Adds all the quads, or none where that fails."""
        with self._whole():
            super().extend(quads)

    def remove(self, quads: Iterable[ox.Quad]) -> None:
        """Removes quads, as they are written; those that are not there are left out."""
        with self._whole():
            super().remove(quads)

    def load(
        self, loads: Sequence[Load], rewritten: Collection[str], prefixes: dict[str, str]
    ) -> None:
        """Adds what sources bring; what only an earlier reading of the same files had brought
        goes; arguments as in memory."""
        with self._whole():
            super().load(loads, rewritten, prefixes)

    def update(self, text: str, prefixes: dict[str, str]) -> None:
        """Runs one SPARQL update, as one transaction."""
        with self._whole():
            super().update(text, prefixes)

    def nquads_before(self) -> bytes:
        """The quads as they were when the open transaction began, as `nquads`."""
        if self.changes is None or not self.changes.whole:
            return super().nquads_before()
        before = DurableStore(self.folder, read_only=True)
        try:
            return before.nquads()
        finally:
            before.close()

    def set_checks(self, checks: dict[str, Any]) -> None:
        """Keeps what transactions are checked by."""
        if checks != self.checks:
            self.checks = checks
            with self._whole():
                pass

    def backup(self, target: Path) -> None:
        """Copies the state last committed to a new folder, a store of its own.

        Raises:
            StoreError: the target is there already, or cannot be written.
        """
        with _said(target):
            if target.exists():
                raise StoreError(
                    "it is there already", file=str(target), hint="Name a folder that is not."
                )
            whole = target.with_name(f"{target.name}.new")
            shutil.rmtree(whole, ignore_errors=True)
            try:
                shutil.copytree(self._generation, whole / "generation-1")
                _write(whole / "current", f"{_FORM}\ngeneration-1\n".encode())
                for part in ("generation-1/db", "generation-1/sources", "generation-1", "."):
                    _sync(whole / part)
                whole.rename(target)
                _sync(target.parent)
            except BaseException:
                shutil.rmtree(whole, ignore_errors=True)
                raise

    def optimize(self) -> None:
        """Arranges the engine's files anew, so that questions find their way sooner."""
        with self._whole(), _said(self.folder):
            self.engine.optimize()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Makes a change a transaction of its own where none is open. Where it fails in an open
        one, that is the business of whoever opened it."""
        if self.read_only:
            raise StoreError(
                "the store is open for reading only",
                file=str(self.folder),
                hint="Open it without read_only=True.",
            )
        _ = self.engine  # which a store that was closed has not
        with _said(self.folder):
            if self.changes is not None or self._alone:
                yield
                return
            self._before = (dict(self._written), dict(self.origins), dict(self.prefixes))
            self._alone = True
            try:
                yield
                self._publish()
            except BaseException:
                self._written, self.origins, self.prefixes = self._before
                self._work_on_copy()
                raise
            finally:
                self._alone = False

    def _is_bulk(self, text: bytes) -> bool:
        bulk = text.count(b"\n") > MANY
        if bulk and self.changes is not None:
            self.changes.whole = True
        return bulk

    def _bulk(self, text: bytes) -> None:
        # A copy that is half loaded is thrown away; so it may be filled in the quickest way.
        add = self.engine.bulk_load if text.count(b"\n") > MANY else self.engine.load
        add(text, format=ox.RdfFormat.N_QUADS)

    def _origin(self, load: Load) -> Origin:
        taken = {Path(origin.text).stem for origin in self.origins.values()}  # type: ignore[arg-type]
        number = next(n for n in count(1) if str(n) not in taken)
        file = self._work / "sources" / f"{number}.nq"
        file.unlink(missing_ok=True)
        _write(file, load.text)
        return Origin(load.name, file)

    def _open_to_read(self) -> None:
        for _ in range(_TRIES):
            generation = self._current()
            if generation is None:
                raise StoreError(
                    "there is no store", file=str(self.folder), hint="`lcgraph load -l` makes one."
                )
            with suppress(FileNotFoundError):  # cleared away meanwhile, for a newer one
                self._release = _lease(self, generation)
                self._engine = ox.Store.read_only(str(generation / "db"))
                self._read_state(generation)
                return
        raise StoreError("it changes too fast to be opened", file=str(self.folder))

    def _open_to_write(self) -> None:
        self.folder.mkdir(exist_ok=True)
        generation = self._current()
        foreign = [
            entry.name
            for entry in self.folder.iterdir()
            if generation is None and entry.name != "lock" and not _LEFTOVER.fullmatch(entry.name)
        ]
        if foreign:
            raise StoreError(
                f"it is no store, and holds other files: {min(foreign)}",
                file=str(self.folder),
                hint="Name a folder that is empty or not there yet.",
            )
        self._release = _lock(self, self.folder)
        generation = self._current()  # who had the lock before may have changed it
        for entry in list(self.folder.iterdir()):
            if _LEFTOVER.fullmatch(entry.name) and entry != generation:
                _clear(entry)
        if generation is None:
            self._work = self._fresh_folder()
            (self._work / "sources").mkdir(parents=True)
            self._engine = ox.Store(str(self._work / "db"))
            self._publish()
        else:
            self._read_state(generation)
            self._work_on_copy()

    def _current(self) -> Path | None:
        """The generation that counts; None where the folder is no store."""
        try:
            form, name, *_ = (self.folder / "current").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return None
        except (ValueError, UnicodeDecodeError):
            form = name = ""
        if form != _FORM or not _GENERATION.fullmatch(name):
            raise StoreError(
                "it is no store that this version of lcgraph can read",
                file=str(self.folder),
                hint="Load the files into a new store.",
            )
        return self.folder / name

    def _read_state(self, generation: Path) -> None:
        """Takes over what stands beside the engine."""
        state = json.loads((generation / "state.json").read_bytes())
        self.prefixes = state["prefixes"]
        self.checks = state["checks"]
        self.origins = {
            iri: Origin(known["name"], generation / "sources" / known["file"])
            for iri, known in state["origins"].items()
        }
        self._written = {}
        text = (generation / "written.nq").read_bytes()
        for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS):
            self._written.setdefault(stored(quad), {})[quad] = None
        self._generation = generation

    def _work_on_copy(self) -> None:
        """Makes the copy that is worked on, of the generation that counts, anew."""
        self._engine = None
        if self._work != self.folder:
            shutil.rmtree(self._work, ignore_errors=True)
        self._work = self._fresh_folder()
        for part in ("db", "sources"):
            target = self._work / part
            target.mkdir(parents=True)
            for file in (self._generation / part).iterdir():
                if not _NOT_COPIED.fullmatch(file.name):
                    _link(file, target / file.name)
        self.origins = {
            iri: Origin(origin.name, target / Path(origin.text).name)  # type: ignore[arg-type]
            for iri, origin in self.origins.items()
        }
        self._engine = ox.Store(str(self._work / "db"))

    def _fresh_folder(self) -> Path:
        return self.folder / f"working-{os.getpid()}-{next(_numbers)}"

    def _publish(self) -> None:
        """Makes what has been worked on the generation that counts."""
        before = getattr(self, "_generation", None)
        number = 1 if before is None else int(before.name.partition("-")[2]) + 1
        generation = self.folder / f"generation-{number}"
        new = generation.with_suffix(".new")
        for leftover in (new, generation):
            shutil.rmtree(leftover, ignore_errors=True)
        with _said(self.folder):
            (new / "sources").mkdir(parents=True)
            self.engine.backup(str(new / "db"))
            for origin in self.origins.values():
                file = Path(origin.text)  # type: ignore[arg-type]
                _link(file, new / "sources" / file.name)
            _write(new / "state.json", self._state())
            forms = (form for forms in self._written.values() for form in forms)
            _write(new / "written.nq", "".join(f"{form} .\n" for form in forms).encode())
            _write(new / "lease", b"")
            for folder in (new / "db", new / "sources", new):
                _sync(folder)
            new.rename(generation)
            _write(self.folder / "current.new", f"{_FORM}\n{generation.name}\n".encode())
            _sync(self.folder)
            (self.folder / "current.new").replace(self.folder / "current")
            _sync(self.folder)
        self._generation = generation
        kept = {Path(origin.text).name for origin in self.origins.values()}  # type: ignore[arg-type]
        with suppress(OSError):  # what cannot be cleared away now is cleared by the next writer
            for file in (self._work / "sources").iterdir():
                if file.name not in kept:
                    file.unlink()
            if before is not None:
                _clear(before)

    def _state(self) -> bytes:
        origins = {
            iri: {"name": origin.name, "file": Path(origin.text).name}  # type: ignore[arg-type]
            for iri, origin in self.origins.items()
        }
        state = {"origins": origins, "prefixes": self.prefixes, "checks": self.checks}
        return json.dumps(state, ensure_ascii=False, indent=1).encode()


@contextmanager
def _said(folder: Path) -> Iterator[None]:
    """Says in our words what the system and the engine say is wrong with a folder."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).split("\n")[0]
        if "No space left" in str(error) or "File too large" in str(error):
            raise StoreError(
                "the disk is full; the store is as it was before",
                file=str(folder),
                hint="Make room, and do it again.",
            ) from None
        raise StoreError(f"it cannot be used: {reason.lower()}", file=str(folder)) from None


def _lock(owner: object, folder: Path) -> Callable[[], object]:
    """Takes the lock of the one writer; gives what lets go of it."""
    import fcntl

    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    release = weakref.finalize(owner, os.close, handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = os.read(handle, 4096)
        release()
        raise LockError(
            f"the store is open for writing in {_holder(told)}",
            file=str(folder),
            hint="Wait until it is done; or open it for reading: read_only=True.",
        ) from None
    words = [Path(sys.argv[0]).name, *sys.argv[1:2]]
    if words[0] == "__main__.py":
        words[0] = Path(sys.argv[0]).parent.name
    # No more of the command than its verb: what follows may be a secret.
    command = " ".join(word for word in words if word and not word.startswith("-")) or "python"
    since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps({"pid": os.getpid(), "command": command, "since": since}).encode())
    return release


def _holder(told: bytes) -> str:
    """Who holds the lock, by what it wrote there."""
    try:
        known = json.loads(told)
        who = f"process {int(known['pid'])} ({known['command']})"
        return f"{'this ' if known['pid'] == os.getpid() else ''}{who} since {known['since']}"
    except (ValueError, KeyError, TypeError):  # it has not yet written who it is
        return "another process"


def _lease(owner: object, generation: Path) -> Callable[[], object]:
    """Holds a generation so that it is not cleared away; gives what lets go of it.

    Raises:
        FileNotFoundError: it has been cleared away.
    """
    import fcntl

    handle = os.open(generation / "lease", os.O_RDONLY)
    release = weakref.finalize(owner, os.close, handle)
    fcntl.flock(handle, fcntl.LOCK_SH)
    if not os.path.samestat(os.fstat(handle), (generation / "lease").stat()):
        release()
        raise FileNotFoundError(generation)
    return release


def _clear(entry: Path) -> None:
    """Removes what a writer has left, save a generation that somebody still reads."""
    import fcntl

    if not entry.is_dir():
        entry.unlink()
        return
    try:
        handle = os.open(entry / "lease", os.O_RDONLY)
    except FileNotFoundError:
        shutil.rmtree(entry)
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = entry.with_suffix(".gone")
        if gone != entry:
            entry.rename(gone)
        shutil.rmtree(gone)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)


def _link(source: Path, target: Path) -> None:
    """Makes a file stand in a second place: one that never changes by a hard link, if the system
    has these; another by a copy."""
    if source.suffix in (".sst", ".nq"):
        with suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The phases of a validation: how long each took, and word of them to whoever wants to show it."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Is told the phase, and how many of its steps are done of how many (0 of 0: not counted).
    Progress: TypeAlias = Callable[[str, int, int], None]


class Phases:
    """Times phases, each of which may come again.

    Attributes:
        seconds: how long each phase took, in the order in which they began.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times what is done inside."""
        self.tell(name, 0, 0)
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - began

    def tell(self, name: str, done: int, total: int) -> None:
        """Says how far a phase has come."""
        if self._progress is not None:
            self._progress(name, done, total)

"""Waiting for long work: a progress bar for who watches, and an end at once for who has enough."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = TypeVar("Answer")

# Work that is done sooner than this shows nothing.
_PATIENCE = 1.0
_TICK = 0.1
_FORM = "{desc} {bar} {n_fmt}/{total_fmt} {elapsed}"
_FORM_WITHOUT_COUNT = "{desc} {elapsed}"


class _State:
    """What the work last said of itself, and how it ended."""

    def __init__(self) -> None:
        self.phase, self.done, self.total = "starting", 0, 0
        self.over = Event()
        self.answer: Any = None
        self.error: BaseException | None = None

    def tell(self, phase: str, done: int, total: int) -> None:
        self.phase, self.done, self.total = phase, done, total


def watched(
    work: Callable[[Callable[[str, int, int], None]], Answer],
    words: dict[str, str],
    *,
    bar: bool,
) -> Answer:
    """Does work beside the main thread, which is so free to hear Ctrl-C: then the process ends at
    once with code 130, whatever an engine is in the middle of. Nothing may be half-written by the
    work.

    Args:
        work: what is done; it is given a function to tell its phase, and how many steps of how
            many are done.
        words: what phases are called on the bar.
        bar: whether to show one, where standard error is a terminal and the work takes long.
    """
    state = _State()

    def run() -> None:
        try:
            state.answer = work(state.tell)
        except BaseException as error:  # noqa: BLE001 (raised again in the main thread)
            state.error = error
        finally:
            state.over.set()

    try:
        Thread(target=run, daemon=True).start()
        if not state.over.wait(_PATIENCE):
            if bar and sys.stderr is not None and sys.stderr.isatty():
                _show(state, words)
            else:
                while not state.over.wait(_TICK):
                    pass
    except KeyboardInterrupt:
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()
        os._exit(130)
    if state.error is not None:
        raise state.error
    return state.answer  # type: ignore[no-any-return]


def _show(state: _State, words: dict[str, str]) -> None:
    """Draws a bar until the work is over, and wipes it away."""
    from tqdm import tqdm

    began = monotonic() - _PATIENCE
    with tqdm(total=1, leave=False, file=sys.stderr, dynamic_ncols=True, mininterval=0) as line:
        line.start_t -= monotonic() - began
        while not state.over.wait(_TICK):
            line.bar_format = _FORM if state.total else _FORM_WITHOUT_COUNT
            line.total, line.n = state.total or 1, state.done
            line.set_description_str(words.get(state.phase, state.phase), refresh=False)
            line.refresh()

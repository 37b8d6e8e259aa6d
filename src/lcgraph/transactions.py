"""Transactions: several changes of a graph that land together, and only where the shapes hold."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lcgraph.errors import LcgraphError, StoreError, ValidationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lcgraph.reading import Lines
    from lcgraph.shacl.report import Report
    from lcgraph.store.embedded import EmbeddedStore

#: How bad a result must be for a transaction to be refused; "off" refuses none.
SEVERITIES = ("violation", "warning", "info", "off")
# How many results the message of an error shows.
_SHOWN = 5


class Transactions:
    """The transactions of one store; whoever uses it holds the lock that changes take."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._failed = False

    @contextmanager
    def open(
        self, shapes: Sequence[Any], severity: str, documents: Callable[[], Sequence[Lines]]
    ) -> Iterator[None]:
        """Runs a block as one transaction, or as a part of the one that is open.

        Args:
            shapes: layers and files of shapes.
            severity: the mildest severity of a new result that refuses the changes, or "off".
            documents: gives what the data were read from.

        Raises:
            ValidationError: the block brings in what the shapes forbid.
            StoreError: a block within this one failed, or the changes cannot be written.
        """
        if self._store.changes is not None:
            try:
                yield
            except BaseException:
                self._failed = True
                raise
            return
        self._failed = False
        self._store.begin()
        try:
            yield
            self._refuse_failed()
            if severity != "off" and self._store.changes:
                self._check(shapes, severity, documents)
            self._store.commit()
        except BaseException:
            self._store.rollback()
            raise

    def _refuse_failed(self) -> None:
        if self._failed:
            raise StoreError(
                "a transaction within this one failed; nothing of it was kept",
                hint="Let its error pass through, or do without the inner block.",
            )

    def _check(
        self, shapes: Sequence[Any], severity: str, documents: Callable[[], Sequence[Lines]]
    ) -> None:
        from lcgraph.shacl.delta import new_results
        from lcgraph.shacl.validate import read_shapes

        names, graph = read_shapes(shapes)
        report = new_results(
            self._store, graph, names=names, severity=severity, sources=documents()
        )
        if len(report):
            raise ValidationError(_told(report), report, hint="Nothing of it was kept.")


def known_severity(severity: str) -> str:
    """The severity, where there is one of this name.

    Raises:
        LcgraphError: there is none.
    """
    if severity not in SEVERITIES:
        hint = did_you_mean(severity, SEVERITIES) or f"Known: {', '.join(SEVERITIES)}."
        raise LcgraphError(f"{severity!r} is no severity", hint=hint)
    return severity


def _told(report: Report) -> str:
    """What a report says, in a few lines."""
    from lcgraph.shacl.formats import short

    number = len(report)
    lines = [
        f"  {result.where + ': ' if result.where else ''}{short(result.focus)}: {result.message}"
        for result in report.results[:_SHOWN]
    ]
    if number > _SHOWN:
        lines.append(f"  … and {number - _SHOWN} more")
    said = "1 thing" if number == 1 else f"{number} things"
    return "\n".join([f"the transaction breaks {said} that the shapes ask for:", *lines])

"""The one family of errors. Each says where, what was expected, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


class _Told:
    """What is wrong at a place, and how it is shown."""

    message: str
    file: str | None
    line: int | None
    column: int | None
    text: str | None
    hint: str | None

    @property
    def where(self) -> str:
        """The place as ``file:line:column``, as far as it is known; else an empty string."""
        return place_text(self.file, self.line, self.column)

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.text is not None:
            lines += excerpt(self.text, self.column)
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Finding(_Told):
    """What is wrong at one place of a text, as `lcgraph.check` tells it.

    Attributes:
        message: what is wrong, a clause without a stop.
        file: the name of the source.
        line: the line, counted from 1, where it is known.
        column: the column in that line in characters, counted from 1, where it is known.
        text: that line itself.
        hint: how to mend it.
        code: the kind of fault: "syntax"; "iri" for what is no absolute IRI (RFC 3987); "language"
            for what is no language tag (BCP 47); "lexical" for a literal whose text its datatype
            does not allow; "refused" for what is never read, such as a context on the network.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    text: str | None = field(default=None, compare=False, repr=False)
    hint: str | None = None
    code: str = "lexical"

    __str__ = _Told.__str__


class LcgraphError(_Told, Exception):
    """Base of every error that lcgraph raises on purpose.

    Args:
        message: what is wrong and what was expected, one sentence without a final stop.
        file: name of the file or query that is at fault.
        line: line in that file, counted from 1.
        column: column in that line in characters, counted from 1.
        text: the offending line itself, shown under the message.
        hint: how to mend it.
    """

    #: What the command line exits with (README, "Exit codes").
    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.text = text
        self.hint = hint


class ReadError(LcgraphError):
    """A source cannot be read: missing, not in the syntax it should be in, or unsafe."""


class IllFormedError(ReadError):
    """Sources hold literals whose texts their datatypes do not allow.

    Attributes:
        findings: every one of them, by place.
    """

    #: How many of them the message shows.
    SHOWN = 20

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(first.message, file=first.file, line=first.line, column=first.column)
        self.findings = list(findings)

    def __str__(self) -> str:
        number = len(self.findings)
        lines = [str(finding) for finding in self.findings[: self.SHOWN]]
        if number > self.SHOWN:
            lines.append(f"… and {number - self.SHOWN} more: lcgraph check shows all of them")
        said = "1 literal is" if number == 1 else f"{number} literals are"
        what = "it, or take it as it is" if number == 1 else "them, or take them as they are"
        mend = f"Correct {what}: with lenient=True, or --lenient."
        return "\n".join([*lines, f"{said} ill-formed; nothing was loaded.", f"  {mend}"])


class WriteError(LcgraphError):
    """A graph cannot be written in the way that was asked for."""


class QueryError(LcgraphError):
    """A question is unknown, or its SPARQL text is not right."""


class ParameterError(QueryError):
    """A parameter of a question is missing, unknown or of the wrong type."""


class ShapesError(LcgraphError):
    """The shapes graph cannot be used."""


class PolicyError(LcgraphError):
    """Something would have touched the network, or a file that the user did not name."""


class LimitError(LcgraphError):
    """The input goes past a limit that keeps the process safe."""


class StoreError(LcgraphError):
    """A folder is no store, or a store cannot be read or written."""


class LockError(StoreError):
    """Another writer has the store."""


class ValidationError(LcgraphError):
    """A transaction would have brought in what the shapes forbid; nothing of it was kept.

    Attributes:
        report: what was found on the changed nodes that was not there before; an
            `lcgraph.Report`.
    """

    exit_code = 1

    def __init__(self, message: str, report: Any, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.report = report


class EndpointError(LcgraphError):
    """A SPARQL endpoint did not answer, or answered what it should not."""

    exit_code = 3


def place_text(file: str | None, line: int | None, column: int | None) -> str:
    """A place as ``file:line:column``, as far as it is known; empty without file and line."""
    known = [str(part) for part in (file, line, column) if part is not None]
    return ":".join(known) if file or line else ""


def excerpt(text: str, column: int | None, width: int = 100) -> list[str]:
    """The offending line, cut to `width` characters around `column`, with a caret under it."""
    from unicodedata import combining, east_asian_width

    text = "".join(c if c.isprintable() else " " for c in text.rstrip("\r\n"))
    start = 0
    if column is not None and column > width:
        start = column - width // 2
    shown = text[start : start + width]
    lines = [f"    {'…' if start else ''}{shown}{'…' if len(text) > start + width else ''}"]
    if column is not None:
        before = text[start : column - 1].ljust(column - 1 - start)
        # A terminal gives wide characters two cells, and combining ones none.
        wide = sum(east_asian_width(c) in "WF" for c in before)
        cells = len(before) + wide - sum(combining(c) > 0 for c in before)
        lines.append(" " * (4 + (1 if start else 0) + cells) + "^")
    return lines


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is nearest to `word`, or None where none is near."""
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower)
    # Letters that changed places are the likeliest slip, and difflib does not favour it.
    near.sort(key=lambda name: sorted(name) != sorted(word.lower()))
    return by_lower[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A question with the known word that is nearest, or None where none is near."""
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else None

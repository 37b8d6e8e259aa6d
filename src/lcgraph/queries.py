"""The query library: questions in .rq files with a header that grlc and the SIB tools read too.

A header is the lines that begin with ``#+``, as YAML: summary, description, defaults, enumerate,
tags and, under ``x-lcgraph``, what the answer is expected to be (CONTRIBUTING, "A question").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lcgraph import resources, sparql
from lcgraph.errors import QueryError, did_you_mean

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# How an update begins; LOAD is refused as what it is, a call for the network.
_UPDATES = frozenset(["INSERT", "DELETE", "WITH", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"])
_VIEW = r"(?m)^#defaultView:(\w+)"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question: what it is called, its type, and what it may be.

    Attributes:
        name: the name people give it by.
        type: its type as in `sparql.Parameter`.
        optional: whether it may be left out and has no default.
        default: what stands for it when it is left out; None where there is none.
        choices: the values that are sensible; empty where any is.
        note: what it means, in a few words.
    """

    name: str
    type: str
    optional: bool
    default: Any
    choices: tuple[Any, ...]
    note: str


@dataclass(frozen=True)
class Question:
    """One question of the library; `source` is the text of its file."""

    name: str
    source: str

    @cached_property
    def header(self) -> dict[str, Any]:
        """The header as a dictionary."""
        import yaml

        text = "\n".join(
            line[2:].removeprefix(" ") for line in self.source.splitlines() if line.startswith("#+")
        )
        try:
            # The safe loader, in C where it was built so.
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            header = yaml.load(text, loader)  # noqa: S506
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise QueryError(
                f"the header is not YAML: {getattr(error, 'problem', error)}",
                file=f"{self.name}.rq",
                line=mark.line + 1 if mark else None,
            ) from None
        if not isinstance(header, dict):
            raise QueryError("it has no header of lines that begin with #+", file=f"{self.name}.rq")
        return header

    @property
    def summary(self) -> str:
        """What it answers, in one line."""
        return str(self.header.get("summary", ""))

    @property
    def description(self) -> str:
        """What it answers, in a sentence or two."""
        return str(self.header.get("description", ""))

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        tags = self.header.get("tags") or ()
        return [str(tag) for tag in (tags if isinstance(tags, list) else [tags])]

    @property
    def expects(self) -> dict[str, Any]:
        """What the answer is expected to be: ``columns`` and ``min_rows``."""
        return self._own("expects")

    @property
    def view(self) -> str:
        """How the answer is best shown: Table, Map or Timeline."""
        match = re.search(_VIEW, self.source)
        return match[1] if match else "Table"

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Its parameters by name, in the order of the text."""
        defaults = self._merged("defaults")
        choices = self._merged("enumerate")
        notes = self._own("params")
        return {
            name: Parameter(
                name,
                spelt.type,
                spelt.optional and name not in defaults,
                defaults.get(name),
                _as_tuple(choices.get(name)),
                str(notes.get(name, "")),
            )
            for name, spelt in sparql.parameters(self.source).items()
        }

    def _own(self, key: str) -> dict[str, Any]:
        """A dictionary of the part of the header that only lcgraph reads."""
        own = self.header.get("x-lcgraph") or {}
        found = own.get(key) or {} if isinstance(own, dict) else own
        if not isinstance(found, dict):
            raise self._unlike("x-lcgraph", f"{key}: {{…}}")
        return found

    def _merged(self, key: str) -> dict[str, Any]:
        """One dictionary of what grlc writes as a list of one-key dictionaries."""
        entries = self.header.get(key) or ()
        entries = [entries] if isinstance(entries, dict) else entries
        if not isinstance(entries, list | tuple) or not all(isinstance(e, dict) for e in entries):
            raise self._unlike(key, "a list, as in - year: 2015")
        return {name: value for entry in entries for name, value in entry.items()}

    def _unlike(self, key: str, wanted: str) -> QueryError:
        return QueryError(f"{key} in the header should hold {wanted}", file=f"{self.name}.rq")

    def text(self, **values: Any) -> str:
        """The SPARQL text with its parameters bound: the values given, else the defaults.

        Raises:
            ParameterError: a value is missing, unknown, or not of its parameter's type.
        """
        if values.keys() >= sparql.parameters(self.source).keys():
            return sparql.bind(self.source, values)  # the header, YAML, need not be read
        defaults = {name: p.default for name, p in self.parameters.items() if p.default is not None}
        return sparql.bind(self.source, {**defaults, **values})


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else () if value is None else (value,)


def is_name(text: str) -> bool:
    """Whether a text has the form of a question's name, so cannot be SPARQL."""
    return _NAME.fullmatch(text) is not None


def names() -> list[str]:
    """The names of the questions of the library, sorted."""
    return sorted(path.stem for path in resources.queries_dir().glob("*.rq"))


def load(name: str) -> Question:
    """The question called `name`, or the one in the file that `name` is the path of.

    Raises:
        QueryError: there is no such question.
    """
    path = Path(name) if name.endswith(".rq") else resources.queries_dir() / f"{name}.rq"
    if not name.endswith(".rq") and not is_name(name):
        raise QueryError(f"{name!r} is not the name of a question")
    try:
        return Question(path.stem, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise QueryError(
            f"there is no question {name!r}",
            hint=did_you_mean(name, names()) or "`lcgraph queries` lists them all.",
        ) from None
    except (OSError, ValueError) as error:
        raise QueryError(f"it cannot be read: {error}", file=name) from None


def text_of(question: str, values: dict[str, Any]) -> str:
    """The SPARQL text of a question with its parameters bound, where `question` is the name of
    one of the library, or is SPARQL text itself; a header in it gives defaults, as in the library.

    Raises:
        QueryError: there is no such question, or the text is an update, or not Unicode.
        ParameterError: a value is missing, unknown, or not of its parameter's type.
    """
    if is_name(question):
        return load(question).text(**values)
    try:
        question.encode()
    except UnicodeEncodeError:
        raise QueryError("the text of the query is not Unicode", hint="Save it as UTF-8.") from None
    if sparql.form(question) in _UPDATES:
        raise QueryError(
            "it is an update, and a query cannot change data",
            hint="In Python graph.update() runs it.",
        )
    if question.startswith("#+") or "\n#+" in question:
        return Question("query", question).text(**values)
    return sparql.bind(question, values)


def load_all() -> list[Question]:
    """All questions of the library, by name."""
    return [load(name) for name in names()]

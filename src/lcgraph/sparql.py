"""The text of a question: tokens, parameters bound as terms, limits, what it may not do.

The text is only tokenised here, never parsed: what a query means is the engine's business.
A parameter is a variable spelt ``?_name_type``, or ``?__name_type`` where it may be left out
(BASIL's convention, which grlc reads too); binding replaces that token by one serialised term.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from lcgraph.errors import LimitError, ParameterError, PolicyError, did_you_mean
from lcgraph.lexical import SPACES, well_formed
from lcgraph.terms import IRI, PREFIXES, XSD, Literal, resolve, to_term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lcgraph.terms import Term

# The engine crashes on deep nesting and long chains of operators; these are far from what it bears.
MAX_BYTES = 64 * 1024
MAX_DEPTH = 100
MAX_OPERATORS = 2000

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:(?:\"{1,2})?(?:[^"\\]|\\.))*\"{3} | '{3}(?:(?:'{1,2})?(?:[^'\\]|\\.))*'{3}
             | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$][\w·]+)
  | (?P<name>(?:[^\W\d_](?:[\w.·-]*[\w·-])?)?:(?:[\w:%](?:[\w.:%·-]|\\.)*(?<![.])|\\.)?)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[^\W\d]\w*)
  | (?P<space>\s+)
  | (?P<mark>\|\||&&|\^\^|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = frozenset(
    ["||", "&&", "+", "-", "*", "/", "|", "!", "^", "=", "<", ">", ",", "{", "."]
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REACHING = re.compile(r"\b(?:SERVICE|LOAD)\b", re.IGNORECASE)
_PARAMETER = re.compile(r"[?$](?P<optional>__|_)(?P<name>[A-Za-z0-9]+)(?:_(?P<type>\w+))?")


class Token(NamedTuple):
    """One token of a text: its kind (as named in the pattern above), its text and where it is."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Parameter:
    """A parameter that a text asks for.

    Attributes:
        name: the name people give it by.
        type: what it is: "iri", "literal", "integer", "number", "date" …, a language such as
            "en", or a datatype as "prefix_local"; "any" where the text does not say.
        optional: whether it may be left out and then stays a variable.
        token: the variable that stands for it in the text.
    """

    name: str
    type: str
    optional: bool
    token: str


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a SPARQL text, white space left out."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.lastgroup or "mark", match[0], match.start())


def parameters(text: str) -> dict[str, Parameter]:
    """The parameters that a text asks for, by name, in the order of the text.

    Raises:
        ParameterError: one name is spelt with two types.
    """
    found: dict[str, Parameter] = {}
    for token in tokens(text):
        match = _PARAMETER.fullmatch(token.text) if token.kind == "variable" else None
        if match is None:
            continue
        parameter = Parameter(
            match["name"], match["type"] or "any", match["optional"] == "__", token.text
        )
        before = found.setdefault(parameter.name, parameter)
        if before.token[1:] != parameter.token[1:]:
            raise ParameterError(
                f"the parameter {parameter.name} is spelt both {before.token} and {token.text}",
                hint="Spell it in one way.",
            )
    return found


def bind(text: str, values: Mapping[str, Any]) -> str:
    """The text with each parameter's variable replaced by its value, serialised as a term.

    Strings are read by the parameter's type; nothing that they contain can become syntax.

    Raises:
        ParameterError: a value is missing, unknown, or not of its parameter's type.
    """
    wanted = parameters(text)
    for name in values:
        if name not in wanted:
            raise ParameterError(
                f"there is no parameter {name!r}",
                hint=did_you_mean(name, wanted)
                or (f"Known: {', '.join(wanted)}." if wanted else "The question has none."),
            )
    bound = {
        parameter.token[1:]: str(term_for(parameter, values[name]))
        for name, parameter in wanted.items()
        if values.get(name) is not None
    }
    for name, parameter in wanted.items():
        if parameter.token[1:] not in bound and not parameter.optional:
            raise ParameterError(f"the parameter {name} ({parameter.type}) is missing")
    if not bound:
        return text
    return _TOKEN.sub(
        lambda m: bound.get(m[0][1:], m[0]) if m.lastgroup == "variable" else m[0], text
    )


def term_for(parameter: Parameter, value: Any) -> Term:
    """The term of a parameter's value.

    Raises:
        ParameterError: the value is not of the parameter's type.
    """
    kind = parameter.type
    if isinstance(value, str) and not isinstance(value, IRI | Literal) and _plain(value):
        term = _term_of_text(kind, value, parameter.name)
    else:
        term = to_term(value)
        if isinstance(term, ox.Literal) and kind == "number":
            return term
    expected = _datatype(kind)
    if isinstance(term, ox.BlankNode):
        wrong = True
    elif kind == "iri":
        wrong = not isinstance(term, ox.NamedNode)
    elif kind in ("any", "number", "literal"):
        wrong = kind != "any" and not isinstance(term, ox.Literal)
    elif expected is None:
        wrong = not isinstance(term, ox.Literal) or term.language != kind.lower().replace("_", "-")
    else:
        wrong = not isinstance(term, ox.Literal) or term.datatype.value != expected
    if wrong:
        raise ParameterError(f"the parameter {parameter.name} wants {_wanted(kind)}, not {term}")
    return term


def _plain(value: str) -> bool:
    return type(value).__module__.partition(".")[0] != "rdflib"


def _term_of_text(kind: str, text: str, name: str) -> Term:
    if kind == "iri":
        try:
            return resolve(text)
        except ParameterError as error:
            raise ParameterError(
                f"the parameter {name}: {error.message}", hint=error.hint
            ) from None
    if kind in ("any", "literal"):
        return ox.Literal(text)
    if kind == "number":
        for candidate in ("integer", "decimal", "double"):
            if well_formed(text, XSD + candidate):
                return ox.Literal(text, datatype=ox.NamedNode(XSD + candidate))
        raise ParameterError(f"the parameter {name} wants a number, not {text!r}")
    datatype = _datatype(kind)
    if datatype is None:
        return ox.Literal(text, language=kind.lower().replace("_", "-"))
    if not well_formed(text, datatype):
        raise ParameterError(f"the parameter {name} wants {_wanted(kind)}, not {text!r}")
    if kind == "integer":
        text = str(int(text))  # one spelling, since not every engine compares numbers by value
    return ox.Literal(text, datatype=ox.NamedNode(datatype))


def _datatype(kind: str) -> str | None:
    """The datatype that a type suffix stands for; None for a language, an IRI or no type."""
    if XSD + kind in SPACES:
        return XSD + kind
    prefix, _, local = kind.partition("_")
    return PREFIXES[prefix] + local if local and prefix in PREFIXES else None


def _wanted(kind: str) -> str:
    words = {
        "iri": "an IRI, a CURIE such as lcg:City, or a record such as city/fi-espoo",
        "integer": "a whole number",
        "number": "a number",
        "literal": "a text",
        "date": "a day as YYYY-MM-DD",
        "boolean": "true or false",
    }
    datatype = _datatype(kind)
    if kind in words:
        return words[kind]
    return f"a value of {datatype}" if datatype else f"a text in the language {kind!r}"


def check_limits(text: str) -> None:
    """Refuses a text that could crash the engine (CONVENTIONS section 3, S3).

    Raises:
        LimitError: it is too long, nested too deeply, or has too many operators.
    """
    if len(text.encode()) > MAX_BYTES:
        raise LimitError(f"the query is longer than {MAX_BYTES} bytes")
    depth = operators = 0
    for token in tokens(text):
        operators += token.kind == "word" and token.text.upper() == "AS"
        if token.kind != "mark":
            continue
        if token.text in "({[":
            depth += 1
        elif token.text in ")}]":
            depth -= 1
        operators += token.text in _OPERATORS
        if depth > MAX_DEPTH:
            raise LimitError(f"the query is nested more than {MAX_DEPTH} levels deep")
        if operators > MAX_OPERATORS:
            raise LimitError(f"the query has more than {MAX_OPERATORS} operators")


def refuse_network(text: str) -> None:
    """Refuses what would make the engine fetch something (CONVENTIONS section 3, S1 and S2).

    Raises:
        PolicyError: the text calls SERVICE or LOAD.
    """
    if _ESCAPE.search(text) and _REACHING.search(_ESCAPE.sub(_unescaped, text)):
        # Escapes can stand anywhere (SPARQL 1.1 section 19.2), and tokens cannot be told for sure.
        raise PolicyError(
            "a query with \\u escapes must not have the words SERVICE or LOAD in it",
            hint="Write the characters themselves in place of the escapes.",
        )
    for token in tokens(text):
        if token.kind == "word" and _REACHING.fullmatch(token.text):
            raise PolicyError(
                f"{token.text.upper()} in a query would reach over the network, "
                "which lcgraph does not do",
                hint="Download the data and load the file.",
            )


def _unescaped(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= sys.maxunicode else match[0]


def names_graphs(text: str) -> bool:
    """Whether a query says by FROM which graphs it is about."""
    return any(token.kind == "word" and token.text.upper() == "FROM" for token in tokens(text))


def prefixes_used(text: str) -> dict[str, int]:
    """The prefixes that stand before a colon anywhere in the text, with their first offset."""
    used: dict[str, int] = {}
    declared: Token | None = None
    for token in tokens(text):
        if token.kind == "word" and token.text.upper() == "PREFIX":
            declared = token
        elif token.kind == "name":
            if declared is None:
                used.setdefault(token.text.partition(":")[0], token.start)
            declared = None
    return used


def prefixes_declared(text: str) -> dict[str, str]:
    """The prefixes that the text declares, with their namespaces."""
    found: dict[str, str] = {}
    last: list[Token] = []
    for token in tokens(text):
        if token.kind == "comment":
            continue
        last = [*last[-2:], token]
        if (
            [t.kind for t in last] == ["word", "name", "iri"]
            and last[0].text.upper() == "PREFIX"
            and last[1].text.endswith(":")
        ):
            found[last[1].text[:-1]] = last[2].text[1:-1]
    return found


def declare(text: str, known: Mapping[str, str]) -> str:
    """The text with a PREFIX line for each known prefix that it uses without declaring it, for
    engines that know no prefixes of ours."""
    declared = prefixes_declared(text)
    missing = [p for p in prefixes_used(text) if p in known and p not in declared]
    return "".join(f"PREFIX {prefix}: <{known[prefix]}>\n" for prefix in missing) + text


def iris_used(text: str) -> dict[str, None]:
    """The IRIs that the text names in full or by a known prefix, in its order."""
    table = {**PREFIXES, **prefixes_declared(text)}
    found: dict[str, None] = {}
    declaring = False
    for token in tokens(text):
        if token.kind == "word":
            declaring = token.text.upper() in ("PREFIX", "BASE")
        elif token.kind == "iri":
            if not declaring:
                found[token.text[1:-1]] = None
            declaring = False
        elif token.kind == "name" and not declaring:
            prefix, _, local = token.text.partition(":")
            if prefix in table and local:
                found[table[prefix] + re.sub(r"\\(.)", r"\1", local)] = None
    return found


def form(text: str) -> str:
    """The first keyword that tells the form of a text: SELECT, ASK, CONSTRUCT, DESCRIBE, or an
    update's; an empty string where there is none. A hint for messages, not for safety."""
    forms = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "INSERT", "DELETE", "WITH", "LOAD", "CLEAR"}
    forms |= {"CREATE", "DROP", "COPY", "MOVE", "ADD"}
    for token in tokens(text):
        if token.kind == "word" and token.text.upper() in forms:
            return token.text.upper()
    return ""

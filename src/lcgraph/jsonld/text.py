"""The text of a JSON-LD document: JSON that loses no digit, and the lines of what is in it."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, Self

from lcgraph.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator


#: A number in JSON with more digits than this is refused; no double reaches so far.
MAX_DIGITS = 300
# JSON-LD 1.1 sections 1.7 and 4: words of this form are keywords, now or some day.
_KEYWORD_LIKE = re.compile(r"@[A-Za-z]+")
KEYWORDS = frozenset(
    re.findall(
        r"@\w+",
        "@base @container @context @direction @graph @id @import @included @index @json @language"
        " @list @nest @none @prefix @propagate @protected @reverse @set @type @value @version"
        " @vocab",
    )
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_OPENING, _CLOSING = ("[", "{"), ("]", "}")


class Text:
    """A document, which finds the lines of its words again for messages."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def error(
        self,
        message: str,
        word: str | None = None,
        hint: str | None = None,
        line: int | None = None,
    ) -> ReadError:
        """A ReadError at the line of `word`, where that can be found."""
        if line is None and word is not None:
            line = self.line_of(word)
        return ReadError(message, file=self.name, line=line, hint=hint)

    def tokens(self) -> Iterator[tuple[int, str]]:
        """The tokens of the JSON text with their lines, counted from 1; strings decoded, with a
        quote in front."""
        line, at = 1, 0
        for token in _TOKEN.finditer(self.text):
            line += self.text.count("\n", at, token.start())
            at = token.start()
            word = token[0]
            if word[0] == '"':
                try:
                    word = '"' + json.loads(word)
                except ValueError:
                    continue
            yield line, word

    def line_of(self, word: str) -> int | None:
        """The first line with `word` as a string or a number, in letters of either case."""
        wanted = word.lower()
        return next((n for n, t in self.tokens() if t.removeprefix('"').lower() == wanted), None)

    def line_of_iri(self, iri: str) -> int | None:
        """The line of an IRI, or of the longest string that it can have been expanded from."""
        best, found = "", self.line_of(iri)
        for line, token in self.tokens() if found is None else ():
            said = token[1:] if token[0] == '"' else ""
            for part in (said.lstrip("./"), said.partition(":")[2]):
                if len(part) > len(best) and iri.endswith(part):
                    best, found = part, line
        return found

    def duplicate(self) -> tuple[str, int] | None:
        """The first key that comes twice in one object, and the line of its second place."""
        objects: list[set[str]] = []
        before: tuple[int, str] = (0, "")
        for line, mark in self.tokens():
            if mark in _OPENING:
                objects.append(set())
            elif mark in _CLOSING:
                objects.pop()
            elif mark == ":":
                if before[1] in objects[-1]:
                    return before[1][1:], before[0]
                objects[-1].add(before[1])
            before = line, mark
        return None

    def deepest_line(self) -> int | None:
        """The line where the brackets are deepest."""
        depth = deepest = 0
        found = None
        for line, mark in self.tokens():
            depth += (mark in _OPENING) - (mark in _CLOSING)
            if depth > deepest:
                deepest, found = depth, line
        return found


class _Number(float):
    """A JSON number with a point or an exponent, which keeps its text."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number that the text says."""
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Itself, for PyLD, which copies what it reads."""
        return self


class _RefusedError(ValueError):
    """Why a piece of JSON is refused, and the piece; raised inside the JSON parser."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


def decode(data: bytes, name: str) -> str:
    """The text of a document; one that is not UTF-8 is an error with its line."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(
            "it is not UTF-8 text", file=name, line=line, hint="Save it as UTF-8."
        ) from None


def load(text: Text) -> Any:
    """The JSON value of a text, its numbers with their text.

    Raises:
        ReadError: it is not JSON, or not I-JSON (RFC 7493: one value for a key, numbers within
            doubles, no lone surrogates), or is neither an object nor an array.
    """
    try:
        document = json.loads(
            text.text,
            object_pairs_hook=_object,
            parse_float=decimal_number,
            parse_int=whole_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise ReadError(
            f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            file=text.name,
            line=error.lineno,
            column=error.colno,
            text=error.doc.split("\n")[error.lineno - 1],
        ) from None
    except _RefusedError as error:
        raise text.error(str(error), error.word) from None
    except _DuplicateKeyError:
        key, line = text.duplicate() or ("", None)
        raise text.error(
            f"the key {key!r} comes twice in one object, and one of its values would be dropped",
            line=line,
            hint="Put both values into one array.",
        ) from None
    _refuse_surrogates(text)
    if not isinstance(document, dict | list):
        raise text.error(
            f"not valid JSON-LD: the document is {shown(document)}, not an object or an array",
            line=1,
        )
    return document


class _DuplicateKeyError(ValueError):
    """Two values stand under one key of one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def whole_number(text: str) -> int:
    """An integer of JSON, unless it has more digits than `MAX_DIGITS`."""
    if len(text) > MAX_DIGITS:
        raise _RefusedError(f"a number of {len(text)} digits is out of range", text)
    return int(text)


def decimal_number(text: str) -> _Number:
    """A number of JSON with a point or an exponent, with its text."""
    number = _Number(text)
    underflow = not number and re.search("[1-9]", re.split("[eE]", text)[0])
    if len(text) > MAX_DIGITS or math.isinf(number) or underflow:
        shown = text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 (a line's worth)
        raise _RefusedError(f"the number {shown} is out of the range of xsd:double", text)
    return number


def _no_number(text: str) -> NoReturn:
    raise _RefusedError(f"not valid JSON: {text} is not a number in JSON", text)


def _refuse_surrogates(text: Text) -> None:
    """Refuses half a surrogate pair, which is no character (RFC 7493 section 2.1)."""
    if not re.search(r"\\u[dD][89a-fA-F]", text.text):
        return
    for line, token in text.tokens():
        if half := re.search("[\ud800-\udfff]", token):
            raise text.error(
                f"\\u{ord(half[0]):04x} is half of a surrogate pair, not a character",
                line=line,
                hint="Write the character itself, in UTF-8.",
            )


def refuse_loose_values(document: Any, text: Text) -> None:
    """Refuses text and numbers that stand where only nodes mean something: at the top, and in
    @graph and @included (JSON-LD 1.1 API, expansion algorithm, step 4.1 drops them)."""
    words = _words_of_contexts(document)

    def walk(value: Any, *, loose: bool) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item, loose=loose)
        elif isinstance(value, dict):
            for key, inner in value.items():
                meaning = words.get(key, key)
                if meaning not in ("@context", "@value", "@json"):
                    inside = meaning in ("@graph", "@included") or (loose and meaning == "@set")
                    walk(inner, loose=inside)
        elif loose and value is not None:
            raise text.error(
                f"{shown(value)} stands where only nodes can, and would be dropped",
                value if isinstance(value, str) else number_text(value),
                "Put it under a key of a node.",
            )

    walk(document, loose=True)


def _words_of_contexts(document: Any) -> dict[str, str]:
    """The aliases of @graph, @included, @set and @value, and the keys of JSON literals (as @json),
    that the contexts in a document define."""
    words: dict[str, str] = {}

    def define(value: Any) -> None:
        for entry in value if isinstance(value, list) else [value]:
            for term, definition in entry.items() if isinstance(entry, dict) else ():
                inner = definition if isinstance(definition, dict) else {"@id": definition}
                if inner.get("@id") in ("@graph", "@included", "@set", "@value"):
                    words[term] = inner["@id"]
                elif inner.get("@type") == "@json":
                    words[term] = "@json"
                define(inner.get("@context"))

    def walk(value: Any) -> None:
        for item in value if isinstance(value, list) else value.values():
            if isinstance(item, dict | list):
                walk(item)
        if isinstance(value, dict):
            define(value.get("@context"))

    walk(document)
    return words


def shown(value: Any) -> str:
    """A value as JSON, cut to fit a line of a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 (a line's worth)


def number_text(value: Any) -> str:
    """A number or truth value as it stands in the text."""
    if isinstance(value, _Number):
        return value.text
    return str(value).lower()


def is_unknown_keyword(word: str) -> bool:
    """Whether a word has the form of a keyword and is none."""
    return _KEYWORD_LIKE.fullmatch(word) is not None and word not in KEYWORDS


def words(value: Any) -> Iterator[str]:
    """The strings and numbers in a piece of expanded JSON-LD, as they stand in the text."""
    if isinstance(value, dict):
        for key in ("@value", "@id", "@list"):
            if key in value:
                yield from words(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from words(item)
    elif value is not None:
        yield value if isinstance(value, str) else number_text(value)


def decimal_text(text: str) -> str:
    """A JSON number in the lexical space of xsd:decimal, which has no exponent."""
    if not re.search("[eE]", text):
        return text
    number = Decimal(text)
    # Zero with a great exponent would be written with as many digits.
    return format(number, "f") if number else "0"


def double_text(value: float) -> str:
    """The canonical text of an xsd:double (XML Schema 1.1 part 2, section E.1), from the fewest
    digits that tell it apart; 16 digits, as the JSON-LD API has it, can lose the last."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text:
        return "-0.0E0" if sign else "0.0E0"
    power = int(exponent) + len(text) - 1
    return f"{'-' * sign}{text[0]}.{text[1:].rstrip('0') or '0'}E{power}"


def canonical_json(value: Any) -> str:
    """The text of a JSON literal (RFC 8785, JSON Canonicalization Scheme)."""
    from pyld.jsonld import canonicalize

    text: str = canonicalize(value).decode("utf-8")
    return text

"""JSON-LD 1.1 in and out, through PyLD, offline: contexts come from the package or the document."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph import resources
from lcgraph.errors import PolicyError, ReadError, WriteError, did_you_mean
from lcgraph.syntaxes import NQUADS
from lcgraph.terms import ID

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The address that stands for the bundled context; nothing is fetched from it.
CONTEXT_IRI = "https://w3id.org/lcgraph/context.jsonld"

# A context that is named by its address cannot set the base (JSON-LD 1.1 section 4.1.3).
_REFERENCE = [CONTEXT_IRI, {"@base": ID}]
_OPTIONS = {"processingMode": "json-ld-1.1"}
_FIRST_KEYS = ("id", "type", "label", "title", "altLabel")


@cache
def context() -> dict[str, Any]:
    """The bundled context, `ontology/context.jsonld`, without its wrapping object."""
    text = (resources.ontology_dir() / "context.jsonld").read_text(encoding="utf-8")
    inner: dict[str, Any] = json.loads(text)["@context"]
    return inner


def parse(
    data: bytes, *, name: str, base: str | None = None
) -> tuple[list[ox.Quad], dict[str, str]]:
    """The quads of a JSON-LD document, and the prefixes of its own context.

    Raises:
        ReadError: it is not JSON, or not JSON-LD, or has a key that would be dropped in silence.
        PolicyError: it names a context that is neither bundled nor in the document.
    """
    from pyld import jsonld

    document = _load_json(data, name)
    dropped: list[str] = []
    options = {**_OPTIONS, "documentLoader": _bundled_only, "base": base or ""}
    try:
        expanded = jsonld.expand(document, options, on_property_dropped=dropped.append)
        _refuse_dropped([key for key in dropped if isinstance(key, str)], data, name)
        text = jsonld.to_rdf(expanded, {**options, "format": "application/n-quads"})
    except jsonld.JsonLdError as error:
        raise _json_ld_error(error, data, name) from None
    except RecursionError:
        raise ReadError("it is nested too deeply", file=name) from None
    quads = list(ox.parse(text.encode(), format=NQUADS.engine))
    own = document.get("@context") if isinstance(document, dict) else None
    prefixes = {
        prefix: iri
        for prefix, iri in (own if isinstance(own, dict) else {}).items()
        if isinstance(iri, str) and iri.endswith(("#", "/")) and not prefix.startswith("@")
    }
    return quads, prefixes


def _load_json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        lines = error.doc.split("\n")
        raise ReadError(
            f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            file=name,
            line=error.lineno,
            column=error.colno,
            text=lines[error.lineno - 1],
        ) from None
    except UnicodeDecodeError:
        raise ReadError("it is not UTF-8 text", file=name, hint="Save it as UTF-8.") from None
    except RecursionError:
        raise ReadError("it is nested too deeply", file=name) from None


def _bundled_only(address: str, _options: object) -> dict[str, Any]:
    if address == CONTEXT_IRI:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            "document": {"@context": context()},
        }
    raise _UnbundledError(address)


class _UnbundledError(Exception):
    """Carries the address of a context that is not bundled through PyLD."""


def _json_ld_error(error: Any, data: bytes, name: str) -> ReadError | PolicyError:
    cause: Any = error
    message = str(error.args[0]) if error.args else str(error)
    while cause is not None:
        if isinstance(cause, _UnbundledError):
            return PolicyError(
                f"it names the context {cause}, which is not bundled, and nothing is fetched",
                file=name,
                line=_line_of(str(cause), data),
                hint=f"Put the context into the document, or name {CONTEXT_IRI}.",
            )
        cause = getattr(cause, "cause", None) or cause.__cause__
    return ReadError(f"not valid JSON-LD: {message.rstrip('.')}", file=name)


def _refuse_dropped(keys: list[str], data: bytes, name: str) -> None:
    for key in keys:
        known = [term for term in context() if not term.startswith("@")]
        raise ReadError(
            f"the key {key!r} is in no context and would be dropped",
            file=name,
            line=_line_of(key, data),
            hint=did_you_mean(key, known) or "Define it in @context, or take it out.",
        )


def _line_of(word: str, data: bytes) -> int | None:
    at = data.find(json.dumps(word, ensure_ascii=False).encode())
    return data.count(b"\n", 0, at) + 1 if at >= 0 else None


def serialize(quads: Iterable[ox.Quad], *, embed_context: bool = True) -> bytes:
    """The compact JSON-LD of a graph under the bundled context; the same bytes for the same graph.

    Args:
        quads: the quads, blank nodes already labelled canonically.
        embed_context: whether the context stands in the document, so that any processor can read
            it offline, or is named by its address.

    Raises:
        WriteError: PyLD cannot write the graph.
    """
    from pyld import jsonld

    lines = "".join(f"{quad} .\n" for quad in sorted(map(str, quads)))
    try:
        expanded = jsonld.from_rdf(lines, {**_OPTIONS, "format": "application/n-quads"})
        compact = jsonld.compact(
            expanded, context(), {**_OPTIONS, "graph": True, "documentLoader": _bundled_only}
        )
    except jsonld.JsonLdError as error:
        raise WriteError(f"it cannot be written as JSON-LD: {error.args[0]}") from None
    nodes = compact.get("@graph", [])
    document = {
        "@context": context() if embed_context else _REFERENCE,
        "@graph": [_in_order(node) for node in sorted(nodes, key=lambda n: str(n.get("id", "")))],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _in_order(value: Any, key: str = "") -> Any:
    """Keys in a reader's order (names first), sets sorted, lists as they are; whole numbers and
    truth values bare where their text is the one that JSON would give."""
    if isinstance(value, list):
        return sorted((_in_order(item, key) for item in value), key=_sort_key)
    if isinstance(value, str):
        return _bare(value, key)
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda k: (_FIRST_KEYS.index(k) if k in _FIRST_KEYS else 99, k))
    return {name: value[name] if name == "@list" else _in_order(value[name], name) for name in keys}


def _bare(text: str, key: str) -> str | int | bool:
    definition = context().get(key)
    kind = definition.get("@type") if isinstance(definition, dict) else None
    if kind == "xsd:boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "xsd:integer" and re.fullmatch(r"-?[1-9]\d{0,14}|0", text):
        return int(text)
    return text


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)

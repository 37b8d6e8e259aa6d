"""The syntax rules of shapes graphs (SHACL appendix C): what breaks one is refused with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lcgraph.errors import did_you_mean
from lcgraph.shacl.model import short
from lcgraph.shacl.vocabulary import ADVANCED, DRAFTS, SCRIPTS, TERMS
from lcgraph.terms import RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lcgraph.shacl.model import Shape, Terms


#: Classes whose instances may be shapes themselves (section 2.1.3.3).
_CLASSES = frozenset([RDFS + "Class", "http://www.w3.org/2002/07/owl#Class"])


# Properties whose values are terms of SHACL; others may name any term of the data.
_TAKING = (SH + "nodeKind", SH + "severity")


def refuse_unknown(terms: Terms) -> frozenset[str]:
    """Refuses misspelt SHACL terms, which would make a constraint vanish in silence, and those
    that nothing here judges; gives the advanced ones, which pySHACL does."""
    advanced = set()
    known = {SH + name for name in TERMS}
    for node, properties in terms.about.items():
        types = {value[1:-1] for value in properties.get(RDF + "type", [])}
        values = [v[1:-1] for iri in _TAKING for v in properties.get(iri, [])]
        named = [*properties, *sorted(types), *values]
        # An instance of something else, with no other term of SHACL, is data in the same file.
        others = [kind for kind in types - _CLASSES if not kind.startswith(SH)]
        is_data = bool(others) and known.isdisjoint(named)
        for iri in named:
            if iri.startswith(SH):
                name = iri.removeprefix(SH)
                if name in SCRIPTS:
                    raise terms.wrong(node, f"sh:{name} would run a script, which is never done")
                if name in DRAFTS:
                    raise terms.wrong(node, f"sh:{name} is of a draft of SHACL 1.2, not supported")
                if name not in TERMS and not is_data:
                    hint = did_you_mean(name, TERMS)
                    raise terms.wrong(node, f"sh:{name} is no term of SHACL", hint)
                if name in ADVANCED:
                    advanced.add(name)
            elif (
                "shacl" in re.sub(r"shacl-\w+", "", iri.lower())
                and (name := re.split(r"[/#]", iri)[-1]) in TERMS
            ):
                hint = f"Write <{SH}{name}>."
                raise terms.wrong(node, f"<{iri}> is not in SHACL's namespace", hint)
    return frozenset(advanced)


def referred(node: str, terms: Terms) -> Iterator[str]:
    """The shapes that a shape refers to (section 3.4.3)."""
    for name in ("property", "node", "not", "qualifiedValueShape"):
        yield from terms.values(node, name)
    for name in ("and", "or", "xone"):
        for value in terms.values(node, name):
            yield from terms.items(value, node)


def one(node: str, name: str, terms: Terms) -> str | None:
    """The value of a SHACL property that has one at most."""
    values = terms.values(node, name)
    if len(values) > 1:
        raise terms.wrong(node, f"it has more than one sh:{name}")
    return values[0] if values else None


def messages(node: str, terms: Terms) -> Iterator[str]:
    """The messages of a shape or query (section 2.1.5)."""
    for message in terms.values(node, "message"):
        if not message.startswith('"') or (
            "^^" in message.rpartition('"')[2] and not message.endswith(f"<{RDF}HTML>")
        ):
            raise terms.wrong(node, "sh:message takes texts")
        yield message


def is_subclass(types: list[str], terms: Terms, wanted: str) -> bool:
    """Whether one of some types is a class or below it in the shapes graph."""
    seen: set[str] = set()
    waiting = list(types)
    while waiting:
        kind = waiting.pop()
        if kind == wanted:
            return True
        if kind not in seen:
            seen.add(kind)
            waiting += terms.about.get(kind, {}).get(RDFS + "subClassOf", [])
    return False


_INTEGERS = (
    "minCount",
    "maxCount",
    "minLength",
    "maxLength",
    "qualifiedMinCount",
    "qualifiedMaxCount",
)
_BOOLEANS = ("uniqueLang", "closed", "qualifiedValueShapesDisjoint")
_IRIS = ("class", "datatype", "nodeKind", "equals", "disjoint", "lessThan", "lessThanOrEquals")
_STRINGS = ("pattern", "flags")
_LITERALS = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_NODE_KINDS = (
    "BlankNode",
    "IRI",
    "Literal",
    "BlankNodeOrIRI",
    "BlankNodeOrLiteral",
    "IRIOrLiteral",
)


def check_parameters(node: str, parameters: Mapping[str, tuple[str, ...]], terms: Terms) -> None:
    """The syntax rules of the parameters of core components (section 4, "must be …")."""
    for name, values in parameters.items():
        for value in values:
            expected = _expected(name, value)
            if expected:
                raise terms.wrong(node, f"sh:{name} takes {expected}, not {value}")


def _expected(name: str, value: str) -> str | None:
    datatype = value.rpartition('"^^<')[2].removesuffix(">") if value.startswith('"') else ""
    plain = value.startswith('"') and value.endswith('"')
    if name in _INTEGERS and datatype != XSD + "integer":
        return "a whole number"
    if name in _BOOLEANS and datatype != XSD + "boolean":
        return "true or false"
    if name in _IRIS and not value.startswith("<"):
        return "an IRI"
    if name == "nodeKind" and value[1:-1].removeprefix(SH) not in _NODE_KINDS:
        return f"one of sh:{', sh:'.join(_NODE_KINDS)}"
    if name in _STRINGS and not plain:
        return "a plain text"
    if name in _LITERALS and not value.startswith('"'):
        return "a literal"
    if name == "languageIn" and not plain:
        return "language tags as plain texts"
    if name == "ignoredProperties" and not value.startswith(("<", "_")):
        return "a list of IRIs"
    return None


def refuse_recursion(shapes: Mapping[str, Shape], terms: Terms) -> None:
    """Refuses shapes that refer to themselves: SHACL leaves open what they mean (section 3.4.3)."""
    done: set[str] = set()
    for start in shapes:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, referred(start, terms))]
        on_path = {start: None}
        while stack:
            node, others = stack[-1]
            other = next(others, None)
            if other is None:
                stack.pop()
                done.add(node)
                on_path.pop(node, None)
            elif other in on_path:
                path = [*list(on_path)[list(on_path).index(other) :], other]
                names = " → ".join(map(short, path))
                raise terms.wrong(other, f"the shape refers to itself: {names}")
            elif other not in done:
                on_path[other] = None
                stack.append((other, referred(other, terms)))

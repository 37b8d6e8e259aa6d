"""The syntax rules of shapes graphs (SHACL appendix C): what breaks one is refused with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lcgraph.errors import ShapesError, did_you_mean, nearest
from lcgraph.lexical import well_formed
from lcgraph.shacl.model import TRUE, literal_parts, short
from lcgraph.shacl.patterns import check
from lcgraph.shacl.vocabulary import ADVANCED, COMPONENTS, DRAFTS, SCRIPTS, TERMS, UNJUDGED
from lcgraph.terms import OWL, RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lcgraph.shacl.model import Shape, Terms

FALSE = f'"false"^^<{XSD}boolean>'
#: How deep shapes and paths may be nested: those of people are not ten deep, and a judgement that
#: goes down with them must not exhaust the stack.
DEEPEST = 100

_NODE_KINDS = (
    "BlankNode",
    "IRI",
    "Literal",
    "BlankNodeOrIRI",
    "BlankNodeOrLiteral",
    "IRIOrLiteral",
)
# How many shapes of a circle a message names.
_SHOWN = 10
_SHACL_AT_W3C = re.compile(r"https?://(?:www\.)?w3\.org/ns/(\w+)[#/]")


# ---------- terms ----------


def refuse_unknown(terms: Terms) -> frozenset[str]:
    """Refuses misspelt SHACL terms, which would make a constraint vanish in silence, and those
    that nothing here judges; gives the advanced ones, which pySHACL does."""
    advanced: set[str] = set()
    for node, about in terms.about.items():
        for predicate, values in about.items():
            iris = [v[1:-1] for v in values if v.startswith("<") and predicate in _USING]
            for iri in [predicate, *iris]:
                if (meant := _astray(iri)) is not None:
                    message = f"<{iri}> is not in SHACL's namespace"
                    raise terms.wrong(node, message, f"Write <{SH}{meant}>.", at=predicate)
                if iri.startswith(SH):
                    name = iri.removeprefix(SH)
                    _refuse_unjudged(node, name, predicate, terms)
                    if name not in TERMS and not _is_data(node, about):
                        message = f"sh:{name} is no term of SHACL"
                        raise terms.wrong(node, message, did_you_mean(name, TERMS), at=predicate)
                    advanced |= ADVANCED & {name}
        _refuse_wishes(node, about, terms)
    return frozenset(advanced)


# Properties whose values are terms in use, not terms that are talked about.
_USING = frozenset([RDF + "type", SH + "nodeKind", SH + "severity"])


def _is_data(node: str, about: Mapping[str, list[str]]) -> bool:
    """Whether a node with an unknown SHACL term is data beside the shapes: typed, but not as a
    shape or class, and without any SHACL term that there is."""
    types = {kind[1:-1] for kind in about.get(RDF + "type", [])}
    if not node.startswith("<") or not types or types & {RDFS + "Class", OWL + "Class"}:
        return False
    if all(kind.startswith(SH) for kind in types):
        return False
    return not any(iri.removeprefix(SH) in TERMS for iri in (*about, *types) if iri.startswith(SH))


def _refuse_wishes(node: str, about: Mapping[str, list[str]], terms: Terms) -> None:
    """Refuses what a shapes graph asks of engines and this one does not do (sections 1.5, 3.2)."""
    if SH + "entailment" in about:
        raise terms.wrong(
            node,
            "sh:entailment asks for inference, which is not done",
            "Infer the triples first and validate what that gives, without sh:entailment.",
            at="entailment",
        )
    for graph in about.get(SH + "shapesGraph", []):
        if not graph.startswith("<"):
            raise terms.wrong(node, "sh:shapesGraph takes an IRI", at="shapesGraph")


def _refuse_unjudged(node: str, name: str, at: str, terms: Terms) -> None:
    if name in SCRIPTS:
        raise terms.wrong(node, f"sh:{name} would run a script, which is never done", at=at)
    if name in DRAFTS:
        raise terms.wrong(node, f"sh:{name} is of a draft of SHACL 1.2, not supported", at=at)
    if name in UNJUDGED:
        message = f"sh:{name} is of SHACL Advanced Features, and no engine here judges it"
        raise terms.wrong(node, message, at=at)


def _astray(iri: str) -> str | None:
    """The SHACL term that an IRI outside SHACL's namespace seems to mean."""
    name = re.split(r"[/#]", iri)[-1]
    if iri.startswith(SH) or name not in TERMS:
        return None
    if "shacl" in re.sub(r"shacl-\w+", "", iri.lower()):
        return name
    match = _SHACL_AT_W3C.match(iri)
    return name if match and nearest(match[1], ["shacl", "shex"]) == "shacl" else None


# ---------- shapes ----------


def referred(node: str, terms: Terms) -> Iterator[str]:
    """The shapes that a shape refers to (section 3.4.3).

    Raises:
        ShapesError: it refers to what is no shape, or to a shape of the wrong kind.
    """
    for name in ("property", "node", "not", "qualifiedValueShape"):
        for value in terms.values(node, name):
            yield _shape_node(node, name, value, terms)
    for name in ("and", "or", "xone"):
        for head in terms.values(node, name):
            for value in terms.items(head, node, name):
                yield _shape_node(node, name, value, terms)


def _shape_node(node: str, name: str, value: str, terms: Terms) -> str:
    if value.startswith('"'):
        raise terms.wrong(node, f"sh:{name} takes a shape, not the literal {value}", at=name)
    has_path = bool(terms.values(value, "path"))
    if name == "property" and not has_path:
        raise terms.wrong(
            node,
            f"sh:property takes a property shape, and {short(value)} has no sh:path",
            "Name the property that it is about, or use sh:node.",
            at=name,
        )
    if name == "node" and has_path:
        raise terms.wrong(
            node,
            f"sh:node takes a node shape, and {short(value)} has an sh:path",
            "Use sh:property for it.",
            at=name,
        )
    return value


def check_shape(node: str, terms: Terms) -> None:
    """The rules that a shape keeps by itself: its kind, severity, messages, and the values of all
    parameters that stand in it."""
    about = terms.about.get(node, {})
    types = terms.types(node)
    path = one(node, "path", terms)
    if f"<{SH}PropertyShape>" in types and path is None:
        raise terms.wrong(node, "a property shape has no sh:path", "Name the property it is about.")
    if f"<{SH}NodeShape>" in types and path is not None:
        hint = "Make it an sh:PropertyShape."
        raise terms.wrong(node, "a node shape has an sh:path", hint, at="path")
    severity = one(node, "severity", terms)
    if severity is not None and not severity.startswith("<"):
        hint = "Write sh:Violation, sh:Warning or sh:Info."
        raise terms.wrong(node, f"sh:severity takes an IRI, not {severity}", hint, at="severity")
    deactivated = one(node, "deactivated", terms)
    if deactivated not in (None, TRUE, FALSE):
        message = f"sh:deactivated takes true or false, not {deactivated}"
        raise terms.wrong(node, message, at="deactivated")
    for component in COMPONENTS.values():
        for name in component.parameters:
            if SH + name in about:
                if name in _SCOPED and path is None:
                    message = f"sh:{name} stands in a node shape"
                    raise terms.wrong(node, message, "It needs an sh:path.", at=name)
                _check_parameter(node, name, terms, single=component.single)
    for text in terms.values(node, "pattern"):
        flags = one(node, "flags", terms)
        try:
            check(literal_parts(text)[0], literal_parts(flags)[0] if flags else "")
        except ShapesError as error:
            raise terms.wrong(node, error.message, error.hint, at="pattern") from None


def one(node: str, name: str, terms: Terms) -> str | None:
    """The value of a SHACL property that has one at most."""
    values = terms.values(node, name)
    if len(values) > 1:
        raise terms.wrong(
            node,
            f"it has more than one sh:{name}",
            "Put each into a shape of its own, and join them by sh:and or sh:property.",
            at=name,
        )
    return values[0] if values else None


def messages(node: str, terms: Terms) -> Iterator[str]:
    """The messages of a shape or query (section 2.1.5)."""
    for message in terms.values(node, "message"):
        # HTML stands in many shapes, and no engine refuses it.
        if not _is_a(message, "string", RDF + "langString", RDF + "HTML"):
            hint = "Write a text in quotes, with or without a language."
            raise terms.wrong(node, f"sh:message takes texts, not {message}", hint, at="message")
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


# ---------- parameters ----------

_LISTS = frozenset(name for c in COMPONENTS.values() for name in c.lists)
_INTEGERS = frozenset(
    f"{side}{what}" for side in ("min", "max") for what in ("Count", "Length")
) | {"qualifiedMinCount", "qualifiedMaxCount"}
_BOOLEANS = frozenset(["uniqueLang", "closed", "qualifiedValueShapesDisjoint"])
_IRIS = frozenset(
    ["class", "datatype", "equals", "disjoint", "lessThan", "lessThanOrEquals", "ignoredProperties"]
)
#: What cannot stand in a node shape; the counts that sh:qualifiedValueShape makes sense of can.
_SCOPED = frozenset(
    ["minCount", "maxCount", "lessThan", "lessThanOrEquals", "uniqueLang", "qualifiedValueShape"]
)
_TEXTS = frozenset(["pattern", "flags", "languageIn"])
_LITERALS = frozenset(f"{side}{what}clusive" for side in ("min", "max") for what in ("In", "Ex"))


def _check_parameter(node: str, name: str, terms: Terms, *, single: bool) -> None:
    """The rules of a parameter of a core component (section 4, "must be …")."""
    if single:
        one(node, name, terms)
    for value in terms.values(node, name):
        members = terms.items(value, node, name) if name in _LISTS else [value]
        for member in members:
            if expected := _expected(name, member):
                what = f"a list of {expected}" if name in _LISTS else expected
                message = f"sh:{name} takes {what}, not {member}"
                raise terms.wrong(node, message, _hint(name, member), at=name)


def _expected(name: str, value: str) -> str | None:
    """What a parameter takes, if a value is not that."""
    if name in _INTEGERS and not _is_a(value, "integer"):
        return "a whole number"
    if name in _BOOLEANS and not _is_a(value, "boolean"):
        return "true or false"
    if name in _IRIS and not value.startswith("<"):
        return "IRIs" if name in _LISTS else "an IRI"
    if name == "nodeKind" and value not in {f"<{SH}{kind}>" for kind in _NODE_KINDS}:
        return f"one of sh:{', sh:'.join(_NODE_KINDS)}"
    if name in _TEXTS and not _is_a(value, "string"):
        return "language tags as plain texts" if name in _LISTS else "a plain text"
    if name in _LITERALS and not value.startswith('"'):
        return "a literal"
    return None


def _hint(name: str, value: str) -> str | None:
    if name in _INTEGERS and value.startswith('"'):
        text = literal_parts(value)[0]
        return f"Write {text} without quotes." if re.fullmatch(r"[+-]?[0-9]+", text) else None
    if name in _BOOLEANS and value.startswith('"'):
        text = literal_parts(value)[0].lower()
        return f"Write {text} without quotes." if text in ("true", "false") else None
    if name in _IRIS and value.startswith('"'):
        return "Write <…> or a prefixed name, without quotes."
    return None


def _is_a(term: str, *datatypes: str) -> bool:
    """Whether a term is a well-formed literal of one of some datatypes: of XSD, or by IRI."""
    if not term.startswith('"'):
        return False
    text, datatype = literal_parts(term)
    return datatype in {d if ":" in d else XSD + d for d in datatypes} and well_formed(
        text, datatype
    )


# ---------- references ----------


def refuse_recursion(shapes: Mapping[str, Shape], terms: Terms) -> None:
    """Refuses shapes that refer to themselves, of which SHACL leaves open what they mean (section
    3.4.3), and shapes nested too deep to be judged."""
    depths: dict[str, int] = {}
    for start in shapes:
        if start in depths:
            continue
        on_path = {start: 1}
        stack: list[tuple[str, Iterator[str]]] = [(start, referred(start, terms))]
        while stack:
            node, others = stack[-1]
            other = next(others, None)
            if other is None:
                stack.pop()
                depths[node] = on_path.pop(node)
                if stack:
                    above = stack[-1][0]
                    on_path[above] = max(on_path[above], depths[node] + 1)
            elif other in on_path:
                names = list(on_path)
                circle = [*names[names.index(other) :], other]
                if len(circle) > _SHOWN:
                    circle[_SHOWN - 1 : -1] = ["<…>"]
                shown = " → ".join(map(short, circle))
                raise terms.wrong(other, f"the shape refers to itself: {shown}")
            elif other in depths:
                on_path[node] = max(on_path[node], depths[other] + 1)
            else:
                on_path[other] = 1
                stack.append((other, referred(other, terms)))
    deepest = max(depths, key=depths.__getitem__, default=None)
    if deepest is not None and depths[deepest] > DEEPEST:
        message = f"shapes are nested {depths[deepest]} deep below it, and {DEEPEST} is the limit"
        raise terms.wrong(deepest, message, "Join what can be joined by sh:and.")

"""What the shapes graph declares in SPARQL: constraints (section 5) and components (section 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lcgraph.columns import literal_text
from lcgraph.errors import ShapesError
from lcgraph.shacl import prebinding
from lcgraph.shacl.model import TRUE, CustomComponent, Parameter, SparqlConstraint
from lcgraph.shacl.syntax import is_subclass, messages, one
from lcgraph.terms import RDF, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from lcgraph.shacl.model import Terms


_RESERVED = frozenset(["this", "shapesGraph", "currentShape", "path", "PATH", "value"])
_CONTEXT = frozenset(["this", "shapesGraph", "currentShape"])


def local_name(iri: str) -> str:
    """The local name of an IRI in angle brackets: the name of a parameter (section 6.2.1)."""
    match = re.search(r"[^\W\d][\w.·-]*>$", iri)
    return match[0][:-1] if match else ""


def sparql_constraints(node: str, terms: Terms) -> Iterator[SparqlConstraint]:
    """The constraints that a shape has by sh:sparql (section 5)."""
    for source in terms.values(node, "sparql"):
        if _is_true(source, "deactivated", terms):
            continue
        text = _query(source, "select", terms)
        if text is None:
            raise terms.wrong(source, "a SPARQL constraint has no sh:select")
        prefixes = _prefixes(source, terms)
        _check(source, terms, text, prefixes, _CONTEXT, ask=False)
        if not terms.values(node, "path"):
            _refuse_path(source, terms, text)
        yield SparqlConstraint(
            f"{SH}SPARQLConstraintComponent",
            text,
            ask=False,
            prefixes=prefixes,
            messages=tuple(messages(source, terms)) or tuple(messages(node, terms)),
            bindings={},
            source=source,
        )


def custom_components(terms: Terms) -> list[CustomComponent]:
    """The constraint components that the shapes graph declares (section 6.2)."""
    found = []
    for node, about in terms.about.items():
        types = about.get(RDF + "type", [])
        if not types or not is_subclass(types, terms, f"<{SH}ConstraintComponent>"):
            continue
        if not node.startswith("<"):
            raise terms.wrong(node, "a constraint component is an IRI")
        parameters = tuple(_parameters(node, terms))
        validators = {}
        for kind in ("validator", "nodeValidator", "propertyValidator"):
            # Of several, any one may be used (section 6.2.3).
            for validator in sorted(terms.values(node, kind))[:1]:
                validators[kind] = validator
                text, ask = _validator(validator, terms)
                names = _CONTEXT | {p.name for p in parameters} | ({"value"} if ask else set())
                _check(validator, terms, text, _prefixes(validator, terms), names, ask=ask)
        own = tuple(messages(node, terms))
        found.append(CustomComponent(node[1:-1], parameters, validators, own))
    return found


def _parameters(node: str, terms: Terms) -> Iterator[Parameter]:
    """The parameters that a component declares (section 6.2.1)."""
    seen: dict[str, bool] = {}
    for parameter in terms.values(node, "parameter"):
        path = one(parameter, "path", terms)
        if path is None or not path.startswith("<"):
            raise terms.wrong(node, "a parameter has no sh:path that is an IRI")
        name = local_name(path)
        if not re.fullmatch(r"[\w·]+", name) or name in _RESERVED:
            raise terms.wrong(node, f"the parameter {path} cannot be a variable ${name}")
        if name in seen:
            raise terms.wrong(node, f"two parameters have the name {name}")
        seen[name] = _is_true(parameter, "optional", terms)
        yield Parameter(path[1:-1], name, seen[name])
    if all(seen.values()):
        raise terms.wrong(node, "a constraint component needs a parameter that is not optional")


def _validator(node: str, terms: Terms) -> tuple[str, bool]:
    """The query of a validator, and whether it is an ASK."""
    ask, select = _query(node, "ask", terms), _query(node, "select", terms)
    if (ask is None) == (select is None):
        raise terms.wrong(node, "a validator has either an sh:ask or an sh:select")
    return ask or select or "", ask is not None


def custom_constraints(
    node: str, terms: Terms, components: Iterable[CustomComponent], *, is_property: bool
) -> Iterator[SparqlConstraint]:
    """The constraints that a shape has by giving the parameters of such components."""
    about = terms.about.get(node, {})
    for component in components:
        given = {p: about.get(p.path, []) for p in component.parameters}
        if any(not values for p, values in given.items() if not p.optional):
            continue
        kind = "propertyValidator" if is_property else "nodeValidator"
        validator = component.validators.get(kind) or component.validators.get("validator")
        if validator is None:
            continue  # section 6.2.3: a component without a validator for it asks nothing of it
        text, ask = _validator(validator, terms)
        if not is_property:
            _refuse_path(validator, terms, text)
        several = [p for p, values in given.items() if len(values) > 1]
        if several and len(component.parameters) > 1:
            raise terms.wrong(node, f"the parameter {several[0].name} has more than one value")
        choices = given[several[0]] if several else [None]
        for choice in choices:
            bindings = {p.name: choice or values[0] for p, values in given.items() if values}
            yield SparqlConstraint(
                component.iri,
                text,
                ask=ask,
                prefixes=_prefixes(validator, terms),
                messages=(
                    tuple(messages(node, terms))
                    or tuple(messages(validator, terms))
                    or component.messages
                ),
                bindings=bindings,
                source=None,
            )


def _check(
    node: str,
    terms: Terms,
    text: str,
    prefixes: Mapping[str, str],
    names: Collection[str],
    *,
    ask: bool,
) -> None:
    """Refuses a query that is none, or does what a constraint must not, with its place."""
    try:
        prebinding.check(text, prefixes, names, ask=ask)
    except ShapesError as error:
        raise terms.wrong(node, error.message, error.hint) from None


def _refuse_path(node: str, terms: Terms, text: str) -> None:
    if prebinding.with_path(text, "") != text:
        raise terms.wrong(node, "its query has $PATH, but a node shape uses it, which has no path")


def _is_true(node: str, name: str, terms: Terms) -> bool:
    value = one(node, name, terms)
    if value is not None and not value.endswith(f"^^<{XSD}boolean>"):
        raise terms.wrong(node, f"sh:{name} takes true or false")
    return value == TRUE


def _query(node: str, name: str, terms: Terms) -> str | None:
    value = one(node, name, terms)
    return None if value is None else _text(value, node, name, terms)


def _text(literal: str, node: str, name: str, terms: Terms) -> str:
    """The text of a literal that is a string, or an IRI written as one."""
    if not re.search(rf'^".*"(?:\^\^<{XSD}anyURI>)?$', literal, re.DOTALL):
        raise terms.wrong(node, f"sh:{name} takes a text, not {literal}")
    return literal_text(literal)


def _prefixes(node: str, terms: Terms) -> dict[str, str]:
    """The prefixes that a query knows by sh:prefixes (section 5.2.1), imports followed; of those
    that it does not tell, what the file that the query stands in means by them."""
    found: dict[str, str] = {}
    waiting = list(terms.values(node, "prefixes"))
    seen = set()
    while waiting:
        owner = waiting.pop()
        if owner in seen:
            continue
        seen.add(owner)
        waiting += terms.about.get(owner, {}).get("http://www.w3.org/2002/07/owl#imports", [])
        for declaration in terms.values(owner, "declare"):
            prefix = one(declaration, "prefix", terms)
            namespace = one(declaration, "namespace", terms)
            if prefix is None or namespace is None:
                raise terms.wrong(owner, "a prefix declaration needs sh:prefix and sh:namespace")
            name = _text(prefix, owner, "prefix", terms)
            iri = _text(namespace, owner, "namespace", terms)
            if found.setdefault(name, iri) != iri:
                raise terms.wrong(owner, f"the prefix {name}: stands for two namespaces")
    return {**terms.prefixes(node), **found}

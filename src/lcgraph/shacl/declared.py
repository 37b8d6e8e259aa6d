"""What the shapes graph declares in SPARQL: constraints (section 5) and components (section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcgraph.columns import literal_text
from lcgraph.shacl.model import TRUE, CustomComponent, Parameter, SparqlConstraint
from lcgraph.shacl.syntax import is_subclass, messages, one
from lcgraph.terms import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.shacl.model import Terms


def sparql_constraints(node: str, terms: Terms) -> Iterator[SparqlConstraint]:
    """The constraints that a shape has by sh:sparql (section 5)."""
    for source in terms.values(node, "sparql"):
        if one(source, "deactivated", terms) == TRUE:
            continue
        text = one(source, "select", terms)
        if text is None:
            raise terms.wrong(source, "a SPARQL constraint has no sh:select")
        own = tuple(messages(source, terms)) or tuple(messages(node, terms))
        yield SparqlConstraint(
            f"{SH}SPARQLConstraintComponent",
            literal_text(text),
            ask=False,
            prefixes=_prefixes(source, terms),
            messages=own,
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
        parameters = []
        for parameter in terms.values(node, "parameter"):
            path = one(parameter, "path", terms)
            if path is None or not path.startswith("<"):
                raise terms.wrong(node, "a parameter has no sh:path that is an IRI")
            name = path[1:-1].replace("#", "/").rpartition("/")[2]
            optional = one(parameter, "optional", terms) == TRUE
            parameters.append(Parameter(path[1:-1], name, optional))
        if not any(not p.optional for p in parameters):
            raise terms.wrong(node, "a constraint component needs a parameter that is not optional")
        validators = {
            kind: value
            for kind in ("validator", "nodeValidator", "propertyValidator")
            if (value := one(node, kind, terms)) is not None
        }
        own = tuple(messages(node, terms))
        found.append(CustomComponent(node[1:-1], tuple(parameters), validators, own))
    return found


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
            raise terms.wrong(node, f"<{component.iri}> has no validator for this kind of shape")
        ask, select = one(validator, "ask", terms), one(validator, "select", terms)
        text = ask or select
        if text is None:
            raise terms.wrong(validator, "a validator has neither sh:ask nor sh:select")
        several = [p for p, values in given.items() if len(values) > 1]
        if several and len(component.parameters) > 1:
            raise terms.wrong(node, f"the parameter {several[0].name} has more than one value")
        choices = given[several[0]] if several else [None]
        for choice in choices:
            bindings = {p.name: choice or values[0] for p, values in given.items() if values}
            yield SparqlConstraint(
                component.iri,
                literal_text(text),
                ask=ask is not None,
                prefixes=_prefixes(validator, terms),
                messages=(
                    tuple(messages(node, terms))
                    or tuple(messages(validator, terms))
                    or component.messages
                ),
                bindings=bindings,
                source=None,
            )


def _prefixes(node: str, terms: Terms) -> dict[str, str]:
    """The prefixes that a query knows by sh:prefixes (section 5.2.1), imports followed."""
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
            name, iri = literal_text(prefix), literal_text(namespace)
            if found.setdefault(name, iri) != iri:
                raise terms.wrong(owner, f"the prefix {name}: stands for two namespaces")
    return found

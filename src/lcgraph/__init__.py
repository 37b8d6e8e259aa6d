"""lcgraph: load, validate, query and export graphs of learning cities.

    >>> import lcgraph
    >>> graph = lcgraph.dataset()
    >>> {row["city"].curie for row in graph.query("cities-by-name", text="Espoo").dicts()}
    {'city:fi-espoo'}

What is not used is not imported: the heavy libraries load with the calls that need them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcgraph.api import convert, validate
    from lcgraph.checking import check
    from lcgraph.errors import (
        EndpointError,
        Finding,
        IllFormedError,
        LcgraphError,
        LimitError,
        LockError,
        ParameterError,
        PolicyError,
        QueryError,
        ReadError,
        ShapesError,
        StoreError,
        ValidationError,
        WriteError,
    )
    from lcgraph.graph import Graph, dataset, from_rdflib
    from lcgraph.remote import RemoteGraph, connect
    from lcgraph.results import Table
    from lcgraph.shacl.outcome import Result
    from lcgraph.shacl.report import Report
    from lcgraph.terms import IRI, BlankNode, Literal

_HOMES = {
    "api": ("convert", "validate"),
    "checking": ("check",),
    "errors": (
        "EndpointError",
        "Finding",
        "IllFormedError",
        "LcgraphError",
        "LimitError",
        "LockError",
        "ParameterError",
        "PolicyError",
        "QueryError",
        "ReadError",
        "ShapesError",
        "StoreError",
        "ValidationError",
        "WriteError",
    ),
    "graph": ("Graph", "dataset", "from_rdflib"),
    "remote": ("RemoteGraph", "connect"),
    "results": ("Table",),
    "shacl.outcome": ("Result",),
    "shacl.report": ("Report",),
    "terms": ("IRI", "BlankNode", "Literal"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "IRI",
    "BlankNode",
    "EndpointError",
    "Finding",
    "Graph",
    "IllFormedError",
    "LcgraphError",
    "LimitError",
    "Literal",
    "LockError",
    "ParameterError",
    "PolicyError",
    "QueryError",
    "ReadError",
    "RemoteGraph",
    "Report",
    "Result",
    "ShapesError",
    "StoreError",
    "Table",
    "ValidationError",
    "WriteError",
    "__version__",
    "check",
    "connect",
    "convert",
    "dataset",
    "from_rdflib",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used (PEP 562)."""
    if name in _HOME_OF:
        value = getattr(import_module(f"lcgraph.{_HOME_OF[name]}"), name)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("lcgraph")
    elif name in ("resources", "terms", "queries"):
        return import_module(f"lcgraph.{name}")
    else:
        raise AttributeError(f"module 'lcgraph' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

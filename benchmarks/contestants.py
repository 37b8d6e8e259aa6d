"""One validator, one file, one run: prints seconds, peak memory and results as JSON.

Runs alone in a process of its own, with nothing imported but what the contestant needs, so that
neither time nor memory is another's. Time is from before the import to the finished report; what
only this benchmark wants to know is read from the report afterwards.

    python benchmarks/contestants.py NAME DATA SHAPES
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BEGAN = time.perf_counter()
SH = "http://www.w3.org/ns/shacl#"
#: Focus node, path, constraint component, value; as N-Triples, None where there is none.
Found = tuple[str, "str | None", str, "str | None"]


def parsing(data: str, _: str) -> Iterable[Found]:
    """What merely parsing costs: a loop over pyoxigraph's quads. It judges nothing."""
    import pyoxigraph

    for _quad in pyoxigraph.parse(path=data):
        pass
    return ()


def lcgraph(data: str, shapes: str) -> Iterable[Found]:
    """The library of this project."""
    import lcgraph

    report = lcgraph.validate(data, shapes=[shapes])
    return ((r.focus, _one_path(r.path), f"<{r.component}>", r.value) for r in report)


def pyshacl(data: str, shapes: str) -> Iterable[Found]:
    """The reference in Python."""
    import pyshacl

    _, graph, _ = pyshacl.validate(
        data, shacl_graph=shapes, inference="none", max_validation_depth=50
    )
    return _of_graph(graph)


def pyshacl_turbo(data: str, shapes: str) -> Iterable[Found]:
    """A Rust engine behind pySHACL's functions."""
    import pyshacl_turbo

    _, graph, _ = pyshacl_turbo.validate(data, shacl_graph=shapes, inference="none")
    return _of_graph(graph)


def pyrudof(data: str, shapes: str) -> Iterable[Found]:
    """Rudof; its report is read from its Turtle form."""
    import pyrudof

    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(data)
    rudof.read_shacl(shapes)
    rudof.validate_shacl()
    text = rudof.serialize_shacl_validation_results(
        format=pyrudof.ResultShaclValidationFormat.Turtle
    )
    return _of_text(text)


def pyshifty(data: str, shapes: str) -> Iterable[Found]:
    """Shifty."""
    import shifty

    _, graph, _ = shifty.validate(Path(data), Path(shapes), infer=False)
    return _of_graph(graph)


def shacl(data: str, shapes: str) -> Iterable[Found]:
    """The package called shacl."""
    import shacl

    report = shacl.Shapes.from_file(shapes).validate_file(data)
    return ((r.focus_node, r.path, f"<{r.component_iri}>", r.value) for r in report.results)


def shacl_rust(data: str, shapes: str) -> Iterable[Found]:
    """The package called shacl-rust."""
    import shacl_rust

    report = shacl_rust.validate_file(data, shapes)
    names = ("focusNode", "resultPath", "sourceConstraintComponent", "value")
    return (tuple(result.get(name) for name in names) for result in report["results"])  # type: ignore[misc]


def _one_path(path: str | None) -> str | None:
    """A path as `_of_graph` gives it."""
    return path if path is None or re.fullmatch("<[^<>]*>", path) else "(path)"


def _of_text(turtle: str) -> Iterator[Found]:
    from rdflib import Graph

    yield from _of_graph(Graph().parse(data=turtle, format="turtle"))


def _of_graph(graph: Any) -> Iterator[Found]:
    """The results of a W3C report graph in rdflib; those nested in others as details are not among
    them."""
    from rdflib import BNode, URIRef

    def one(node: Any, name: str) -> str | None:
        value = graph.value(node, URIRef(SH + name))
        # A path of several steps: compared as being one, since engines write it in their own ways.
        return None if value is None else "(path)" if isinstance(value, BNode) else value.n3()

    for result in graph.objects(None, URIRef(SH + "result")):
        component = one(result, "sourceConstraintComponent")
        yield (
            one(result, "focusNode") or "",
            one(result, "resultPath"),
            component or "",
            one(result, "value"),
        )


#: The name of each contestant's package on the package index, with its function.
CONTESTANTS: dict[str, Callable[[str, str], Iterable[Found]]] = {
    "pyoxigraph": parsing,
    "lcgraph": lcgraph,
    "pyshacl": pyshacl,
    "pyrudof": pyrudof,
    "pyshifty": pyshifty,
    "shacl": shacl,
    "shacl-rust": shacl_rust,
    "pyshacl-turbo": pyshacl_turbo,
}


def main() -> None:
    """Runs one contestant."""
    name, data, shapes = sys.argv[1:4]
    report = CONTESTANTS[name](data, shapes)
    seconds = time.perf_counter() - BEGAN
    # A process that it started has ended before it is at its largest itself.
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(each).ru_maxrss for each in who) / 1024
    found = sorted(report, key=str)
    print(
        json.dumps(
            {"version": metadata.version(name), "seconds": seconds, "peak": peak, "results": found}
        )
    )


if __name__ == "__main__":
    main()

"""The functions that go from file to file, or from data to a report, without a graph in between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcgraph.errors import WriteError
from lcgraph.files import write_whole
from lcgraph.halves import importing
from lcgraph.reading import read, read_lines
from lcgraph.syntaxes import JSONLD, guess_syntax, syntax

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from lcgraph.graph import Graph
    from lcgraph.reading import Document, Source
    from lcgraph.shacl.phases import Progress
    from lcgraph.shacl.report import Report
    from lcgraph.syntaxes import Syntax


def validate(
    *sources: Any,
    shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
    format: str | None = None,
    base: str | None = None,
    focus: str | Sequence[str] = (),
    shape: str | Sequence[str] = (),
    severity: str = "info",
    limit: int | None = None,
    lenient: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Validates data against SHACL shapes.

    Args:
        sources: what to validate, taken together: paths, bytes, streams, a `Graph`, or rdflib
            graphs.
        shapes: layers of the shipped shapes ("core", "dataset", "quality") and files of shapes;
            "core" where None.
        format: the syntax of the sources that are read.
        base: the IRI that their relative IRIs are resolved against.
        focus: the only focus nodes to judge: an IRI, a CURIE or a short path such as
            ``city/fi-espoo``, or several.
        shape: the only shapes to judge by, named likewise, with the property shapes within them.
        severity: the mildest severity of results that are kept: "violation", "warning" or "info".
        limit: how many results are kept at most, worst first. `conforms` and the counts of the
            report are of all results, kept or not.
        lenient: whether data may pass that hold literals whose texts their datatypes do not allow,
            such as "20I9"^^xsd:gYear. They are the report's `findings`; none are looked for where
            only some focus nodes or shapes are asked for.
        progress: is called with the phase, and with how many of its steps are done of how many.

    Returns:
        The report; each result names file and line where the data came from files.

    Raises:
        ReadError: a source cannot be read.
        ShapesError: the shapes cannot be used, or there is no such shape.
        ParameterError: the data have no such focus node.
    """
    from lcgraph.shacl.phases import Phases

    phases = Phases(progress)
    with phases.phase("read"):
        held = [_held(source) for source in sources]
        graphs = [graph for graph in held if graph is not None]
        files = [s for s, graph in zip(sources, held, strict=True) if graph is None]
        meanwhile = importing("lcgraph.shacl.validate")
        read = read_lines(files, format=format, base=base, meanwhile=meanwhile)
        texts = [*(graph.ntriples() for graph in graphs), *(lines.ntriples for lines in read)]
    from lcgraph.shacl.narrowing import Narrow
    from lcgraph.shacl.validate import validate_lines

    known = [document for graph in graphs for document in graph.documents]
    prefixes = {name: iri for graph in graphs for name, iri in graph.prefixes.items()}
    narrow = Narrow.of(focus, shape, severity, limit, prefixes)
    return validate_lines(
        texts,
        shapes=shapes,
        sources=[*known, *read],
        narrow=narrow,
        lenient=lenient,
        phases=phases,
    )


def _held(source: Any) -> Graph | None:
    """The graph that a source is; None where it is to be read. Graphs are known by what they can do:
    who has files does not wait for the import of what holds graphs."""
    if hasattr(source, "namespaces"):
        from lcgraph.graph import from_rdflib

        return from_rdflib(source)
    return source if hasattr(source, "ntriples") else None


def convert(
    source: Source,
    target: str | os.PathLike[str] | None = None,
    *,
    format: str | None = None,
    input_format: str | None = None,
    base: str | None = None,
    force: bool = False,
) -> bytes:
    """Converts a file from one syntax to another, terms as written, in canonical form.

    Args:
        source: what to convert: a path, ``"-"``, bytes or a stream.
        target: the file to write; None only returns the text.
        format: the syntax to write; else the suffix of `target` decides, else Turtle.
        input_format: the syntax to read; else suffix and content decide.
        base: the IRI that relative IRIs are resolved against.
        force: whether a `target` that exists is replaced.

    Returns:
        The text, in UTF-8.

    Raises:
        ReadError: the source cannot be read.
        WriteError: the syntax cannot hold the graph, or the target cannot be written.
    """
    guessed = guess_syntax(str(target)) if target is not None and not format else None
    if target is not None and not format and guessed is None:
        raise WriteError("its suffix names no RDF syntax", file=str(target), hint="Name one: -f.")
    kind = syntax(format or "turtle") if guessed is None else guessed
    text = _text(read(source, format=input_format, base=base), kind)
    if target is not None:
        write_whole(Path(target), text, force=force)
    return text


def _text(document: Document, kind: Syntax) -> bytes:
    # Who validates does not wait for the writers.
    from lcgraph import jsonld, writing
    from lcgraph.labels import canonical

    if kind is JSONLD:
        return jsonld.serialize(canonical(document.quads))
    return writing.serialize(document.quads, kind, document.prefixes)

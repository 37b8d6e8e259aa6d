"""Where the shipped ontology, shapes, queries and data lie, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
# A wheel carries the folders inside the package; a checkout has them at its root.
_ROOT = _PACKAGE if (_PACKAGE / "ontology").is_dir() else _PACKAGE.parents[1]


def ontology_dir() -> Path:
    """The folder of the vocabulary: lcg.ttl, labels, alignments, schemes, context.jsonld."""
    return _ROOT / "ontology"


def shapes_dir() -> Path:
    """The folder of the shapes, with one folder per layer."""
    return _ROOT / "shapes"


def queries_dir() -> Path:
    """The folder of the questions, one .rq file each."""
    return _ROOT / "queries"


def data_dir() -> Path:
    """The folder of the data."""
    return _ROOT / "data"


def dataset_files() -> list[Path]:
    """The files that make up the shipped dataset: the records and the concepts they use."""
    return [
        data_dir() / "learning-cities.ttl",
        *sorted((ontology_dir() / "schemes").glob("*.ttl")),
    ]


def shape_layers() -> dict[str, list[Path]]:
    """The layers of shapes by name, each with its files."""
    return {
        folder.name: sorted(folder.glob("*.ttl"))
        for folder in sorted(shapes_dir().iterdir())
        if any(folder.glob("*.ttl"))
    }


def report_schema() -> Path:
    """The JSON Schema of the validation report as JSON."""
    return _PACKAGE / "shacl" / "report.schema.json"

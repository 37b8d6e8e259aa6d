"""JSON-LD 1.1 in and out, offline: contexts come from the package or the document.

Every text stays as written, and what a processor would drop in silence is an error.
"""

from lcgraph.jsonld.names import context
from lcgraph.jsonld.reading import parse
from lcgraph.jsonld.writing import serialize

__all__ = ["context", "parse", "serialize"]

"""The homes of a graph: embedded in the process, or at a SPARQL endpoint."""

"""SHACL validation: a report with file and line, whichever engine judges."""

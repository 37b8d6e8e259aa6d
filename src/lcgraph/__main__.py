"""``python -m lcgraph``: the command line."""

from lcgraph.cli import main

raise SystemExit(main())

"""The constraint components (section 4), one small function each, in families.

Each takes the judge, the shape, the constraint, the focus nodes and the pairs f, v of their value
nodes, and gives frames of what breaks it: f, v (null where no value node is to blame) and, for
closed shapes, p.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcgraph.shacl.constraints import counts, logic, pairs, ranges, strings, types

if TYPE_CHECKING:
    from lcgraph.shacl.constraints.common import Evaluate

COMPONENTS: dict[str, Evaluate] = {
    **types.COMPONENTS,
    **counts.COMPONENTS,
    **ranges.COMPONENTS,
    **strings.COMPONENTS,
    **pairs.COMPONENTS,
    **logic.COMPONENTS,
}

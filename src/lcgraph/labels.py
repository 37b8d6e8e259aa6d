"""Labels for blank nodes that depend on nothing but the graph.

Blank nodes are told apart by what surrounds them: colours, made from content alone, are refined
until they are stable, a list counting as one node with numbered items. Of the nodes that are still
alike all orders are tried, and the one is taken whose text comes first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from hashlib import blake2b
from itertools import permutations
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.errors import LimitError
from lcgraph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: So many linked look-alikes have 720 orders; RDFC-1.0 too takes seconds for eight, ten minutes.
MAX_ALIKE = 6
#: How far apart two blank nodes are told apart by what surrounds them.
MAX_ROUNDS = 100

_FIRST, _REST = RDF + "first", RDF + "rest"


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """The distinct quads, blank nodes labelled b0, b1 … in an order that the graph alone decides.

    Raises:
        LimitError: too many blank nodes look alike, and labelling them could take for ever.
    """
    unique = list(dict.fromkeys(quads))
    if not any(isinstance(t, ox.BlankNode) for q in unique for t in _nodes(q)):
        return unique
    colours = _colours(unique)
    order = sorted(colours, key=colours.__getitem__)
    names = {label: ox.BlankNode(f"b{number}") for number, label in enumerate(order)}
    return [_renamed(quad, names) for quad in unique]


def rdfc(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """The distinct quads with the labels that RDFC-1.0 gives (W3C, RDF Dataset Canonicalization),
    for hashing.

    Raises:
        LimitError: as for `canonical`.
    """
    unique = list(dict.fromkeys(quads))
    if not any(isinstance(t, ox.BlankNode) for q in unique for t in _nodes(q)):
        return unique
    _colours(unique)
    dataset = ox.Dataset(unique)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _nodes(quad: ox.Quad) -> tuple[object, object, object]:
    return quad.subject, quad.object, quad.graph_name


def _renamed(quad: ox.Quad, names: Mapping[str, ox.BlankNode]) -> ox.Quad:
    def new(term: object) -> object:
        return names[term.value] if isinstance(term, ox.BlankNode) else term

    return ox.Quad(new(quad.subject), quad.predicate, new(quad.object), new(quad.graph_name))  # type: ignore[arg-type]


def _hash(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()


def _colours(quads: list[ox.Quad]) -> dict[str, str]:
    """A colour for each blank node, no two alike."""
    fixed, links = _surroundings(quads)
    cells = _list_cells(quads)
    heads = {node: head for node, (head, _) in cells.items()}
    for node, (head, place) in cells.items():
        # What a cell holds is said of the head, with its place.
        fixed[head] += [f"{place}{text}" for text in fixed.pop(node, [])]
        links[head] += [(f"{place}{way}", other) for way, other in links.pop(node, [])]
    for node, found in links.items():
        links[node] = [
            (f"{way}@{cells[other][1]}" if other in cells else way, heads.get(other, other))
            for way, other in found
        ]
    colours = {node: _hash(*sorted(fixed[node])) for node in {*fixed, *links} - cells.keys()}
    for _ in range(MAX_ROUNDS):
        refined = {
            node: _hash(colour, *sorted(f"{way}\x01{colours[other]}" for way, other in links[node]))
            for node, colour in colours.items()
        }
        settled = len(set(refined.values())) == len(set(colours.values()))
        colours = refined
        if settled:
            break
    _break_ties(colours, quads, links, cells)
    for node, (head, place) in cells.items():
        colours[node] = _hash(colours[head], "cell", place)
    return colours


def _surroundings(
    quads: list[ox.Quad],
) -> tuple[dict[str, list[str]], dict[str, list[tuple[str, str]]]]:
    """What each blank node stands beside: terms that are no blank nodes, and blank nodes."""
    fixed: dict[str, list[str]] = defaultdict(list)
    links: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for quad in quads:
        terms = {"s": quad.subject, "o": quad.object, "g": quad.graph_name}
        blank = {k: t.value for k, t in terms.items() if isinstance(t, ox.BlankNode)}
        if not blank:
            continue
        rest = " ".join(f"{k}{t}" for k, t in terms.items() if k not in blank)
        for place, node in blank.items():
            same = "".join(k for k, other in blank.items() if other == node)
            said = f"{place}({same}) {quad.predicate.value} {rest}"
            others = [(k, other) for k, other in blank.items() if other != node]
            if others:
                links[node] += [(f"{said} {k}", other) for k, other in others]
            else:
                fixed[node].append(said)
            fixed.setdefault(node, [])
    return fixed, links


def _list_cells(quads: list[ox.Quad]) -> dict[str, tuple[str, str]]:
    """The cells of well-formed lists after the first: the head of their list, and their place."""
    predicates: dict[str, Counter[str]] = defaultdict(Counter)
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    uses: Counter[str] = Counter()
    for quad in quads:
        subject, target = quad.subject, quad.object
        for term in (target, quad.graph_name):
            if isinstance(term, ox.BlankNode):
                uses[term.value] += 1
        if isinstance(subject, ox.BlankNode):
            predicates[subject.value][quad.predicate.value] += 1
            if quad.predicate.value == _REST and isinstance(target, ox.BlankNode):
                after[subject.value] = target.value
                before[target.value] = subject.value
    plain = {n for n, c in predicates.items() if c == {_FIRST: 1, _REST: 1}}
    cells: dict[str, tuple[str, str]] = {}
    for node in plain:
        if node in before and before[node] in plain and uses[node] == 1:
            continue  # not a head
        place, cell = 0, after.get(node)
        seen = {node}
        while cell in plain and uses[cell] == 1 and cell not in seen:
            place += 1
            seen.add(cell)
            cells[cell] = (node, f"{place:08}")
            cell = after.get(cell)
    return cells


def _break_ties(
    colours: dict[str, str],
    quads: list[ox.Quad],
    links: Mapping[str, list[tuple[str, str]]],
    cells: Mapping[str, tuple[str, str]],
) -> None:
    """Gives nodes that are still alike colours of their own: for each group of linked ones, the
    order of which the text of the group comes first. Groups of one text can change places."""
    counts = Counter(colours.values())
    alike = {node for node, colour in colours.items() if counts[colour] > 1}
    if not alike:
        return
    groups = sorted((sorted(group) for group in _components(alike, links)), key=len)
    if len(groups[-1]) > MAX_ALIKE:
        raise LimitError(
            f"{len(groups[-1])} linked blank nodes look alike; labelling them could take for ever",
            hint="Give these nodes IRIs.",
        )
    owner = {node: number for number, group in enumerate(groups) for node in group}
    near: dict[int, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        labels = (t.value for t in _nodes(quad) if isinstance(t, ox.BlankNode))
        heads = {cells[label][0] if label in cells else label for label in labels}
        for number in {owner[head] for head in heads if head in owner}:
            near[number].append(quad)
    found = [_first_order(group, near[n], colours, cells) for n, group in enumerate(groups)]
    for number, (text, order) in enumerate(sorted(found)):
        for place, node in enumerate(order):
            colours[node] = f"{colours[node]}{_hash(text)}{number:08}{place}"


def _first_order(
    group: list[str],
    quads: list[ox.Quad],
    colours: Mapping[str, str],
    cells: Mapping[str, tuple[str, str]],
) -> tuple[str, tuple[str, ...]]:
    """The order of a group of which its text comes first, and that text."""

    def text(order: tuple[str, ...]) -> str:
        places = {node: f"_:{place}" for place, node in enumerate(order)}

        def name(term: object) -> str:
            if not isinstance(term, ox.BlankNode):
                return str(term)
            head, place = cells.get(term.value, (term.value, ""))
            return f"{places.get(head) or colours[head]}.{place}"

        lines = (" ".join([*map(name, _nodes(quad)), quad.predicate.value]) for quad in quads)
        return "\n".join(sorted(lines))

    return min((text(order), order) for order in permutations(group))


def _components(nodes: set[str], links: Mapping[str, list[tuple[str, str]]]) -> Iterator[set[str]]:
    left = set(nodes)
    while left:
        component: set[str] = set()
        frontier = [left.pop()]
        while frontier:
            member = frontier.pop()
            component.add(member)
            near = {other for _, other in links.get(member, ())} & left
            left -= near
            frontier += near
        yield component

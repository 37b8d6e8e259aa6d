"""Which literals Oxigraph's store writes in another form than they came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyoxigraph as ox

from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Collection

# Literals that the store keeps for sure; any other of a datatype of XSD is tried. Tested with all
# that hypothesis makes up.
_DAY = (
    r"\d\d(?:\d[1-9]|[1-9]\d)-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_KEPT = "|".join(
    [
        r'^".*"$',
        r'^".*"@[a-z0-9-]+$',
        rf'^".*"\^\^<{XSD}(?:string|anyURI)>$',
        rf'^"(?:0|-?[1-9]\d{{0,17}})"\^\^<{XSD}integer>$',
        rf'^"(?:0|-?[1-9]\d{{0,12}}|-?(?:0|[1-9]\d{{0,12}})\.\d{{0,14}}[1-9])"\^\^<{XSD}decimal>$',
        rf'^"(?:true|false)"\^\^<{XSD}boolean>$',
        rf'^"{_DAY}"\^\^<{XSD}date>$',
        rf'^"\d\d(?:\d[1-9]|[1-9]\d)"\^\^<{XSD}gYear>$',
        rf'^"\d\d(?:\d[1-9]|[1-9]\d)-(?:0[1-9]|1[0-2])"\^\^<{XSD}gYearMonth>$',
    ]
)


def rewritten(texts: pl.Series) -> set[str]:
    """Those of some terms, as N-Triples text, that Oxigraph's store would write otherwise."""
    text = pl.col("text")
    suspects = (
        texts.to_frame("text")
        .filter(
            text.str.starts_with('"')
            & ~text.str.contains(f"(?s){_KEPT}")
            & (text.str.contains(rf'"\^\^<{XSD}[^"]*$') | text.str.contains(r'"@[A-Za-z0-9-]+$'))
        )["text"]
        .unique()
    )
    if not len(suspects):
        return set()
    lines = pl.select(pl.format("<x:{}> <x:> {} .", pl.int_range(len(suspects)), suspects))
    store = ox.Store()
    store.bulk_load(("\n".join(lines.to_series()) + "\n").encode(), format=ox.RdfFormat.N_TRIPLES)
    written = suspects.to_list()
    pairs = [(written[int(quad.subject.value[2:])], str(quad.object)) for quad in store]
    return {before for before, after in pairs if after != before}


def parted(text: bytes, literals: Collection[str], known: Collection[str]) -> tuple[bytes, bytes]:
    """N-Quads lines in two parts: those that a store may take as they are; and those that have one
    of some literals or a blank node, or are among those known, or look as if."""
    lines = pl.Series(text.decode().split("\n"), dtype=pl.String)
    special = lines.str.contains(r"(?:^| )_:") | lines.is_in(
        pl.Series(list(known), dtype=pl.String).implode()
    )
    if literals:
        special |= lines.str.contains_any(list(literals))
    parts = [lines.filter(~special), lines.filter(special)]
    plain, rest = ("\n".join(part).encode() for part in parts)
    return plain, rest

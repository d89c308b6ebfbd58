"""Entries -> what people download, train on and cite: tables, conversations, cards, licences; nothing that must not leave.

    summary = export(entries, Path("out"), Config(layouts=("hub", "chat"), allow_licence=("unknown",)), run=manifests)

    out/hub/medqa/sw/test.json      out/hub/README.md, LICENCES.md, croissant.json, and the same for every set
    out/parquet/...  out/entries/...  out/chat/medqa/sw/train.jsonl
    out/licences.json  out/dropped.jsonl  out/manifest.json          the manifest last: its presence means complete

build     one pass over the entries, then one over each part       rules    what may be published   place  the folder
parts, layouts, columns, chat       how they are written             tally    what was counted
card, gaps, croissant, licences     what is said of them             push     to the hub, behind a dry run
"""

from .build import export
from .config import Config, Summary

__all__ = ["Config", "Summary", "export"]

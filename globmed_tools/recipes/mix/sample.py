"""The bundled sample as conversations, by the same export that makes them of any other data.

with exported() as folder:      # folder/chat/sample_mcq/sw/train.jsonl, folder/entries/sample_mcq/sw/test.jsonl ...

Conversations are made by the curation package, which nothing here imports; so its command is run. The sample holds several
forms and a published set has one: each form becomes a set of its own (sample_mcq), while groups keep the ids by which the
benchmark knows them, so that what is held out there is held out here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson

from ... import catalog
from ...entry import Entry, to_dict
from ...errors import GlobmedError

NAME = "sample"


def entries() -> list[Entry]:
    """All entries of the sample, each form a set of its own, in the order of its files."""
    from ...bench import load

    origin, found = load.Sample(), {}
    for source in catalog.table().values():
        for part in origin.find(source):
            for one in origin.read(source, part)[0]:
                found.setdefault(one.id, replace(one, source=f"{NAME}_{one.form}"))
    return list(found.values())


@contextmanager
def exported() -> Iterator[Path]:
    """A folder that `globmed curate export` made of the sample, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="globmed-") as folder:
        file, out = Path(folder) / "entries.jsonl", Path(folder) / NAME
        file.write_bytes(b"".join(orjson.dumps(to_dict(one), option=orjson.OPT_APPEND_NEWLINE) for one in entries()))
        command = ("curate", "export", str(file), "--out", str(out), "--layout", "entries,chat", "--quiet")
        done = subprocess.run([sys.executable, "-m", "globmed_tools.cli", *command], capture_output=True, text=True)
        if done.returncode:
            raise GlobmedError(f"the sample could not be exported: {done.stderr.strip().splitlines()[-1:]}")
        yield out

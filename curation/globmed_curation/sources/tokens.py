"""A tar.gz of {EN,ES,FR,IT}/{train,dev,test}.tsv with a token and its IOB tag a line -> sentences.

>>> joined(["¿", "Dolor", "(", "leve", ")", "?"])
'¿Dolor (leve) ?'
"""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from globmed_tools.errors import GlobmedError

from .rows import Row

_MEMBER = re.compile(r"(?:.*/)?([A-Z]{2})/(train|dev|test)\.tsv")
_LINE = re.compile(r"(\S.*?)[ \t]+(?:O|[BI]-\S+)(?:[ \t].*)?")


def members(path: Path) -> dict[tuple[str, str], bytes]:
    """(language folder, split) -> the bytes of its file, sorted."""
    found: dict[tuple[str, str], bytes] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                match = _MEMBER.fullmatch(str(PurePosixPath(member.name)))
                if not match or not member.isfile():
                    continue
                if match.groups() in found:
                    raise GlobmedError(f"{path}: {member.name} stands twice. Name an original archive of the set.")
                found[match.groups()] = archive.extractfile(member).read()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise GlobmedError(f"{path}: not a readable tar.gz archive ({error}). Fetch it again.") from None
    if not found:
        raise GlobmedError(f"{path}: no EN/train.tsv or the like inside. Is this an original file of the set?")
    return dict(sorted(found.items()))


def sentences(data: bytes, file: Row) -> Iterator[str]:
    """The sentences of one file, rebuilt from their tokens; GlobmedError for a line that is no token and tag."""
    try:
        lines = file.clean(data.decode("utf-8-sig")).split("\n")
    except UnicodeDecodeError as error:
        raise GlobmedError(f"{file.where}: not UTF-8 at byte {error.start}. Fetch the archive again.") from None
    tokens: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if not line.strip():
            if tokens:
                yield joined(tokens)
            tokens = []
        elif match := _LINE.fullmatch(line.rstrip("\r")):
            tokens.append(match[1])
        else:
            raise GlobmedError(f"{file.where}, line {number}: no token and tag. Is this an original file of the set?")


def joined(tokens: list[str]) -> str:
    """Tokens keep their punctuation; only a full stop, comma or bracket that stands alone is put where it belongs.
    Colons and question marks stay apart, as French writes them."""
    text = re.sub(r" (?=[.,)\]]+(?: |$))", "", " ".join(tokens))
    return re.sub(r"(?<!\S)([¿¡(\[]) ", r"\1", text)
